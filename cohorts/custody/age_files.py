"""Files encrypted with age: they open with the plain ``age`` program too, should Lifecourse vanish."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyrage

from cohorts.custody.passphrases import ask_passphrase
from cohorts.errors import CohortError
from workspace.clock import now
from workspace.files import reaching

_HEADERS = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
_SMALL = 65_536


def is_age(data: bytes) -> bool:
    """Say whether these bytes begin an age file."""
    return data.startswith(_HEADERS)


def lock(data: bytes, passphrase: str) -> bytes:
    """Encrypt under a passphrase (scrypt); takes seconds by design."""
    return bytes(pyrage.passphrase.encrypt(data, passphrase, armored=True))


def unlock(data: bytes, passphrase: str, name: str) -> bytes:
    """Open what :func:`lock` made."""
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase))
    except pyrage.DecryptError:
        raise _refusal("the passphrase does not open it, or the file is damaged", name) from None


def encrypt_for(data: bytes, recipients: Iterable[str], *, armored: bool = False) -> bytes:
    """Encrypt so that each of the recipients alone can open it."""
    return bytes(pyrage.encrypt(data, [_recipient(one) for one in recipients], armored=armored))


def decrypt_with(data: bytes, identities: Iterable[str], name: str) -> bytes:
    """Open an age file with one of the identities."""
    try:
        known = [pyrage.x25519.Identity.from_str(one) for one in identities]
        return bytes(pyrage.decrypt(data, known))
    except pyrage.IdentityError:
        raise _refusal("the identity is not an age identity", name) from None
    except pyrage.DecryptError:
        raise _refusal("the identity does not open it, or the file is damaged", name) from None


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise CohortError(
            "LC846", "a recipient is not an age recipient", "Recipients begin with age1; see key status."
        ) from None


def recipients_from(words: Iterable[str]) -> list[str]:
    """Recipients as written (``age1…``), or out of files with one on each line; each is checked."""
    found: list[str] = []
    for word in words:
        if word.startswith("age1"):
            found.append(word)
            continue
        lines = read_small(Path(word)).decode("utf-8", "replace").splitlines()
        found += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise CohortError("LC846", "no recipient was given", "Name one: it begins with age1.")
    for one in found:
        _recipient(one)
    return found


def new_identity() -> tuple[bytes, str]:
    """A new identity as ``age-keygen`` writes it, and its recipient."""
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    return f"# created: {now()}\n# public key: {recipient}\n{identity}\n".encode(), recipient


def read_identities(path: Path) -> list[str]:
    """The identities in a file; a file locked with a passphrase is opened on the way."""
    data = read_small(path)
    if is_age(data):
        data = unlock(data, ask_passphrase(f"the identity {path.name}"), path.name)
    lines = data.decode("utf-8", "replace").splitlines()
    found = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    if not found:
        raise _refusal("there is no age identity in it", path.name)
    return found


def recipient_of(path: Path) -> str:
    """The recipient that belongs to an identity file that is not locked, or nothing."""
    data = read_small(path)
    if is_age(data):
        return ""
    try:
        return str(pyrage.x25519.Identity.from_str(read_identities(path)[0]).to_public())
    except pyrage.IdentityError:
        raise _refusal("there is no age identity in it", path.name) from None


def read_small(path: Path) -> bytes:
    """The bytes of a key, identity or recipients file."""
    with reaching("the file", "read", path.name, error=CohortError), path.open("rb") as file:
        data = file.read(_SMALL + 1)
    if len(data) > _SMALL:
        raise _refusal("it is far too long for a key", path.name)
    return data


def _refusal(what: str, name: str) -> CohortError:
    return CohortError("LC846", what, "Check which file and which identity belong together.", where=name)
