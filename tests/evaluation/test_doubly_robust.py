"""Doubly robust effects: folds, double robustness, and the influence function."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.observed.augmented import Augmented, NoRatio, augmented, on_scale, targeted
from evaluation.observed.boosting import _settings, boosted
from evaluation.observed.cross_fitted import Found, People, median_of
from evaluation.observed.nuisance import Nuisance, cross_fit, fold_numbers
from evaluation.observed.overlap_checks import on_few
from evaluation.observed.propensity import Separation
from evaluation.plan import canonical
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
        ("trim = 0.5", "", "LC403"),
        ("repeats = 0", "", "LC403"),
        ("repeats = 200", "", "LC403"),
        ('outcome_model = "logistic"', "", "LC406"),
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


# --- several divisions into folds


def test_the_median_counts_and_its_error_holds_the_spread() -> None:
    found = tuple(Found(value, (value, 0.0), error) for value, error in ((1.0, 0.1), (2.0, 0.2), (4.0, 0.1)))
    middle = median_of(found)
    # Variances about the median: 0.01 + 1, 0.04 + 0, 0.01 + 4: their median is 1.01.
    assert (middle.value, middle.means[0]) == (2.0, 2.0)
    assert middle.error == pytest.approx(1.01**0.5)
    assert median_of(found[:1]) == found[0]


def test_each_repeat_draws_other_folds_and_the_lowest_and_highest_are_shown() -> None:
    found = primary(observed(500), make_plan("doubly-robust", covariates=["x", "z"]))
    ways = {way.name: number(way.estimate.value) for way in found.sensitivity}
    low, high = ways["folds with the lowest effect"], ways["folds with the highest effect"]
    assert low < number(found.estimate.value) < high
    check = next(check for check in found.checks if check.name == "folds")
    assert check.reading == pytest.approx((high - low) / number(found.estimate.std_error), rel=0.1)
    single = primary(observed(500), make_plan("doubly-robust", covariates=["x", "z"], settings="repeats = 1"))
    assert not any(check.name == "folds" for check in single.checks)
    fixed = primary(observed(500), make_plan("doubly-robust", covariates=["x", "z"], settings="folds = 1"))
    assert not any(way.name.startswith("folds") for way in fixed.sensitivity)


def test_a_plan_without_the_newer_keys_keeps_its_fingerprint() -> None:
    text = canonical(make_plan("doubly-robust", covariates=["x"]))
    assert not any(f'"{key}"' in text for key in ("repeats", "trim", "explore"))
    assert '"trim"' in canonical(make_plan("weighting", covariates=["x"]))
    assert '"repeats":7' in canonical(make_plan("doubly-robust", covariates=["x"], settings="repeats = 7"))


# --- ratios and counts


@pytest.mark.parametrize(
    ("effect", "estimand"), [("risk-ratio", "ATE"), ("odds-ratio", "ATT"), ("rate-ratio", "ATE")]
)
def test_the_error_of_a_ratio_is_the_slope_of_its_log_along_the_influences(
    effect: str, estimand: str
) -> None:
    """Every person a little more weight, one at a time, moves the log by their influence over n."""
    y, treated, x, _ = people(300)
    y = (y > 2.5).astype(float)
    fitted = Nuisance(1 / (1 + np.exp(-0.7 * x)), np.full(300, 0.6), np.full(300, 0.4))
    found = augmented(y, treated, fitted, estimand)
    value, means, influence = on_scale(found, effect)
    one, zero = means

    def scaled(mean: Array) -> Array:
        return np.log(mean / (1 - mean)) if effect == "odds-ratio" else np.log(mean)

    def log_ratio(step: float) -> Array:
        return scaled(one + step * found.parts[0]) - scaled(zero + step * found.parts[1])

    step = 1e-6
    assert value == pytest.approx(log_ratio(0.0)[0])
    moved = log_ratio(step)
    assert influence == pytest.approx((moved - value) / step, abs=1e-4)
    assert influence.mean() == pytest.approx(0, abs=1e-12)


def test_a_ratio_of_means_that_are_not_above_nought_is_refused() -> None:
    parts = (np.zeros(2), np.zeros(2))
    with pytest.raises(NoRatio):
        on_scale(Augmented(-0.5, (0.0, 0.5), np.zeros(2), parts), "risk-ratio")
    with pytest.raises(NoRatio):
        on_scale(Augmented(0.5, (1.0, 0.5), np.zeros(2), parts), "odds-ratio")


def counted(n: int = 3000, seed: int = 4) -> pl.DataFrame:
    """Counts over unequal times; those with a high x are treated more often and count more; true rate ratio 0.7."""
    frame = observed(n, seed)
    draw = np.random.default_rng(seed + 1)
    time = draw.uniform(0.5, 2.0, n)
    rate = np.exp(0.2 + np.log(0.7) * frame["treat"].to_numpy() + 0.5 * frame["x"].to_numpy())
    return frame.with_columns(time=pl.Series(time), y=pl.Series(draw.poisson(rate * time)).cast(pl.Float64))


@pytest.mark.parametrize("settings", ["", "folds = 1", 'learner = "gradient-boosting"\nrepeats = 1'])
def test_a_rate_ratio_is_freed_of_confounding(settings: str) -> None:
    plan = make_plan(
        "doubly-robust", covariates=["x"], kind="count", better="lower", outcome='exposure = "time"', settings=settings
    )  # fmt: skip
    e = primary(counted(), plan).estimate
    assert e.effect == "rate-ratio"
    assert abs(np.log(number(e.value)) - np.log(0.7)) < 3 * number(e.std_error)
    assert number(e.std_error) < 0.08


def test_ratios_agree_with_the_means_they_are_of() -> None:
    frame = observed(800, 3, binary=True)
    parts = {"covariates": ["x", "z"], "kind": "binary", "settings": "folds = 1"}
    plain = primary(frame, make_plan("doubly-robust", **parts)).estimate
    ratio = primary(frame, make_plan("doubly-robust", outcome='effect = "risk-ratio"', **parts)).estimate
    assert ratio.value == pytest.approx(number(plain.treated_mean) / number(plain.comparison_mean))
    assert number(ratio.treated_mean) - number(ratio.comparison_mean) == pytest.approx(number(plain.value))


def test_no_events_in_an_arm_is_not_assessable() -> None:
    frame = counted(300).with_columns(y=pl.when(pl.col("treat") == 1).then(0.0).otherwise("y"))
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], kind="count", better="lower"))
    assert found.verdict.answer == "not-assessable"
    assert any(check.name == "events" and check.consequence == "block" for check in found.checks)


# --- trimming, weight, threads


def test_trimming_leaves_people_out_names_the_estimand_and_counts_them() -> None:
    frame = observed(1500, 2, pull=2.5)
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], settings="trim = 0.1"))
    assert found.estimate.estimand == "ATE among scores of 0.1 to 0.9"
    step = next(step for step in found.flow if step.step == "kept after trimming")
    assert found.estimate.n == step.n < 1500
    share = next(check for check in found.checks if check.name == "trimming")
    assert share.reading == pytest.approx(1 - step.n / 1500)
    assert abs(number(found.estimate.value) - 1) < 4 * number(found.estimate.std_error)


def test_trimming_that_leaves_nobody_is_not_assessable_and_says_what_to_do() -> None:
    frame = observed(300, 2, pull=0.0).with_columns(treat=pl.Series((np.arange(300) % 10 == 0).astype(float)))
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], settings="trim = 0.4"))
    assert found.verdict.answer == "not-assessable"
    assert any("trim less" in check.note for check in found.checks)


def test_one_person_with_much_weight_is_named() -> None:
    treated = np.repeat([1.0, 0.0], 40)
    score = np.full(80, 0.5)
    score[0] = 0.02
    fitted = Nuisance(score, np.zeros(80), np.zeros(80))
    known = People(np.zeros(80), treated, np.empty((80, 0)))
    (check,) = on_few(known, fitted, np.ones(80, dtype=np.bool_))
    assert (check.name, check.consequence) == ("weight on few", "downgrade")
    assert check.reading == pytest.approx(50 / (50 + 39 * 2))


def test_counts_that_the_covariates_decide_are_penalised_and_said() -> None:
    frame = counted(400).with_columns(
        y=pl.when(pl.col("x") > 0).then("y").otherwise(0.0), x=(pl.col("x") > 0) * 1.0
    )
    found = primary(frame, make_plan("doubly-robust", covariates=["x"], kind="count", better="lower"))
    assert any(check.name == "outcome models" for check in found.checks)
    assert found.estimate.value is not None


def test_boosting_predicts_chances_counts_and_means_and_stops_early_only_with_people_enough() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(900, 2))
    chance = 1 / (1 + np.exp(-2 * x[:, 0]))
    said = boosted((draw.random(900) < chance).astype(float), x, x, "logistic", 1)
    assert ((said > 0) & (said < 1)).all()
    assert np.corrcoef(said, chance)[0, 1] > 0.9
    rate = np.exp(x[:, 0])
    counts = boosted(draw.poisson(rate).astype(float), x, x, "poisson", 1)
    assert (counts > 0).all()
    assert np.corrcoef(counts, rate)[0, 1] > 0.8
    assert _settings(np.repeat([0.0, 1.0], [860, 40]), "logistic", 1)["early_stopping"] is False
    assert _settings(np.repeat([0.0, 1.0], [450, 450]), "logistic", 1)["early_stopping"] is True
