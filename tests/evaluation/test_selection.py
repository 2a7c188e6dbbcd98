"""Strong selection: a warning to weights with a long tail where covariates decide who was treated."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.observed.selection import STRONG, log_odds_of, selection_check
from evaluation.observed.weights import Weights
from tests.evaluation.studies import make_plan, observed, primary


def test_the_spread_of_the_log_odds_is_read_and_compared_with_one() -> None:
    odds = np.array([1.2, -1.2] * 50)
    (check,) = selection_check(odds)
    assert check.reading == pytest.approx(1.2)
    assert (check.limit, check.consequence) == (STRONG, "downgrade")
    assert selection_check(odds / 2) == ()


def test_the_log_odds_are_those_of_the_score_or_of_the_weights_and_leave_the_trimmed_out() -> None:
    treated, score = np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.5, 0.2, 0.8, 0.9])
    none = np.zeros((4, 1))
    scored = Weights(np.array([1.0, 0.25, 4.0, 0.0]), none, none, none, score)
    assert log_odds_of(scored, treated) == pytest.approx([0, -np.log(4), np.log(4)])
    unscored = Weights(np.array([1.0, 0.25, 4.0, 0.0]), none, none, none, None)
    assert log_odds_of(unscored, treated) == pytest.approx([-np.log(4), np.log(4)])


@pytest.mark.parametrize(
    ("settings", "design", "pull", "warned"),
    [
        ("", 'estimand = "ATE"', 1.5, True),
        ("", 'estimand = "ATT"', 1.5, True),
        ("", 'estimand = "ATE"', 0.4, False),
        ('kind = "overlap"', 'estimand = "ATO"', 1.5, False),
        ('kind = "entropy"', 'estimand = "ATT"', 1.5, True),
        ('kind = "entropy"', 'estimand = "ATT"', 0.4, False),
    ],
)
def test_weights_with_a_tail_are_warned_of_under_strong_choice(
    settings: str, design: str, pull: float, warned: bool
) -> None:
    plan = make_plan("weighting", covariates=["x", "z"], settings=settings, design=design)
    found = primary(observed(600, 3, pull=pull), plan)
    assert ("strong selection" in {check.name for check in found.checks}) is warned
