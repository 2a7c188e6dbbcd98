"""The verdict table as a table: every row both ways round, on both scales, and what holds for all estimates."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.model import Better, Check
from evaluation.verdict import Ruling, orient, rule
from tests.evaluation.studies import an_estimate

Ends = tuple[float, float, float, float]
ROWS: tuple[tuple[int, Callable[[Ends, float], bool], str, str], ...] = (
    (1, lambda e, m: e[1] <= -m, "harms", "meaningful"),
    (2, lambda e, m: e[1] < 0 and e[2] > -m, "harms", "small"),
    (2, lambda e, m: e[1] < 0, "harms", "size-uncertain"),
    (3, lambda e, m: e[0] >= m, "works", "meaningful"),
    (4, lambda e, m: e[0] > 0 and e[3] < m, "too-small-to-matter", ""),
    (5, lambda e, m: e[0] > 0, "works", "size-uncertain"),
    (6, lambda e, m: -m < e[2] and e[3] < m, "no-meaningful-effect", ""),
    (7, lambda e, m: e[2] > -m, "inconclusive", "harm-ruled-out"),
    (8, lambda e, m: e[3] < m, "inconclusive", "benefit-ruled-out"),
    (9, lambda e, m: True, "inconclusive", "uninformative"),
)  # the page's table, typed from the page: [L, U] and [l, u], benefit positive
# One interval for each row, in units of the difference that matters.
INTERVALS = {
    (1, "meaningful"): (-3.0, -1.2, -2.8, -1.4),
    (2, "small"): (-0.9, -0.1, -0.8, -0.2),
    (2, "size-uncertain"): (-3.0, -0.1, -2.8, -0.3),
    (3, "meaningful"): (1.2, 3.0, 1.4, 2.8),
    (4, ""): (0.1, 0.9, 0.2, 0.8),
    (5, "size-uncertain"): (0.1, 3.0, 0.3, 2.8),
    (6, ""): (-0.9, 0.9, -0.8, 0.8),
    (7, "harm-ruled-out"): (-0.5, 3.0, -0.2, 2.7),
    (8, "benefit-ruled-out"): (-3.0, 0.5, -2.7, 0.2),
    (9, "uninformative"): (-3.0, 3.0, -2.7, 2.7),
}
RANKS = (
    ("harms", "meaningful"),
    ("harms", "size-uncertain"),
    ("harms", "small"),
    ("inconclusive", "benefit-ruled-out"),
    ("no-meaningful-effect", "inconclusive", "uninformative"),
    ("inconclusive", "harm-ruled-out"),
    ("too-small-to-matter", ""),
    ("works", "size-uncertain"),
    ("works", "meaningful"),
)
sizes, widths = st.floats(-30, 30), st.floats(0.001, 30)
shares, margins = st.floats(0.5, 0.95), st.floats(0.01, 10)


def rank(found: Ruling) -> int:
    """The better for people the higher; row 6 and row 9 say nothing of direction, and stand together."""
    if found.answer == "no-meaningful-effect" or found.detail == "uninformative":
        return 4
    return RANKS.index((found.answer, found.detail))


def ruling(
    ends: Ends, better: Better, margin: float | None, *, ratio: bool = False, unit: float = 1.0
) -> Ruling:
    """The answer for an interval told as benefit, brought to the outcome's own sign and scale first."""
    low, high, narrow_low, narrow_high = (unit * end for end in ends)
    if better == "lower":
        low, high, narrow_low, narrow_high = -high, -low, -narrow_high, -narrow_low
    middle = (low + high) / 2
    own = [math.exp(x) if ratio else x for x in (middle, low, high, narrow_low, narrow_high)]
    effect = "rate-ratio" if ratio else "difference"
    made = an_estimate(own[0], own[1], own[2], (own[3], own[4]), effect=effect)
    return rule(orient(made, better, margin, is_ratio=ratio), ())


@pytest.mark.parametrize(("row", "ends"), INTERVALS.items(), ids=[f"row {n} {d}" for n, d in INTERVALS])
@pytest.mark.parametrize("better", ["higher", "lower"])
@pytest.mark.parametrize("margin", [0.8, 1.25, None], ids=["ratio below 1", "ratio above 1", "difference"])
def test_every_row_is_reached_either_way_round_and_on_either_scale(
    row: tuple[int, str], ends: Ends, better: Better, margin: float | None
) -> None:
    wanted = next((answer, detail) for n, _, answer, detail in ROWS if (n, detail) == row)
    ratio = margin is not None
    unit = abs(math.log(margin)) if margin else 0.05
    found = ruling(ends, better, margin or 0.05, ratio=ratio, unit=unit)
    assert (found.answer, found.detail) == wanted


@pytest.mark.parametrize(("row", "ends"), INTERVALS.items(), ids=[f"row {n} {d}" for n, d in INTERVALS])
@pytest.mark.parametrize("ratio", [False, True])
def test_without_a_difference_that_matters_only_direction_is_told(
    row: tuple[int, str], ends: Ends, *, ratio: bool
) -> None:
    for better in ("higher", "lower"):
        found = ruling(ends, better, None, ratio=ratio)
        said = "works" if ends[0] > 0 else "harms" if ends[1] < 0 else "inconclusive"
        assert (found.answer, found.detail) == (
            said,
            "uninformative" if said == "inconclusive" else "size-uncertain",
        )


def test_row_nought_comes_before_all_others() -> None:
    blocked = Check("overlap", "fail", None, None, "block", "")
    for ends in INTERVALS.values():
        made = an_estimate((ends[0] + ends[1]) / 2, ends[0], ends[1], (ends[2], ends[3]))
        assert rule(orient(made, "higher", 1.0), (blocked,)) == Ruling("not-assessable", "overlap")


@given(value=sizes, half=widths, share=shares, margin=margins)
def test_the_answer_is_that_of_the_first_row_that_holds_and_of_no_other(
    value: float, half: float, share: float, margin: float
) -> None:
    ends = (value - half, value + half, value - share * half, value + share * half)
    first = next((answer, detail) for _, holds, answer, detail in ROWS if holds(ends, margin))
    found = ruling(ends, "higher", margin)
    assert (found.answer, found.detail) == first


@given(value=sizes, half=widths, share=shares, margin=margins)
def test_turning_better_and_the_sign_together_changes_nothing(
    value: float, half: float, share: float, margin: float
) -> None:
    ends = (value - half, value + half, value - share * half, value + share * half)
    assert ruling(ends, "higher", margin) == ruling(ends, "lower", margin)


@given(value=sizes, half=widths, share=shares, margin=margins, more=st.floats(0, 20))
def test_a_better_estimate_of_the_same_width_never_gets_a_worse_answer(
    value: float, half: float, share: float, margin: float, more: float
) -> None:
    def at(middle: float) -> Ruling:
        return ruling(
            (middle - half, middle + half, middle - share * half, middle + share * half), "higher", margin
        )

    assert rank(at(value)) <= rank(at(value + more))


@given(value=sizes, half=widths, share=shares, margin=margins, wider=st.floats(1, 10))
def test_a_wider_interval_around_the_same_estimate_never_claims_more(
    value: float, half: float, share: float, margin: float, wider: float
) -> None:
    """What a narrow interval leaves open a wider one cannot settle; nor does it turn a direction round."""

    def at(width: float) -> Ruling:
        return ruling(
            (value - width, value + width, value - share * width, value + share * width), "higher", margin
        )

    narrow, wide = at(half), at(half * wider)
    claims = ("works", "harms", "too-small-to-matter")
    if narrow.answer == "inconclusive":
        assert wide.answer == "inconclusive"
    if narrow.answer in claims and wide.answer in claims:
        assert (narrow.answer == "harms") is (wide.answer == "harms")
    if narrow.detail == "uninformative":
        assert wide.detail == "uninformative"
