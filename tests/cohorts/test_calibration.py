"""Calibration: intervals against published values, thresholds by hand."""

from __future__ import annotations

import math

import polars as pl
import pytest

from cohorts.linkage import band_of
from cohorts.linking.calibration import (
    CAUTIOUS_THRESHOLD,
    HIGHEST,
    Share,
    calibrate,
    id_pairs,
    measure,
    truth_of,
)


def candidates(rows: list[tuple[int, int, float, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["left", "right", "weight", "truth"], orient="row")


def test_wilson_intervals_are_those_of_the_books() -> None:
    low, high = Share(81, 263).interval or (0.0, 0.0)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = Share(0, 20).interval or (0.0, 0.0)  # the same table: 0 to 0.1611
    assert (low, round(high, 4)) == (0.0, 0.1611)
    assert Share(0, 0).interval is None
    assert Share(0, 0).value is None


def test_the_lowest_threshold_that_reaches_the_wanted_precision_is_taken() -> None:
    rows = [(i, i, math.inf, "same") for i in range(900)]
    rows += [(1000 + i, 1000 + i, 6.0, "same") for i in range(90)]
    rows += [(2000 + i, 2000 + i, 1.2, "other") for i in range(10)]
    known = pl.DataFrame({"left": range(900), "right": range(900)})
    found = calibrate(candidates(rows), known, 0.995)
    assert found.threshold == 1.5
    assert found.state == "calibrated"
    assert (found.precision, found.recall) == (Share(990, 990), Share(900, 900))
    assert calibrate(candidates(rows), known, 0.99).threshold == 0.0


def test_too_few_pairs_give_the_cautious_threshold_and_say_so() -> None:
    rows = [(i, i, math.inf, "same") for i in range(50)]
    found = calibrate(candidates(rows), pl.DataFrame({"left": range(50), "right": range(50)}))
    assert (found.threshold, found.state, found.calibrated) == (CAUTIOUS_THRESHOLD, "not calibrated", False)


def test_a_precision_out_of_reach_gives_the_strictest_threshold_and_says_so() -> None:
    rows = [(i, i, math.inf, "other" if i % 10 == 0 else "same") for i in range(1000)]
    found = calibrate(candidates(rows), pl.DataFrame({"left": range(1000), "right": range(1000)}))
    assert (found.threshold, found.state) == (HIGHEST, "wanted precision not reached")


def test_a_missed_pair_lowers_recall_and_a_wrong_id_precision() -> None:
    rows = [(1, 1, 9.0, "same"), (2, 9, 9.0, "other"), (3, 3, 9.0, "unknown")]
    known = pl.DataFrame({"left": [1, 2, 4], "right": [1, 2, 4]})
    assert measure(candidates(rows), known, 0.0) == (Share(1, 2), Share(1, 3))


def test_identifiers_say_same_other_or_nothing() -> None:
    left = pl.DataFrame(
        {"person": [1, 2, 3, 4], "upn": [b"a", b"b", None, b"d"], "crn": [None, b"x", None, b"z"]}
    )
    right = pl.DataFrame(
        {"person": [1, 2, 3, 4], "upn": [b"a", b"c", b"q", b"d"], "crn": [None, b"x", None, b"y"]}
    )
    pairs = pl.DataFrame({"left": [1, 2, 3, 4], "right": [1, 2, 3, 4]})
    assert truth_of(pairs, left, right, ("upn", "crn")).to_list() == ["same", "other", "unknown", "other"]
    assert truth_of(pairs, left, right, ()).to_list() == ["unknown"] * 4
    assert id_pairs(left, right, ("upn",)).rows() == [(1, 1), (4, 4)]


@pytest.mark.parametrize(
    ("weight", "method", "words"),
    [
        (math.inf, "identifier", "identifier"), (math.inf, "key-03", "key"), (21.0, "splink", "20 bits or more"),
        (6.0, "splink", "6 to 12 bits"), (-1.0, "splink", "below 0 bits"), (None, "none", ""),
    ],
)  # fmt: skip
def test_weights_are_shown_in_bands(weight: float | None, method: str, words: str) -> None:
    assert band_of(weight, method) == words
