"""``lifecourse measure review``: what is due, decisions, minutes."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from theory_of_change.errors import TheoryError
from workspace import console
from workspace.project import Project, find_project

if TYPE_CHECKING:
    from theory_of_change.tracking.measure_reviews.agenda import Item
    from theory_of_change.tracking.measure_reviews.decisions import MeasureDecision


def measure_review(
    measure: Annotated[str, typer.Argument(metavar="[MEASURE]", help="A measure to decide about.")] = "",
    decide: Annotated[str, typer.Option(help="keep, change or retire.")] = "",
    because: Annotated[str, typer.Option(help="Why it was decided.")] = "",
    by: Annotated[str, typer.Option(help="Who decided: a group or a role.")] = "",
    next_: Annotated[str, typer.Option("--next", help="The day of its next review: 2027-03-31.")] = "",
    minutes: Annotated[Path | None, typer.Option(help="Write the minutes of today: FILE.md.")] = None,
) -> None:
    """Show what a yearly review of measures should look at, record a decision, or write the minutes of today."""
    from theory_of_change.tracking.measure_reviews.store import load_decisions

    project = find_project()
    if measure or decide:
        _decide(project, measure, decide, because, by, next_)
        return
    decisions, items = load_decisions(project), _items(project)
    if minutes is not None:
        _minutes(project, items, decisions, minutes)
        return
    payload = {"items": [asdict(each) for each in items], "decisions": [asdict(each) for each in decisions]}
    console.present(payload, lambda: _view(items, decisions))


def _items(project: Project) -> tuple[Item, ...]:
    from theory_of_change.tracking import actions
    from theory_of_change.tracking.measure_reviews.agenda import agenda
    from theory_of_change.tracking.measure_reviews.store import earlier_measures
    from workspace.clock import today

    held, day = actions.kept(project), today()
    overdue = Counter(each.measure.id for each in held.due if each.overdue(day))
    return agenda(held.measures, earlier_measures(project), held.decisions, held.concerns, overdue, day)


def _decide(project: Project, measure: str, decide: str, because: str, by: str, next_: str) -> None:
    from theory_of_change.days import day_of
    from theory_of_change.tracking import actions, store
    from theory_of_change.tracking.measure_reviews.decisions import MeasureDecision
    from theory_of_change.tracking.measure_reviews.store import with_decision
    from workspace.audit import record
    from workspace.clock import today
    from workspace.entering import entering

    one = actions.tracked_measure(store.load_tracked(project), measure)
    following = day_of(next_) if next_ else None
    if next_ and following is None:
        raise TheoryError("LC326", "--next is not a day", "Write it as 2027-03-31.")
    decision = MeasureDecision(today(), one.id, decide, because, by, following, one.name)
    written = not console.current().dry_run
    if written:
        with entering(project) as (session, leave):
            record(session, "measure.review", one.id, {"decision": decide})
            leave(with_decision(project, decision))
    said = "Recorded" if written else "Would record"
    tail = " It stays listed; no figure of it is asked for." if decide == "retire" else ""
    console.present(
        {**asdict(decision), "written": written}, lambda: console.say(f"{said}: {decide} {one.id}.{tail}")
    )


def _minutes(
    project: Project, items: tuple[Item, ...], decisions: tuple[MeasureDecision, ...], to: Path
) -> None:
    from theory_of_change.tracking import store
    from theory_of_change.tracking.measure_reviews.minutes import minutes_text
    from theory_of_change.tracking.measure_reviews.store import copy_of_measures
    from workspace.audit import record
    from workspace.clock import today
    from workspace.entering import entering

    if to.suffix.lower() != ".md":
        raise TheoryError("LC230", "minutes are written as Markdown", "End the name with .md.")
    decided = [each for each in decisions if each.date == today()]
    measures = store.load_tracked(project)
    text = minutes_text(project.settings.name, today(), measures, items, decided, decisions)
    written, kept = not console.current().dry_run, ""
    if written:
        with entering(project) as (session, leave):
            record(session, "measure.minutes", to.name, {"decisions": len(decided)})
            copy = copy_of_measures(project)
            leave({to: text, **copy})
        kept = project.shown(*copy)
    said = f"Wrote {to.name}; measures.toml is kept as {kept}." if written else f"Would write {to.name}."
    console.present(
        {"file": to.name, "written": written, "kept": kept, "decisions": len(decided)},
        lambda: console.say(said),
    )


def _view(items: tuple[Item, ...], decisions: tuple[MeasureDecision, ...]) -> None:
    for each in items:
        console.say(f"{each.measure}  {each.kind}: {each.text}")
    if not items:
        console.say("Nothing is due.")
    for decision in decisions[-5:]:
        console.say(f"{decision.date}  {decision.decision}  {decision.measure} ({decision.by})")
    console.say('To decide: lifecourse measure review MEASURE --decide keep --because "..." --by "..."')
