"""Strong selection: a warning to inverse probability weights where covariates decide who was treated."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.observed.selection import STRONG, selection_check
from tests.evaluation.studies import make_plan, observed, primary


def test_the_spread_of_the_log_odds_is_read_and_compared_with_one() -> None:
    odds = np.array([1.2, -1.2] * 50)
    (check,) = selection_check(1 / (1 + np.exp(-odds)))
    assert check.reading == pytest.approx(1.2)
    assert (check.limit, check.consequence) == (STRONG, "downgrade")
    assert selection_check(1 / (1 + np.exp(-odds / 2))) == ()


@pytest.mark.parametrize(
    ("settings", "design", "pull", "warned"),
    [
        ("", 'estimand = "ATE"', 1.5, True),
        ("", 'estimand = "ATT"', 1.5, True),
        ("", 'estimand = "ATE"', 0.4, False),
        ('kind = "overlap"', 'estimand = "ATO"', 1.5, False),
        ('kind = "entropy"', 'estimand = "ATT"', 1.5, False),
    ],
)
def test_only_inverse_probability_weights_under_strong_choice_are_warned_of(
    settings: str, design: str, pull: float, warned: bool
) -> None:
    plan = make_plan("weighting", covariates=["x", "z"], settings=settings, design=design)
    found = primary(observed(600, 3, pull=pull), plan)
    assert ("strong selection" in {check.name for check in found.checks}) is warned
