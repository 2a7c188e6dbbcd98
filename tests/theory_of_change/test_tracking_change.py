"""Changes of success figures: intervals against the transcribed table and against R, periods, limits and runs."""

from __future__ import annotations

import csv
import math
import random
from pathlib import Path

import pytest

from tests.theory_of_change.tracked import period
from theory_of_change.tracking.change import (
    change_of_counts,
    change_of_means,
    change_of_shares,
    change_words,
    rounds_to,
)
from theory_of_change.tracking.periods import Period, read_period, unlike
from theory_of_change.tracking.runs import runs_of

TABLE = Path(__file__).parents[3] / "shared" / "reference-cases" / "success_measures.csv"


@pytest.mark.skipif(not TABLE.exists(), reason="the reference cases are not beside the project")
def test_intervals_on_the_log_scale_agree_with_the_transcribed_table_to_the_printed_digit() -> None:
    rows = [row for row in csv.DictReader(TABLE.read_text("utf-8").splitlines()) if row["percent_ci_low"]]
    assert len(rows) > 30
    for row in rows:
        found = change_of_counts(float(row["comparison_value"]), float(row["value"]))
        assert found.percent is not None
        assert found.log_low is not None
        assert found.log_high is not None
        assert f"{found.percent:.2f}" == f"{float(row['computed_percent_change']):.2f}", row["measure_id"]
        assert f"{found.log_low:.1f}" == f"{float(row['percent_ci_low']):.1f}", row["measure_id"]
        assert f"{found.log_high:.1f}" == f"{float(row['percent_ci_high']):.1f}", row["measure_id"]


# R 4.2.2: 100 * (poisson.test(c(after, before))$conf.int - 1), printed with four decimals
R_EXACT = [
    (309, 293, -19.4610, 11.6178),
    (293, 148, -58.8313, -38.2408),
    (13, 19, -31.5224, 221.9692),
    (70, 34, -68.7434, -25.8262),
    (1, 2, -89.5882, 11699.4374),
    (36875, 39386, 5.3006, 8.3402),
]


@pytest.mark.parametrize(("before", "after", "low", "high"), R_EXACT)
def test_exact_intervals_agree_with_r(before: int, after: int, low: float, high: float) -> None:
    found = change_of_counts(before, after)
    assert found.low == pytest.approx(low, abs=5e-5)  # as many decimals as R's numbers are quoted with
    assert found.high == pytest.approx(high, abs=5e-5)


def test_a_larger_population_takes_its_share_of_the_change() -> None:
    found = change_of_counts(100, 120, exposure=1.2)
    assert found.percent == pytest.approx(0.0)
    assert found.reading == "no clear change"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (309, 293, "-5.18 % (-19 to +12): no clear change"),
        (293, 148, "-49.5 % (-59 to -38): a clear fall"),
        (13, 19, "+46.2 % (-32 to +222): too few to call"),
        (1, 2, "1 to 2: too few to call; too small a base for a percentage"),
        (0, 1, "0 to 1: too few to call; too small a base for a percentage"),
        (0, 0, "+0: nothing to compare"),
    ],
)
def test_a_change_is_read_in_words(before: int, after: int, words: str) -> None:
    assert change_words(change_of_counts(before, after)) == words


def test_exact_intervals_hold_the_truth_at_least_nineteen_times_in_twenty() -> None:
    draw = random.Random(20261122)
    rate, ratio, inside, n = 40.0, 0.8, 0, 2000
    for _ in range(n):
        before, after = _poisson(draw, rate), _poisson(draw, rate * ratio)
        found = change_of_counts(before, after)
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= 100 * (ratio - 1) <= found.high
    assert inside / n >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / n)


def _poisson(draw: random.Random, mean: float) -> int:
    count, left = 0, math.exp(-mean)
    product = draw.random()
    while product > left:
        product *= draw.random()
        count += 1
    return count


def test_two_shares_differ_in_points_and_need_their_numbers_for_a_range() -> None:
    alone = change_of_shares(9.7, 8.7)
    assert alone.percent == pytest.approx(-1.0)
    assert alone.low is None
    assert not alone.clear
    # Newcombe (1998), table II, case of 56/70 and 48/80: difference .2, method 10 .0524 to .3339
    known = change_of_shares(60.0, 80.0, (80, 70))
    assert known.low == pytest.approx(5.24, abs=0.005)
    assert known.high == pytest.approx(33.39, abs=0.005)


def test_two_means_have_no_range() -> None:
    assert not change_of_means(3.0, 2.0).clear


@pytest.mark.parametrize(
    ("value", "printed", "fits"),
    [(-49.49, -49, True), (2.8, 15, False), (-6.62, -8, False), (-6.62, -7, True), (6.5, 6, True), (6.5, 7, True),
     (6.51, 6, False), (9.58, 9.6, True), (9.58, 9.5, False), (100.0, 100, True)],
)  # fmt: skip
def test_a_printed_figure_fits_when_rounding_could_have_made_it(
    value: float, printed: float, fits: bool
) -> None:
    assert rounds_to(value, printed) is fits


@pytest.mark.parametrize(
    ("text", "year", "first", "last", "back"),
    [
        ("2021", "calendar", "2021-01-01", "2021-12-31", "2021"),
        ("2019/20", "school", "2019-09-01", "2020-08-31", "2019/20"),
        ("2019-20", "financial", "2019-04-01", "2020-03-31", "2019/20"),
        ("2021-Q2", "calendar", "2021-04-01", "2021-06-30", "2021-Q2"),
        ("2020-02", "calendar", "2020-02-01", "2020-02-29", "2020-02"),
        ("2018-04..2018-12", "calendar", "2018-04-01", "2018-12-31", "2018-04..2018-12"),
        ("2018-04 to 2018-12", "calendar", "2018-04-01", "2018-12-31", "2018-04..2018-12"),
        ("2020-03-05..2020-03-20", "calendar", "2020-03-05", "2020-03-20", "2020-03-05..2020-03-20"),
    ],
)
def test_periods_are_read_and_written_back(text: str, year: str, first: str, last: str, back: str) -> None:
    found = period(text, year)
    assert (found.first.isoformat(), found.last.isoformat(), found.text) == (first, last, back)
    assert read_period(found.text, year) == found


@pytest.mark.parametrize(
    "text",
    ["", "next year", "2019/20", "2019/21", "2021-13", "2021-02-30", "2021-06..2021-01", "12", "20211"],
)
def test_what_is_no_period_is_not_guessed_at(text: str) -> None:
    assert read_period(text) is None


def test_periods_of_other_lengths_or_other_seasons_are_unlike() -> None:
    assert "12 months (2019) are compared with 9 months" in unlike(period("2018-04..2018-12"), period("2019"))
    assert "seasons" in unlike(period("2021-Q1"), period("2021-Q2"))
    assert unlike(period("2020-Q2"), period("2021-Q2")) == ""
    assert unlike(period("2019/20", "school"), period("2020/21", "school")) == ""
    assert Period(period("2020").first, period("2020").last).covers(period("2020-05"))


def test_eight_on_one_side_of_the_middle_are_a_run() -> None:
    assert runs_of([1] * 8 + [9] * 8) == ((0, 7), (8, 15))
    assert runs_of([1, 9] * 8) == ()
    assert runs_of([1, 1, 1, 1, 5, 1, 1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9]) == ((0, 8), (9, 16))
