"""Manifests that lie beside what is out: the key they are sealed under, and whether all is as it was released."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohorts.custody.key_files import is_locked, read_key_file
from cohorts.gate.manifest import MANIFESTS, sha256
from cohorts.gate.seals import SealState, key_named, manifest_key, read_seal
from cohorts.gate.store import Left, releases
from cohorts.keys import key_path, load_key
from cohorts.pseudonyms import PseudonymKey
from workspace.database import reading
from workspace.errors import LifecourseError
from workspace.project import Project
from workspace.statements import run

RELEASED = "release"


@dataclass(frozen=True, slots=True)
class Beside:
    """A release as it lies in ``public/``: its seal, the key it names, and what is not as it was released."""

    release: str
    manifest: str
    seal: SealState
    key_id: str
    faults: tuple[str, ...]


def sealing_key(project: Project) -> PseudonymKey | None:
    """The key that manifests are sealed under: a locked one is asked for; none where the project has no key."""
    if not key_path(project).exists():
        return None
    return manifest_key(load_key(project), project.settings.project_id)


def lying_out(project: Project, only: Sequence[str] = ()) -> list[Beside]:
    """Every release whose manifest lies in ``public/``, or some of them, held against the register and the key."""
    found = list(_manifests(project))
    with reading(project) as session:
        entered = {left.release_id: left for left in releases(session)}
        logged = run(session, "SELECT subject, details FROM audit_entry WHERE action = ?", (RELEASED,))
        expected = {str(row[0]): str(json.loads(row[1]).get("sealed_under", "")) for row in logged}
    newest = _newest(found)
    keys = _keys(project, {key_named(said) for _, said in found if said})
    beside = []
    for path, said in found:
        name = path.stem
        if only and name not in only:
            continue
        seal = read_seal(said, keys, expected.get(name, "")) if said else "changed"
        faults = _faults(path, said, seal, entered.get(name), newest)
        beside.append(Beside(name, project.shown(path), seal, key_named(said), faults))
    return beside


def strangers(project: Project) -> tuple[str, ...]:
    """Files in ``public/`` that no release names: nobody looked through them, or they were left behind."""
    public = project.root / "public"
    with reading(project) as session:
        known = {name for left in releases(session) for name, _ in left.files}
    found = []
    for path in sorted(public.rglob("*")):
        place = path.relative_to(public)
        if (
            not path.is_file()
            or any(part.startswith(".") for part in place.parts)
            or MANIFESTS in place.parts
        ):
            continue
        ends = {"/".join(place.parts[start:]) for start in range(len(place.parts))}
        if not ends & known:
            found.append(project.shown(path))
    return tuple(found)


def _manifests(project: Project) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted((project.root / "public").rglob(f"{MANIFESTS}/OUT-*.json")):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {}
        yield path, said if isinstance(said, dict) else {}


def _newest(found: Sequence[tuple[Path, dict[str, Any]]]) -> dict[Path, str]:
    """The newest release of every file: an older one of the same name was written over by right."""
    return {
        path.parent.parent / name: path.stem
        for path, said in sorted(found, key=lambda one: one[0].stem)
        for name in _sums(said)
    }


def _sums(said: dict[str, Any]) -> dict[str, str]:
    files = said.get("files")
    rows = [one for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    return {str(one.get("name")): str(one.get("sha256")) for one in rows}


def _faults(
    path: Path, said: dict[str, Any], seal: SealState, left: Left | None, newest: dict[Path, str]
) -> tuple[str, ...]:
    found = ["the manifest is not as it was sealed"] if seal == "changed" else []
    if left is None:
        found.append("the register knows no such release")
    elif _sums(said) != dict(left.files):
        found.append("the manifest names other files than the register")
    sums = dict(left.files) if left else _sums(said)
    for name, sha in sums.items():
        file = path.parent.parent / name
        if newest.get(file, path.stem) == path.stem and file.is_file() and sha256(file.read_bytes()) != sha:
            found.append(f"{name} is not as it was released")
    return tuple(found)


def _keys(project: Project, named: set[str]) -> list[PseudonymKey]:
    """The project's key, and those before it that still lie beside it; nothing is asked for where none is named."""
    if not named - {""}:
        return []
    path = key_path(project)
    found = [load_key(project)] if path.exists() else []
    for key_id in sorted(named - {"", *(key.key_id for key in found)}):
        older = path.with_name(f"{path.stem}.{key_id}.old{path.suffix}")
        try:
            if older.is_file() and not is_locked(older):
                held = read_key_file(older, "hub")
                found.append(PseudonymKey(held.key_id, held.secret))
        except (
            LifecourseError
        ):  # a damaged old key opens nothing: the manifest is said to be of a missing key
            continue
    return [manifest_key(key, project.settings.project_id) for key in found]
