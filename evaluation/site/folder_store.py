"""The folder of a site: the old one stands until the new one is whole, and then is gone."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from evaluation.errors import EvaluationError
from evaluation.site.building import LIST
from workspace import console
from workspace.files import reaching
from workspace.project import Project

VERB = "site.build"
_ASIDE = re.compile(r"\..+\.[0-9a-f]{12}\.(new|old)")


def files_of_site(folder: Path) -> tuple[str, ...]:
    """The names of the files that an earlier build wrote into a folder; none where there was no build."""
    return tuple(sorted(read_list(folder)))


def read_list(folder: Path) -> dict[str, str]:
    """The list an earlier build wrote: names and fingerprints."""
    try:
        found: Any = json.loads((folder / LIST).read_text(encoding="utf-8"))
        names = found["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {str(name): str(sha) for name, sha in names.items()} if isinstance(names, dict) else {}


def read_site(folder: Path, shown: str) -> dict[str, bytes]:
    """Every file of a site by its name.

    Raises
    ------
    EvaluationError
        LC739 where there is no site.
    """
    if not (folder / "index.html").is_file() or not (folder / LIST).is_file():
        raise EvaluationError("LC739", "there is no site in the folder", "lifecourse site build", where=shown)
    with reaching("the site", "read", shown):
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def refuse_folder(project: Project, folder: Path, files: Sequence[Outgoing]) -> None:
    """Refuse a folder that holds the project, or a file that is not the site's own and would be written over.

    Raises
    ------
    EvaluationError
        LC738.
    """
    root, target = project.root.resolve(), folder.resolve()
    if target == root or target in root.parents:
        raise EvaluationError(
            "LC738", "the folder holds the project itself", "lifecourse site build --out public"
        )
    own = {*files_of_site(folder), LIST}
    taken = [one.name for one in files if one.name not in own and (folder / one.name).exists()]
    if taken or (folder.exists() and not folder.is_dir()):
        said = f"'{taken[0]}' is there and is no page of a site" if taken else "it is a file"
        raise EvaluationError(
            "LC738", said, "Move it away, or name another folder with --out.", where=project.shown(folder)
        )


def write_site(project: Project, folder: Path, files: Sequence[Outgoing]) -> tuple[str, ...]:
    """Put a whole site in the place of the old one; return the old pages that no longer belong.

    Files of others in the folder stay. The new site is written beside the old one, through the gate, and the two
    change names at the end: whoever looks sees the old site or the new one.
    """
    _tidy(folder)
    refuse_folder(project, folder, files)
    old = set(files_of_site(folder))
    gone = tuple(sorted(old - {one.name for one in files} - {LIST}))
    if console.current().dry_run:
        write_outgoing(project, folder, files, verb=VERB, public=True)
        return gone
    token = secrets.token_hex(6)
    fresh, before = (folder.with_name(f".{folder.name}.{token}.{word}") for word in ("new", "old"))
    try:
        with reaching("the folder of the site", "written", project.shown(folder)):
            write_outgoing(project, fresh, files, verb=VERB, public=True)
            _keep_others(folder, fresh, {*old, LIST})
            if folder.exists():
                folder.rename(before)
            fresh.rename(folder)
    except BaseException:
        if before.exists() and not folder.exists():
            before.rename(folder)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(before, ignore_errors=True)
    return gone


def _tidy(folder: Path) -> None:
    """After a build that was killed: bring the old site back where it has no name, and clear what it left beside."""
    beside = sorted(folder.parent.glob(f".{folder.name}.*.*"))
    old, new = (
        [path for path in beside if path.is_dir() and _ASIDE.fullmatch(path.name) and path.suffix == word]
        for word in (".old", ".new")
    )
    if console.current().dry_run:
        return
    with reaching("the folder of the site", "written", folder.name):
        if old and not folder.exists():
            max(old, key=lambda path: path.stat().st_mtime).rename(folder)
        for path in (*old, *new):
            shutil.rmtree(path, ignore_errors=True)


def _keep_others(folder: Path, fresh: Path, own: set[str]) -> None:
    """Take files that are not the site's own over into the new folder."""
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in own and not (fresh / name).exists():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, fresh / name)
