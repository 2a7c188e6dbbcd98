"""The key list that stands beside backups: everybody's data key, and what was decided about people since.

There is one list a folder, never one a backup. Every backup and every erasure writes it anew, so that only the
newest exists: whoever is not in it cannot be restored from any archive, however old. It is encrypted to the
officers' age keys, or where none is named under the seal key.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from cohorts.backups.archive import NONCE
from cohorts.custody.seal import PERSON_KEY_BYTES, SealKey
from cohorts.custody.seal_store import fitting_seal
from cohorts.custody.token_store import open_seal, read_person_keys
from cohorts.requests.records import KeyList
from workspace.errors import LifecourseError, WorkspaceError
from workspace.files import write_atomically
from workspace.project import Project
from workspace.statements import run

FORMAT = "lifecourse-keys-1"
SEALED = b"lifecourse-keys-sealed-1\n"
# What was decided about people: taken over whole at a restore, as it is newer than any archive.
DECIDED = ("rights_request", "person_scope", "tombstone", "rights_change", "cannot_link")
_PURPOSE = b"lifecourse-key-list-1"


@dataclass(frozen=True, slots=True)
class Keys:
    """A key list: keys by number, and the rows of what was decided by table."""

    keys: Mapping[int, bytes] = field(repr=False)
    decided: Mapping[str, tuple[list[str], list[list[Any]]]] = field(repr=False)
    recipients: tuple[str, ...]


def list_path(project: Project, backup: Path) -> Path:
    """Where the list for the backups of a folder is."""
    return backup.with_name(f"{project.settings.project_id}.keys")


def remember_list(session: Session, path: Path, recipients: Sequence[str]) -> None:
    """Keep in mind that there is a list to be written anew."""
    place = path.resolve().as_posix()
    row = session.get(KeyList, place) or KeyList(path=place, recipients="", stale=1)
    row.recipients, row.stale = json.dumps(list(recipients)), 1
    session.add(row)
    session.flush()


def mark_stale(session: Session) -> None:
    """In the transaction of an erasure or a withdrawal: every list has to be written anew."""
    run(session, "UPDATE key_list SET stale = 1")


def stale_lists(session: Session) -> list[KeyList]:
    """The lists that still have to be written anew."""
    return list(session.exec(select(KeyList).where(KeyList.stale == 1).order_by(col(KeyList.path))).all())


def renew_lists(session: Session, project: Project) -> list[str]:
    """Write the stale lists anew; the names of those that could not be reached, as on a disk that is away."""
    missed = []
    rows = stale_lists(session)
    text = _text(session, project) if rows else b""
    for row in rows:
        path = Path(row.path)
        try:
            if not path.parent.is_dir():
                raise WorkspaceError("LC107", "its folder is not there")
            recipients = tuple(json.loads(row.recipients))
            write_atomically(path, _locked(text, recipients, open_seal(session)), private=True)
        except LifecourseError:
            missed.append(path.name)
            continue
        row.stale = 0
        session.add(row)
    session.flush()
    return missed


def _text(session: Session, project: Project) -> bytes:
    held = read_person_keys(session)
    decided: dict[str, Any] = {}
    for table in DECIDED:
        rows = run(session, f"SELECT * FROM {table}")  # noqa: S608 - names of our own
        decided[table] = [list(rows.keys()), [[_as_json(cell) for cell in row] for row in rows]]
    content = {
        "format": FORMAT,
        "project_id": project.settings.project_id,
        "people": held["participant_id"].to_list(),
        "keys": base64.b64encode(b"".join(held["key"].to_list())).decode("ascii"),
        "decided": decided,
    }
    return zlib.compress(json.dumps(content).encode("utf-8"), 1)


def _as_json(cell: object) -> object:
    """A cell as JSON holds it; bytes as the archive writes them."""
    return {"hex": bytes(cell).hex()} if isinstance(cell, bytes | memoryview) else cell


def _locked(text: bytes, recipients: tuple[str, ...], seal: SealKey) -> bytes:
    if not recipients:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE)
        key = hmac.digest(seal.secret, _PURPOSE, "sha256")
        return SEALED + seal.key_id.encode() + b"\n" + nonce + AESGCM(key).encrypt(nonce, text, SEALED)
    import pyrage

    return bytes(pyrage.encrypt(text, _recipients(recipients)))


def check_recipients(recipients: Sequence[str]) -> None:
    """Refuse what is not an age recipient before anything is written."""
    _recipients(recipients)


def _recipients(recipients: Sequence[str]) -> list[Any]:
    import pyrage

    try:
        return [pyrage.x25519.Recipient.from_str(text) for text in recipients]
    except pyrage.RecipientError:
        raise WorkspaceError(
            "LC119", "an officer's key is not an age recipient", "It looks like age1…; age-keygen makes one."
        ) from None


def read_list(project: Project, path: Path, identity: Path | None) -> Keys:
    """Open a key list, with an officer's age identity or with the seal key; LC119 when it cannot be."""
    if not path.is_file():
        raise _unusable(path, "it is not there")
    data = path.read_bytes()
    try:
        text = _unsealed(project, data) if data.startswith(SEALED) else _with_identity(path, data, identity)
        content = json.loads(zlib.decompress(text))
        keys = base64.b64decode(content["keys"])
        people = [int(number) for number in content["people"]]
        decided = {
            table: (list(columns), list(rows)) for table, (columns, rows) in content["decided"].items()
        }
        if content["format"] != FORMAT or len(keys) != PERSON_KEY_BYTES * len(people):
            raise ValueError  # noqa: TRY301 - as any other damage
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error):
        raise _unusable(path, "it is damaged") from None
    if content["project_id"] != project.settings.project_id:
        raise WorkspaceError("LC117", "the key list belongs to another project", where=path.name)
    cut = {number: keys[PERSON_KEY_BYTES * i : PERSON_KEY_BYTES * (i + 1)] for i, number in enumerate(people)}
    return Keys(cut, decided, ())


def _unsealed(project: Project, data: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key_id, _, rest = data.removeprefix(SEALED).partition(b"\n")
    seal = fitting_seal(project, key_id.decode("ascii", "replace"))
    try:
        key = hmac.digest(seal.secret, _PURPOSE, "sha256")
        return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], SEALED)
    except InvalidTag:
        raise ValueError from None


def _with_identity(path: Path, data: bytes, identity: Path | None) -> bytes:
    import pyrage

    if identity is None or not identity.is_file():
        raise _unusable(path, "an officer's age identity is needed to open it")
    lines = identity.read_text(encoding="utf-8", errors="replace").split()
    words = [word for word in lines if word.startswith("AGE-SECRET-KEY-")]
    try:
        opened = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(word) for word in words])
    except (pyrage.DecryptError, pyrage.IdentityError):
        raise _unusable(path, "the identity given does not open it") from None
    return bytes(opened)


def _unusable(path: Path, what: str) -> WorkspaceError:
    hint = "lifecourse restore FILE --keys LIST --identity FILE"
    return WorkspaceError("LC119", f"the key list cannot be used: {what}", hint, where=path.name)
