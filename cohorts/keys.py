"""The key file: one small text file, owner-only, kept away from the project and from synced folders."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

import platformdirs

from cohorts.errors import CohortError
from cohorts.pseudonyms import SECRET_BYTES, PseudonymKey, key_check
from workspace.clock import today
from workspace.errors import Fault, GateNotMet, LifecourseError
from workspace.files import write_atomically
from workspace.noticeboard import HealthReading
from workspace.project import Project
from workspace.toml_source import KeyCodes, parse_toml, toml_text, top

FORMAT = "lifecourse-key-1"
VARIABLE = "LIFECOURSE_KEY_FILE"
_CODES = KeyCodes("LC843", "LC843", "LC843")
_SIZE_LIMIT = 16_384
_SYNCED_STARTS = ("onedrive", "dropbox", "google drive", "googledrive", "icloud", "nextcloud", "owncloud")
_SYNCED_NAMES = frozenset({"box", "box sync", "mobile documents", "my drive", "pclouddrive", "syncthing"})
_RESTORE = f"Restore it from its safe copy, or set {VARIABLE} to the right file."
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def key_path(project: Project) -> Path:
    """Where this project's key is or would be: LIFECOURSE_KEY_FILE, else the user's configuration."""
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        return Path(named).expanduser()
    return platformdirs.user_config_path("lifecourse") / "keys" / f"{project.settings.project_id}.key"


def create_key(project: Project) -> Path:
    """Make a new key for the project and return where it was put. An existing key is never overwritten."""
    path = refuse_to_make_key(project)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, _key_text(project.settings.project_id), private=True)
    except OSError as problem:
        reason = (problem.strerror or "it cannot be written").lower()
        raise CohortError(
            "LC107", f"the key cannot be written: {reason}", "Check the folder.", where=path.name
        ) from None
    return path


def refuse_to_make_key(project: Project) -> Path:
    """Where a new key would be put; refused where there is one, or where a key may not lie."""
    path = key_path(project)
    _refuse_place(project, path)
    if path.exists() or path.is_symlink():
        raise CohortError(
            "LC844", "there is a key already; it is never overwritten", "Keep using it.", where=path.name
        )
    return path


def _key_text(project_id: str) -> str:
    secret = secrets.token_bytes(SECRET_BYTES)
    made = today().isoformat()
    return f"""# The pseudonym key of a Lifecourse project. Whoever has it can tell who is who.
# Keep a copy in a safe place away from the data; never send it by e-mail, never put it in git.
format = {toml_text(FORMAT)}
key_id = {toml_text(key_check(secret))}
project_id = {toml_text(project_id)}
created = {made}
secret = {toml_text(base64.b64encode(secret).decode("ascii"))}
"""


def load_key(project: Project) -> PseudonymKey:
    """Read this project's key.

    Raises
    ------
    GateNotMet
        ``LC840``: there is none yet.
    CohortError
        ``LC841`` in the project or a synced folder, ``LC842`` another project's, ``LC843`` damaged.
    """
    path = key_path(project)
    if not path.exists():
        raise GateNotMet(
            "LC840", "there is no pseudonym key for this project", "lifecourse key create", where=path.name
        )
    _refuse_place(project, path)
    project_id, key = _read_key(path)
    if project_id != project.settings.project_id:
        raise CohortError(
            "LC842",
            "this key belongs to another project",
            f"Set {VARIABLE} to this project's key.",
            where=path.name,
        )
    return key


def _read_key(path: Path) -> tuple[str, PseudonymKey]:
    text = _key_file_text(path)
    faults: list[Fault] = []
    try:
        file = top(parse_toml(text, path.name, CohortError), faults, _CODES)
        form, key_id, project_id, encoded = (
            file.text(name, required=True) for name in ("format", "key_id", "project_id", "secret")
        )
        secret = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (CohortError, binascii.Error, UnicodeError):
        raise _damaged(path, "it cannot be read as a key") from None
    if faults or form != FORMAT:
        raise _damaged(path, "it cannot be read as a key")
    if len(secret) < SECRET_BYTES or key_check(secret) != key_id:
        raise _damaged(path, "its secret does not fit its key id")
    return project_id, PseudonymKey(key_id, secret)


def _key_file_text(path: Path) -> str:
    if not path.is_file():
        raise _damaged(path, "it is a folder or something else that is not a file")
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_LIMIT + 1)
    except OSError as problem:
        reason = (problem.strerror or "it cannot be read").lower()
        raise CohortError(
            "LC107", f"the key cannot be read: {reason}", "Check its rights.", where=path.name
        ) from None
    if len(data) > _SIZE_LIMIT:
        raise _damaged(path, "it is far too long for a key")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _damaged(path, "it is not text") from None


def _damaged(path: Path, what: str) -> CohortError:
    return CohortError("LC843", f"the key file is damaged: {what}", _RESTORE, where=path.name)


def _refuse_place(project: Project, path: Path) -> None:
    problem = _bad_place(project, path)
    if problem:
        hint = f"Move the file out and set {VARIABLE} to its new place."
        raise CohortError("LC841", f"the key may not be kept there: {problem}", hint, where=path.name)


def refuse_key_place(project: Project, path: Path) -> None:
    """Refuse a place for a secret file inside the project or in a synced folder: LC841."""
    _refuse_place(project, path)


def _bad_place(project: Project, path: Path) -> str:
    """Why a key may not lie there, or nothing. Links are followed."""
    root = project.root.resolve()
    for place in (Path(os.path.abspath(path)), path.resolve()):
        if place.is_relative_to(root):
            return "it is inside the project folder"
        if any(_is_synced(part) for part in place.parts[:-1]):
            return "it is in a folder that is copied to a cloud service"
    return ""


def _is_synced(part: str) -> bool:
    name = part.strip().lower()
    return name.startswith(_SYNCED_STARTS) or name in _SYNCED_NAMES


def key_health(project: Project) -> list[HealthReading]:
    """What ``lifecourse doctor`` says about the key."""
    readings = [_key_reading(project)]
    strays = _keys_inside(project)
    if strays:
        note = f"key files inside the project ({len(strays)}): {', '.join(strays[:3])}"
        readings.append(
            HealthReading("keys in the project", "fail", note, "Move them out of the project folder.")
        )
    path = key_path(project)
    if any(path.parent.glob(f".{path.name}.*.part")):
        note = "a half-written key lies beside its place; nothing was ever made with it"
        readings.append(HealthReading("rest of a key", "warn", note, "Delete the .part file."))
    if os.name == "posix" and path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        readings.append(
            HealthReading(
                "rights of the key",
                "warn",
                "others on this computer may read the key",
                "chmod 600 the key file.",
            )
        )
    return readings


def _key_reading(project: Project) -> HealthReading:
    try:
        key = load_key(project)
    except GateNotMet as gate:
        fault = gate.faults[0]
        return HealthReading("pseudonym key", "warn", fault.problem, fault.hint)
    except LifecourseError as error:
        fault = error.faults[0]
        return HealthReading("pseudonym key", "fail", f"{fault.code} {fault.problem}", fault.hint)
    return HealthReading("pseudonym key", "pass", f"key {key.key_id}, kept outside the project")


def _keys_inside(project: Project) -> list[str]:
    found: list[str] = []
    for folder, subfolders, files in os.walk(project.root):
        subfolders[:] = [name for name in subfolders if name not in _SKIPPED]
        found += [
            project.shown(Path(folder) / name) for name in files if name.lower().endswith((".key", ".seal"))
        ]
    return sorted(found)
