"""The keys of one project: where they are, whether they fit, and what the doctor says of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import platformdirs

from cohorts.custody.key_files import (
    KeyFile,
    is_locked,
    new_key_text,
    parse_key,
    read_key_file,
    write_key_file,
)
from cohorts.custody.places import refuse_overwriting, refuse_place
from cohorts.errors import CohortError
from cohorts.pseudonyms import PseudonymKey
from workspace.errors import GateNotMet, LifecourseError
from workspace.noticeboard import HealthReading
from workspace.project import Project

VARIABLE = "LIFECOURSE_KEY_FILE"
IDENTITY_VARIABLE = "LIFECOURSE_IDENTITY_FILE"
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})
_SECRETS = (b"lifecourse-link-key-1", b"lifecourse-seal-1", b"AGE-SECRET-KEY-1")
_SECRET_ENDINGS = (".key", ".seal", ".identity", ".vault")
_PEEK = 4096
_LARGEST = 65_536


def key_path(project: Project) -> Path:
    """Where this project's key is or would be: LIFECOURSE_KEY_FILE, else the user's configuration."""
    return _place(VARIABLE, f"{project.settings.project_id}.key")


def identity_path(project: Project) -> Path:
    """Where the identity is that opens packs sent to this project: LIFECOURSE_IDENTITY_FILE, else beside the key."""
    return _place(IDENTITY_VARIABLE, f"{project.settings.project_id}.identity")


def _place(variable: str, name: str) -> Path:
    named = os.environ.get(variable, "").strip()
    if named:
        return Path(named).expanduser()
    return platformdirs.user_config_path("lifecourse") / "keys" / name


def create_key(project: Project, passphrase: str = "") -> Path:
    """Make a new key for the project and return where it was put. An existing key is never overwritten."""
    return make_key(project, passphrase)[0]


def make_key(project: Project, passphrase: str = "") -> tuple[Path, str]:
    """Make a new key; return where it was put, and its id."""
    path = refuse_to_make_key(project)
    text = new_key_text("hub", project.settings.project_id)
    write_key_file(path, text, passphrase)
    return path, parse_key(text.encode("utf-8"), path.name).key_id


def refuse_to_make_key(project: Project) -> Path:
    """Where a new key would be put; refused where there is one, or where a key may not lie."""
    path = key_path(project)
    _refuse_place(path)
    refuse_overwriting(path)
    return path


def load_key(project: Project) -> PseudonymKey:
    """Read this project's key; one locked with a passphrase is asked for.

    Raises
    ------
    GateNotMet
        ``LC840``: there is none yet. ``LC845``: it is a link key.
    CohortError
        ``LC841`` in the project or a synced folder, ``LC842`` another project's, ``LC843`` damaged.
    """
    found = load_key_file(project)
    return PseudonymKey(found.key_id, found.secret)


def load_key_file(project: Project) -> KeyFile:
    """The project's key as its file says it; refused as :func:`load_key` refuses."""
    path = key_path(project)
    if not path.exists():
        raise GateNotMet(
            "LC840", "there is no pseudonym key for this project", "lifecourse key create", where=path.name
        )
    _refuse_place(path)
    found = read_key_file(path, "hub")
    if found.project_id != project.settings.project_id:
        raise CohortError(
            "LC842",
            "this key belongs to another project",
            f"Set {VARIABLE} to this project's key.",
            where=path.name,
        )
    return found


def identified_key(project: Project) -> str:
    """The id of this project's key where it can be read without a passphrase; else nothing."""
    path = key_path(project)
    if not path.is_file() or is_locked(path):
        return ""
    try:
        return read_key_file(path, "hub").key_id
    except LifecourseError:
        return ""


def _refuse_place(path: Path) -> None:
    refuse_place(path, f"Move the file out and set {VARIABLE} to its new place.")


def key_health(project: Project) -> list[HealthReading]:
    """What ``lifecourse doctor`` says about the key."""
    readings = [_key_reading(project)]
    strays = _secrets_inside(project)
    if strays:
        note = f"key files inside the project ({len(strays)}): {', '.join(strays[:3])}"
        readings.append(
            HealthReading("keys in the project", "fail", note, "Move them out of the project folder.")
        )
    path = key_path(project)
    if any(path.parent.glob(f".{path.name}.*.part")):
        note = "a half-written key lies beside its place; nothing was ever made with it"
        readings.append(HealthReading("rest of a key", "warn", note, "Delete the .part file."))
    readings += _rights_reading(path)
    if project.settings.keys == "two":
        readings += _two_key_readings(project)
    return readings


def _rights_reading(path: Path) -> list[HealthReading]:
    if os.name != "posix" or not path.is_file() or not stat.S_IMODE(path.stat().st_mode) & 0o077:
        return []
    note = "others on this computer may read the key"
    return [HealthReading("rights of the key", "warn", note, "chmod 600 the key file.")]


def _key_reading(project: Project) -> HealthReading:
    path = key_path(project)
    try:
        if is_locked(path):
            _refuse_place(path)
            note = "there, locked with a passphrase, kept outside the project"
            return HealthReading("pseudonym key", "pass", note)
        key = load_key(project)
    except GateNotMet as gate:
        fault = gate.faults[0]
        absent = fault.code == "LC840"
        return HealthReading("pseudonym key", "warn" if absent else "fail", fault.problem, fault.hint)
    except LifecourseError as error:
        fault = error.faults[0]
        return HealthReading("pseudonym key", "fail", f"{fault.code} {fault.problem}", fault.hint)
    return HealthReading("pseudonym key", "pass", f"key {key.key_id}, kept outside the project")


def _two_key_readings(project: Project) -> list[HealthReading]:
    """In a project of two keys no link key may lie where the hub's key lies."""
    folder = key_path(project).parent
    links = [path for path in sorted(folder.glob("*")) if path.is_file() and _holds(path, _SECRETS[:1])]
    readings = []
    if links:
        note = f"link keys beside the hub's key ({len(links)}): {links[0].name}"
        hint = "The hub must never hold a link key: destroy it here, and tell the partners."
        readings.append(HealthReading("link key at the hub", "fail", note, hint))
    if not identity_path(project).is_file():
        note = "there is no identity, so partners cannot encrypt packs for this project"
        readings.append(
            HealthReading("identity for packs", "warn", note, "lifecourse key create --kind identity")
        )
    return readings


def _holds(path: Path, wanted: tuple[bytes, ...]) -> bool:
    """Does a small file begin like a secret? A database is never opened here: that would drop its locks."""
    try:
        if path.stat().st_size > _LARGEST or ".sqlite" in path.name:
            return False
        with path.open("rb") as file:
            start = file.read(_PEEK)
    except OSError:
        return False
    return any(word in start for word in wanted)


def _secrets_inside(project: Project) -> list[str]:
    """Files inside the project that are called like a key or an identity, or begin like one."""
    found: list[str] = []
    for folder, subfolders, files in os.walk(project.root):
        subfolders[:] = [name for name in subfolders if name not in _SKIPPED]
        paths = [Path(folder) / name for name in files]
        found += [
            project.shown(path)
            for path in paths
            if path.name.lower().endswith(_SECRET_ENDINGS) or _holds(path, _SECRETS)
        ]
    return sorted(found)
