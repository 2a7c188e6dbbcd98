"""Ratios as numbers in every hundred, checked by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evaluation.model import Units
from evaluation.nouns import nouns_of
from evaluation.per_hundred import at_a_rate, margin_words, rounded_base, within_rounding
from evaluation.plan import PlannedOutcome
from evaluation.times.timing import Timing
from evaluation.wording import can_say
from tests.evaluation.studies import an_estimate
from tests.evaluation.test_wording import outcome, scene

RISK = outcome(kind="binary", effect="risk-ratio", better="lower", unit="", minimum_important_difference=0.8)


def told(
    planned: PlannedOutcome,
    low: float,
    high: float,
    base: float,
    *,
    method: str = "",
    units: Units = "people",
) -> str:
    e = replace(an_estimate(0.8, low, high, effect=planned.effect, arms=(1000, 1000)), comparison_mean=base)
    return at_a_rate(planned, e, nouns_of(units, method), method, units)


def test_a_risk_ratio_is_told_at_the_comparisons_risk() -> None:
    """0.70 of 40 is 28, 12 fewer; 0.95 of 40 is 38, 2 fewer."""
    assert told(RISK, 0.70, 0.95, 0.40) == (
        "Where 40 in every 100 have it without the programme, that is between 2 and 12 fewer in every 100."
    )


def test_an_odds_ratio_is_not_read_as_a_risk_ratio() -> None:
    """Odds 40/60 halved are 20/60: a risk of 25; times 1.5 they are 1: a risk of 50."""
    odds = replace(RISK, effect="odds-ratio")
    assert "between 15 fewer and 10 more in every 100" in told(odds, 0.5, 1.5, 0.40)


def test_a_hazard_ratio_is_told_at_the_share_that_comes_to_it() -> None:
    """1 − 0.6 ** 0.5 = 0.225: 17 fewer; 1 − 0.6 ** 2 = 0.64: 24 more."""
    timed = replace(RISK, effect="hazard-ratio", kind="time-to-event", timing=Timing("weeks", "arrest"))
    assert "between 17 fewer and 24 more in every 100" in told(timed, 0.5, 2.0, 0.40)
    assert "in the time looked at" in told(timed, 0.5, 2.0, 0.40)
    rival = replace(timed, timing=Timing("weeks", "arrest", competing="death"))
    assert told(rival, 0.5, 2.0, 0.40) == "", "with competing events the ratio does not give a share"


def test_counts_are_for_every_hundred_people_and_areas_for_every_hundred_expected() -> None:
    """130 for every 100 people: a tenth fewer is 13, a fifth fewer 26."""
    count = replace(RISK, effect="rate-ratio", kind="count")
    assert told(count, 0.8, 0.9, 1.3) == (
        "Where there are 130 for every 100 people without the programme, that is between 13 and 26 fewer."
    )
    assert told(replace(count, exposure="days"), 0.8, 0.9, 1.3) == "", (
        "a rate over time has no count of people"
    )
    assert told(count, 0.84, 1.49, 14.0, method="interrupted-time-series", units="areas") == (
        "For every 100 expected without the programme, that is between 16 fewer and 49 more."
    )


@pytest.mark.parametrize(
    ("n", "rate", "rounded"),
    [
        (1000, 41.3, 41),
        (500, 41.3, 42),
        (200, 41.3, 40),
        (100, 41.3, 40),
        (100, 46.0, 50),
        (99, 41.3, None),
        (1000, 0.2, None),
    ],
)
def test_the_rate_is_rounded_so_that_ten_people_are_left_undecided(
    n: int, rate: float, rounded: float | None
) -> None:
    assert rounded_base(rate, n) == rounded


def test_a_project_that_rounds_more_coarsely_prints_no_rate() -> None:
    lines = (
        "On it, those treated came out better.",
        "Where 40 in every 100 have it without the programme, that is so.",
    )
    assert within_rounding(lines, 5) == lines
    assert within_rounding(lines, 20) == lines[:1]


def test_a_difference_that_matters_is_a_ratio_on_the_side_it_is_on() -> None:
    assert margin_words(0.8, RISK) == ("0.80 times the risk", "1.25 times the risk")
    assert margin_words(1.25, RISK) == ("0.80 times the risk", "1.25 times the risk")
    assert margin_words(0.8, replace(RISK, better="higher")) == ("1.25 times the risk", "0.80 times the risk")


def test_what_is_ruled_out_names_the_ratio_of_a_benefit_and_of_a_harm() -> None:
    made: dict[str, Any] = {
        "kind": "count",
        "effect": "rate-ratio",
        "better": "lower",
        "minimum_important_difference": 0.8,
    }
    assert can_say(scene(0.5, 1.9, **made))[-1] == (
        "Neither a benefit as large as 0.80 times the rate nor a harm as large as 1.25 times the rate can be ruled out."
    )
    assert "A harm as large as 1.25 times the rate is ruled out." in can_say(scene(0.5, 1.05, **made))
    assert "A benefit as large as 0.80 times the rate is shown." in can_say(scene(0.5, 0.7, **made))


def test_what_is_released_of_a_result_has_no_rate_finer_than_the_project_rounds() -> None:
    from evaluation.protection import masked
    from tests.evaluation.report_samples import works
    from workspace.settings import DisclosureProfile

    made = works()
    rate = "Where 40 in every 100 have it without the programme, that is between 2 and 12 fewer in every 100."
    primary = replace(
        made.outcomes[0], verdict=replace(made.outcomes[0].verdict, can_say=("It came out better.", rate))
    )
    made = replace(made, outcomes=(primary, *made.outcomes[1:]))
    assert rate in masked(made, DisclosureProfile(10, 5)).primary.verdict.can_say
    assert masked(made, DisclosureProfile(10, 20)).primary.verdict.can_say == ("It came out better.",)
