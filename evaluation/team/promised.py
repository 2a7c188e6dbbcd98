"""What was promised, in a report for the team: targets, partners' returns, statutory duties (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from cohorts.disclosure import is_small
from evaluation.reporting.tables import Table
from evaluation.team.known import Known, within
from evaluation.team.success import ALL, hidden_in
from evaluation.team.words import NOTHING, counted, day_or, day_words, grid, pounds
from theory_of_change.delivery.model import Project, Return, of_kind, standing
from theory_of_change.obligations.model import Upcoming, upcoming
from theory_of_change.returns.owed import Owed, owed_returns, returned_share
from theory_of_change.tracking.periods import Period
from theory_of_change.tracking.targets import Standing
from theory_of_change.tracking.targets import standing as stands
from workspace.settings import DisclosureProfile

WITHHELD = "withheld: few people"


def targets_table(known: Known) -> Table | str:
    """Each measure with a target: what is wanted by when, and how it stands by the range of its newest figure."""
    series, hidden = known.series, {(name, area) for name, area, _ in hidden_in(known)}
    rows = []
    for measure in known.measures.values():
        if measure.target is None:
            continue
        areas = [area for name, area in series.keys if name == measure.id] or [""]
        for area in areas:
            found = stands(measure, series, area)
            if found is None:
                continue
            state, why = (
                (found.state, _why(found)) if (measure.id, area) not in hidden else (WITHHELD, NOTHING)
            )
            wanted = (
                f"{measure.target:,.6g} by {day_words(measure.target_by) if measure.target_by else NOTHING}"
            )
            rows.append((f"{measure.name} ({measure.id})", area or ALL, wanted, state, why))
    head = ("Measure", "Place", "Target", "How it stands", "Why")
    return grid("Targets", head, rows, "No measure has a target.")


def _why(found: Standing) -> str:
    return f"{found.period}: {found.why}" if found.period else found.why


def returns_blocks(known: Known, period: Period) -> tuple[Table | str, ...]:
    """What partners returned of a quarter: planned against delivered, their words, and who has not returned."""
    held, all_partners = returned_share(known.projects, period)
    rows = [
        (
            f"{one.name} ({one.id})",
            one.partner or "not said",
            pounds(float(said.get("spent", 0.0))),
            _amount(said, "planned", known.profile),
            _amount(said, "delivered", known.profile),
            str(said.get("unit") or NOTHING),
        )
        for one in known.projects
        if (said := one.quarters.get(period.text))
    ]
    head = ("Project", "Partner", "Spent", "Planned", "Delivered", "Of")
    return (
        f"{held} of {counted(all_partners, 'partner')} with a running project returned the quarter in full.",
        grid(
            "Planned against delivered, as returned",
            head,
            rows,
            "Nil return: nothing was returned of the quarter.",
        ),
        _words(known, period),
        _owed(known),
    )


def returned_of(known: Known, one: Project) -> Table | str:
    """Every quarter that was returned of one project."""
    rows = [
        (
            quarter,
            pounds(float(said.get("spent", 0.0))),
            _amount(said, "planned", known.profile),
            _amount(said, "delivered", known.profile),
            str(said.get("unit") or NOTHING),
        )
        for quarter, said in sorted(one.quarters.items())
    ]
    head = ("Quarter", "Spent", "Planned", "Delivered", "Of")
    return grid("Planned against delivered, as returned", head, rows, "No quarter of it was returned.")


def _amount(said: Mapping[str, Any], key: str, profile: DisclosureProfile) -> str:
    """An amount as returned; what is delivered may be people, so few are withheld."""
    if said.get(key) is None:
        return "not said"
    value = float(said[key])
    return f"fewer than {profile.threshold}" if is_small(round(value), profile) else f"{value:,.6g}"


def _words(known: Known, period: Period) -> Table | str:
    rows = [
        (one.partner, one.went_well or NOTHING, one.did_not or NOTHING, one.needs or NOTHING)
        for one in of_kind(standing(known.events), Return)
        if one.quarter == period.text
    ]
    head = ("Partner", "Went well", "Did not", "Needs")
    return grid("In the partners’ words", head, rows, "No partner returned words on the quarter.")


def _owed(known: Known) -> Table | str:
    rows = [
        (owed.partner, owed.quarter, ", ".join(owed.projects), day_words(owed.due))
        for owed in late_returns(known)
    ]
    head = ("Partner", "Quarter", "Projects", "Due since")
    return grid("Chase list: returns that are overdue", head, rows, "Nil return: no return is overdue.")


def late_returns(known: Known) -> list[Owed]:
    """Returns that are overdue, the one owed longest first."""
    return [owed for owed in owed_returns(known.projects, known.day) if owed.due < known.day]


def duties(known: Known) -> tuple[Upcoming, ...]:
    """Statutory and other duties with their next days, the one due first first."""
    return upcoming(known.obligations)


def duty_rows(known: Known, until: dt.date) -> Iterator[tuple[str, str, str, str]]:
    """Duties that are overdue or fall due by a day."""
    for each in duties(known):
        if each.day <= until:
            late = "overdue since " if each.day < known.day else ""
            one = each.obligation
            yield (
                f"{late}{day_words(each.day)}",
                "duty",
                f"{one.duty} ({one.id}; {one.source})",
                one.owner or "nobody",
            )


def overdue_duties(known: Known) -> int:
    """How many duties are late."""
    return sum(each.day < known.day for each in duties(known))


def told_table(known: Known, period: Period) -> Table | str:
    """Who heard of what projects taught, and lessons nobody heard of."""
    rows = [
        (f"{one.name} ({one.id})", one.learned, "; ".join(told) or "nobody yet, as far as is on record")
        for one in known.projects
        if one.learned
        for told in [[f"{t['who']}, {day_or(t['date'], '')}" for t in one.told if within(t["date"], period)]]
    ]
    head = ("Project", "Lesson", "Told in the period")
    return grid("Lessons of projects, and who was told", head, rows, "No project has a lesson on record.")
