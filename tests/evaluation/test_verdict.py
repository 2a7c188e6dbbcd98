"""The verdict table, row by row, and what holds for every estimate."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.model import Better, Check
from evaluation.verdict import Oriented, Ruling, beyond_margin, orient, rule, under_ceiling
from tests.evaluation.studies import an_estimate

M = 1.0
MIRROR = {
    ("works", "meaningful"): ("harms", "meaningful"),
    ("works", "size-uncertain"): ("harms", "size-uncertain"),
    ("too-small-to-matter", ""): ("harms", "small"),
    ("no-meaningful-effect", ""): ("no-meaningful-effect", ""),
    ("inconclusive", "harm-ruled-out"): ("inconclusive", "benefit-ruled-out"),
    ("inconclusive", "uninformative"): ("inconclusive", "uninformative"),
}


def view(
    low: float, high: float, narrow_low: float, narrow_high: float, margin: float | None = M
) -> Oriented:
    return Oriented((low + high) / 2, 0.5, low, high, narrow_low, narrow_high, margin)


@pytest.mark.parametrize(
    ("ends", "answer", "detail"),
    [
        ((-3.0, -1.2, -2.8, -1.4), "harms", "meaningful"),
        ((-3.0, -1.0, -2.8, -1.2), "harms", "meaningful"),  # U = -m belongs to row 1
        ((-0.9, -0.1, -0.8, -0.2), "harms", "small"),
        ((-1.2, -0.1, -1.0, -0.2), "harms", "size-uncertain"),  # l = -m is not above it
        ((-3.0, -0.1, -2.8, -0.3), "harms", "size-uncertain"),
        ((1.0, 3.0, 1.2, 2.8), "works", "meaningful"),  # L = m belongs to row 3
        ((1.2, 3.0, 1.4, 2.8), "works", "meaningful"),
        ((0.1, 0.9, 0.2, 0.8), "too-small-to-matter", ""),
        ((0.1, 1.2, 0.2, 1.0), "works", "size-uncertain"),  # u = m is not below it
        ((0.1, 3.0, 0.3, 2.8), "works", "size-uncertain"),
        ((-0.9, 0.9, -0.8, 0.8), "no-meaningful-effect", ""),
        ((-1.1, 1.1, -0.9, 0.9), "no-meaningful-effect", ""),  # the narrow interval decides
        ((0.0, 1.1, 0.1, 0.9), "no-meaningful-effect", ""),  # L = 0 is not above zero
        ((-1.1, 0.0, -0.9, -0.1), "no-meaningful-effect", ""),
        ((-0.5, 3.0, -0.2, 2.7), "inconclusive", "harm-ruled-out"),
        ((-0.5, 1.2, -0.4, 1.0), "inconclusive", "harm-ruled-out"),
        ((-3.0, 0.5, -2.7, 0.2), "inconclusive", "benefit-ruled-out"),
        ((-3.0, 3.0, -2.7, 2.7), "inconclusive", "uninformative"),
        ((-1.2, 1.2, -1.0, 1.0), "inconclusive", "uninformative"),  # ends on the margin rule nothing out
    ],
)
def test_every_row_of_the_table_gives_its_answer(
    ends: tuple[float, float, float, float], answer: str, detail: str
) -> None:
    assert rule(view(*ends), ()) == Ruling(answer, detail)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ends", "answer", "detail"),
    [
        ((-3.0, -0.1, -2.8, -0.3), "harms", "size-uncertain"),
        ((0.1, 3.0, 0.3, 2.8), "works", "size-uncertain"),
        ((-0.01, 0.01, -0.008, 0.008), "inconclusive", "uninformative"),
        ((0.0, 1.0, 0.1, 0.9), "inconclusive", "uninformative"),
        ((-1.0, 0.0, -0.9, -0.1), "inconclusive", "uninformative"),
    ],
)
def test_without_a_margin_only_direction_can_be_found(
    ends: tuple[float, float, float, float], answer: str, detail: str
) -> None:
    assert rule(view(*ends, margin=None), ()) == Ruling(answer, detail)  # type: ignore[arg-type]


def test_a_blocking_check_comes_before_everything_and_names_itself() -> None:
    blocked = Check("people", "fail", 4.0, 30, "block", "")
    other = Check("overlap", "fail", 4.0, 30, "block", "")
    assert rule(view(2, 3, 2.1, 2.9), (blocked, other)) == Ruling("not-assessable", "people")
    warned = Check("people", "fail", 4.0, 30, "downgrade", "")
    assert rule(view(2, 3, 2.1, 2.9), (warned,)).answer == "works"


def test_an_estimate_without_inference_cannot_be_assessed() -> None:
    assert rule(None, ()) == Ruling("not-assessable", "no-inference")


@pytest.mark.parametrize("bad", [None, math.nan, math.inf])
def test_a_missing_or_infinite_part_leaves_nothing_to_orient(bad: float | None) -> None:
    assert orient(an_estimate(bad, -1, 1, (-0.5, 0.5)), "higher", M) is None
    assert orient(an_estimate(0, bad, 1, (-0.5, 0.5)), "higher", M) is None
    assert orient(an_estimate(0, -1, bad, (-0.5, 0.5)), "higher", M) is None
    assert orient(an_estimate(0, -1, 1, (bad, 0.5)), "higher", M) is None
    assert orient(an_estimate(0, -1, 1, (-0.5, bad)), "higher", M) is None
    assert orient(an_estimate(0, -1, 1, std_error=bad), "higher", M) is None


def test_where_lower_is_better_a_fall_is_a_benefit() -> None:
    fall = an_estimate(-2.0, -3.0, -1.0, (-2.8, -1.2))
    turned = orient(fall, "lower", M)
    assert turned == Oriented(2.0, 1.0, 1.0, 3.0, 1.2, 2.8, M)
    assert rule(turned, ()) == Ruling("works", "meaningful")
    assert rule(orient(fall, "higher", M), ()) == Ruling("harms", "meaningful")


def test_ratios_are_judged_on_the_log_scale() -> None:
    rate = an_estimate(0.5, 0.4, 0.625, (0.42, 0.6), effect="rate-ratio")
    turned = orient(rate, "lower", 0.8, is_ratio=True)
    assert turned is not None
    assert turned.value == pytest.approx(math.log(2))
    assert turned.low == pytest.approx(math.log(1.6))
    assert turned.high == pytest.approx(math.log(2.5))
    assert turned.narrow_low == pytest.approx(-math.log(0.6))
    assert turned.margin == pytest.approx(math.log(1.25))
    assert rule(turned, ()) == Ruling("works", "meaningful")


def test_a_ratio_margin_means_the_same_written_either_way() -> None:
    rate = an_estimate(1.0, 0.9, 1.1, (0.92, 1.08), effect="rate-ratio")
    below, above = (orient(rate, "lower", m, is_ratio=True) for m in (0.8, 1.25))
    assert below is not None
    assert above is not None
    assert below.margin == pytest.approx(above.margin)
    assert rule(below, ()) == rule(above, ()) == Ruling("no-meaningful-effect", "")


sizes = st.floats(-50, 50, allow_nan=False)
widths = st.floats(1e-6, 40, allow_nan=False)
margins = st.one_of(st.none(), st.floats(1e-3, 20, allow_nan=False))


@given(value=sizes, half=widths, share=st.floats(0.5, 0.95), margin=margins)
def test_every_estimate_gets_exactly_one_answer_and_its_mirror_the_opposite(
    value: float, half: float, share: float, margin: float | None
) -> None:
    made = an_estimate(value, value - half, value + half, (value - share * half, value + share * half))
    up, down = orient(made, "higher", margin), orient(made, "lower", margin)
    assert up is not None
    assert down is not None
    found, mirrored = rule(up, ()), rule(down, ())
    table = MIRROR | {other: one for one, other in MIRROR.items()}
    assert (found.answer, found.detail) in table
    assert (mirrored.answer, mirrored.detail) == table[found.answer, found.detail]


@given(value=sizes, half=widths, share=st.floats(0.5, 0.95), margin=margins)
def test_no_answer_contradicts_its_own_interval(
    value: float, half: float, share: float, margin: float | None
) -> None:
    made = an_estimate(value, value - half, value + half, (value - share * half, value + share * half))
    turned = orient(made, "higher", margin)
    assert turned is not None
    found = rule(turned, ())
    if found.answer in ("works", "too-small-to-matter"):
        assert turned.low > 0
    if found.answer == "harms":
        assert turned.high < 0
    if found.answer == "no-meaningful-effect":
        assert margin is not None
        assert max(abs(turned.narrow_low), abs(turned.narrow_high)) < margin
    if found.answer == "inconclusive":
        assert turned.low <= 0 <= turned.high


@given(
    value=sizes,
    half=widths,
    share=st.floats(0.5, 0.95),
    margin=margins,
    better=st.sampled_from(["higher", "lower"]),
)
def test_nothing_works_or_harms_without_a_comparison(
    value: float, half: float, share: float, margin: float | None, better: Better
) -> None:
    made = an_estimate(value, value - half, value + half, (value - share * half, value + share * half))
    found = rule(orient(made, better, margin), ())
    capped = under_ceiling(found, 0)
    assert capped.answer not in ("works", "harms", "too-small-to-matter")
    if found.answer in ("works", "harms", "too-small-to-matter"):
        assert capped == Ruling("changed", found.answer)
    else:  # what did not move might have, without the programme: nothing is ruled out either
        assert capped == (
            found if found.answer == "not-assessable" else Ruling("inconclusive", "no-comparison")
        )
    assert all(under_ceiling(found, level) == found for level in (1, 2, 3, 4, 5))


def test_the_chances_beyond_the_margin_follow_from_the_prior_and_the_data() -> None:
    # prior N(0, 1), data 1 with error 1: posterior N(0.5, 0.5), P(> 1) = P(Z > 0.7071), P(< -1) = P(Z < -2.1213)
    made = Oriented(1.0, 1.0, -1, 3, -0.6, 2.6, 1.0)
    chances = beyond_margin(made, 1.0)
    assert chances == pytest.approx((0.2397501, 0.0169474), abs=1e-6)


def test_no_chances_are_given_without_a_margin_or_a_spread() -> None:
    assert beyond_margin(view(-1, 1, -0.8, 0.8, margin=None), 1.0) is None
    assert beyond_margin(view(-1, 1, -0.8, 0.8), 0.0) is None
    assert beyond_margin(Oriented(0, 0.0, 0, 0, 0, 0, 1.0), 1.0) is None
