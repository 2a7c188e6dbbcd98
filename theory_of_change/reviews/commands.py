"""``lifecourse theory review``: what is due, decisions, minutes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.errors import TheoryError
from theory_of_change.model import Theory
from theory_of_change.reviews.agenda import Point, agenda
from theory_of_change.reviews.decisions import Decision, subject_words
from theory_of_change.reviews.minutes import minutes_text
from theory_of_change.reviews.review_store import load_decisions, with_decision
from theory_of_change.store import load_theory
from theory_of_change.versions.differences import compare
from theory_of_change.versions.version_store import load_version, versions, with_version
from workspace import clock, console
from workspace.audit import record
from workspace.console import present, say
from workspace.entering import entering
from workspace.project import Project, find_project


def review(
    about: Annotated[
        str, typer.Argument(metavar="ID", help="A box (A4), a link (A4>O3), or 'theory', to decide about.")
    ] = "",
    decide: Annotated[str, typer.Option(help="keep, change or drop.")] = "",
    because: Annotated[str, typer.Option(help="Why it was decided.")] = "",
    by: Annotated[str, typer.Option(help="Who decided: a group or a role.")] = "",
    next_: Annotated[str, typer.Option("--next", help="The day of its next review: 2027-03-31.")] = "",
    minutes: Annotated[Path | None, typer.Option(help="Write the minutes of today: FILE.md.")] = None,
    within: Annotated[int, typer.Option(help="Show what is due within so many days.", min=0)] = 60,
) -> None:
    """Show what is due for review, record a decision, or write the minutes of today."""
    project = find_project()
    theory = load_theory(project)
    if about or decide:
        _decide(project, theory, about, decide, because, by, next_)
        return
    decisions, earlier = load_decisions(project), _earlier(project)
    points = agenda(theory, decisions, clock.today(), within, earlier)
    if minutes is None:
        payload = {"due": [asdict(point) for point in points], "decisions": [asdict(d) for d in decisions]}
        present(payload, lambda: _shown(points, decisions))
        return
    _write_minutes(project, theory, decisions, points, minutes)


def _earlier(project: Project) -> Theory | None:
    return load_version(project, "last") if versions(project) else None


def _decide(
    project: Project, theory: Theory, about: str, decide: str, because: str, by: str, next_: str
) -> None:
    about = "".join(about.split())
    wording = subject_words(theory, about)
    decision = Decision(clock.today(), about, decide, because, by, _day(next_), wording)
    written = not console.current().dry_run
    if written:
        with entering(project) as (session, leave):
            record(session, "theory.review", about, {"decision": decide})
            leave(with_decision(project, decision))
    said = "Recorded" if written else "Would record"
    payload = {**asdict(decision), "written": written}
    present(payload, lambda: say(f"{said}: {decide} {wording}. Next: lifecourse theory review"))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise TheoryError("LC236", "--next is not a date", "Write it as 2027-03-31.") from None


def _write_minutes(
    project: Project, theory: Theory, decisions: tuple[Decision, ...], points: tuple[Point, ...], to: Path
) -> None:
    """Write the minutes and keep the theory as it is today, so that the next review can say what changed."""
    if to.suffix.lower() != ".md":
        raise TheoryError("LC230", "minutes are written as Markdown", "End the name with .md.")
    earlier, today = _earlier(project), clock.today()
    decided = [decision for decision in decisions if decision.date == today]
    changes = compare(earlier, theory) if earlier else ()
    version, written = "", not console.current().dry_run
    if written:
        with entering(project) as (session, leave):
            record(session, "theory.minutes", to.name, {"decisions": len(decided)})
            version, copy = with_version(project)
            leave({to: minutes_text(theory, today, decided, points, changes), **copy})
    said = f"Wrote {to.name}. The theory is kept as {version}." if written else f"Would write {to.name}."
    present(
        {"file": to.as_posix(), "written": written, "kept": version, "decisions": len(decided)},
        lambda: say(said),
    )


def _shown(points: tuple[Point, ...], decisions: tuple[Decision, ...]) -> None:
    for point in points:
        say(f"{point.wording}: {point.reason}")
    if not points:
        say("Nothing is due.")
    for decision in decisions[-5:]:
        say(
            f"{decision.date.isoformat()}  {decision.decision}  {decision.wording or decision.about} ({decision.by})"
        )
    say('To decide: lifecourse theory review "A1>O1" --decide keep --because "..." --by "..."')
