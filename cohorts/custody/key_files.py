"""Key files: one small text each, bound to a project; plain and owner-only, or locked with a passphrase."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cohorts.custody.age_files import is_age, lock, unlock
from cohorts.custody.passphrases import ask_passphrase
from cohorts.errors import CohortError
from cohorts.pseudonyms import SECRET_BYTES, key_check
from workspace.clock import today
from workspace.errors import Fault, GateNotMet
from workspace.files import reaching, write_atomically
from workspace.toml_source import KeyCodes, parse_toml, toml_text, top

Kind = Literal["hub", "link"]
FORMATS: dict[Kind, str] = {"hub": "lifecourse-key-1", "link": "lifecourse-link-key-1"}
_TITLES: dict[Kind, str] = {
    "hub": "The pseudonym key of a Lifecourse project. Whoever has it can tell who is who.",
    "link": "The link key partners of a Lifecourse project share. The hub must never have it.",
}
_CODES = KeyCodes("LC843", "LC843", "LC843")
_SIZE_LIMIT = 16_384
_RESTORE = "Restore it from its safe copy, or name the right file."


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file says."""

    kind: Kind
    key_id: str
    project_id: str
    secret: bytes = field(repr=False)


def new_key_text(kind: Kind, project_id: str) -> str:
    """The text of a new key."""
    return key_text(KeyFile(kind, "", project_id, secrets.token_bytes(SECRET_BYTES)))


def key_text(key: KeyFile) -> str:
    """The text of a key file."""
    return f"""# {_TITLES[key.kind]}
# Keep a copy in a safe place away from the data; never send it by e-mail, never put it in git.
format = {toml_text(FORMATS[key.kind])}
key_id = {toml_text(key_check(key.secret))}
project_id = {toml_text(key.project_id)}
created = {today().isoformat()}
secret = {toml_text(base64.b64encode(key.secret).decode("ascii"))}
"""


def write_key_file(path: Path, text: str, passphrase: str = "") -> None:
    """Write a key, readable by its owner alone; locked when there is a passphrase."""
    data = text.encode("utf-8")
    content = lock(data, passphrase) if passphrase else data
    with reaching("the key", "written", path.name, "Check the folder.", CohortError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, content, private=True)


def is_locked(path: Path) -> bool:
    """Say whether a key is locked with a passphrase."""
    return path.is_file() and is_age(_bytes_of(path))


def read_key_file(path: Path, kind: Kind | None) -> KeyFile:
    """Read a key of one kind, or of either; the other kind, and anything damaged, is refused."""
    data = _bytes_of(path)
    if is_age(data):
        data = unlock(data, ask_passphrase(f"the key {path.name}"), path.name)
    found = parse_key(data, path.name)
    if kind is not None and found.kind != kind:
        raise wrong_kind(found.kind, path.name)
    return found


def wrong_kind(found: Kind, name: str) -> GateNotMet:
    """The refusal of a key of the other kind."""
    if found == "link":
        problem, hint = (
            "this is a link key: partners share it and the hub never holds it",
            "Take it off this computer, and name the hub's key.",
        )
    else:
        problem, hint = (
            "this is a hub key: the partners' side needs the link key",
            "Name the link key. A hub key at a partner's is a breach: tell the hub.",
        )
    return GateNotMet("LC845", problem, hint, where=name)


def parse_key(data: bytes, name: str) -> KeyFile:
    """A key out of the bytes of its file."""
    faults: list[Fault] = []
    try:
        file = top(parse_toml(data.decode("utf-8-sig"), name, CohortError), faults, _CODES)
        form, key_id, project_id, encoded = (
            file.text(key, required=True) for key in ("format", "key_id", "project_id", "secret")
        )
        secret = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (CohortError, binascii.Error, UnicodeError):
        raise _damaged(name, "it cannot be read as a key") from None
    kind: Kind | None = next((kind for kind, known in FORMATS.items() if form == known), None)
    if faults or kind is None:
        raise _damaged(name, "it cannot be read as a key")
    if len(secret) < SECRET_BYTES or key_check(secret) != key_id:
        raise _damaged(name, "its secret does not fit its key id")
    return KeyFile(kind, key_id, project_id, secret)


def _bytes_of(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise _damaged(path.name, "it is a folder or something else that is not a file")
    with reaching("the key", "read", path.name, "Check its rights.", CohortError), path.open("rb") as file:
        data = file.read(_SIZE_LIMIT + 1)
    if len(data) > _SIZE_LIMIT:
        raise _damaged(path.name, "it is far too long for a key")
    return data


def _damaged(name: str, what: str) -> CohortError:
    return CohortError("LC843", f"the key file is damaged: {what}", _RESTORE, where=name)
