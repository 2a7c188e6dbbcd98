"""Doubly robust effects: folds, double robustness, and the influence function."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.augmented import augmented, targeted
from evaluation.errors import EvaluationError
from evaluation.nuisance import Nuisance, cross_fit, fold_numbers
from evaluation.propensity import Separation
from tests.evaluation.studies import make_plan, number, observed, primary

Array = npt.NDArray[np.float64]


def people(n: int = 4000, seed: int = 5) -> tuple[Array, Array, Array, Nuisance]:
    """True effect 1 + x for a person of x: ATE 1, and both nuisances as they truly are."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=n)
    score = 1 / (1 + np.exp(-0.7 * x))
    treated = (draw.random(n) < score).astype(float)
    one, zero = 3 + 3 * x, 2 + 2 * x
    y = np.where(treated == 1, one, zero) + draw.normal(size=n)
    return y, treated, x, Nuisance(score, one, zero)


def test_folds_hold_both_arms_evenly_and_depend_on_the_seed_alone() -> None:
    treated = np.repeat([1.0, 0.0], [23, 61])
    folds = fold_numbers(treated, 5, 7)
    for arm in (0, 1):
        counts = np.bincount(folds[treated == arm], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert (folds == fold_numbers(treated, 5, 7)).all()
    assert (folds != fold_numbers(treated, 5, 8)).any()
    assert (fold_numbers(treated, 1, 7) == 0).all()


def test_clusters_are_kept_whole_whatever_they_are_called() -> None:
    treated = np.tile([1.0, 0.0], 50)
    clusters = np.repeat(np.arange(10), 10)
    folds = fold_numbers(treated, 5, 3, clusters)
    assert all(len(np.unique(folds[clusters == c])) == 1 for c in range(10))
    renamed = (9 - clusters) * 7
    assert (fold_numbers(treated, 5, 3, renamed) == folds).all()


def test_aipw_by_hand() -> None:
    """Two people treated, two not; score a half; the models say 1 and 0 for all."""
    y, treated = np.array([2.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0])
    fitted = Nuisance(np.full(4, 0.5), np.ones(4), np.zeros(4))
    found = augmented(y, treated, fitted, "ATE")
    # Treated: 1 + (1, 0, 0, 0) / 0.5; comparison: (0, 0, 1, 0) / 0.5.
    assert found.means == pytest.approx((1.5, 0.5))
    assert found.value == pytest.approx(1.0)
    assert found.influence == pytest.approx(np.array([3.0, 1.0, -1.0, 1.0]) - 1.0)
    att = augmented(y, treated, fitted, "ATT")
    # (2 + 1) / 2 less (1 + 0) / 2.
    assert att.value == pytest.approx(1.0)
    assert att.means == pytest.approx((1.5, 0.5))


@pytest.mark.parametrize("wrong", ["score", "outcome"])
@pytest.mark.parametrize("estimand", ["ATE", "ATT"])
def test_one_wrong_model_is_forgiven_and_two_are_not(wrong: str, estimand: str) -> None:
    y, treated, x, right = people(40_000)
    truth = 1.0 if estimand == "ATE" else 1.0 + float(x[treated == 1].mean())
    flat = np.full(len(y), float(treated.mean()))
    poor = np.zeros(len(y))
    fitted = (
        Nuisance(flat, right.treated, right.comparison)
        if wrong == "score"
        else Nuisance(right.score, poor, poor)
    )
    found = augmented(y, treated, fitted, estimand)
    error = float(found.influence.std()) / np.sqrt(len(y))
    assert abs(found.value - truth) < 4 * error + 0.02
    both = augmented(y, treated, Nuisance(flat, poor, poor), estimand)
    assert abs(both.value - truth) > 0.5


@pytest.mark.parametrize("estimand", ["ATE", "ATT"])
def test_influences_sum_to_nought(estimand: str) -> None:
    y, treated, _, fitted = people()
    assert augmented(y, treated, fitted, estimand).influence.mean() == pytest.approx(0, abs=1e-12)


def test_tmle_solves_its_equation_and_comes_close_to_aipw() -> None:
    y, treated, _, fitted = people()
    one, other = targeted(y, treated, fitted), augmented(y, treated, fitted, "ATE")
    error = float(other.influence.std()) / np.sqrt(len(y))
    assert one.value == pytest.approx(other.value, abs=0.5 * error)
    assert one.influence.std() == pytest.approx(other.influence.std(), rel=0.02)
    assert one.value == pytest.approx(one.means[0] - one.means[1])


def test_tmle_stays_within_the_range_of_the_outcome() -> None:
    y, treated = np.array([0.0, 1.0] * 20), np.array([1.0, 0.0] * 20)
    fitted = Nuisance(np.full(40, 0.5), np.full(40, 3.0), np.full(40, -3.0))
    found = targeted(y, treated, fitted)
    assert 0 <= found.means[0] <= 1
    assert 0 <= found.means[1] <= 1


@pytest.mark.parametrize("learner", ["linear", "gradient-boosting"])
def test_nobody_is_predicted_by_a_model_that_saw_them(learner: str) -> None:
    """Changing one person's outcome moves no prediction in that person's own fold."""
    y, treated, x, _ = people(300)
    folds = fold_numbers(treated, 3, 1)
    kinds = {"learner": learner, "outcome_model": "linear", "seed": 1}
    before = cross_fit(y, treated, x[:, None], folds, **kinds)  # type: ignore[arg-type]
    moved = y.copy()
    moved[0] += 50
    after = cross_fit(moved, treated, x[:, None], folds, **kinds)  # type: ignore[arg-type]
    own = folds == folds[0]
    name = "treated" if treated[0] == 1 else "comparison"
    assert (getattr(before, name)[own] == getattr(after, name)[own]).all()
    assert (getattr(before, name)[~own] != getattr(after, name)[~own]).any()
    assert (before.score == after.score).all()


def test_an_outcome_the_covariates_decide_is_penalised_and_said() -> None:
    frame = observed(400, 3, binary=True).with_columns(y=(pl.col("x") > 0).cast(float))
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], kind="binary"))
    assert any(check.name == "outcome models" and check.consequence == "downgrade" for check in found.checks)
    assert found.estimate.value is not None


def test_a_fold_without_an_arm_is_refused() -> None:
    y, treated, x, _ = people(40)
    treated = np.zeros(40)
    treated[:2] = 1
    with pytest.raises(Separation):
        cross_fit(
            y,
            treated,
            x[:, None],
            fold_numbers(treated, 5, 1),
            learner="linear",
            outcome_model="linear",
            seed=1,
        )


def test_gradient_boosting_finds_an_effect_that_bent_confounding_hides() -> None:
    """Treatment and outcome both depend on the square of x: a line sees nothing of it."""
    draw = np.random.default_rng(2)
    frame = observed(2500, 2)
    x = frame["x"].to_numpy()
    treat = (draw.random(2500) < 1 / (1 + np.exp(1.0 - x**2))).astype(float)
    y = treat + 2 * x**2 + draw.normal(size=2500)
    frame = frame.with_columns(treat=pl.Series(treat), y=pl.Series(y))
    bent = primary(
        frame,
        make_plan("doubly-robust", covariates=["x"], settings='learner = "gradient-boosting"\nfolds = 3'),
    ).estimate
    straight = primary(frame, make_plan("doubly-robust", covariates=["x"])).estimate
    assert abs(number(bent.value) - 1) < 0.35
    assert abs(number(straight.value) - 1) > 0.8


@pytest.mark.parametrize(
    ("settings", "design", "code"),
    [
        ('learner = "gradient-boosting"\nfolds = 1', "", "LC406"),
        ("folds = 50", "", "LC403"),
        ('estimator = "tmle"', 'estimand = "ATT"', "LC406"),
        ("", 'exact = ["x"]', "LC406"),
        ("clip = 0.5", "", "LC403"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: str, design: str, code: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        make_plan("doubly-robust", covariates=["x"], settings=settings, design=design)
    assert code in {fault.code for fault in caught.value.faults}


def test_too_few_clusters_for_the_folds_block() -> None:
    frame = observed(400).with_columns(school=pl.col("place"))
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], design='cluster = "school"'))
    assert found.verdict.answer == "not-assessable"
