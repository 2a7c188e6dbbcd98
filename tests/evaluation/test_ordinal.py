"""Ordered scales: the proportional-odds model by hand and against statsmodels, its test, and what stands beside it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from evaluation.decidable import Prospects, project
from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from evaluation.observed.propensity import Separation
from evaluation.regression.linear import NotIdentified
from evaluation.trials.ordinal import fit_ordered, same_at_every_cut, superiority
from tests.evaluation.studies import make_plan, number, plan_text, primary

ROOT = Path(__file__).parents[2]
ODDS = 'effect = "odds-ratio"'


def steps(treated: tuple[int, ...], comparison: tuple[int, ...]) -> pl.DataFrame:
    """How many people stand on each step, in each arm."""
    rows = [(1.0, float(k)) for k, n in enumerate(treated) for _ in range(n)]
    rows += [(0.0, float(k)) for k, n in enumerate(comparison) for _ in range(n)]
    return pl.DataFrame(rows, schema=["treat", "y"], orient="row")


def drawn(n: int = 400, seed: int = 1, effect: float = 0.7) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    treat, x = draw.integers(0, 2, n).astype(float), draw.normal(size=n)
    hidden = effect * treat + 0.8 * x + draw.logistic(size=n)
    return pl.DataFrame({"treat": treat, "x": x, "y": np.digitize(hidden, [-1.0, 0.5, 2.0]).astype(float)})


def named(found: OutcomeResult, name: str) -> Check:
    return next(check for check in found.checks if check.name == name)


# Odds of standing above each cut are 1 and 1/4 in the comparison, 2 and 1/2 in the treated: twice as high at both.
EVEN = steps((10, 10, 10), (15, 9, 6))


def test_two_by_three_by_hand() -> None:
    """The model fits this table exactly: one odds ratio of 2, cuts at log odds 0 and log 4, nothing to test."""
    levels, design = EVEN["y"].to_numpy().astype(np.int64), EVEN.select("treat").to_numpy()
    fit = fit_ordered(levels, design)
    assert math.exp(fit.beta[0]) == pytest.approx(2.0, rel=1e-10)
    assert fit.cuts == pytest.approx([0.0, math.log(4)], abs=1e-10)
    shares = (10 / 30,) * 3, (15 / 30, 9 / 30, 6 / 30)
    want = sum(n * math.log(p) for arm in zip(((10,) * 3, (15, 9, 6)), shares, strict=True)
               for n, p in zip(*arm, strict=True))  # fmt: skip
    assert fit.likelihood == pytest.approx(want, rel=1e-12)
    tested = same_at_every_cut(levels, design)
    assert tested is not None
    assert tested.statistic == pytest.approx(0.0, abs=1e-12)
    assert np.exp(tested.at_cuts) == pytest.approx([2.0, 2.0])


def test_superiority_by_hand() -> None:
    """A treated person beats 0, .5 or .8 of the others from steps 0, 1, 2, and ties with a third on average."""
    found = superiority(EVEN["y"].to_numpy(), EVEN["treat"].to_numpy())
    assert found.value == pytest.approx((0 + 0.5 + 0.8) / 3 + (0.5 + 0.3 + 0.2) / 3 / 2)
    treated = np.repeat([0.25, 0.65, 0.9], 10)  # share below plus half the ties, from each step
    others = np.repeat([5 / 6, 3 / 6, 1 / 6], [15, 9, 6])
    assert found.std_error == pytest.approx(math.sqrt(treated.var(ddof=1) / 30 + others.var(ddof=1) / 30))


def test_superiority_is_the_mann_whitney_statistic() -> None:
    frame = drawn()
    one, zero = (frame.filter(pl.col("treat") == arm)["y"].to_numpy() for arm in (1, 0))
    u = stats.mannwhitneyu(one, zero).statistic
    found = superiority(frame["y"].to_numpy(), frame["treat"].to_numpy())
    assert found.value == pytest.approx(u / len(one) / len(zero))
    alone = superiority(frame["y"].to_numpy(), frame["treat"].to_numpy(), np.arange(frame.height))
    assert alone.std_error == pytest.approx(found.std_error, rel=0.01)


def test_the_model_agrees_with_statsmodels() -> None:
    """Coefficients within 1e-6, errors within 1e-4 (theirs come from a numerical second derivative)."""
    frame = drawn()
    levels, design = frame["y"].to_numpy().astype(np.int64), frame.select("x", "treat").to_numpy()
    ours = fit_ordered(levels, design)
    theirs = OrderedModel(levels, design, distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
    assert ours.beta == pytest.approx(theirs.params[:2], abs=1e-6)
    assert np.sqrt(np.diag(ours.covariance("classical"))) == pytest.approx(theirs.bse[:2], rel=1e-4)
    assert ours.likelihood == pytest.approx(theirs.llf, rel=1e-10)
    assert ours.scores.sum(axis=0) == pytest.approx(np.zeros(5), abs=1e-8)


def test_two_steps_are_a_logistic_regression() -> None:
    frame = drawn().with_columns(y=(pl.col("y") > 1).cast(pl.Float64))
    settings = 'errors = "classical"\ninterval = "normal"'
    found = primary(frame, make_plan(covariates=["x"], kind="ordinal", outcome=ODDS, settings=settings))
    import statsmodels.api as sm

    design = np.column_stack([np.ones(frame.height), frame["x"].to_numpy(), frame["treat"].to_numpy()])
    logit = sm.Logit(frame["y"].to_numpy(), design).fit(disp=0)
    assert math.log(number(found.estimate.value)) == pytest.approx(logit.params[-1], abs=1e-8)
    assert found.estimate.std_error == pytest.approx(logit.bse[-1], abs=1e-8)
    assert named(found, "proportional odds").result == "info"


def test_robust_errors_come_near_the_models_own_where_the_model_is_right() -> None:
    frame = drawn(4000)
    levels, design = frame["y"].to_numpy().astype(np.int64), frame.select("x", "treat").to_numpy()
    fit = fit_ordered(levels, design)
    own = np.sqrt(np.diag(fit.covariance("classical")))
    assert np.sqrt(np.diag(fit.covariance("HC0"))) == pytest.approx(own, rel=0.05)
    assert np.sqrt(np.diag(fit.covariance("HC1", np.arange(4000)))) == pytest.approx(own, rel=0.05)


def test_brants_test_holds_its_size_and_sees_an_effect_on_one_cut_only() -> None:
    """Two hundred true models: at 5 % between 3 and 19 rejections (99.5 % of such series)."""
    rejected = 0
    for seed in range(200):
        frame = drawn(300, seed)
        tested = same_at_every_cut(
            frame["y"].to_numpy().astype(np.int64), frame.select("x", "treat").to_numpy()
        )
        assert tested is not None
        rejected += tested.p_value < 0.05
    assert 3 <= rejected <= 19
    found = primary(steps((100, 20, 180), (100, 160, 40)), make_plan(kind="ordinal", outcome=ODDS))
    check = named(found, "proportional odds")
    assert (check.result, check.consequence) == ("warn", "downgrade")


def test_a_trial_shows_odds_steps_and_probability_and_a_verdict_on_the_odds() -> None:
    frame = drawn(800)
    found = primary(frame, make_plan(covariates=["x"], kind="ordinal", outcome=ODDS))
    assert found.estimate.effect == "odds-ratio"
    assert math.log(number(found.estimate.value)) == pytest.approx(0.7, abs=0.4)
    assert found.verdict.answer == "works"
    ways = {way.name: way.estimate for way in found.sensitivity}
    plain = primary(frame, make_plan(covariates=["x"], kind="ordinal")).estimate
    assert ways["average steps apart"].value == pytest.approx(plain.value)
    assert "not adjusted" in ways
    assert number(named(found, "probability of superiority").reading) > 0.5
    turned = primary(
        frame.with_columns(y=-pl.col("y")),
        make_plan(covariates=["x"], kind="ordinal", outcome=ODDS, better="lower"),
    )
    assert turned.estimate.value == pytest.approx(1 / number(found.estimate.value))
    assert turned.verdict.answer == "works"
    assert not any(way.flips_verdict for way in turned.sensitivity)


def test_only_the_order_of_the_steps_counts() -> None:
    plan = make_plan(covariates=["x"], kind="ordinal", outcome=ODDS)
    frame = drawn()
    other = frame.with_columns(y=pl.col("y").replace_strict({0.0: -7.0, 1.0: 0.5, 2.0: 2.0, 3.0: 1000.0}))
    assert primary(other, plan).estimate.value == pytest.approx(primary(frame, plan).estimate.value)


# --- bad input


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (steps((40, 0, 0), (40, 0, 0)), "ordered scale"),
        (steps((0, 0, 40), (20, 20, 0)), "separation"),
        (pl.DataFrame({"treat": [1.0, 0.0] * 60, "y": [float(i // 2) for i in range(120)]}), "ordered scale"),
    ],
    ids=["one step", "arms apart", "sixty steps"],
)
def test_scales_that_have_no_odds_ratio_are_not_assessable_and_say_why(
    frame: pl.DataFrame, name: str
) -> None:
    found = primary(frame, make_plan(kind="ordinal", outcome=ODDS))
    assert found.verdict.answer == "not-assessable"
    assert named(found, name).consequence == "block"
    assert found.estimate.value is None


def test_a_step_that_is_empty_in_an_arm_is_named_and_survived() -> None:
    found = primary(steps((20, 30, 0), (30, 20, 10)), make_plan(kind="ordinal", outcome=ODDS))
    assert found.estimate.value is not None
    assert "1 of them are empty in an arm" in named(found, "ordered scale").note
    tested = named(found, "proportional odds")
    assert tested.consequence == "downgrade"
    assert "could not be tested" in tested.note


def test_a_covariate_that_tells_the_step_separates_the_model() -> None:
    frame = drawn().with_columns(x=pl.col("y") * 10)
    found = primary(frame, make_plan(covariates=["x"], kind="ordinal", outcome=ODDS))
    assert found.verdict.answer == "not-assessable"
    with pytest.raises(Separation):
        fit_ordered(frame["y"].to_numpy().astype(np.int64), frame.select("x").to_numpy() / 10)
    with pytest.raises(NotIdentified):
        fit_ordered(np.zeros(10, dtype=np.int64), np.ones((10, 1)))


def test_strata_and_clusters_go_with_it() -> None:
    frame = drawn(600).with_columns(place=pl.Series([f"p{i % 20}" for i in range(600)]))
    strata = primary(frame, make_plan(kind="ordinal", outcome=ODDS, design='strata = "place"'))
    assert strata.estimate.value is not None
    clustered = primary(frame, make_plan(kind="ordinal", outcome=ODDS, design='cluster = "place"')).estimate
    assert (clustered.n_clusters, clustered.df) == (20, 19)


@pytest.mark.parametrize(
    ("method", "outcome", "settings", "code"),
    [
        ("randomised", 'effect = "risk-ratio"', "", "LC406"),
        ("randomised", ODDS, 'adjust = "lin"', "LC406"),
        ("weighting", ODDS, "", "LC407"),
    ],
)
def test_what_an_ordered_scale_cannot_have_is_refused(
    method: str, outcome: str, settings: str, code: str
) -> None:
    with pytest.raises(EvaluationError) as caught:
        make_plan(method, covariates=["x"], kind="ordinal", outcome=outcome, settings=settings)
    assert code in {fault.code for fault in caught.value.faults}


def test_what_it_could_show_comes_from_whiteheads_formula() -> None:
    """Four even steps: variance 12 / (N (1 - 4 (1/4)^3)) of the log odds ratio with equal arms."""
    plan = make_plan(kind="ordinal", outcome=ODDS)
    found = project(plan, plan.outcomes[0], Prospects(200, 200))
    error = math.sqrt(12 / (400 * (1 - 1 / 16)))
    wanted = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error
    assert math.log(number(found.detectable)) == pytest.approx(wanted)


def test_file_mode_gives_the_odds_ratio_and_what_stands_beside_it(tmp_path: Path) -> None:
    drawn().write_csv(tmp_path / "people.csv")
    (tmp_path / "plan.toml").write_text(
        plan_text(covariates=["x"], kind="ordinal", outcome=ODDS), encoding="utf-8"
    )
    command = [sys.executable, "-m", "cli", "evaluate", "run", str(tmp_path / "plan.toml"), "--data",
               str(tmp_path / "people.csv"), "--json"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (outcome,) = json.loads(done.stdout)["outcomes"]
    assert outcome["estimate"]["effect"] == "odds-ratio"
    assert {"proportional odds", "probability of superiority", "ordered scale"} <= {
        check["name"] for check in outcome["checks"]
    }
