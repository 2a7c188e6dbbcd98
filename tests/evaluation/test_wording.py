"""The sentences: none dresses a result up, whatever the result."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.model import Better
from evaluation.plan import PlannedOutcome
from evaluation.verdict import beyond_margin, orient, rule, under_ceiling
from evaluation.wording import (
    ANSWER_WORDS,
    DETAIL_WORDS,
    Scene,
    amount,
    can_say,
    cannot_say,
    next_steps,
    sentence,
    span,
)
from tests.evaluation.studies import an_estimate

BANNED = re.compile(
    r"no effect|no impact|\btrend|significan|approach|marginal|borderline|prove[sd]?\b|\*|\bnan\b|\binf\b|None",
    re.IGNORECASE,
)


def outcome(**changes: Any) -> PlannedOutcome:
    parts: dict[str, Any] = {
        "measure": "score", "role": "primary", "kind": "continuous", "better": "higher", "effect": "difference",
        "name": "reading score", "unit": "points", "minimum_important_difference": 1.0, "mid_source": "its guide",
    }  # fmt: skip
    return PlannedOutcome(**(parts | changes))


def scene(
    low: float,
    high: float,
    *,
    security: int = 3,
    locked: bool = True,
    arms: tuple[int, int] = (100, 100),
    **changes: Any,
) -> Scene:
    planned = outcome(**changes)
    value = (low * high) ** 0.5 if planned.is_ratio else (low + high) / 2
    error = max((high - low) / 3.92, 1e-9)
    e = an_estimate(value, low, high, std_error=error, arms=arms, effect=planned.effect)
    view = orient(e, planned.better, planned.minimum_important_difference, is_ratio=planned.is_ratio)
    return Scene(planned, e, view, under_ceiling(rule(view, ()), security), security, locked)


def everything(made: Scene) -> list[str]:
    chances = beyond_margin(made.view, 5.0) if made.view else None
    return [sentence(made), *can_say(made), *cannot_say(made), *next_steps(made, chances)]


scenes = st.builds(
    lambda ends, **parts: scene(min(ends), max(ends), **parts),
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-6),
    security=st.integers(0, 5),
    locked=st.booleans(),
    better=st.sampled_from(["higher", "lower"]),
    minimum_important_difference=st.one_of(st.none(), st.floats(0.001, 30)),
    unit=st.sampled_from(["", "points", "days in school"]),
)
risks = st.builds(
    lambda ends, **parts: scene(min(ends), max(ends), **parts),
    st.tuples(st.floats(-1, 1), st.floats(-1, 1)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-6),
    security=st.integers(0, 5),
    kind=st.just("binary"),
    effect=st.just("risk-difference"),
    unit=st.just(""),
    better=st.sampled_from(["higher", "lower"]),
    minimum_important_difference=st.one_of(st.none(), st.floats(0.001, 0.5)),
    name=st.just("proven reoffending within a year"),
)
ratios = st.builds(
    lambda ends, **parts: scene(min(ends), max(ends), **parts),
    st.tuples(st.floats(0.05, 9), st.floats(0.05, 9)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-6),
    security=st.integers(0, 5),
    kind=st.just("count"),
    effect=st.just("rate-ratio"),
    better=st.sampled_from(["higher", "lower"]),
    minimum_important_difference=st.one_of(st.none(), st.floats(0.5, 0.95)),
)


@settings(max_examples=300)
@given(st.one_of(scenes, risks, ratios))
def test_no_sentence_holds_a_forbidden_word(made: Scene) -> None:
    for line in everything(made):
        assert not BANNED.search(line), line
        assert line[0].isupper() or line.startswith(made.outcome.label)
        assert line.endswith(".")
        assert "  " not in line


@settings(max_examples=300)
@given(st.one_of(scenes, risks, ratios))
def test_the_headline_is_one_sentence_of_at_most_thirty_words(made: Scene) -> None:
    said = sentence(made)
    assert len(said.split()) <= 30, said
    assert said.count(". ") == 0


@given(st.one_of(scenes, risks))
def test_worthwhile_difference_is_denied_only_where_equivalence_was_shown(made: Scene) -> None:
    denied = "no worthwhile difference" in sentence(made).lower()
    assert denied == (made.ruling.answer == "no-meaningful-effect")


@given(st.one_of(scenes, risks))
def test_a_cause_is_claimed_only_from_security_two(made: Scene) -> None:
    said = sentence(made)
    if made.security <= 1:
        assert "led to" not in said
    if made.security == 0:
        assert "better result" not in said
        assert "worse result" not in said


@given(st.one_of(scenes, risks, ratios))
def test_what_is_open_says_what_is_ruled_out_and_what_would_settle_it(made: Scene) -> None:
    if made.ruling.answer != "inconclusive":
        return
    lines = " ".join(can_say(made))
    assert "ruled out" in lines or "No smallest difference that matters was set" in lines
    assert "Do not report this as success or failure." in next_steps(made, None)
    assert any("not knowing is not the same" in line for line in cannot_say(made))


@given(st.one_of(scenes, risks))
def test_nothing_is_said_to_be_ruled_out_that_is_not(made: Scene) -> None:
    view = made.view
    assert view is not None
    lines = can_say(made)
    for line in lines:
        if line.startswith("A benefit as large as") and line.endswith("is ruled out."):
            assert view.margin is not None
            assert view.narrow_high < view.margin
        if line.startswith("A harm as large as") and line.endswith("is ruled out."):
            assert view.margin is not None
            assert view.narrow_low > -view.margin
        if line.startswith("A benefit of at least"):
            assert view.margin is not None
            assert view.low >= view.margin


def test_an_exploratory_finding_says_so_and_a_planned_one_does_not() -> None:
    assert any("exploratory" in line for line in can_say(scene(1, 3, locked=False)))
    assert not any("exploratory" in line for line in can_say(scene(1, 3, locked=True)))


@pytest.mark.parametrize(
    ("low", "high", "security", "start", "end"),
    [
        (2, 4, 3, "The programme led to a better result on reading score", ", enough to matter."),
        (2, 4, 1, "The programme was associated with a better result on", ", enough to matter."),
        (
            0.2,
            4,
            3,
            "The programme led to a better result on",
            "; whether that is enough to matter is uncertain.",
        ),
        (-4, -2, 3, "The programme led to a worse result on reading score", ", enough to matter."),
        (-4, -2, 1, "The programme was associated with a worse result on", ", enough to matter."),
        (-0.8, -0.2, 3, "The programme led to a worse result on", ", less than what matters."),
        (-4, -0.2, 3, "The programme led to a worse result on", "; by how much is uncertain."),
        (0.1, 0.8, 3, "The programme led to a slightly better result on", ", less than what matters."),
        (-0.5, 0.5, 3, "The programme made no worthwhile difference to reading score", "."),
        (-4, 4, 3, "We cannot tell yet whether the programme changed reading score", "."),
        (2, 4, 0, "reading score changed", "but nothing shows what would have happened otherwise."),
    ],
)
def test_the_sentence_of_each_answer(low: float, high: float, security: int, start: str, end: str) -> None:
    made = scene(low, high, security=security)
    said = sentence(made)
    assert said.startswith(start)
    assert said.endswith(end)
    assert span(low, high, made.outcome) in said


def test_an_outcome_that_cannot_be_assessed_says_why_and_claims_nothing() -> None:
    made = scene(1, 3)
    from evaluation.verdict import Ruling

    for detail in ("people", "overlap", "identification", "maturity", "clusters", "spread", "no-inference"):
        blocked = Scene(made.outcome, made.estimate, None, Ruling("not-assessable", detail), 2, True)
        assert sentence(blocked).startswith("The data cannot answer this: ")
        assert not any(sign.isdigit() for line in everything(blocked) for sign in line)


def test_risks_are_people_in_every_hundred() -> None:
    risk = outcome(kind="binary", effect="risk-difference", unit="")
    assert span(-0.04, 0.07, risk) == "between 4 fewer and 7 more in every 100"
    assert span(0.04, 0.07, risk) == "between 4 and 7 more in every 100"
    assert span(-0.123, -0.041, risk) == "between 4.1 and 12.3 fewer in every 100"
    assert amount(0.05, risk) == "5 in every 100"


def test_differences_are_in_the_unit_of_the_measure() -> None:
    assert span(-0.5, 2, outcome()) == "between 0.5 points lower and 2 points higher"
    assert span(-4, -2, outcome()) == "between 2 and 4 points lower"
    assert span(0, 2, outcome()) == "between 0 and 2 points higher"
    assert span(2, 4, outcome(unit="")) == "between 2 and 4 higher"


numbers = st.floats(-1e4, 1e4, allow_nan=False)


@given(st.lists(numbers, min_size=2, max_size=2, unique=True).map(sorted))
def test_both_ends_of_an_interval_are_told_with_their_direction(ends: list[float]) -> None:
    said = span(ends[0], ends[1], outcome())
    assert ("lower" in said) == (ends[0] < 0)
    assert ("higher" in said) == (ends[1] > 0)
    digits = [float(word.replace(",", "")) for word in said.split() if word[0].isdigit()]
    assert sorted(digits) == pytest.approx(sorted(abs(end) for end in ends), rel=0.06, abs=0.051)


def test_ratios_are_times() -> None:
    rate = outcome(kind="count", effect="rate-ratio")
    assert span(0.8, 1.25, rate) == "between 0.80 and 1.25 times the rate"
    assert amount(0.85, rate) == "a factor of 0.85"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (3.0, "3"),
        (3.14159, "3.1"),
        (99.96, "100"),
        (123.4, "123"),
        (1794.3, "1,794"),
        (0.25, "0.2"),
        (0.04, "0.04"),
        (0.0123, "0.012"),
        (0.00005, "0.00005"),
    ],
)
def test_numbers_are_short_but_never_vanish(value: float, said: str) -> None:
    assert amount(value, outcome(unit="")) == said
    assert amount(value, outcome()) == f"{said} points"


def test_a_small_difference_that_matters_is_not_printed_as_nought() -> None:
    lines = can_say(scene(-0.01, 0.01, minimum_important_difference=0.04, unit="of a point"))
    assert "A benefit as large as 0.04 of a point is ruled out." in lines
    assert "between 0.01 of a point lower and 0.01 of a point higher" in lines[0]
    assert "(95 % interval)" in lines[0]


def test_more_people_are_asked_for_only_where_more_are_needed() -> None:
    wide = next_steps(scene(-4, 4), None)
    assert wide[0].startswith("About ")
    assert "more people like these would settle it" in wide[0]
    without = next_steps(scene(-4, 4, minimum_important_difference=None), None)
    assert without[0].startswith("Set the smallest difference that matters")


def test_the_chances_are_rounded_at_their_ends() -> None:
    lines = next_steps(scene(-4, 4), (0.001, 0.995))
    assert "a benefit that matters is under 1 %, of a harm that matters over 99 %" in lines[1]


def test_every_answer_and_detail_has_words() -> None:
    from typing import get_args

    from evaluation.model import Answer

    assert set(ANSWER_WORDS) == set(get_args(Answer))
    details = {
        "meaningful",
        "small",
        "size-uncertain",
        "harm-ruled-out",
        "benefit-ruled-out",
        "uninformative",
        "no-comparison",
    }
    assert set(DETAIL_WORDS) == details


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_a_fall_is_called_a_fall_whichever_way_is_better(better: Better) -> None:
    assert "between 2 and 4 points lower" in sentence(scene(-4, -2, better=better))
