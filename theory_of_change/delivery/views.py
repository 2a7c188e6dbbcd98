"""What the terminal shows of delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from theory_of_change.delivery.model import GATES, Action, Event, Project, Voice
from theory_of_change.delivery.overlaps import Overlap
from workspace.console import say, table


def projects(found: Sequence[Project], pairs: Sequence[Overlap]) -> None:
    """All projects in a table, then the overlaps."""
    table(
        ("Project", "Name", "Tier", "Place", "State", "Awarded", "Spent", "Still lacks"),
        [
            (p.id, p.name, p.tier, p.place, p.state, _pounds(p.awarded), _pounds(p.spent),
             ", ".join(p.missing) if p.state == "bid" else "")
            for p in found
        ],
    )  # fmt: skip
    for pair in pairs:
        say(f"{pair.first.id} and {pair.second.id} overlap: {pair.text}.")


def money(by: str, rows: Sequence[tuple[str, int, float, float]]) -> None:
    """Money by what it went to."""
    table(
        (by.capitalize(), "Projects", "Awarded", "Spent"),
        [(name, str(n), _pounds(awarded), _pounds(spent)) for name, n, awarded, spent in rows],
    )


def project(one: Project, past: Sequence[Event]) -> None:
    """One project: gates, money, history."""
    said = ", ".join(part for part in (one.tier, one.partner, one.priority, one.place, one.age_band) if part)
    say(f"{one.id}  {one.name} ({one.state}); {said}")
    for gate, words in GATES.items():
        met = one.gates.get(gate)
        say(f"  {gate}: " + (f"{met[1]}, {met[0]}" if met else f"missing ({words})"))
    if one.state != "bid":
        say(f"  awarded {_pounds(one.awarded)}, spent {_pounds(one.spent)}")
    if one.learned:
        say(f"  next time: {one.learned}")
    for event in past:
        say(f"  {event.at[:10]}  {event.kind}")


def actions(found: Sequence[Action], today: dt.date) -> None:
    """Actions, those that need a look marked."""
    if not found:
        say("No action is open.")
        return
    table(
        ("Action", "What", "Owner", "Due", "Progress", "Needs a look"),
        [(a.id, a.text, a.owner, a.due, a.progress, a.exception(today)) for a in found],
    )


def exceptions(late: Sequence[tuple[Action, str]], unheard: Sequence[tuple[Voice, str]]) -> None:
    """Only what needs a look; nothing is said too."""
    if not late and not unheard:
        say(
            "Nil return: no action is late, off track or nobody's, and everything that was heard is answered."
        )
        return
    rows = [(a.id, a.text, a.owner or "nobody", why) for a, why in late]
    table(("Id", "What", "Owner", "Why"), rows + [(v.id, v.theme, "", why) for v, why in unheard])


def voices(found: Sequence[Voice], left_out: int) -> None:
    """You said, we did."""
    for one in found:
        say(f"{one.id}  {one.who}, {one.heard}: {one.text}" + (f" (a story: {one.file})" if one.file else ""))
        say(f"{'':9}{one.answer or 'not answered yet'}")
    if left_out:
        say(f"{left_out} left out: stories without a consent that holds for these readers today.")
    if not found and not left_out:
        say("Nothing was logged yet.")


def _pounds(amount: float) -> str:
    return f"£{amount:,.0f}"
