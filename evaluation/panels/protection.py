"""What of a panel's result may leave: points that stand for a few events, or a few people, are never shown (pure).

Areas are no people, so that one treated area may be told; but a count of three knife wounds in a ward in March may tell
on three people. Three steps, each by the smallest count behind it:

1. once the programme had started, fewer events than the threshold in a group: no number at all;
2. in some period, fewer in a group: no path, no figure, no table. Estimate and verdict rest on more and stay;
3. in some period, fewer in one area, where groups have enough: lines and points of single areas go, the rest stays.
"""

from __future__ import annotations

import math
from dataclasses import replace

from cohorts.disclosure import is_small
from evaluation.emptied import emptied
from evaluation.figures import Figure, Line
from evaluation.model import Check, OutcomeResult, Result
from evaluation.protection import wordless
from workspace.settings import DisclosureProfile

SINGLE = ("placebo", "points")
DIGITS = 3
SMALL = "small counts"


def without_small_cells(result: Result, profile: DisclosureProfile) -> Result:
    """The result without the points that stand for too few. Doing it twice changes nothing."""
    return replace(result, outcomes=tuple(protected_cells(outcome, profile) for outcome in result.outcomes))


def protected_cells(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    """One outcome without the points that stand for too few; untouched where nothing countable is known."""
    cells = outcome.cells
    if cells is None or any(check.name == SMALL for check in outcome.checks):
        return outcome
    what = "events" if outcome.units == "areas" else "people"
    least = f"fewer than {profile.threshold} {what}"
    way_out = "Plan it over longer periods (quarters, years) or larger areas to have it shown."
    if outcome.units == "areas" and any(_small(n, profile) for n in cells.after):
        note = f"Withheld: once the programme had started, {least} were counted in a group. {way_out}"
        return _noted(_without_numbers(outcome), note, profile)
    if _small(cells.smallest, profile):
        note = f"Series and tables are withheld: in some period {least} stand behind a point. {way_out}"
        return _noted(replace(outcome, path=(), figures=(), tables=()), note, profile)
    if _small(cells.smallest_own, profile):
        kept = tuple(_without_single(figure) for figure in outcome.figures)
        note = f"Lines and points of single areas are withheld: in some area and period {least} were counted."
        return _noted(replace(outcome, figures=tuple(f for f in kept if f.lines)), note, profile)
    return replace(outcome, figures=tuple(_rounded(figure) for figure in outcome.figures))


def _small(count: int | None, profile: DisclosureProfile) -> bool:
    return count is not None and is_small(count, profile)


def _noted(outcome: OutcomeResult, note: str, profile: DisclosureProfile) -> OutcomeResult:
    check = Check(SMALL, "info", None, float(profile.threshold), "none", note)
    figures = tuple(_rounded(figure) for figure in outcome.figures)
    return replace(outcome, checks=(*outcome.checks, check), figures=figures)


def _without_single(figure: Figure) -> Figure:
    return replace(figure, lines=tuple(line for line in figure.lines if line.kind not in SINGLE))


def _rounded(figure: Figure) -> Figure:
    """Observed values to three digits: at full precision the exact counts could be worked back from them."""
    return replace(figure, lines=tuple(_rounded_line(line) for line in figure.lines))


def _rounded_line(line: Line) -> Line:
    if line.kind not in ("observed", "comparison", "points"):
        return line
    return replace(line, y=tuple(None if y is None else _digits(y) for y in line.y))


def _digits(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else value


def _without_numbers(outcome: OutcomeResult) -> OutcomeResult:
    return replace(
        outcome,
        estimate=emptied(outcome.estimate),
        sensitivity=tuple(replace(way, estimate=emptied(way.estimate)) for way in outcome.sensitivity),
        verdict=wordless(outcome.verdict),
        path=(),
        figures=(),
        tables=(),
        balance=(),
    )
