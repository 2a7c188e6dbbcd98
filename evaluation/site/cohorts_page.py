"""Cohorts, in aggregate only: who is in them, who was seen, and what may be asked of them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cohorts.definition import MeasureWindow
from cohorts.views import published
from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table
from evaluation.site.model import CohortFacts, Held, Page, Part
from workspace.settings import DisclosureProfile

NONE = "No cohort was made yet."
SEEN = ("What was looked at", "When", "Due", "Seen", "Share seen", "Overdue", "Not yet due")
LEAD = (
    "Groups of people followed over time under a pseudonym. Nobody can be picked out here: only totals are shown, and "
    "a total moves only when enough people have come or gone."
)


def cohorts_page(held: Held) -> Page:
    """All cohorts, one part each."""
    parts = [_part(one) for one in held.cohorts]
    view = {"none": "" if parts else NONE, "parts": parts}
    subjects = tuple(one.id for one in held.cohorts)
    counts = tuple(one.counts for one in held.cohorts if one.counts)
    return Page("cohorts.html", "Cohorts", "cohorts", "gathered.html", view, LEAD, subjects, counts)


def _part(one: CohortFacts) -> Part:
    d = one.definition
    words = (d.eligibility_words or d.eligibility or "everyone enrolled").rstrip(".")
    lines = [f"Who is in it: {words}. Time counts from: {d.index_event.rstrip('.')}."]
    if one.left_out:
        lines.append(f"Counts are not shown: {'; '.join(one.left_out)}.")
    return Part(f"{d.title} ({one.id})", tuple(lines), tuple(_tables(one)))


def _tables(one: CohortFacts) -> list[Table]:
    d, profile = one.definition, one.profile
    tables = []
    if one.steps:
        rows = tuple((capital(str(step["step"])), published(step, "n", profile)) for step in one.steps)
        tables.append(Table(f"Who came in: {d.name}", ("Step", "People"), rows))
    if one.follow_up:
        seen = tuple(_followed(row, profile) for row in one.follow_up)
        tables.append(Table(f"Who was seen: {d.name}", SEEN, seen))
        reasons = tuple(
            (spoken(row["variable"]), spoken(row["wave"]), str(item["reason"]), published(item, "n", profile))
            for row in one.follow_up
            for item in row["missing"]
        )
        if reasons:
            head = ("What was looked at", "When", "Why there is no value", "People")
            tables.append(Table(f"What is missing: {d.name}", head, reasons))
    asked = tuple((spoken(m.measure), spoken(m.wave), _ripe(m)) for m in d.measures)
    if asked:
        tables.append(Table(f"What may be asked of it: {d.name}", ("Outcome", "When", "Ripe after"), asked))
    return tables


def _ripe(window: MeasureWindow) -> str:
    """When an outcome is complete, and how long its records then take."""
    wait = f", and {window.waiting_months:g} more for the records to arrive" if window.waiting_months else ""
    return f"{window.follow_up_months:g} months{wait}" if window.follow_up_months or wait else "at once"


def spoken(name: Any) -> str:
    """A column's or a wave's name as words."""
    return capital(str(name).replace("_", " ").replace("-", " "))


def _followed(row: Mapping[str, Any], profile: DisclosureProfile) -> tuple[str, ...]:
    share = row["seen_share"]
    return (
        spoken(row["variable"]),
        spoken(row["wave"]),
        published(row, "due", profile),
        published(row, "seen", profile),
        "not shown" if share is None else f"{100 * share:.0f} %",
        published(row, "overdue", profile),
        published(row, "not_yet_due", profile),
    )
