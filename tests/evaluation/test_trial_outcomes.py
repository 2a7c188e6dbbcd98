"""Trials: ratios, counts, take-up, randomisation tests, several arms. Numbers by hand, or another program's formula."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from evaluation.arms import arm_labels
from evaluation.decidable import Prospects, doubts, project
from evaluation.errors import EvaluationError
from evaluation.model import Check, OutcomeResult
from evaluation.observed.propensity import Separation
from evaluation.plan import canonical
from evaluation.power import detectable, equivalence_power
from evaluation.protection import _check
from evaluation.regression.event_checks import dispersion_check
from evaluation.regression.glm import dispersion, fit_model
from evaluation.regression.linear import Array, NotIdentified, treatment_effect
from evaluation.regression.ratios import log_spread, prepare, rate_fit, standardised_fit
from evaluation.trials.compliance import take_up
from evaluation.trials.permutation import permutation_test
from evaluation.trials.satterthwaite import satterthwaite_df
from tests.evaluation.studies import make_plan, number, observed, plan_text, primary, read, trial
from workspace.settings import DisclosureProfile

MID = 'minimum_important_difference = 0.8\nmid_source = "a test"'


def ratio(effect: str, more: str = "") -> str:
    return f'effect = "{effect}"\n{more}'


def named(result: OutcomeResult, name: str) -> Check:
    return next(check for check in result.checks if check.name == name)


def table(a: int, b: int, c: int, d: int) -> pl.DataFrame:
    """a events and b others treated, c events and d others in the comparison."""
    return pl.DataFrame(
        {"treat": [1.0] * (a + b) + [0.0] * (c + d), "y": [1.0] * a + [0.0] * b + [1.0] * c + [0.0] * d}
    )


def counted(n: int = 150, seed: int = 3, rate: float = 0.7) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    treat = np.repeat([1.0, 0.0], n)
    x, time = draw.normal(size=2 * n), draw.uniform(0.3, 1.5, 2 * n)
    mean = time * np.exp(0.4 + math.log(rate) * treat + 0.3 * x) * draw.gamma(2, 0.5, 2 * n)
    return pl.DataFrame({"treat": treat, "x": x, "time": time, "y": draw.poisson(mean).astype(float)})


# --- degrees of freedom


def test_satterthwaite_is_welchs_without_covariates_and_the_written_out_trace_with_them() -> None:
    draw = np.random.default_rng(1)
    treated = np.repeat([1.0, 0.0], [12, 30])
    x = draw.normal(size=(42, 2))
    y = draw.normal(size=42) * (1 + 2 * treated)
    plain = treatment_effect(y, treated, np.empty((42, 0)), (), df="satterthwaite")
    welch = stats.ttest_ind(y[treated == 1], y[treated == 0], equal_var=False)
    assert plain.df == pytest.approx(welch.df)
    assert plain.value / plain.std_error == pytest.approx(welch.statistic)
    design = np.column_stack([np.ones(42), x, treated])
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    left, spare = (np.eye(42) - hat) @ y, 1 - np.diag(hat)
    spread = np.where(treated == 1, *((left**2 / spare)[treated == arm].mean() for arm in (1, 0)))
    weight = (np.linalg.inv(design.T @ design) @ design.T)[-1] ** 2 / spare
    product = np.diag(weight) @ (np.eye(42) - hat) @ np.diag(spread) @ (np.eye(42) - hat)
    by_hand = np.trace(product) ** 2 / np.trace(product @ product)
    assert satterthwaite_df(design, left, treated) == pytest.approx(by_hand)
    assert satterthwaite_df(design, np.zeros(42), treated) == 38


def test_the_residual_degrees_of_freedom_can_be_asked_for() -> None:
    frame = trial(60)
    assert primary(frame, make_plan(settings='df = "residual"')).estimate.df == 118
    assert number(primary(frame, make_plan()).estimate.df) < 118
    assert primary(frame, make_plan(settings='errors = "HC1"')).estimate.df == 118


def test_lins_estimator_is_the_difference_of_two_regressions_at_the_overall_means() -> None:
    frame = trial(80)
    found = primary(frame, make_plan(covariates=["x", "z"], settings='adjust = "lin"')).estimate
    x = frame.select("x", "z").to_numpy()
    y, treated = frame["y"].to_numpy(), frame["treat"].to_numpy()
    ends = []
    for arm in (1, 0):
        rows = treated == arm
        beta = np.linalg.lstsq(np.column_stack([np.ones(rows.sum()), x[rows]]), y[rows], rcond=None)[0]
        ends.append(beta[0] + x.mean(axis=0) @ beta[1:])
    assert found.value == pytest.approx(ends[0] - ends[1])


def test_lin_with_strata_weighs_sites_by_their_people() -> None:
    draw = np.random.default_rng(2)
    frame = pl.DataFrame(
        {"site": ["a"] * 40 + ["b"] * 120, "treat": [1.0] * 30 + [0.0] * 10 + [1.0] * 30 + [0.0] * 90}
    )
    frame = frame.with_columns(y=pl.col("treat") * pl.when(pl.col("site") == "a").then(4.0).otherwise(0.0)
                               + pl.Series(draw.normal(size=160)))  # fmt: skip
    found = primary(frame, make_plan(design='strata = "site"', settings='adjust = "lin"')).estimate
    sites = [
        frame.filter((pl.col("site") == site) & (pl.col("treat") == arm))["y"].to_numpy().mean()
        for site in "ab"
        for arm in (1, 0)
    ]
    assert found.value == pytest.approx(0.25 * (sites[0] - sites[1]) + 0.75 * (sites[2] - sites[3]))


# --- risk and odds ratios


def test_an_unadjusted_risk_ratio_is_the_raw_one_with_katzs_error() -> None:
    frame = table(30, 70, 50, 70)
    settings = 'errors = "HC0"\ninterval = "normal"'
    e = primary(frame, make_plan(kind="binary", settings=settings, outcome=ratio("risk-ratio"))).estimate
    error = math.sqrt(1 / 30 - 1 / 100 + 1 / 50 - 1 / 120)
    assert e.value == pytest.approx(0.3 / (50 / 120))
    assert e.std_error == pytest.approx(error)
    assert (e.conf_low, e.conf_high) == pytest.approx(
        tuple(number(e.value) * math.exp(sign * stats.norm.ppf(0.975) * error) for sign in (-1, 1))
    )
    assert (e.treated_mean, e.comparison_mean) == pytest.approx((0.3, 50 / 120))


def test_an_unadjusted_odds_ratio_is_the_cross_product_with_woolfs_error() -> None:
    frame = table(30, 70, 50, 70)
    settings = 'errors = "HC0"\ninterval = "normal"'
    e = primary(frame, make_plan(kind="binary", settings=settings, outcome=ratio("odds-ratio"))).estimate
    assert e.value == pytest.approx(30 * 70 / (70 * 50))
    assert e.std_error == pytest.approx(math.sqrt(1 / 30 + 1 / 70 + 1 / 50 + 1 / 70))


@pytest.mark.parametrize("effect", ["risk-difference", "risk-ratio", "odds-ratio"])
@pytest.mark.parametrize("errors", ["classical", "HC0"])
def test_standardised_effects_agree_with_statsmodels_and_a_numerical_slope(effect: Any, errors: Any) -> None:
    import statsmodels.api as sm

    frame = trial(150, binary=True, effect=0.6)
    x, treated, y = (frame[name].to_numpy() for name in ("x", "treat", "y"))
    design = np.column_stack([np.ones(300), x, treated])
    fit = sm.Logit(y, design).fit(
        disp=0, method="newton", cov_type="nonrobust" if errors == "classical" else "HC0"
    )

    def effect_at(beta: Array) -> float:
        p1, p0 = (
            float((1 / (1 + np.exp(-np.column_stack([np.ones(300), x, np.full(300, arm)]) @ beta))).mean())
            for arm in (1.0, 0.0)
        )
        if effect == "risk-ratio":
            return math.log(p1 / p0)
        return math.log(p1 * (1 - p0) / (p0 * (1 - p1))) if effect == "odds-ratio" else p1 - p0

    step = 1e-5
    slope = np.array(
        [
            (effect_at(fit.params + step * e) - effect_at(fit.params - step * e)) / (2 * step)
            for e in np.eye(3)
        ]
    )
    found = standardised_fit(y, prepare(treated, x[:, None], ("x",)), effect, errors)
    assert found.value == pytest.approx(effect_at(fit.params), rel=1e-8)
    assert found.std_error == pytest.approx(math.sqrt(slope @ fit.cov_params() @ slope), rel=1e-6)


def test_a_marginal_odds_ratio_is_nearer_to_one_than_the_coefficient_of_the_model() -> None:
    frame = trial(400, binary=True, effect=1.5).with_columns(strong=3 * pl.col("x"))
    frame = frame.with_columns(y=(pl.col("strong") + pl.col("treat") + pl.col("z") > 0.5).cast(pl.Float64))
    prepared = prepare(frame["treat"].to_numpy(), frame.select("strong").to_numpy(), ("strong",))
    coefficient = fit_model(frame["y"].to_numpy(), prepared.design, "logistic").beta[-1]
    marginal = standardised_fit(frame["y"].to_numpy(), prepared, "odds-ratio", "HC2").value
    assert 0 < marginal < coefficient


@pytest.mark.parametrize("effect", ["risk-ratio", "odds-ratio"])
@pytest.mark.parametrize("cells", [(0, 60, 20, 40), (20, 40, 0, 60), (60, 0, 20, 40), (0, 60, 60, 0)])
def test_an_empty_cell_forbids_a_ratio(effect: str, cells: tuple[int, int, int, int]) -> None:
    for method, covariates in (("randomised", ()), ("weighting", ("x",))):
        frame = table(*cells).with_columns(x=pl.Series(np.random.default_rng(1).normal(size=120)))
        found = primary(frame, make_plan(method, kind="binary", covariates=covariates, outcome=ratio(effect)))
        assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", "events")
        assert found.estimate.value is None
        assert "an arm has too few events, or nothing but events" in found.verdict.sentence


def test_few_events_bring_the_security_down() -> None:
    found = primary(table(3, 97, 20, 80), make_plan(kind="binary", outcome=ratio("risk-ratio")))
    assert (named(found, "events").result, named(found, "events").consequence) == ("warn", "downgrade")


def test_a_stratum_without_the_outcome_separates_the_logistic_model_and_is_named() -> None:
    frame = table(20, 60, 30, 50).with_row_index()
    frame = frame.with_columns(
        area=pl.when((pl.col("y") == 0) & (pl.col("index") % 3 == 0))
        .then(pl.lit("calm"))
        .otherwise(pl.lit("other"))
    )
    found = primary(frame, make_plan(kind="binary", design='strata = "area"', outcome=ratio("risk-ratio")))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", "separation")
    unadjusted = make_plan(
        kind="binary", design='strata = "area"', settings='adjust = "none"', outcome=ratio("risk-ratio")
    )
    assert primary(frame, unadjusted).estimate.value == pytest.approx(2 / 3)


def test_a_logistic_model_can_stand_behind_a_risk_difference() -> None:
    frame = trial(200, binary=True, effect=0.5)
    linear = primary(frame, make_plan(kind="binary", covariates=["x"])).estimate
    logistic = primary(
        frame, make_plan(kind="binary", covariates=["x"], settings='model = "logistic"')
    ).estimate
    assert logistic.effect == "risk-difference"
    assert number(logistic.value) == pytest.approx(number(linear.value), abs=0.01)
    assert logistic.value != linear.value


@pytest.mark.parametrize(
    ("low", "better", "answer"),
    [(20, "lower", "works"), (20, "higher", "harms"), (58, "lower", "inconclusive")],
)
def test_the_verdict_is_taken_on_the_ratio(low: int, better: str, answer: str) -> None:
    frame = table(low, 400 - low, 60, 340)
    found = primary(frame, make_plan(kind="binary", better=better, outcome=ratio("risk-ratio", MID)))
    assert found.verdict.answer == answer
    assert "times the risk" in found.verdict.sentence


def test_missing_outcomes_shift_a_ratio_on_the_log_scale() -> None:
    frame = table(60, 140, 80, 120).with_row_index()
    frame = frame.with_columns(y=pl.when(pl.col("index") % 8 == 0).then(None).otherwise("y"))
    found = primary(frame, make_plan(kind="binary", outcome=ratio("risk-ratio")))
    against, favour = (way.estimate for way in found.sensitivity if way.name.startswith("missing outcomes"))
    e = found.estimate
    assert number(against.value) * number(favour.value) == pytest.approx(number(e.value) ** 2)
    assert all(
        0 < number(way.conf_low) < number(way.value) < number(way.conf_high) for way in (against, favour)
    )


def test_the_size_that_could_be_detected_is_the_same_in_sds_whatever_the_scale() -> None:
    frame = table(200, 200, 200, 200)
    levels = [
        [
            fact.fact
            for fact in primary(frame, make_plan(kind="binary", outcome=ratio(effect))).verdict.security_facts
        ]
        for effect in ("risk-difference", "risk-ratio", "odds-ratio")
    ]
    assert levels[0] == levels[1] == levels[2]
    assert log_spread("risk-ratio", 0.0, 0.1) == 0.0
    assert log_spread("odds-ratio", 1.0, 0.1) == 0.0


# --- counts


def test_poisson_and_negative_binomial_agree_with_statsmodels() -> None:
    import statsmodels.api as sm

    frame = counted()
    x, treated, time, y = (frame[name].to_numpy() for name in ("x", "treat", "time", "y"))
    design = np.column_stack([np.ones(300), x, treated])
    wanted = sm.GLM(y, design, family=sm.families.Poisson(), exposure=time).fit(cov_type="HC0")
    prepared = prepare(treated, x[:, None], ("x",))
    found, model = rate_fit(y, prepared, time, "HC0")
    assert (found.value, found.std_error) == pytest.approx((wanted.params[2], wanted.bse[2]), rel=1e-6)
    assert dispersion(model, y) == pytest.approx(wanted.pearson_chi2 / 297, rel=1e-6)
    twice = sm.NegativeBinomial(y, design, exposure=time).fit(disp=0, method="bfgs", maxiter=500, gtol=1e-8)
    other, model = rate_fit(y, prepared, time, "classical", family="negative-binomial")
    assert other.value == pytest.approx(twice.params[2], rel=1e-4)
    assert 1 / model.theta == pytest.approx(twice.params[3], rel=1e-4)
    assert other.std_error == pytest.approx(twice.bse[2], rel=0.05)  # expected against observed information


def test_counts_that_do_not_vary_more_than_chance_make_the_negative_binomial_a_poisson_model() -> None:
    draw = np.random.default_rng(5)
    treated = np.repeat([1.0, 0.0], 200)
    y = draw.binomial(20, 0.1, 400).astype(float)  # varies less than a Poisson count
    prepared = prepare(treated, np.empty((400, 0)), ())
    poisson, model = rate_fit(y, prepared, None, "HC2")
    other, wide = rate_fit(y, prepared, None, "HC2", family="negative-binomial")
    assert other.value == pytest.approx(poisson.value, rel=1e-4)
    assert wide.theta > 1e4
    assert dispersion_check(dispersion(model, y)).note == "Counts vary about as much as a Poisson model says."


def test_an_unadjusted_rate_ratio_is_events_over_time() -> None:
    frame = counted()
    e = primary(frame, make_plan(kind="count", outcome='exposure = "time"')).estimate
    sums = frame.group_by("treat").agg(pl.col("y").sum(), pl.col("time").sum()).sort("treat")
    rates = (sums["y"] / sums["time"]).to_list()
    assert e.value == pytest.approx(rates[1] / rates[0])
    assert e.effect == "rate-ratio"


def test_a_trial_of_counts_names_dispersion_exposure_and_the_negative_binomial() -> None:
    found = primary(counted(), make_plan(kind="count", covariates=["x"], outcome='exposure = "time"'))
    assert [way.name for way in found.sensitivity] == ["not adjusted", "negative binomial"]
    assert number(named(found, "over-dispersion").reading) > 1.5
    assert "Average time a person" in named(found, "exposure").note
    assert "times the rate of the others" in found.verdict.can_say[0]
    assert found.estimate.standardised is None


def test_a_rate_does_not_depend_on_the_unit_of_time() -> None:
    frame = counted()
    plan = make_plan(kind="count", covariates=["x"], outcome='exposure = "time"')
    one, other = primary(frame, plan), primary(frame.with_columns(time=365 * pl.col("time")), plan)
    assert (other.estimate.value, other.estimate.std_error) == pytest.approx(
        (one.estimate.value, one.estimate.std_error)
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time": 0.0}, "LC467"), ({"time": -1.0}, "LC467"), ({"y": 0.5}, "LC466"), ({"y": -1.0}, "LC466"),
        ({"time": "long"}, "LC454"), ({"y": "many"}, "LC454"),
    ],
)  # fmt: skip
def test_bad_counts_and_exposures_are_named_by_row_and_never_by_value(
    change: dict[str, Any], code: str
) -> None:
    ((name, bad),) = change.items()
    frame = counted().with_row_index()
    if isinstance(bad, str):
        frame = frame.with_columns(pl.col(name).cast(pl.String))
    frame = frame.with_columns(pl.when(pl.col("index") == 4).then(pl.lit(bad)).otherwise(name).alias(name))
    with pytest.raises(EvaluationError) as error:
        primary(frame, make_plan(kind="count", outcome='exposure = "time"'))
    assert [fault.code for fault in error.value.faults] == [code]
    assert "row 6" in str(error.value)
    assert str(bad) not in str(error.value).replace("row 6", "").replace("above 0", "").replace("from 0", "")


@pytest.mark.parametrize("method", ["randomised", "weighting"])
@pytest.mark.parametrize("arms", [(0.0, 1.0), (0.0,), (1.0,)])
def test_no_events_at_all_or_none_in_an_arm_is_not_assessable(method: str, arms: tuple[float, ...]) -> None:
    frame = counted().with_columns(y=pl.when(pl.col("treat").is_in(arms)).then(0.0).otherwise("y"))
    found = primary(frame, make_plan(method, kind="count", covariates=["x"]))
    assert found.verdict.answer == "not-assessable"
    assert found.estimate.value is None


def test_somebody_without_an_exposure_counts_as_not_seen() -> None:
    frame = counted().with_row_index()
    frame = frame.with_columns(time=pl.when(pl.col("index") < 5).then(None).otherwise("time"))
    found = primary(frame, make_plan(kind="count", outcome='exposure = "time"'))
    assert found.estimate.n_treated == 145
    assert next(step for step in found.flow if step.step == "outcome seen").reason == "outcome missing"


def test_an_outcome_that_covariates_tell_has_no_poisson_model() -> None:
    y = np.array([0.0] * 20 + [3.0] * 20)
    x = np.repeat([0.0, 1.0], 20)
    with pytest.raises(Separation):
        rate_fit(y, prepare(np.tile([0.0, 1.0], 20), x[:, None], ("x",)), None, "HC2")


@pytest.mark.parametrize("effect", ["risk-ratio", "odds-ratio", "rate-ratio"])
def test_weighted_ratios_are_those_of_weighted_means_with_errors_near_the_bootstraps(effect: str) -> None:
    counts = effect == "rate-ratio"
    frame = observed(400, 4, binary=not counts)
    if counts:
        draw = np.random.default_rng(9)
        frame = frame.with_columns(y=pl.Series(draw.poisson(np.exp(0.3 * frame["x"].to_numpy())).astype(float)),
                                   time=pl.Series(draw.uniform(0.5, 1.5, 400)))  # fmt: skip
    extra = 'exposure = "time"' if counts else ratio(effect)
    plan = make_plan("weighting", kind="count" if counts else "binary", covariates=["x"], outcome=extra)
    found = primary(frame, plan).estimate
    draw = np.random.default_rng(1)
    logs = [
        math.log(number(primary(frame[draw.integers(0, 400, 400).tolist()], plan).estimate.value))
        for _ in range(80)
    ]
    assert number(found.std_error) == pytest.approx(float(np.std(logs)), rel=0.3)
    assert abs(float(np.mean(logs)) - math.log(number(found.value))) < number(found.std_error)


# --- take-up


def taken(strong: bool = True, n: int = 400) -> pl.DataFrame:
    """A third never takes it up, a third only where offered, a third always; compliers gain 2."""
    draw = np.random.default_rng(7)
    kind, treat = draw.integers(0, 3 if strong else 40, n), draw.integers(0, 2, n).astype(float)
    took = np.where(kind == 1, treat, kind == 2).astype(float)
    y = 2 * took + draw.normal(size=n) + (kind == 2)
    return pl.DataFrame({"treat": treat, "took": took, "y": y})


def test_the_effect_on_those_who_took_it_up_is_walds_ratio_and_never_turns_the_verdict() -> None:
    frame = taken()
    found = primary(frame, make_plan(settings='compliance = "took"'))
    means = frame.group_by("treat").agg(pl.col("y").mean(), pl.col("took").mean()).sort("treat")
    wald = np.ptp(means["y"].to_numpy()) / np.ptp(means["took"].to_numpy())
    (way,) = (way for way in found.sensitivity if way.estimate.estimand == "CACE")
    assert way.estimate.value == pytest.approx(wald)
    assert number(way.estimate.conf_low) < 2 < number(way.estimate.conf_high)
    assert not way.flips_verdict
    assert found.estimate.estimand == "ITT"
    assert primary(frame, make_plan()).estimate == found.estimate
    assert (named(found, "take-up").result, named(found, "take-up").consequence) == ("pass", "none")


def test_two_stage_least_squares_agree_with_the_formula_of_the_sandwich() -> None:
    frame = taken()
    y, z, d = (frame[name].to_numpy() for name in ("y", "treat", "took"))
    x = np.random.default_rng(3).normal(size=(400, 1))
    found = take_up(y, z, d, x, (1.96,))
    instruments, second = (np.column_stack([np.ones(400), x, part]) for part in (z, d))
    beta = np.linalg.solve(instruments.T @ second, instruments.T @ y)
    left = y - second @ beta
    hat = np.diag(instruments @ np.linalg.inv(instruments.T @ instruments) @ instruments.T)
    meat = (instruments * (left**2 / (1 - hat))[:, None]).T @ instruments
    bread = np.linalg.inv(instruments.T @ second)
    assert found.effect.value == pytest.approx(beta[-1])
    assert found.effect.std_error == pytest.approx(math.sqrt((bread @ meat @ bread.T)[-1, -1]))
    low, high = found.ends[0] or (0.0, 0.0)
    for end in (low, high):  # at the ends the reduced form of what is left is 1.96 errors away
        fit = treatment_effect(y - end * d, z, x, ("x",))
        assert abs(fit.value / fit.std_error) == pytest.approx(1.96)


def test_a_weak_offer_warns_and_gives_no_walds_interval() -> None:
    found = primary(taken(strong=False), make_plan(settings='compliance = "took"'))
    (way,) = (way for way in found.sensitivity if way.estimate.estimand == "CACE")
    assert named(found, "take-up").result == "warn"
    assert number(named(found, "take-up").reading) < 10
    assert way.estimate.std_error is None


@pytest.mark.parametrize("took", [0.0, 1.0, None])
def test_take_up_that_does_not_differ_says_so(took: float | None) -> None:
    frame = taken().with_columns(took=pl.lit(took, dtype=pl.Float64))
    found = primary(frame, make_plan(settings='compliance = "took"'))
    assert named(found, "take-up").reading is None
    assert all(way.estimate.estimand != "CACE" for way in found.sensitivity)


def test_take_up_is_0_or_1_and_counts_have_no_effect_on_takers() -> None:
    frame = counted().with_columns(took=pl.col("treat"))
    found = primary(frame, make_plan(kind="count", settings='compliance = "took"'))
    assert all(way.estimate.estimand != "CACE" for way in found.sensitivity)
    with pytest.raises(EvaluationError, match="taken up must be 0 or 1"):
        primary(frame.with_columns(took=pl.lit(2.0)), make_plan(settings='compliance = "took"'))


# --- randomisation test


def test_the_randomisation_test_lists_every_allocation_of_few_people() -> None:
    y = np.array([4.0, 6, 11, 1, 2, 3])
    treated = np.array([1.0, 1, 1, 0, 0, 0])
    found = permutation_test(y, treated, np.empty((6, 0)), np.zeros(6, dtype=np.int64))
    stat = []
    for chosen in itertools.combinations(range(6), 3):
        one, zero = y[list(chosen)], np.delete(y, list(chosen))
        stat.append(abs(one.mean() - zero.mean()) / math.sqrt((one.var() + zero.var()) / 3))
    assert (found.exact, found.allocations) == (True, 20)
    assert found.p_value == pytest.approx(np.mean(np.array(stat) >= stat[0] * (1 - 1e-9)))


def test_drawn_allocations_keep_strata_and_the_seed_and_come_near_the_models_p() -> None:
    frame = trial(100, effect=0.3)
    parts: dict[str, Any] = {"covariates": ["x"], "settings": "randomisation_p = true"}
    one = primary(frame, make_plan(design='strata = "place"', **parts))
    check = named(one, "randomisation test")
    assert "1,999 allocations (drawn, seed 0)" in check.note
    assert number(check.reading) == pytest.approx(number(one.estimate.p_value), abs=0.03)
    assert named(primary(frame, make_plan(design='strata = "place"', **parts)), "randomisation test") == check
    other = named(
        primary(frame, make_plan(design='strata = "place"\nseed = 6', **parts)), "randomisation test"
    )
    assert other.reading != check.reading
    counts = primary(
        counted(), make_plan(kind="count", outcome='exposure = "time"', settings="randomisation_p = true")
    )
    assert number(named(counts, "randomisation test").reading) <= 1


def test_one_allocation_only_tells_nothing() -> None:
    with pytest.raises(NotIdentified):
        permutation_test(np.arange(4.0), np.ones(4), np.empty((4, 0)), np.zeros(4, dtype=np.int64))


# --- several arms, settings, pages


def test_two_of_several_arms_are_compared_and_the_others_counted() -> None:
    frame = (
        trial(150)
        .with_row_index()
        .with_columns(
            arm=pl.when(pl.col("index") % 3 == 0)
            .then(pl.lit("c"))
            .when(pl.col("treat") == 1)
            .then(pl.lit("b"))
            .otherwise(pl.lit("a"))
        )
    )
    plan = make_plan(treatment="arm", design='arm = "b"\ncomparison = "a"')
    found = primary(frame, plan)
    two = frame.filter(pl.col("arm") != "c")
    assert found.estimate == primary(two, make_plan()).estimate
    assert next(step for step in found.flow if step.step == "arm known").n == two.height
    assert "not adjusted over several plans" in named(found, "several arms").note
    with pytest.raises(EvaluationError, match="has no arm 'd'"):
        primary(frame, make_plan(treatment="arm", design='arm = "d"\ncomparison = "a"'))
    assert arm_labels(pl.Series([1.0, 2.0, None])).to_list() == ["1", "2", None]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"design": 'arm = "b"'}, "LC402"),
        ({"design": 'arm = "b"\ncomparison = "b"'}, "LC403"),
        ({"outcome": 'exposure = "time"'}, "LC406"),
        ({"kind": "binary", "outcome": ratio("risk-ratio"), "settings": 'adjust = "lin"'}, "LC406"),
        ({"settings": 'model = "logistic"'}, "LC406"),
        ({"design": 'cluster = "school"', "settings": "randomisation_p = true"}, "LC406"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(parts: dict[str, Any], code: str) -> None:
    with pytest.raises(EvaluationError) as error:
        read(plan_text(**parts))
    assert [fault.code for fault in error.value.faults] == [code]


def test_a_plan_without_the_newer_keys_keeps_its_fingerprint_and_one_with_them_does_not() -> None:
    plain = canonical(make_plan())
    assert not {'"arm"', '"df"', '"exposure"', '"compliance"', '"model"'} & set(
        plain.replace(":", ",").split(",")
    )
    assert canonical(make_plan(settings='df = "residual"')) != plain


def test_an_ordered_scale_is_a_difference_of_steps_and_says_so() -> None:
    frame = trial(100).with_columns(y=pl.col("y").round().clip(0, 4))
    found = primary(frame, make_plan(kind="ordinal"))
    assert "equally far apart" in named(found, "ordered scale").note
    assert found.estimate.effect == "difference"


# --- before the lock, and what may be shown


@pytest.mark.parametrize(
    ("kind", "line", "error"),
    [
        ("binary", 'effect = "risk-ratio"\nexpected_rate = 0.2', math.sqrt(0.8 / 0.2 * 2 / 200)),
        ("binary", 'effect = "odds-ratio"\nexpected_rate = 0.2', math.sqrt(1 / 0.16 * 2 / 200)),
        ("count", "expected_rate = 0.5", math.sqrt(1 / 0.5 * 2 / 200)),
        ("count", "expected_rate = 1.5\nexpected_sd = 3", 2 * math.sqrt(2 / 200)),
    ],
)
def test_what_a_ratio_could_show_is_worked_out_on_the_log_scale(kind: str, line: str, error: float) -> None:
    plan = make_plan(kind=kind, outcome=f"{line}\n{MID}")
    people = Prospects(200, 200)
    found = project(plan, plan.primaries[0], people)
    # With the effect the treated vary otherwise than the comparison: within a fifth of what equal spreads give.
    assert number(found.effect) == pytest.approx(detectable(error), rel=0.2)
    assert number(found.detectable) == pytest.approx(math.exp(number(found.effect)))
    assert found.equivalence == pytest.approx(equivalence_power(error, abs(math.log(0.8))))
    assert [doubt.code for doubt in doubts(plan, people)] == ["too-small"]
    assert "or further from 1" in doubts(plan, people)[0].text


def test_take_up_of_a_few_people_is_not_shown() -> None:
    frame = taken().with_row_index()
    frame = frame.with_columns(
        took=pl.when(pl.col("treat") == 1).then("took").otherwise((pl.col("index") < 6) * 1.0)
    )
    found = primary(frame, make_plan(settings='compliance = "took"'))
    profile = DisclosureProfile()
    shown = _check(named(found, "take-up"), found, profile)
    assert "(withheld) of the others" in shown.note
    assert shown.reading is None
