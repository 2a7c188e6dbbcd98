"""Known truth: bias, coverage, error rates and false verdicts, on draws with fixed seeds.

Every tolerance is Monte-Carlo error worked out from the number of draws: z standard errors of a mean or of a
share, with z = 3.3 (one false alarm in a thousand for each comparison, and none while the seeds stay).
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.inference import critical, estimate_from
from evaluation.matched.nearest import match_pairs
from evaluation.observed.propensity import logit_score
from evaluation.power import detectable, equivalence_power
from evaluation.regression.linear import Errors, Fit, covariate_matrix, treatment_effect
from evaluation.verdict import Ruling, orient, rule
from tests.evaluation.studies import make_plan, number, observed, primary
from tests.evaluation.study_errors import std_error_of

pytestmark = pytest.mark.simulation

Array = npt.NDArray[np.float64]
DRAWS, N, EFFECT, Z = 1500, 100, 0.5, 3.3
NONE = np.empty((2 * N, 0))


def within(share: float, draws: int = DRAWS) -> float:
    """Monte-Carlo allowance for a share."""
    return Z * math.sqrt(share * (1 - share) / draws)


def draw_trial(
    draw: np.random.Generator, *, effect: float, n: int = N, spread: float = 1.0
) -> tuple[Array, Array, Array]:
    """A trial: outcome, arm and one covariate that explains half; the treated may spread more."""
    treated = np.repeat([1.0, 0.0], n)
    x = draw.normal(size=2 * n)
    noise = draw.normal(size=2 * n) * np.where(treated == 1, spread, 1.0)
    return effect * treated + x + noise, treated, x[:, None]


def fits(
    effect: float, *, adjusted: bool, seed: int, errors: Errors = "HC2", spread: float = 1.0
) -> list[Fit]:
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        y, treated, x = draw_trial(draw, effect=effect, spread=spread)
        found.append(
            treatment_effect(y, treated, x if adjusted else NONE, ("x",) if adjusted else (), errors=errors)
        )
    return found


def coverage(found: list[Fit], truth: float, level: float = 0.95) -> float:
    return float(np.mean([abs(f.value - truth) <= critical(level, f.df, "t") * f.std_error for f in found]))


@pytest.mark.parametrize("adjusted", [False, True], ids=["difference of means", "ancova"])
@pytest.mark.parametrize("spread", [1.0, 2.0], ids=["equal spread", "treated spread more"])
def test_a_randomised_effect_is_unbiased_and_its_interval_covers(adjusted: bool, spread: float) -> None:
    found = fits(EFFECT, adjusted=adjusted, seed=101, spread=spread)
    values = np.array([f.value for f in found])
    # Bias: the mean of 1,500 estimates has a standard error of SD / sqrt(1500).
    assert abs(values.mean() - EFFECT) < Z * values.std(ddof=1) / math.sqrt(DRAWS)
    # Standard errors are right on average: an SD from 1,500 draws is known to about 1 / sqrt(2 x 1500) = 1.8 %.
    assert np.mean([f.std_error for f in found]) == pytest.approx(values.std(ddof=1), rel=Z * 0.0183)
    # Coverage: Monte-Carlo standard error 0.56 points, so 95 +- 1.9; asked for is 93 to 97.
    assert abs(coverage(found, EFFECT) - 0.95) < within(0.95)
    assert 0.93 <= coverage(found, EFFECT) <= 0.97
    assert abs(coverage(found, EFFECT, 0.90) - 0.90) < within(0.90)


def test_adjustment_buys_precision() -> None:
    plain, adjusted = fits(EFFECT, adjusted=False, seed=7), fits(EFFECT, adjusted=True, seed=7)
    ratio = np.var([f.value for f in adjusted]) / np.var([f.value for f in plain])
    assert ratio == pytest.approx(0.5, abs=Z * 0.5 * math.sqrt(2 / DRAWS) * math.sqrt(2))


@pytest.mark.parametrize("adjusted", [False, True], ids=["difference of means", "ancova"])
def test_a_true_nought_is_rejected_five_times_in_a_hundred(adjusted: bool) -> None:
    found = fits(0.0, adjusted=adjusted, seed=202)
    assert abs((1 - coverage(found, 0.0)) - 0.05) < within(0.05)


def test_power_is_what_the_plan_was_told() -> None:
    effect = detectable(std_error_of(N, N, math.sqrt(2)))
    found = fits(effect, adjusted=False, seed=303)
    assert abs((1 - coverage(found, 0.0)) - 0.80) < within(0.80) + 0.01  # normal for t: up to a point


def rulings(fitted: list[Fit], margin: float | None) -> Counter[str]:
    answers: list[Ruling] = []
    for fit in fitted:
        e = estimate_from(
            fit, estimand="ITT", effect="difference", alpha=0.05, distribution="t", arms=(N, N), means=(0, 0),
            spread=1.0, standardised=None,
        )  # fmt: skip
        answers.append(rule(orient(e, "higher", margin), ()))
    return Counter(answer.answer for answer in answers)


@pytest.mark.parametrize("margin", [None, 0.3, 1.0])
@pytest.mark.parametrize("adjusted", [False, True], ids=["difference of means", "ancova"])
def test_what_does_nothing_is_seldom_said_to_work_or_to_harm(adjusted: bool, margin: float | None) -> None:
    found = rulings(fits(0.0, adjusted=adjusted, seed=404), margin)
    # At most 2.5 % each way; Monte-Carlo standard error 0.40 points.
    assert (found["works"] + found["too-small-to-matter"]) / DRAWS <= 0.025 + within(0.025)
    assert found["harms"] / DRAWS <= 0.025 + within(0.025)


def test_an_effect_at_the_margin_is_seldom_said_to_be_none_that_matters() -> None:
    """The equivalence test errs at most one time in twenty where the truth is just as large as what matters."""
    found = rulings(fits(0.6, adjusted=True, seed=505), 0.6)
    assert found["no-meaningful-effect"] / DRAWS <= 0.05 + within(0.05)
    assert found["harms"] / DRAWS <= 0.001 + within(0.001)


@pytest.mark.parametrize("margin", [0.35, 0.45, 0.6])
def test_no_meaningful_effect_is_reached_as_often_as_the_power_says(margin: float) -> None:
    found = rulings(fits(0.0, adjusted=True, seed=606), margin)
    expected = equivalence_power(std_error_of(N, N, math.sqrt(2), r2=0.5), margin)
    # Row 6 comes after rows 2 and 4: an interval that leaves out zero but not the margins has another answer.
    reached = sum(found[a] for a in ("no-meaningful-effect", "too-small-to-matter")) / DRAWS
    assert reached <= expected + within(expected) + 0.01
    assert reached + found["harms"] / DRAWS >= expected - within(expected) - 0.01


def test_with_many_people_a_true_nought_ends_as_no_meaningful_effect() -> None:
    draw = np.random.default_rng(707)
    draws, n, margin = 300, 1000, 0.15
    found = []
    for _ in range(draws):
        y, treated, x = draw_trial(draw, effect=0.0, n=n)
        found.append(treatment_effect(y, treated, x, ("x",)))
    expected = equivalence_power(std_error_of(n, n, math.sqrt(2), r2=0.5), margin)
    reached = rulings(found, margin)
    assert expected > 0.9
    # Of equivalent intervals, those that leave out zero (about 5 %) are answered by rows 2 and 4.
    share = reached["no-meaningful-effect"] / draws
    assert expected - 0.05 - within(expected, draws) <= share <= expected + within(expected, draws)


def test_matching_takes_away_most_of_the_bias_of_choice() -> None:
    """True effect 1; those with a high x choose treatment and fare better anyway."""
    draws, naive, matched = 120, [], []
    for seed in range(draws):
        frame = observed(600, 9000 + seed, effect=1.0)
        y, treated = frame["y"].to_numpy(), frame["treat"].to_numpy()
        naive.append(y[treated == 1].mean() - y[treated == 0].mean())
        values, _ = covariate_matrix(frame, ("x", "z", "place"))
        score = logit_score(treated, values)
        pairs = match_pairs(score, treated, caliper=0.2 * float(score.std(ddof=1)))
        matched.append((y[pairs[:, 0]] - y[pairs[:, 1]]).mean())
    bias, left = np.mean(naive) - 1, np.mean(matched) - 1
    error = np.std(matched, ddof=1) / math.sqrt(draws)  # about 0.013
    assert bias > 0.7
    assert abs(left) + Z * error < 0.2 * bias


def test_regression_after_matching_leaves_next_to_no_bias_and_its_interval_covers() -> None:
    draws, covered, values = 100, 0, []
    plan = make_plan("matching", covariates=["x", "z"])
    for seed in range(draws):
        e = primary(observed(400, 5000 + seed, effect=1.0), plan).estimate
        values.append(number(e.value))
        covered += number(e.conf_low) <= 1.0 <= number(e.conf_high)
    error = np.std(values, ddof=1) / math.sqrt(draws)
    assert abs(np.mean(values) - 1) < Z * error
    assert covered / draws >= 0.95 - within(0.95, draws)


def test_what_does_nothing_is_seldom_said_to_work_after_matching() -> None:
    draws, plan = 100, make_plan("matching", covariates=["x", "z"])
    answers = Counter(
        primary(observed(400, 7000 + seed, effect=0.0), plan).verdict.answer for seed in range(draws)
    )
    assert answers["works"] / draws <= 0.025 + within(0.025, draws)
    assert answers["harms"] / draws <= 0.025 + within(0.025, draws)


WEIGHTED = [
    ('estimand = "ATE"', ""),
    ('estimand = "ATT"', ""),
    ('estimand = "ATO"', 'kind = "overlap"'),
    ('estimand = "ATT"', 'kind = "entropy"'),
]


@pytest.mark.parametrize(("design", "settings"), WEIGHTED, ids=["ATE", "ATT", "overlap", "entropy"])
def test_weighting_leaves_next_to_no_bias_and_its_interval_covers(design: str, settings: str) -> None:
    """True effect 1 for everyone, so that every estimand is 1; the score model is right."""
    draws, values, errors, covered = 150, [], [], 0
    plan = make_plan("weighting", covariates=["x", "z", "place"], design=design, settings=settings)
    for seed in range(draws):
        e = primary(observed(500, 15000 + seed, effect=1.0), plan).estimate
        values.append(number(e.value))
        errors.append(number(e.std_error))
        covered += number(e.conf_low) <= 1.0 <= number(e.conf_high)
    assert abs(np.mean(values) - 1) < Z * np.std(values, ddof=1) / math.sqrt(draws) + 0.02
    assert covered / draws >= 0.95 - within(0.95, draws)
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=Z / math.sqrt(2 * draws) + 0.05)


@pytest.mark.parametrize(("design", "settings"), WEIGHTED, ids=["ATE", "ATT", "overlap", "entropy"])
def test_what_does_nothing_is_seldom_said_to_work_after_weighting(design: str, settings: str) -> None:
    draws = 100
    plan = make_plan("weighting", covariates=["x", "z", "place"], design=design, settings=settings)
    answers = Counter(
        primary(observed(500, 17000 + seed, effect=0.0), plan).verdict.answer for seed in range(draws)
    )
    assert answers["works"] / draws <= 0.025 + within(0.025, draws)
    assert answers["harms"] / draws <= 0.025 + within(0.025, draws)


@pytest.mark.parametrize("settings", ["", 'estimator = "tmle"'], ids=["AIPW", "TMLE"])
def test_doubly_robust_leaves_next_to_no_bias_and_its_interval_covers(settings: str) -> None:
    draws, values, errors, covered = 150, [], [], 0
    plan = make_plan("doubly-robust", covariates=["x", "z", "place"], settings=settings)
    for seed in range(draws):
        e = primary(observed(500, 19000 + seed, effect=1.0), plan).estimate
        values.append(number(e.value))
        errors.append(number(e.std_error))
        covered += number(e.conf_low) <= 1.0 <= number(e.conf_high)
    assert abs(np.mean(values) - 1) < Z * np.std(values, ddof=1) / math.sqrt(draws)
    assert covered / draws >= 0.95 - within(0.95, draws)
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=Z / math.sqrt(2 * draws) + 0.05)
