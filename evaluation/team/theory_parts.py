"""The theory in a report for the team: links tested and untested, reviews done and due (pure)."""

from __future__ import annotations

import datetime as dt

from evaluation.reporting.signs import Mark
from evaluation.reporting.tables import Cell, Table
from evaluation.team.known import Known, within
from evaluation.team.register_parts import answer_of
from evaluation.team.words import counted, day_words, grid
from theory_of_change.balance import balance_of
from theory_of_change.gaps import link_name
from theory_of_change.model import TIERS, Theory
from theory_of_change.reviews.agenda import agenda, not_measurable
from theory_of_change.tracking.periods import Period

NO_THEORY = "No theory is held: there is no theory.toml."
FEWEST_DAYS = 0


def tested(known: Known, theory: Theory) -> dict[str, tuple[str, Cell]]:
    """Links that a locked evaluation tested, with the newest run and its answer."""
    found: dict[str, tuple[str, Cell]] = {}
    for entry in known.register.entries:
        for link in entry.plan.links:
            name = "".join(link.split())
            if entry.findings and theory.link(name) and name not in found:
                found[name] = (entry.findings[0].evaluation_id, answer_of(known, entry.findings[0]))
    return found


def links_line(known: Known) -> str:
    """How many links were tested, have outside evidence, or neither."""
    theory = known.theory
    if theory is None:
        return NO_THEORY
    done = tested(known, theory)
    evidence = [link for link in theory.links if link.evidence and link.id not in done]
    rest = len(theory.links) - len(done) - len(evidence)
    return (
        f"{len(done)} of {counted(len(theory.links), 'link')} of the theory tested by an evaluation of ours; "
        f"{len(evidence)} more name outside evidence; {rest} neither."
    )


def links_table(known: Known) -> Table | str:
    """Every link, tested or not."""
    theory = known.theory
    if theory is None:
        return NO_THEORY
    done = tested(known, theory)
    rows: list[tuple[Cell, ...]] = []
    for link in theory.links:
        run, answer = done.get(link.id, ("", ""))
        rows.append(
            (
                link_name(theory, link),
                answer if isinstance(answer, Mark) else answer or "not tested",
                run or (f"planned: {link.test}" if link.test else "none"),
                ", ".join(link.evidence) or "none",
            )
        )
    head = ("Link", "What an evaluation found", "Which", "Outside evidence")
    return grid("Links of the theory", head, rows, "The theory has no links.")


def balance_table(known: Known) -> Table | str:
    """How activities are spread over tiers and priorities."""
    if known.theory is None:
        return NO_THEORY
    rows = [(name, *(str(row[tier]) for tier in TIERS)) for name, row in balance_of(known.theory).items()]
    head = ("Priority", *(tier.capitalize() for tier in TIERS))
    return grid("Activities by priority and tier", head, rows, "The theory has no activities.")


def reviews_table(known: Known, period: Period) -> Table | str:
    """Decisions of reviews in a period."""
    rows = [
        (day_words(one.date), one.wording or one.about, one.decision, one.because, one.by)
        for one in known.decisions
        if within(one.date.isoformat(), period) and one.date <= known.day
    ]
    nil = "Nil return: no review of the theory was recorded in the period."
    return grid("Reviews done", ("Day", "About", "Decision", "Because", "By"), rows, nil)


def unmeasured_line(known: Known) -> str:
    """Outcomes without a measure."""
    if known.theory is None:
        return NO_THEORY
    without = not_measurable(known.theory)
    return (
        f"{counted(len(without), 'outcome')} of the theory without a measure: "
        + ", ".join(point.about for point in without)
        if without
        else "Every outcome of the theory has a measure."
    )


def review_rows(known: Known, period: Period) -> list[tuple[str, str, str, str]]:
    """Reviews that fall due by the end of a period."""
    if known.theory is None:
        return []
    decisions = [one for one in known.decisions if one.date <= known.day]
    days = max((period.last - known.day).days, FEWEST_DAYS)
    points = agenda(known.theory, decisions, known.day, days)
    return [
        (_due_words(point.reason), "review", f"{point.wording}", "the theory’s owner") for point in points
    ]


def _due_words(reason: str) -> str:
    day = reason.rpartition(" ")[2]
    try:
        return f"{reason.removesuffix(day)}{day_words(dt.date.fromisoformat(day))}"
    except ValueError:
        return reason
