"""What is read of one draw: the estimate and its verdict, or another line of the result that makes a promise."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.calibration.parts import Line
from evaluation.linked.error import CORRECTED
from evaluation.model import Estimate, OutcomeResult

FRAGILE = "fragile"


@dataclass(frozen=True, slots=True)
class Reading:
    """One draw. ``warned`` names checks that are no pass, ``doubts`` those of them that lower trust or block."""

    value: float | None
    std_error: float | None
    low: float | None
    high: float | None
    answer: str
    warned: frozenset[str]
    doubts: frozenset[str]
    fragile: bool


def read_line(outcome: OutcomeResult, line: Line) -> Reading:
    """Read a line of a result.

    ``estimate``: the effect and its verdict. ``corrected``: the effect corrected for linkage error; a verdict that the
    correction turns round is no answer that stands, and is counted as fragile. ``difference between groups``: the
    second group's effect less the first's, and whether they are said to differ.
    """
    if line == "difference between groups":
        return _groups(outcome)
    if line == "corrected":
        way = next((way.estimate for way in outcome.sensitivity if way.name == CORRECTED), None)
        return _reading(outcome, way, FRAGILE if outcome.verdict.fragile else outcome.verdict.answer)
    return _reading(outcome, outcome.estimate, outcome.verdict.answer)


def _reading(outcome: OutcomeResult, e: Estimate | None, answer: str) -> Reading:
    numbers = (e.value, e.std_error, e.conf_low, e.conf_high) if e else (None, None, None, None)
    return Reading(*numbers, answer, *_checks(outcome), outcome.verdict.fragile)


def _groups(outcome: OutcomeResult) -> Reading:
    found = outcome.subgroups[0]
    first = found.differences[0] if found.differences else None
    answer = "not-assessable" if found.answer == "cannot-tell" and first is None else found.answer
    warned, doubts = _checks(outcome)
    if first is None:
        return Reading(None, None, None, None, answer, warned, doubts, fragile=False)
    return Reading(
        first.value, first.std_error, first.conf_low, first.conf_high, answer, warned, doubts, fragile=False
    )


def _checks(outcome: OutcomeResult) -> tuple[frozenset[str], frozenset[str]]:
    doubted = [check for check in outcome.checks if check.result in ("warn", "fail")]
    return (
        frozenset(check.name for check in doubted),
        frozenset(check.name for check in doubted if check.consequence != "none"),
    )
