"""Places, buffers and days that cannot bear the question: refused, not assessable, or finite with a reason."""

from __future__ import annotations

import math
from collections.abc import Callable

import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from tests.contract.test_panels import sound
from tests.evaluation.places import buffers, days, hotspots, text
from tests.evaluation.studies import primary, read

Change = Callable[[pl.DataFrame], pl.DataFrame]
PLANS = {
    "before": (
        text("before-after", "start = 2024\nchosen_on = [2023]", design='treatment = "chosen"'), hotspots, "year",
    ),
    "buffers": (
        text(
            "displacement-difference", 'start = "2023-01"\nzone = "zone"', time="month", margin=50,
            outcome='effect = "difference"',
        ),
        buffers, "month",
    ),
    "days": (
        text(
            "day-crossover", 'allocation = "random"\nblock = "day"\nwashout = 1\ndraws = 499', time="day",
            design='treatment = "patrol"',
        ),
        days, "day",
    ),
}  # fmt: skip
LAST = {
    "before": pl.col("year") == 2024,
    "buffers": pl.col("month") >= "2023-01",
    "days": pl.col("day") >= "2026-04-01",
}


def ask(name: str, change: Change) -> OutcomeResult | EvaluationError:
    plan, made, _ = PLANS[name]
    try:
        return primary(change(made()), read(plan))
    except EvaluationError as refused:
        return refused


REFUSED: dict[str, Change] = {
    "a place twice": lambda f: pl.concat([f, f.head(1)]),
    "a count in words": lambda f: f.with_columns(events=pl.lit("many")),
    "half an event": lambda f: f.with_columns(events=pl.col("events") + 0.5),
    "fewer than none": lambda f: f.with_columns(events=-pl.col("events") - 1),
    "no end": lambda f: f.with_columns(
        events=pl.when(pl.int_range(pl.len()) == 3).then(math.inf).otherwise("events")
    ),
    "nobody": lambda f: f.head(0),
    "no column": lambda f: f.drop("events"),
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("what", REFUSED)
def test_rows_that_are_none_are_refused(name: str, what: str) -> None:
    found = ask(name, REFUSED[what])
    assert isinstance(found, EvaluationError)
    sound(found)


SILENT: dict[str, Change] = {
    "nothing ever": lambda f: f.with_columns(events=pl.lit(0.0)),
    "one place": lambda f: f.filter(pl.col("place") == pl.col("place").first()),
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("what", SILENT)
def test_what_cannot_be_answered_is_not(name: str, what: str) -> None:
    found = ask(name, SILENT[what])
    sound(found)
    assert isinstance(found, EvaluationError) or found.verdict.answer == "not-assessable"


@pytest.mark.parametrize("name", PLANS)
def test_nothing_seen_after_is_not_answered(name: str) -> None:
    found = ask(name, lambda f: f.with_columns(events=pl.when(LAST[name]).then(None).otherwise("events")))
    sound(found)
    if name != "days":  # which only lose some days
        assert isinstance(found, EvaluationError) or found.verdict.answer == "not-assessable"


FINITE: dict[str, Change] = {
    "one event": lambda f: f.with_columns(events=(pl.int_range(pl.len()) == 5).cast(pl.Float64)),
    "the same everywhere": lambda f: f.with_columns(events=pl.lit(3.0)),
    "a far-out count": lambda f: f.with_columns(
        events=pl.when(pl.int_range(pl.len()) == 5).then(1e9).otherwise("events")
    ),
    "two places": lambda f: f.filter(pl.col("place").rank("dense") <= 2),
    "every third row": lambda f: f.filter(pl.int_range(pl.len()) % 3 == 0),
    "a tenth of the places": lambda f: f.filter(pl.col("place").rank("dense") % 10 == 0),
    "nothing in half the places": lambda f: f.with_columns(
        events=pl.when(pl.col("place").rank("dense") % 2 == 0).then(0.0).otherwise("events")
    ),
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("what", FINITE)
def test_whatever_comes_is_finite_and_says_why(name: str, what: str) -> None:
    sound(ask(name, FINITE[what]))


@pytest.mark.parametrize("name", PLANS)
def test_order_changes_nothing(name: str) -> None:
    plan, made, _ = PLANS[name]
    frame = made()
    moved = frame.sample(fraction=1, shuffle=True, seed=4).select(frame.columns[::-1])
    assert primary(moved, read(plan)) == primary(frame, read(plan))
