"""Where the seal key lies: a small file beside the pseudonym key, made anew by every erasure.

While a new key takes over there are two files for a moment: the key in use, and ``….next``. The database says
which of them is current; whatever was interrupted, the one that fits is kept and the other is destroyed.
Both are only written and destroyed by a command that holds the database's write lock or has just held it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import secrets
from pathlib import Path

from sqlmodel import Session

from cohorts.custody.places import refuse_place
from cohorts.custody.seal import SEAL_BYTES, SealKey, seal_key
from cohorts.errors import CohortError
from cohorts.keys import key_path
from workspace import console
from workspace.clock import today
from workspace.errors import GateNotMet
from workspace.files import overwrite, write_atomically
from workspace.project import Project
from workspace.statements import run

FORMAT = "lifecourse-seal-1"
VARIABLE = "LIFECOURSE_SEAL_FILE"
NEXT = ".next"


def seal_path(project: Project) -> Path:
    """Where this project's seal key is or would be: LIFECOURSE_SEAL_FILE, else beside the pseudonym key."""
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        return Path(named).expanduser()
    key = key_path(project)
    return key.with_name(f"{key.name.removesuffix('.key')}.seal")


def sealed_under(session: Session) -> str:
    """The id of the seal key the tokens are under; empty before the first."""
    return str(run(session, "SELECT key_id FROM seal").scalar() or "")


def set_seal(session: Session, key: SealKey) -> None:
    """Write down in the caller's transaction which key the tokens are under from now on."""
    run(session, "DELETE FROM seal")
    run(session, "INSERT INTO seal (key_id) VALUES (?)", (key.key_id,))


def make_seal(project: Project) -> SealKey:
    """The key in the seal file; made first where there is none. Only for a store that has no seal yet."""
    path = seal_path(project)
    refuse_place(path)
    if path.is_file():
        return _read(project, path)
    key = seal_key(secrets.token_bytes(SEAL_BYTES))
    if not console.current().dry_run:
        _write(project, path, key)
    return key


def make_next_seal(project: Project) -> SealKey:
    """A new key beside the one in use, safely on disk before the database is told of it."""
    path = seal_path(project)
    refuse_place(path)
    key = seal_key(secrets.token_bytes(SEAL_BYTES))
    if not console.current().dry_run:
        _write(project, path.with_name(path.name + NEXT), key)
    return key


def fitting_seal(project: Project, key_id: str) -> SealKey:
    """The seal key the database names.

    Raises
    ------
    GateNotMet
        ``LC890``: there is no seal key; ``LC891``: the one there is was made for another state of the database.
    """
    path = seal_path(project)
    refuse_place(path)
    places = [place for place in (path, path.with_name(path.name + NEXT)) if place.is_file()]
    if not places:
        raise GateNotMet(
            "LC890",
            "the seal key of this project is not there",
            f"Restore it from its safe copy, or set {VARIABLE} to it; or restore a backup.",
            where=path.name,
        )
    readable = [key for key in (_read_if_whole(project, place) for place in places) if key]
    for key in readable:
        if key.key_id == key_id:
            return key
    if not readable:
        _read(project, path)  # says what is wrong with it
    raise GateNotMet(
        "LC891",
        "the seal key does not fit this database",
        "An old copy of a database cannot be opened after an erasure: use lifecourse restore with a backup.",
        where=path.name,
    )


def settle_seals(project: Project, current: str) -> list[str]:
    """Keep the key that fits, under its own name, and destroy the other; ids of the destroyed ones."""
    path = seal_path(project)
    beside = path.with_name(path.name + NEXT)
    if not current or not beside.is_file():
        return []
    newer, older = _read_if_whole(project, beside), _read_if_whole(project, path)
    if newer is None or newer.key_id != current:  # the erasure it was made for never came about
        if older is not None and older.key_id == current:
            _destroy(beside)
        return [newer.key_id] if newer else []
    overwrite(path)
    with contextlib.suppress(FileNotFoundError):  # another command may have been quicker
        beside.replace(path)
    return [older.key_id] if older and older.key_id != current else []


def seal_fits(project: Project, current: str) -> bool:
    """Say whether the seal file holds the key the database names, alone."""
    path = seal_path(project)
    alone = not path.with_name(path.name + NEXT).exists()
    held = _read_if_whole(project, path)
    return alone and held is not None and held.key_id == current


def _destroy(path: Path) -> None:
    overwrite(path)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _write(project: Project, path: Path, key: SealKey) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = (
        "# The seal key of a Lifecourse project: the store's tokens are unreadable without it.\n"
        "# Every erasure makes a new one. Keep one safe copy, away from the data, and replace it each time.\n"
        f"{FORMAT} {project.settings.project_id} {today().isoformat()} {key.key_id}\n"
        f"{base64.b64encode(key.secret).decode('ascii')}\n"
    )
    write_atomically(path, text, private=True)


def _read(project: Project, path: Path) -> SealKey:
    refuse_place(path)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        form, project_id, _, key_id = lines[-2].split(" ")
        key = seal_key(base64.b64decode(lines[-1], validate=True))
    except (OSError, ValueError, IndexError, UnicodeError, binascii.Error):
        raise _damaged(path, "it cannot be read") from None
    if form != FORMAT or key.key_id != key_id:
        raise _damaged(path, "its secret does not fit its id")
    if project_id != project.settings.project_id:
        raise _damaged(path, "it belongs to another project")
    return key


def _read_if_whole(project: Project, path: Path) -> SealKey | None:
    """The key of a file; nothing where there is none or where its bytes were written over already."""
    try:
        return _read(project, path) if path.is_file() else None
    except CohortError:
        return None


def _damaged(path: Path, what: str) -> CohortError:
    return CohortError(
        "LC892", f"the seal key cannot be used: {what}", "Restore it from its safe copy.", where=path.name
    )
