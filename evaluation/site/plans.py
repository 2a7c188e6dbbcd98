"""Every plan that was locked, with its state, and a page for each (pure)."""

from __future__ import annotations

from markupsafe import Markup

from evaluation.register.model import Entry, Note, RunLine
from evaluation.register.states import open_disputes
from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table
from evaluation.site.home import mark_of_entry
from evaluation.site.model import Held, Page
from evaluation.site.words import (
    EXPLORATORY,
    NOT_SAID,
    STATE_MEANING,
    anchor,
    anchors,
    day_words,
    finding_path,
    link_path,
    plan_path,
    short_day,
)
from theory_of_change.model import Theory

NO_FINDING = "none yet"


def plan_pages(held: Held) -> tuple[Page, ...]:
    """The list of all, and one page each."""
    return (_list(held), *(_one(held, entry) for entry in held.register.entries))


def _list(held: Held) -> Page:
    entries = held.register.entries
    planned = [entry for entry in entries if entry.is_planned]
    states = sorted({entry.state for entry in planned}, key=list(STATE_MEANING).index)
    rows = [
        (capital(state), str(sum(e.state == state for e in planned)), STATE_MEANING[state])
        for state in states
    ]
    view = {
        "states": Table(
            "How the planned evaluations stand", ("State", "How many", "What it means"), tuple(rows)
        ),
        "table": Table(
            "Every plan that was locked, the newest first",
            ("Plan", "State", "Locked", "Data at the lock", "Report due", "Finding"),
            tuple(_row(held, entry, "") for entry in planned),
        ),
        "explored": [_row(held, entry, "") for entry in entries if not entry.is_planned],
        "lines": _tally(held),
    }
    return Page("plans.html", "Evaluations and plans", "plans", "plans.html", view)


def _tally(held: Held) -> tuple[str, ...]:
    tally = held.register.tally
    lines = [f"{tally.planned} planned, {tally.reported} with a finding, {tally.stopped} stopped."]
    if tally.due:
        lines.append(f"Of {tally.due} whose report was due, {tally.due_reported} have a finding.")
    if tally.months_to_finding is not None:
        months = f"{tally.months_to_finding:g}"
        lines.append(f"Half of the findings came within {months} months of the last outcome.")
    return tuple(lines)


def _row(held: Held, entry: Entry, up: str) -> tuple[str, ...]:
    plan = entry.plan
    return (
        anchor(up + plan_path(plan.plan_id), plan.title or plan.plan_id),
        capital(entry.state) + (", overdue" if entry.overdue and entry.state != "overdue" else ""),
        short_day(plan.locked_at) if plan.locked_at else "never",
        plan.data_state or NOT_SAID,
        short_day(plan.reported_by) if plan.reported_by else "no day named",
        _findings(held, entry, up),
    )


def _findings(held: Held, entry: Entry, up: str) -> str:
    shown = [
        anchor(up + finding_path(run.evaluation_id), _named(run))
        if run.evaluation_id in held.wholes
        else Markup("{}").format(_named(run))
        for run in entry.runs
    ]
    return anchors(shown) if shown else NO_FINDING


def _named(run: RunLine) -> str:
    return f"{run.evaluation_id}{EXPLORATORY if run.is_exploratory else ''}"


def _one(held: Held, entry: Entry) -> Page:
    plan = entry.plan
    facts: list[tuple[str, str]] = [
        ("State", f"{capital(entry.state)}. {STATE_MEANING[entry.state]}"),
        ("Locked", day_words(plan.locked_at) if plan.locked_at else "never: its runs are explorations"),
        ("What was known of the data then", plan.data_state or NOT_SAID),
        ("Report due", day_words(plan.reported_by) if plan.reported_by else "the plan names no day"),
        ("Fingerprint of the plan", plan.sha256 or "none"),
        ("Findings", _findings(held, entry, "../")),
        ("Steps of the theory it tests", links_tested(held.theory, plan.links, "../")),
    ]
    if plan.waiver:
        facts.append(("Locked although a rule spoke against it", plan.waiver))
    view = {
        "mark": mark_of_entry(held, entry),
        "facts": facts,
        "outcomes": _outcomes(held, entry),
        "deviations": _deviations(held, entry),
        "notes": tuple(_note(note) for note in entry.notes),
        "disputed": bool(open_disputes(entry.notes)),
    }
    return Page(plan_path(plan.plan_id), f"Plan: {plan.title or plan.plan_id}", "plans", "plan.html", view)


def _outcomes(held: Held, entry: Entry) -> tuple[str, ...]:
    """The planned outcomes with their role, as the newest finding names them; else as the lock does."""
    for run in entry.findings:
        whole = held.wholes.get(run.evaluation_id)
        if whole is not None:
            return tuple(f"{one.name} ({one.role})" for one in whole.result.outcomes if one.planned)
    return entry.plan.outcomes


def links_tested(theory: Theory | None, links: tuple[str, ...], up: str) -> str:
    """The links a plan tests, each to its page where the theory still has it."""
    known = {link.id for link in theory.links} if theory else set()
    shown = [
        anchor(up + link_path(link), link.replace(">", " → ")) if link in known else Markup("{}").format(link)
        for link in links
    ]
    return anchors(shown) if shown else "none named"


def _deviations(held: Held, entry: Entry) -> tuple[str, ...]:
    """What was changed after the lock, as the newest finding names it."""
    for run in entry.findings:
        whole = held.wholes.get(run.evaluation_id)
        if whole is not None:
            return tuple(
                f"{day_words(one.when)} ({one.kind}): {one.reason}" for one in whole.result.plan.deviations
            )
    return ()


def _note(note: Note) -> str:
    """A note of the register without the names of people."""
    day = day_words(note.day or note.noted_at)
    if note.kind == "stop":
        return f"{day}: stopped. {note.said} (data then: {note.data_state})"
    if note.kind == "publish":
        return f"{day}: {note.about} was published: {note.said}"
    if note.kind == "dispute":
        return f"{day}: {note.about} was disputed: {note.said}"
    return f"{day}: the dispute of {note.about} ended ({note.outcome.replace('-', ' ')}): {note.said}"
