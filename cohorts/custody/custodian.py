"""The custodian's work on keys: link keys, identities, escrow, recovery, retirement."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cohorts.custody.age_files import (
    decrypt_with,
    encrypt_for,
    is_age,
    new_identity,
    read_identities,
    recipients_from,
)
from cohorts.custody.key_files import (
    KeyFile,
    Kind,
    key_text,
    new_key_text,
    parse_key,
    read_key_file,
    write_key_file,
)
from cohorts.custody.places import refuse_overwriting, refuse_place
from cohorts.errors import CohortError
from workspace.clock import today
from workspace.files import overwrite, reaching, write_atomically
from workspace.settings import PROJECT_ID

OFFICERS = 2


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left of a destroyed key: its kind, id, project and the day."""

    kind: str
    key_id: str
    project_id: str
    file: str
    on: str


def create_link_key(project_id: str, out: Path, passphrase: str, *, write: bool = True) -> str:
    """Make the link key of a project's partners; return its id. No project is needed."""
    if not PROJECT_ID.fullmatch(project_id):
        raise CohortError(
            "LC843",
            "a link key is bound to a project, and this is no project id",
            "Ask the hub for the id in its lifecourse.toml: 4 to 63 small letters, digits and hyphens.",
        )
    refuse_place(out)
    refuse_overwriting(out)
    text = new_key_text("link", project_id)
    if write:
        write_key_file(out, text, passphrase)
    return parse_key(text.encode("utf-8"), out.name).key_id


def create_identity(out: Path, passphrase: str, *, write: bool = True) -> str:
    """Make an age identity; return the recipient to give to others."""
    refuse_place(out)
    refuse_overwriting(out)
    data, recipient = new_identity()
    if write:
        write_key_file(out, data.decode("utf-8"), passphrase)
    return recipient


def read_any_key(path: Path, kind: Kind | None) -> KeyFile:
    """A key of the kind asked for, or of either kind."""
    refuse_place(path)
    return read_key_file(path, kind)


def escrow(key: KeyFile, officers: Sequence[str], folder: Path, *, write: bool = True) -> list[str]:
    """Encrypt one copy of a key to each officer; each opens alone, with the plain ``age`` program too.

    Returns the names of the files, which say project, key id and officer's place in the list, not who it is.
    """
    recipients = recipients_from(officers)
    if len(set(recipients)) < OFFICERS:
        raise CohortError(
            "LC846", f"escrow needs {OFFICERS} different officers at least", "Name each: --officer age1…"
        )
    names = [
        f"{key.project_id}.{key.kind}-{key.key_id}.officer-{number}.age"
        for number in range(1, len(recipients) + 1)
    ]
    for name in names:
        refuse_place(folder / name)
        refuse_overwriting(folder / name)
    if write:
        text = key_text(key).encode("utf-8")
        for name, recipient in zip(names, recipients, strict=True):
            write_atomically(folder / name, encrypt_for(text, [recipient], armored=True), private=True)
    return names


def recover(file: Path, identity: Path, out: Path, *, write: bool = True) -> KeyFile:
    """Open an escrow copy with an officer's identity and put the key where it belongs. Nothing is overwritten."""
    refuse_place(identity)
    refuse_place(out)
    refuse_overwriting(out)
    with reaching("the file", "read", file.name, "Check it.", CohortError):
        data = file.read_bytes()
    if not is_age(data):
        raise CohortError(
            "LC846", "this is no escrow copy: it is not encrypted", "Name the right file.", where=file.name
        )
    key = parse_key(decrypt_with(data, read_identities(identity), file.name), file.name)
    if write:
        write_key_file(out, key_text(key))
    return key


def destroy(path: Path, key: KeyFile) -> Receipt:
    """Overwrite a key file and remove it. What the disk or a backup keeps of it is beyond any program."""
    with contextlib.suppress(OSError):
        overwrite(path)
    with reaching("the key", "removed", path.name, "Check the folder.", CohortError):
        path.unlink()
    return Receipt(key.kind, key.key_id, key.project_id, path.name, today().isoformat())


def receipt_text(receipt: Receipt) -> str:
    """The receipt as a text to file."""
    return (
        f"Lifecourse: destruction of a {receipt.kind} key\n"
        f"Key id:   {receipt.key_id}\nProject:  {receipt.project_id}\nFile:     {receipt.file}\n"
        f"Day:      {receipt.on}\n"
        "The file was overwritten and removed. Escrow copies, other copies and backups are not covered by this\n"
        "receipt: each must be destroyed by whoever holds it.\n"
    )
