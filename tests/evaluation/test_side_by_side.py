"""Saved results side by side: whether two agree, and what would turn one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.errors import EvaluationError
from evaluation.judged import flips
from evaluation.model import CACE
from evaluation.side_by_side.agreement import compared
from evaluation.side_by_side.saved import SavedEffect, SavedOutcome, SavedResult, SavedWay, read_saved
from evaluation.verdict import Ruling
from tests.evaluation.studies import an_estimate, make_plan


def outcome(
    value: float | None, low: float | None, high: float | None, answer: str = "works", **more: object
) -> SavedOutcome:
    effect = SavedEffect("difference", value, low, high)
    made = SavedOutcome("y", "", "primary", "lower", "points", effect, answer, "", 3, ())
    return replace(made, **more)  # type: ignore[arg-type]


def result(name: str, *outcomes: SavedOutcome) -> SavedResult:
    return SavedResult(name, f"plan-{name}", "matching", outcomes)


@pytest.mark.parametrize(
    ("one", "other", "ways", "sensitive", "said"),
    [
        (outcome(-2, -3, -1), outcome(-2.5, -4, -1), "same", False, "They agree: both point the same way"),
        (outcome(-2, -3, -1), outcome(1, -1, 3, "inconclusive"), "opposite", True, "Comparator-sensitive"),
        (outcome(-2, -4, -0.1), outcome(-1, -3, 1, "inconclusive"), "same", False, "they do not contradict"),
        (outcome(-5, -6, -4), outcome(-1, -3, 1, "inconclusive"), "same", False, "the size hangs on"),
        (outcome(-2, -3, -1), outcome(None, None, None, "not-assessable"), "not known", False, "gives no estimate"),
        (outcome(-2, -3, -1), outcome(0.0, -1, 1), "not known", False, "without direction"),
    ],
)  # fmt: skip
def test_two_results_agree_differ_or_hang_on_the_comparison(
    one: SavedOutcome, other: SavedOutcome, ways: str, sensitive: bool, said: str
) -> None:
    found = compared(result("A", one), result("B", other))
    assert (found.ways, found.sensitive) == (ways, sensitive)
    assert said in found.sentence
    turned = compared(result("B", other), result("A", one))
    assert (turned.ways, turned.held, turned.same_answer) == (found.ways, found.held, found.same_answer)


def test_of_ratios_one_is_the_middle() -> None:
    up = outcome(1.2, 1.1, 1.3, effect=SavedEffect("rate-ratio", 1.2, 1.1, 1.3))
    down = outcome(0.8, 0.7, 0.9, effect=SavedEffect("rate-ratio", 0.8, 0.7, 0.9))
    assert compared(result("A", up), result("B", down)).sensitive
    assert down.effect.words("") == "0.80 times (0.70 to 0.90)"


def test_results_on_other_outcomes_scales_or_better_ways_are_not_held_together() -> None:
    one = result("A", outcome(-2, -3, -1))
    for other, said in (
        (outcome(-2, -3, -1, measure="z"), "B has no outcome 'y'"),
        (outcome(-2, -3, -1, better="higher"), "another better way"),
        (outcome(-2, -3, -1, effect=SavedEffect("rate-ratio", 0.8, 0.7, 0.9)), "another scale"),
    ):
        with pytest.raises(EvaluationError, match=said) as fault:
            compared(one, result("B", other))
        assert fault.value.code == "LC522"
    both = result("C", outcome(-2, -3, -1), outcome(1, 0.5, 2, measure="z", role="secondary"))
    assert compared(both, both, "z").one.measure == "z"


def test_a_way_that_turns_is_named() -> None:
    other = {"effect": "difference", "value": 1.0, "conf_low": -1.0, "conf_high": 3.0}
    way = {"name": "not adjusted", "estimate": other, "flips_verdict": True}
    part = {
        "measure": "y", "name": "Y", "role": "primary", "better": "higher", "unit": "",
        "estimate": {"effect": "difference", "value": 2.0, "conf_low": 1.0, "conf_high": 3.0},
        "verdict": {"answer": "works", "detail": "size-uncertain", "security": 3}, "sensitivity": [way],
    }  # fmt: skip
    found = read_saved("A", {"outcomes": [part], "plan": {"id": "p"}, "method": "matching"})
    assert found.outcomes[0].ways == (
        SavedWay("not adjusted", SavedEffect("difference", 1.0, -1.0, 3.0), True),
    )


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_effect_on_those_who_took_it_up_never_turns_a_verdict(better: str) -> None:
    """Whatever it says: it answers another question (R46)."""
    planned = make_plan(better=better, outcome='minimum_important_difference = 1\nmid_source = "x"').outcomes[
        0
    ]
    ruling = Ruling("works", "meaningful")
    for low, high in ((-9.0, -5.0), (5.0, 9.0), (-9.0, 9.0), (-0.1, 0.1)):
        line = an_estimate((low + high) / 2, low, high)
        assert not flips(replace(line, estimand=CACE), planned, (), ruling, 5)
    wrong = an_estimate(*((-7.0, -9.0, -5.0) if better == "higher" else (7.0, 5.0, 9.0)))
    assert flips(wrong, planned, (), ruling, 5), "the same numbers as another way of asking the same would"
