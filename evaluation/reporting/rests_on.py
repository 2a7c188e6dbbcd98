"""What one outcome's answer rests on: what was assumed, what was checked, what would change it (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from evaluation.missing.facts import TippingPoint
from evaluation.missing.keys import COMPLETE, IMPUTED, WEIGHTED
from evaluation.model import OutcomeResult, Result
from evaluation.panels.grounds import grounds_of
from evaluation.protection import WITHHELD, may_show
from evaluation.reporting.tables import Table
from evaluation.wording import ANSWER_WORDS
from workspace.settings import DisclosureProfile

MISSING_ASSUMES = {
    COMPLETE: "Whoever's outcome is missing is like those seen who were like them before.",
    IMPUTED: "What is missing is as the models of it say, given what was seen.",
    WEIGHTED: "Those lost are like those seen who were like them before.",
    "all waves": "Those lost are like people of the same arm who were alike before and at the waves seen.",
}
LINKED = "Records found by linkage are as often wrong, and as often not found, as national ids show."
ASSUMES, TIMES_ASSUME = "Assumes", "Times assume"
UNDOING = ("hidden cause", "e-value")
RESULTS = (("fail", "failed"), ("warn", "with a warning"), ("pass", "passed"), ("info", "for information"))


def rests_on(
    result: Result, outcome: OutcomeResult, profile: DisclosureProfile
) -> tuple[tuple[str, str], ...]:
    """Three lines of facts about one outcome, to be read before its tables."""
    return (
        ("Assumed, and not shown by these data", " ".join(_assumed(result, outcome)) or "not recorded"),
        ("Checked", _checked(outcome)),
        ("Would change the answer", " ".join(_changing(outcome, profile))),
    )


def grounds_table(result: Result, outcome: OutcomeResult) -> Table | None:
    """What a method for places and times assumes, what its checks say of that, and what is wrong otherwise."""
    grounds = grounds_of(result.method)
    if not grounds:
        return None
    head = ("Assumed", "What the checks say of it", "If it does not hold")
    rows = tuple((g.assumed, g.said(outcome.checks), g.otherwise) for g in grounds)
    return Table(f"What the answer rests on: {outcome.name}", head, rows)


def _assumed(result: Result, outcome: OutcomeResult) -> Iterable[str]:
    if grounds_of(result.method):
        yield "What stands in the table below, line by line."
        return
    timed = outcome.kind == "time-to-event"
    named = (ASSUMES, TIMES_ASSUME) if timed else (ASSUMES,)
    yield from (words for name in named for key, words in result.settings if key == name)
    lost = next((c.reading for c in outcome.checks if c.name == "missing outcomes"), None)
    if outcome.missing and lost != 0 and not timed:
        yield MISSING_ASSUMES.get(outcome.missing.rule, "")
    if outcome.linkage:
        yield LINKED


def _checked(outcome: OutcomeResult) -> str:
    """How many checks there were, and those that did not pass by name."""
    parts = []
    for sort, words in RESULTS:
        names = [check.name for check in outcome.checks if check.result == sort]
        if names:
            parts.append(
                f"{len(names)} {words}" + (f" ({', '.join(names)})" if sort in ("fail", "warn") else "")
            )
    return "; ".join(parts) + "." if parts else "Nothing was checked."


def _changing(outcome: OutcomeResult, profile: DisclosureProfile) -> Iterable[str]:
    """What stops an answer where there is none; else other ways of asking, missing outcomes, hidden causes."""
    stops = [check.note for check in outcome.checks if check.consequence == "block"]
    if outcome.verdict.answer == "not-assessable":
        yield " ".join(("There is no answer to change.", *stops))
    elif not may_show(outcome.kind, outcome.estimate, profile):
        yield WITHHELD
    else:
        yield _ways(outcome)
        yield from _missing(outcome)
        yield from (check.note for check in outcome.checks if check.name in UNDOING)


def _ways(outcome: OutcomeResult) -> str:
    flips = [f"“{way.name}”" for way in outcome.sensitivity if way.flips_verdict]
    if flips:
        return f"Asking it another way: {'; '.join(flips)}."
    if len(outcome.sensitivity) == 1:
        return "Not the one other way of asking."
    if outcome.sensitivity:
        return f"None of the {len(outcome.sensitivity)} other ways of asking."
    return "No other way of asking was tried."


def _missing(outcome: OutcomeResult) -> Iterable[str]:
    """The nearest tipping point: it takes the least to be wrong about."""
    points = outcome.missing.tipping if outcome.missing else ()
    found = [point for point in points if point.in_sd is not None]
    if found:
        yield _tips(min(found, key=lambda point: abs(point.in_sd or 0.0)))


def _tips(point: TippingPoint) -> str:
    words: dict[str, str] = dict(ANSWER_WORDS)
    return (
        f"Missing outcomes of {point.who}, if they lay {abs(point.in_sd or 0.0):.2f} SD further {point.direction} "
        f"than the analysis takes them to be: then “{words.get(point.answer, point.answer)}”."
    )
