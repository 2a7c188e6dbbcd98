"""Projects, actions and voices in a report for the team (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from evaluation.reporting.tables import Table
from evaluation.team.known import Known, day_of, within
from evaluation.team.words import NOTHING, counted, day_or, day_words, grid, joined, pounds
from theory_of_change.delivery.model import GATES, Action, Event, Project, Voice, of_kind, standing
from theory_of_change.tracking.periods import Period

READERS = "partners"  # a board is read by partners: a story is shown where its consent holds for them


def spent_in(known: Known, project: Project, period: Period) -> float:
    """Pounds entered as spent in a period, by whichever kind of entry: what stood after it less what stood before."""
    events = known.history(project.id)
    after = _spent([e for e in events if day_of(e.at) <= period.last])
    return after - _spent([e for e in events if day_of(e.at) < period.first])


def _spent(events: Sequence[Event]) -> float:
    return sum(one.spent for one in of_kind(standing(events), Project))


def projects_table(known: Known, period: Period) -> Table | str:
    """Projects against plan: money, days, gates."""
    rows = [
        (
            f"{one.name} ({one.id})",
            f"{one.state}; {one.tier or 'no tier'}",
            pounds(one.awarded) if one.state != "bid" else "not awarded",
            pounds(spent_in(known, one, period)),
            f"{pounds(one.spent)}{_share(one)}",
            days_words(one, known.day),
            f"lacks {joined(one.missing)}" if one.missing else "all met",
        )
        for one in known.projects
        if one.state != "closed" or any(within(e.at, period) for e in known.history(one.id))
    ]
    head = ("Project", "State", "Awarded", "Entered as spent in the period", "Spent so far", "Days", "Gates")
    return grid("Projects against plan", head, rows, "Nil return: no project is running and no bid is open.")


def _share(one: Project) -> str:
    if not one.awarded:
        return ""
    over = " (more than awarded)" if one.spent > one.awarded else ""
    return f", {100 * one.spent / one.awarded:.0f} % of the award{over}"


def days_words(one: Project, day: dt.date) -> str:
    """From which day to which, and whether it is over without being closed."""
    said = f"{day_or(one.starts, 'no first day set')} to {day_or(one.ends, 'no last day set')}"
    if one.ends and one.state != "closed" and dt.date.fromisoformat(one.ends) < day:
        return f"{said}: over, and not closed"
    return said


def exceptions_table(known: Known) -> Table | str:
    """Actions by exception; where there is none the nil return says so."""
    rows = [
        (f"{one.text} ({one.id})", one.owner or "nobody", why, one.note or NOTHING)
        for one in known.actions
        if (why := one.exception(known.day))
    ]
    nil = "Nil return: no action is late, off track, without a day or nobody's."
    return grid("Actions by exception", ("Action", "Owner", "Why it is here", "Note"), rows, nil)


def unanswered(known: Known) -> str:
    """Voices that waited for longer than ninety days, as an exception of their own."""
    waiting = [one for one in known.voices if one.exception(known.day)]
    if not waiting:
        return "Nil return: nothing that was heard has waited more than 90 days for an answer."
    names = joined([f"{one.id} ({one.theme}, heard {day_or(one.heard, '')})" for one in waiting])
    return f"{counted(len(waiting), 'voice')} waited more than 90 days for an answer: {names}."


def voices_blocks(known: Known, period: Period) -> tuple[str | Table, ...]:
    """You said, we did: what was heard or answered in the period; stories only where their consent holds."""
    new = [one for one in known.voices if _in(one.heard, period) or _in(one.answered, period)]
    shown = [one for one in new if one.may_be_shown(READERS, known.day)]
    rows = [
        (
            one.who,
            _said(one),
            f"{one.answer} ({day_or(one.answered, '')})" if one.answer else "not answered yet",
        )
        for one in shown
    ]
    nil = "Nil return: nothing was heard and nothing was answered in the period."
    if new and not shown:
        nil = "Nothing that was heard in the period may be shown to these readers."
    left = len(new) - len(shown)
    told = (
        (f"{counted(left, 'story', 'stories')} left out: no consent holds for these readers.",)
        if left
        else ()
    )
    return (grid("You said, we did", ("Who", "You said", "We did"), rows, nil), *told, unanswered(known))


def _said(one: Voice) -> str:
    return f"{one.text} ({'a story, ' if one.story else ''}{one.theme}, {day_or(one.heard, '')})"


def _in(day: str, period: Period) -> bool:
    return bool(day) and within(day, period)


def commitments(known: Known, period: Period) -> list[tuple[Action, str, str]]:
    """Every action that fell due or ended in a period: kept, late, not kept or dropped, and the day."""
    found = []
    for one in known.actions:
        ended = _ended(known, one)
        if not (_in(one.due, period) or (ended and period.first <= ended <= period.last)):
            continue
        found.append((one, *_kept(one, ended, known.day)))
    return found


def _ended(known: Known, one: Action) -> dt.date | None:
    events = [e for e in known.history(one.id) if e.said.get("progress") in ("done", "dropped")]
    return day_of(events[-1].at) if events and not one.open else None


def _kept(one: Action, ended: dt.date | None, day: dt.date) -> tuple[str, str]:
    due = dt.date.fromisoformat(one.due) if one.due else None
    if one.progress == "dropped":
        return "dropped", f"on {day_words(ended)}: {one.note}" if ended else one.note
    if ended:
        late = due is not None and ended > due
        return ("late" if late else "kept"), f"done on {day_words(ended)}"
    return ("not kept" if due and due < day else "open"), f"open on {day_words(day)}"


def commitments_table(known: Known, period: Period) -> Table | str:
    """Commitments kept and not kept, in the order in which they fell due."""
    found = sorted(commitments(known, period), key=lambda each: (each[0].due or "9999", each[0].id))
    rows = [
        (
            f"{one.text} ({one.id})",
            one.owner or "nobody",
            day_or(one.due, "no day set"),
            word,
            said or NOTHING,
        )
        for one, word, said in found
    ]
    head = ("Commitment", "Owner", "Due", "Kept?", "What became of it")
    return grid("Commitments", head, rows, "Nil return: no action fell due in the period.")


def money_ends_table(projects: Iterable[Project]) -> Table | str:
    """What ends when the money ends: each project with its last day and the document that says what stays."""
    rows = [
        (
            f"{one.name} ({one.id})",
            day_or(one.ends, "no last day set"),
            pounds(max(one.awarded - one.spent, 0.0)),
            _stays(one),
        )
        for one in projects
        if one.state == "awarded"
    ]
    head = ("Project", "Money ends", "Left of the award", "What stays when it ends")
    return grid(
        "What ends when the money ends", head, rows, "Nil return: no project has money that could end."
    )


def _stays(one: Project) -> str:
    if one.exit_plan:
        return f"{one.exit_plan} (exit plan of {day_or(one.exit_on, 'no day')})"
    met = one.gates.get("sustainability-model")
    if met is None:
        return (
            "Not known: neither an exit plan nor a sustainability model is held, so everything it does ends."
        )
    return (
        f"Sustainability model of {day_or(met[0], 'no day')}: {met[1]}. Nobody has read it into this report."
    )


def action_due_rows(actions: Sequence[Action], period: Period) -> list[tuple[str, str, str, str]]:
    """Actions that fall due in a period."""
    return [
        (day_or(one.due, ""), "action", f"{one.text} ({one.id})", one.owner or "nobody")
        for one in actions
        if one.open and _in(one.due, period)
    ]


def gates_lines(one: Project) -> tuple[str, ...]:
    """Each gate of a project and whether it is met."""
    return tuple(
        f"{words[0].upper()}{words[1:]}: "
        + (
            f"met on {day_or(one.gates[gate][0], 'no day')} ({one.gates[gate][1]})"
            if gate in one.gates
            else "missing"
        )
        for gate, words in GATES.items()
    )
