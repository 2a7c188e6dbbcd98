"""Known truth for trials of clusters: coverage, error rates and false verdicts with 6, 10 and 20 clusters.

Clusters of 15 to 70 people and a share of 0.18 of the variance between them, as in the engine notes, section 5.
Allowances are Monte-Carlo error: 3.3 standard errors of a share.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.checks import Clusters
from evaluation.clusters.model import (
    Prepared,
    allocation_effect,
    means_effect,
    mixed_effect,
    robust_effect,
    slope_effect,
    wild_effect,
)
from evaluation.inference import critical, estimate_from
from evaluation.regression.linear import Fit
from evaluation.verdict import orient, rule
from tests.evaluation.studies import make_plan, primary, schools

pytestmark = pytest.mark.simulation

Array = npt.NDArray[np.float64]
DRAWS, EFFECT, Z, ICC = 800, 0.4, 3.3, 0.18


def within(share: float, draws: int = DRAWS) -> float:
    return Z * math.sqrt(share * (1 - share) / draws)


def draw_trial(
    draw: np.random.Generator,
    count: int,
    treated: int,
    *,
    effect: float,
    icc: float = ICC,
    binary: bool = False,
) -> Prepared:
    """One trial: clusters of unequal size, a covariate, the first ``treated`` clusters in the programme."""
    sizes = draw.integers(15, 71, count)
    codes = np.repeat(np.arange(count), sizes)
    arm = (np.arange(count) < treated).astype(np.float64)
    x = draw.normal(size=len(codes))
    shared = draw.normal(size=count)[codes] * math.sqrt(icc)
    y = effect * arm[codes] + 0.5 * x + shared + draw.normal(size=len(codes)) * math.sqrt(1 - icc)
    if binary:
        y = (draw.uniform(size=len(codes)) < np.clip(0.4 + 0.1 * shared, 0, 1) + effect * arm[codes]).astype(
            np.float64
        )
    design = np.column_stack([np.ones(len(codes)), x, arm[codes]])
    clusters = Clusters(codes, sizes.astype(np.float64), arm)
    return Prepared(y - y.mean(), design, ("x",), (), clusters, np.ones(len(codes)))


@cache
def trials(
    count: int, treated: int, effect: float = EFFECT, icc: float = ICC, *, binary: bool = False
) -> tuple[Prepared, ...]:
    draw = np.random.default_rng(1000 * count + treated)
    return tuple(
        draw_trial(draw, count, treated, effect=effect, icc=icc, binary=binary) for _ in range(DRAWS)
    )


def covered(fits: list[Fit], truth: float) -> float:
    return float(np.mean([abs(f.value - truth) <= critical(0.95, f.df, "t") * f.std_error for f in fits]))


@pytest.mark.parametrize(("count", "treated"), [(6, 3), (10, 5), (10, 3), (20, 10), (20, 5)])
def test_the_mixed_model_is_unbiased_and_its_interval_covers(count: int, treated: int) -> None:
    fits = [mixed_effect(trial)[0] for trial in trials(count, treated)]
    values = np.array([fit.value for fit in fits])
    assert abs(values.mean() - EFFECT) < Z * values.std(ddof=1) / math.sqrt(DRAWS)
    share = covered(fits, EFFECT)
    assert abs(share - 0.95) < within(0.95)
    assert 0.93 <= share <= 0.975  # six clusters err on the careful side


@pytest.mark.parametrize(("count", "treated"), [(10, 5), (20, 10), (20, 5)])
def test_the_lines_beside_it_cover_too(count: int, treated: int) -> None:
    robust = covered([robust_effect(trial) for trial in trials(count, treated)], EFFECT)
    means = covered([means_effect(trial) for trial in trials(count, treated)], EFFECT)
    assert robust > 0.95 - within(0.95) - 0.005  # CR2 is a touch below with few treated clusters
    assert abs(means - 0.95) < within(0.95)


@pytest.mark.parametrize("icc", [0.0, 0.02])
def test_hardly_any_likeness_makes_the_interval_careful_and_not_too_narrow(icc: float) -> None:
    """At the boundary the variance between clusters is cut off at zero; the degrees of freedom make up for it."""
    share = covered([mixed_effect(trial)[0] for trial in trials(10, 5, EFFECT, icc)], EFFECT)
    assert share >= 0.95 - within(0.95)


def test_a_risk_difference_of_clusters_is_covered() -> None:
    fits = [mixed_effect(trial)[0] for trial in trials(20, 10, 0.1, binary=True)]
    assert abs(float(np.mean([fit.value for fit in fits])) - 0.1) < 0.01
    assert abs(covered(fits, 0.1) - 0.95) < within(0.95)


@pytest.mark.parametrize(("count", "treated"), [(6, 3), (10, 3), (20, 10)])
@pytest.mark.parametrize("margin", [None, 0.3])
def test_what_does_nothing_is_seldom_said_to_work_or_to_harm(
    count: int, treated: int, margin: float | None
) -> None:
    answers: list[str] = []
    for trial in trials(count, treated, 0.0):
        e = estimate_from(
            mixed_effect(trial)[0], estimand="ITT", effect="difference", alpha=0.05, distribution="t",
            arms=(100, 100), means=(0, 0), spread=1.0, standardised=None,
        )  # fmt: skip
        answers.append(rule(orient(e, "higher", margin), ()).answer)
    found = Counter(answers)
    assert (found["works"] + found["too-small-to-matter"]) / DRAWS <= 0.025 + within(0.025)
    assert found["harms"] / DRAWS <= 0.025 + within(0.025)


def test_an_effect_that_differs_between_sites_is_covered_on_average_and_not_where_it_is_taken_for_the_same() -> (
    None
):
    draws, sites, each = 120, 10, 30
    draw = np.random.default_rng(77)
    codes = np.repeat(np.arange(sites), each)
    arm = np.tile([1.0, 0.0], sites * each // 2)
    clusters = Clusters(codes, np.full(sites, float(each)), np.full(sites, 0.5))
    varying, same = [], []
    for _ in range(draws):
        effects = EFFECT + 0.8 * draw.normal(size=sites)
        y = effects[codes] * arm + draw.normal(size=sites)[codes] + draw.normal(size=sites * each)
        trial = Prepared(y, np.column_stack([np.ones(len(y)), arm]), (), (), clusters, np.ones(len(y)))
        varying.append(slope_effect(trial)[0])
        same.append(mixed_effect(trial)[0])
    assert abs(covered(varying, EFFECT) - 0.95) < within(0.95, draws)
    assert covered(same, EFFECT) < 0.80


def test_errors_that_ignore_clusters_would_claim_far_too_often() -> None:
    """What the method is for: least squares with everybody on their own, on the same trials."""
    from evaluation.regression.linear import treatment_effect

    fits = [
        treatment_effect(trial.y, trial.treated, trial.design[:, 1:2], ("x",))
        for trial in trials(10, 5, 0.0)[:400]
    ]
    assert 1 - covered(fits, 0.0) > 0.30


def test_bootstrap_and_allocation_test_reject_a_true_nought_as_often_as_they_say() -> None:
    draws = 400
    wild = [wild_effect(trial, 399, 1).p_value <= 0.05 for trial in trials(10, 5, 0.0)[:draws]]
    allocated = [
        allocation_effect(trial, mixed_effect(trial)[1], 399, 1).p_value <= 0.05
        for trial in trials(10, 5, 0.0)[:draws]
    ]
    assert abs(np.mean(wild) - 0.05) < within(0.05, draws)
    assert np.mean(allocated) <= 0.05 + within(0.05, draws)  # exact, so never above but by chance


def test_a_whole_run_on_trials_that_do_nothing_claims_nothing() -> None:
    draws = 60
    plan = make_plan("cluster-randomised", covariates=["x"], design='cluster = "school"')
    answers = Counter(
        primary(schools(150, 3000 + seed, effect=0.0, an_arm=6), plan).verdict.answer for seed in range(draws)
    )
    assert (answers["works"] + answers["harms"]) / draws <= 0.05 + within(0.05, draws)
