"""Attacks that run the program itself: what reading commands print, and errors provoked in a throw-away project."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cohorts.actions import new_cohort
from cohorts.attacks.canaries import FILES, MAPPING, Provoked
from cohorts.attacks.insider import Said, Verb
from cohorts.keys import VARIABLE, create_key
from workspace import console, front_door
from workspace.database import create_database
from workspace.errors import LifecourseError
from workspace.files import write_atomically
from workspace.project import Project, create_project

Runner = Callable[[Sequence[str]], object]
_DATABASE = "LIFECOURSE_DATABASE_URL"


def verbs_of(node: Any, words: tuple[str, ...] = ()) -> list[Verb]:
    """Every command below a group of the program, with its arguments and options."""
    inner: Mapping[str, Any] = getattr(node, "commands", {})
    if not inner:
        return [Verb(" ".join(words), tuple(str(parameter.name) for parameter in node.params))]
    return [verb for name, command in sorted(inner.items()) for verb in verbs_of(command, (*words, name))]


def printed(
    project: Project,
    run: Runner,
    cohorts: Mapping[str, Sequence[str]],
    areas: Sequence[str] = (),
    *,
    quick: bool,
) -> list[Said]:
    """What reading commands print as JSON; ``cohorts`` maps each to its binary variables, the arms."""
    asked: list[tuple[str, ...]] = [
        ("status",),
        ("cohort", "list"),
        ("source", "list"),
        ("agreement", "list"),
    ]
    asked += [("areas", "show", name) for name in areas]
    for name, arms in cohorts.items():
        asked += [("cohort", verb, name) for verb in ("show", "flow", "quality", "follow-up")]
        asked += [
            ("cohort", verb, name, "--arm", arm)
            for verb in ("flow", "follow-up")
            for arm in ([] if quick else arms)
        ]
        asked += [("link", "quality", "--cohort", name)]
        asked += [
            ("link", "quality", "--cohort", name, "--by", arm.split("@")[0])
            for arm in ([] if quick else arms)
        ]
    said = []
    for words in asked:
        with contextlib.suppress(LifecourseError):
            with console.borrowed(json=True, quiet=True, dry_run=False, project=project.root) as shown:
                run(words)
            said += [Said(" ".join(words), payload) for payload in shown]
    return said


def provoke(run: Runner, *, quick: bool) -> list[Provoked]:
    """Wrong files with marked values, through the commands that read files, in a project of their own."""
    with tempfile.TemporaryDirectory(prefix="lifecourse-attack-") as folder, _surroundings(Path(folder)):
        project = create_project(Path(folder) / "canary", "Canary", practice=True)
        create_database(project)
        create_key(project)
        new_cohort(project, "birds", "prison-leavers", "", None)
        write_atomically(project.sources / "canary.toml", MAPPING)
        provoked: list[Provoked] = []
        for name, text in FILES.items():
            path = project.inbox / f"{name}.csv"
            path.write_bytes(text.encode())
            for extra in ((), ("--json", "--verbose"))[: 1 if quick else 2]:
                ending = (*extra, "--project", str(project.root))
                provoked += [_one(run, (*words, *ending), name) for words in _asked(path)]
        kept = [p for p in sorted(project.root.rglob("*")) if p.is_file() and project.inbox not in p.parents]
        left = b"\n".join(p.read_bytes() for p in kept if p.name != "canary.toml")
        return [*provoked, Provoked("what the project keeps afterwards", failed=False, said=left)]


def _asked(path: Path) -> list[tuple[str, ...]]:
    return [
        ("source", "inspect", str(path)),
        ("source", "inspect", str(path), "--source", "canary"),
        ("source", "load", "canary", str(path), "--dry-run"),
        ("source", "load", "canary", str(path)),
        ("source", "check", "canary", "--file", str(path)),
        ("evaluate", "run", str(path.with_suffix(".toml")), "--data", str(path)),
    ]


def _one(run: Runner, words: tuple[str, ...], file: str) -> Provoked:
    out, err = io.StringIO(), io.StringIO()
    records = _records()
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), console.borrowed(quiet=False):
        try:
            code = run(words)
        except LifecourseError as error:
            code = front_door.show_error(error)
        except Exception as error:  # noqa: BLE001 - whatever breaks, its record is what is looked at
            code = front_door.show_bug(error)
    new = {path: data for path, data in _records().items() if path not in records}
    for path in new:
        path.unlink(missing_ok=True)
    said = (out.getvalue() + err.getvalue()).encode() + b"\n".join(new.values())
    shown = " ".join(word for word in words[:3] if "/" not in word)
    return Provoked(f"{shown} ({file})", failed=bool(code), said=said)


def _records() -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in Path(tempfile.gettempdir()).glob("lifecourse-fault-*.txt")}


@contextlib.contextmanager
def _surroundings(folder: Path) -> Iterator[None]:
    """A key and a database of its own: neither those of the project nor those the environment names."""
    before = {name: os.environ.pop(name, None) for name in (VARIABLE, _DATABASE)}
    os.environ[VARIABLE] = str(folder / "keys" / "canary.key")
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})
