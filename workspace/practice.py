"""The demonstration: a practice project made from public data, run by the same commands a team would type."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from workspace import console
from workspace.errors import WorkspaceError
from workspace.project import create_project, discard

Runner = Callable[[Sequence[str]], object]
WAIVER = "the trial is history: its size cannot be changed"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the demonstration, and why it is typed."""

    words: tuple[str, ...]
    why: str = ""


def _load(source: str, file: str, *extra: str) -> Step:
    return Step(("source", "load", source, f"inbox/{file}", *extra))


STEPS: tuple[Step, ...] = (
    Step(("key", "create"), "A pseudonym key, kept outside the project"),
    Step(("theory", "check"), "The theory of change, read and checked"),
    Step(
        ("cohort", "new", "prison-leavers", "--template", "prison-leavers"), "Three cohorts, from templates"
    ),
    Step(("cohort", "new", "kindergarten", "--template", "school")),
    Step(("cohort", "new", "early-programme", "--template", "early-years")),
    Step(_load("prison-releases", "prison-releases.csv").words, "Partner files: who is in each cohort"),
    _load("school-census", "school-census.csv"),
    _load("health-visits", "health-visits.xlsx"),
    Step(
        _load("police-arrests", "police-arrests.csv", "--sealed").words,
        "Outcomes, sealed: nobody can read them yet",
    ),
    _load("school-tests", "school-tests.csv", "--sealed"),
    _load("assessments", "assessments.csv", "--sealed"),
    Step(
        ("plan", "lock", "aid-on-release", "--waive", WAIVER),
        "Plans, locked before any outcome could be read",
    ),
    Step(("plan", "lock", "small-classes")),
    Step(("plan", "lock", "teaching-aide")),
    Step(("plan", "lock", "early-programme", "--waive", WAIVER)),
    Step(("evaluate", "run", "aid-on-release"), "The locked plans, run"),
    Step(("evaluate", "run", "small-classes")),
    Step(("evaluate", "run", "teaching-aide")),
    Step(("evaluate", "run", "early-programme")),
)


def run_practice(folder: Path, run: Runner) -> dict[str, Any]:
    """Make the project, type every command, and gather what was found. On failure nothing is left behind."""
    began = time.monotonic()
    existed = folder.exists()
    project = create_project(folder, "Lifecourse practice project", practice=True)
    settings = console.current()
    made: list[Path] = []
    try:
        _unpack(project.root)
        from workspace.audit import record
        from workspace.database import create_database, writing

        create_database(project)
        with writing(project) as session:
            record(session, "project.demo", project.settings.project_id)
        console.say(
            f"Made a practice project in {project.root.name}. Everyone in it is made up; "
            "the outcomes are public trial data."
        )
        with _own_key(), contextlib.chdir(project.root):
            findings = [found for step in STEPS if (found := _type(step, project.root, run, settings, made))]
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        discard(project.root, keep_folder=existed)
        raise
    shown = folder.as_posix()
    for finding in findings:
        finding["report"] = f"{shown}/{finding['report']}"
    return {"folder": shown, "findings": findings, "seconds": round(time.monotonic() - began, 1)}


def _unpack(root: Path) -> None:
    """Copy the bundled files into the project."""
    with resources.as_file(resources.files("workspace") / "demo") as bundle:
        for source in sorted(
            path for path in bundle.rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ):
            target = root / source.relative_to(bundle)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


@contextlib.contextmanager
def _own_key() -> Iterator[None]:
    """The practice project always gets a key of its own, never one that guards real people."""
    before = os.environ.pop("LIFECOURSE_KEY_FILE", None)
    try:
        yield
    finally:
        if before is not None:
            os.environ["LIFECOURSE_KEY_FILE"] = before


def _type(
    step: Step, root: Path, run: Runner, settings: console.RunSettings, made: list[Path]
) -> dict[str, Any] | None:
    """Run one command quietly and show it as a person would have typed it, with its outcome in a line.

    What it makes outside the project (the key) is added to ``made``.
    """
    if step.why:
        console.say(f"\n{step.why}")
    console.say(f"  $ lifecourse {' '.join(_quoted(word) for word in step.words)}")
    with console.borrowed(
        json=False, quiet=True, dry_run=False, project=root, verbose=settings.verbose
    ) as shown:
        code = run(step.words)
    if code:
        raise WorkspaceError(
            "LC199", f"the step '{' '.join(step.words[:3])}' of the demonstration failed", "lifecourse doctor"
        )
    payload = shown[-1] if shown else {}
    if step.words[:2] == ("key", "create"):
        made.append(Path(payload["file"]))
    line = _outcome(step.words, payload)
    if line:
        console.say(f"    {line}")
    return _finding(payload) if step.words[0] == "evaluate" else None


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def _outcome(words: Sequence[str], payload: Mapping[str, Any]) -> str:
    """One line of what a step did."""
    verb = " ".join(words[:2])
    if verb == "source load":
        noted = sum(item["count"] for item in payload.get("warnings", []))
        return f"{payload['rows']:,} rows, {payload['accepted']:,} accepted" + (
            f", {noted} noted" if noted else ""
        )
    if verb == "plan lock":
        return f"fingerprint {payload['sha256'][:12]}…, data then: {payload['data_state']}" + (
            "; waived, and said so in the report" if payload["waiver"] else ""
        )
    if verb == "evaluate run":
        primary = next(o for o in payload["outcomes"] if o["role"] == "primary")
        return f"{primary['verdict']['answer']}: {primary['verdict']['sentence']}"
    return ""


def _finding(payload: Mapping[str, Any]) -> dict[str, Any]:
    primary = next(outcome for outcome in payload["outcomes"] if outcome["role"] == "primary")
    verdict = primary["verdict"]
    return {
        "evaluation": payload["evaluation"],
        "plan": payload["plan"]["id"],
        "title": payload["plan"]["title"],
        "answer": verdict["answer"],
        "detail": verdict["detail"],
        "security": verdict["security"],
        "fragile": verdict["fragile"],
        "sentence": verdict["sentence"],
        "report": payload["files"]["report"],
    }
