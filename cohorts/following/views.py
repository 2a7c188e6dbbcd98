"""How follow-up and completeness look in a terminal. Only published figures reach these tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cohorts.views import published
from workspace.console import say, table
from workspace.settings import DisclosureProfile

Row = Mapping[str, Any]
ROUNDED = (
    "Counts are rounded, small ones and what would tell them withheld; shares come from the rounded counts."
)
BOUNDARIES = {
    "low": "low by the cautious boundary and by the optimistic one",
    "optimistic": "high by the cautious boundary, low by the optimistic one",
    "high": "high by both boundaries, cautious and optimistic",
}


def follow_up(title: str, rows: Sequence[Row], profile: DisclosureProfile) -> None:
    """Who is due, seen, overdue, and not yet due; by arm where one was named."""
    say(f"{title}: who was seen of those due")
    if not rows:
        say("Nothing has been loaded yet. lifecourse source load SOURCE FILE")
        return
    named = [
        [row["wave"], row["variable"], *_standing(row, profile), row["until"] + _star(row)] for row in rows
    ]
    table(["Wave", "Variable", "Due", "Seen", "Share", "Overdue", "Not yet due", "Data until"], named)
    reasons = [
        [row["wave"], row["variable"], item["reason"], published(item, "n", profile)]
        for row in rows
        for item in row["missing"]
    ]
    if reasons:
        table(["Wave", "Variable", "No value because", "People"], reasons)
    if not all(row["cut_off_named"] for row in rows):
        say("* The source names no data cut-off: today is taken.")
    _arms([row for row in rows if "arms" in row], profile)
    say(ROUNDED)


def _arms(rows: Sequence[Row], profile: DisclosureProfile) -> None:
    if not rows:
        return
    arms = [(row, arm) for row in rows for arm in row["arms"] if arm["due"] != 0 or arm["not_yet_due"] != 0]
    table(
        ["Wave", "Variable", "Arm", "Due", "Seen", "Share", "Overdue", "Not yet due"],
        [[row["wave"], row["variable"], arm["arm"], *_standing(arm, profile)] for row, arm in arms],
    )
    reasons = [
        [row["wave"], row["variable"], arm["arm"], item["reason"], published(item, "n", profile)]
        for row, arm in arms
        for item in arm["missing"]
    ]
    if reasons:
        table(["Wave", "Variable", "Arm", "No value because", "People"], reasons)
    for row in rows:
        say(f"{row['variable']} at {row['wave']}: {attrition_words(row['attrition'])}")


def attrition_words(found: Row) -> str:
    """Attrition between the arms in a sentence."""
    boundary = found["boundary"]
    if boundary is None:
        return "too few people are due in an arm to judge attrition."
    if found["overall"] is None:
        return f"attrition is {BOUNDARIES[boundary]}; its size is withheld."
    bias = found["worst_bias_sd"]
    if found["overall"] == bias == 0:
        return f"attrition is {BOUNDARIES[boundary]}: next to nobody was lost."
    shift = "" if bias is None else f" At worst it shifts a difference by about {bias:.2f} SD."
    return (
        f"attrition is {BOUNDARIES[boundary]}: about {100 * found['overall']:.0f} % lost overall, the arms "
        f"about {100 * found['differential']:.0f} points apart.{shift}"
    )


def quality(title: str, payload: Mapping[str, Sequence[Row]], profile: DisclosureProfile) -> None:
    """How complete the values are, who is at each wave, and how fresh the sources are."""
    say(f"{title}: how complete the data are")
    if payload["variables"]:
        heads = ["Wave", "Variable", "People", "Missing", "At lowest", "At highest", "Categories", "Noted"]
        table(heads, [_variable(row, profile) for row in payload["variables"]])
    _missing(payload["variables"], profile)
    waves = [
        [row["wave"], published(row, "enrolled", profile), published(row, "unobserved", profile), _flags(row)]
        for row in payload["waves"]
    ]
    table(["Wave", "Enrolled", "No observation", "Noted"], waves)
    sources = [
        [row["source"], str(row["deliveries"]), row["data_until"] or "", _days(row), _flags(row)]
        for row in payload["sources"]
    ]
    if sources:
        table(["Source", "Deliveries", "Data until", "Days since", "Noted"], sources)
    say(ROUNDED)


def _missing(rows: Sequence[Row], profile: DisclosureProfile) -> None:
    reasons = [
        [row["wave"], row["variable"], item["reason"], published(item, "n", profile), _share(item["share"])]
        for row in rows
        for item in row["missing"]
    ]
    if reasons:
        table(["Wave", "Variable", "No value because", "People", "Share"], reasons)


def _variable(row: Row, profile: DisclosureProfile) -> list[str]:
    noted = ["sealed: values not read", *row["flags"]] if row["sealed"] else row["flags"]
    return [
        row["wave"],
        row["variable"],
        published(row, "people", profile),
        _share(row["missing_share"]),
        _share(row["minimum_share"]),
        _share(row["maximum_share"]),
        "" if row["categories"] is None else str(row["categories"]),
        "; ".join(noted),
    ]


def _standing(row: Row, profile: DisclosureProfile) -> list[str]:
    counts = {name: published(row, name, profile) for name in ("due", "seen", "overdue", "not_yet_due")}
    return [
        counts["due"],
        counts["seen"],
        _share(row["seen_share"]),
        counts["overdue"],
        counts["not_yet_due"],
    ]


def _share(published: float | None) -> str:
    return "" if published is None else f"{100 * published:.0f} %"


def _star(row: Row) -> str:
    return "" if row["cut_off_named"] else " *"


def _days(row: Row) -> str:
    return "" if row["days_since"] is None else f"{row['days_since']:,}"


def _flags(row: Row) -> str:
    return "; ".join(row["flags"])
