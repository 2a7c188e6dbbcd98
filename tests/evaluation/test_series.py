"""Interrupted time series: designs by hand, one and many series, what plans may say, what series must bear."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.model import OutcomeResult
from evaluation.panels.axis import PeriodAxis, axis_of
from evaluation.regression.glm import fit_model
from evaluation.series.arima import best_arima
from evaluation.series.diagnostics import added_columns, breusch_godfrey
from evaluation.series.effect import effect_of, in_other_words, what_if
from evaluation.series.errors import (
    bartlett,
    correlation,
    influence,
    lag_rule,
    newey_west,
    pairs,
    robust_spread,
    small_sample,
    spread_of,
)
from evaluation.series.fits import Fits, fit_gaussian, fit_poisson
from evaluation.series.joint import Arm, Joint
from evaluation.series.layout import lay_out
from evaluation.series.many import many_effects, pooled
from evaluation.series.settings import SeriesSettings
from tests.evaluation.studies import plan_text, primary, read

Array = npt.NDArray[np.float64]
ALL = np.ones(48, dtype=np.bool_)


def months(n: int = 48) -> PeriodAxis:
    return axis_of(pl.Series(labels(n)))


def labels(n: int = 48) -> list[str]:
    return [f"{2018 + m // 12}-{m % 12 + 1:02d}" for m in range(n)]


def setting(**parts: Any) -> SeriesSettings:
    return SeriesSettings(**({"start": "2020-07"} | parts))


def counts(n: int = 48, seed: int = 1, *, step: float = -0.3, mean: float = 50.0, start: int = 30) -> Array:
    draw, t = np.random.default_rng(seed), np.arange(n)
    rate = mean * np.exp(0.2 * np.cos(t / 12 * 2 * math.pi) + step * (t >= start))
    return draw.poisson(rate).astype(np.float64)


def one_series(**columns: Any) -> pl.DataFrame:
    return pl.DataFrame({"month": labels(), "y": counts()} | columns)


def several(treated: int = 2, others: int = 3) -> pl.DataFrame:
    parts = [
        one_series(y=counts(seed=i, step=-0.3 if i < treated else 0.0)).with_columns(
            area=pl.lit(f"a{i}"), treat=pl.lit(int(i < treated))
        )
        for i in range(treated + others)
    ]
    return pl.concat(parts)


def text(lines: str = 'start = "2020-07"', *, design: str = "", kind: str = "count", **more: Any) -> str:
    treatment = more.pop("treatment", "")
    whole = plan_text(
        "interrupted-time-series",
        design=f'time = "month"\n{design}',
        settings=lines,
        kind=kind,
        better="lower",
        treatment=treatment or "none",
        **more,
    ).replace("[design]", '[population]\nunits = "areas"\n[design]', 1)
    return whole if treatment else whole.replace('treatment = "none"\n', "")


def ran(frame: pl.DataFrame, lines: str = 'start = "2020-07"', **more: Any) -> OutcomeResult:
    return primary(frame, read(text(lines, **more)))


def check(found: OutcomeResult, name: str) -> tuple[str, str]:
    one = next(c for c in found.checks if c.name == name)
    return one.result, one.consequence


def blocked_by(found: OutcomeResult, name: str) -> None:
    assert found.verdict.answer == "not-assessable"
    assert check(found, name) == ("fail", "block")
    assert (found.estimate.value, found.estimate.conf_low) == (None, None)


# --- The design, by hand


def newey_west_matrix(fits: Fits, lag: int) -> Array:
    """Covariance of all coefficients of one series (k, k), without a small-sample factor."""
    scores = fits.rows[0] * fits.residual[0][:, None]
    meat = scores.T @ scores
    for early, late, weight in pairs(fits.times, lag):
        part = scores[early].T @ scores[late]
        meat = meat + weight * (part + part.T)
    return np.asarray(fits.bread[0] @ meat @ fits.bread[0])


def test_a_step_and_a_slope_begin_with_the_programme() -> None:
    laid = lay_out(setting(seasonality="none"), months(), ALL)
    assert laid.names == ("1", "trend", "level", "slope")
    assert laid.columns[29:33].tolist() == [[1, -1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1], [1, 2, 1, 2]]
    assert laid.without[32].tolist() == [1, 2, 0, 0]
    assert (int(laid.before.sum()), int(laid.window.sum())) == (30, 18)


def test_a_phase_in_is_a_ramp_and_the_window_begins_after_it() -> None:
    laid = lay_out(setting(seasonality="none", phase_in=3), months(), ALL)
    assert laid.columns[29:35, 2].tolist() == [0, 0.25, 0.5, 0.75, 1, 1]
    assert laid.columns[29:35, 3].tolist() == [0, 0, 0, 0, 0, 1]
    assert np.flatnonzero(laid.window)[0] == 33


def test_a_washout_is_left_out_and_an_end_ends_the_effect() -> None:
    laid = lay_out(setting(seasonality="none", washout=2, end="2021-06", shape="level"), months(), ALL)
    assert laid.names == ("1", "trend", "after", "level")
    assert np.flatnonzero(~laid.used).tolist() == [30, 31]
    assert np.flatnonzero(laid.window).tolist() == list(range(32, 42))
    assert laid.columns[41:43, 2:].tolist() == [[0, 1], [1, 0]]


def test_a_slope_alone_begins_in_the_first_period() -> None:
    laid = lay_out(setting(seasonality="none", shape="slope"), months(), ALL)
    assert laid.columns[29:32, 2].tolist() == [0, 1, 2]


def test_windows_left_out_and_breaks_are_where_the_plan_says() -> None:
    laid = lay_out(
        setting(seasonality="none", exclude=(("2019-03", "2019-05"),), breaks=("2018-11",)), months(), ALL
    )
    assert np.flatnonzero(~laid.used).tolist() == [14, 15, 16]
    assert laid.columns[9:12, laid.names.index("break 10")].tolist() == [0, 1, 1]


def test_seasons_follow_the_step_of_time() -> None:
    quarters = axis_of(pl.Series([f"{2010 + q // 4}-Q{q % 4 + 1}" for q in range(32)]))
    seen = np.ones(32, dtype=np.bool_)
    laid = lay_out(SeriesSettings(start="2015-Q1"), quarters, seen)
    assert [name for name in laid.names if name[:3] in ("sin", "cos")] == ["sin 1", "cos 1", "cos 2"]
    years = axis_of(pl.Series([str(1990 + y) for y in range(32)]))
    assert lay_out(SeriesSettings(start="2010"), years, seen).seasonality == "none"
    days = axis_of(pl.Series([f"2020-01-{d + 1:02d}" for d in range(30)]))
    week = lay_out(
        SeriesSettings(start="2020-01-20", seasonality="dummies"), days, np.ones(30, dtype=np.bool_)
    )
    assert sum(name.startswith("season") for name in week.names) == 6


# --- Fits and errors


def test_many_log_linear_fits_are_those_of_one_at_a_time() -> None:
    laid = lay_out(setting(), months(), ALL)
    y = np.stack([counts(seed=i, mean=m) for i, m in enumerate((2.0, 10.0, 300.0))])
    offset = np.log(np.linspace(900, 1100, 48))
    fits = fit_poisson(y, laid.columns, laid.times, offset)
    assert fits.sound.all()
    scale = np.abs(laid.columns).max(axis=0)
    for i, row in enumerate(y):
        other = fit_model(row, laid.columns / scale, "poisson", offset)
        assert fits.beta[i] == pytest.approx(other.beta / scale, abs=1e-7)


def test_a_series_with_no_events_has_no_maximum() -> None:
    laid = lay_out(setting(shape="level"), months(), ALL)
    y = np.stack([np.zeros(48), counts() * (np.arange(48) < 30), counts()])
    assert fit_poisson(y, laid.columns, laid.times).sound.tolist() == [False, False, True]


def test_newey_west_by_hand_and_across_a_gap() -> None:
    scores = np.array([[1.0, 2.0, -1.0, 3.0]])
    squares, near = 1 + 4 + 1 + 9, 1 * 2 + 2 * -1 + -1 * 3
    assert newey_west(scores, np.arange(4), 1)[0] == pytest.approx(squares + 2 * 0.5 * near)
    gap = np.array([0, 1, 3, 4])  # the third score comes two periods after the second
    assert newey_west(scores, gap, 1)[0] == pytest.approx(squares + 2 * 0.5 * (1 * 2 + -1 * 3))
    two = squares + 2 * (2 / 3 * (1 * 2 + -1 * 3) + 1 / 3 * 2 * -1)
    assert newey_west(scores, gap, 2)[0] == pytest.approx(two)


def test_the_full_matrix_gives_the_variance_of_every_contrast() -> None:
    laid = lay_out(setting(), months(), ALL)
    fit = fit_poisson(counts()[None], laid.columns, laid.times)
    for name in ("level", "slope", "trend"):
        turned = laid.contrast(name)
        whole = float(turned @ newey_west_matrix(fit, 4) @ turned)
        assert newey_west(influence(fit, turned) * fit.residual, fit.times, 4)[0] == pytest.approx(
            whole, rel=1e-9
        )


@pytest.mark.parametrize("rho", [0.0, 0.6, -0.3])
def test_the_correction_for_short_series_is_what_draws_show(rho: float) -> None:
    """Mean and spread of Newey-West's variance over 20,000 series whose neighbours are alike."""
    laid = lay_out(SeriesSettings(start="2019-01", harmonics=1), months(24), np.ones(24, dtype=np.bool_))
    alike = correlation(laid.times, rho)
    fit = fit_gaussian(np.zeros((1, 24)), laid.columns, laid.times)
    a = influence(fit, laid.contrast("level"))[0]
    factor, df = small_sample(a, fit.rows[0], fit.bread[0], bartlett(laid.times, 3), alike)
    draws = np.random.default_rng(2).multivariate_normal(np.zeros(24), alike, 20_000)
    many = fit_gaussian(draws, laid.columns, laid.times)
    found = newey_west(a * many.residual, laid.times, 3)
    truth = float(np.var(many.beta @ laid.contrast("level")))
    assert truth / found.mean() == pytest.approx(factor, rel=0.04)
    assert 2 * found.mean() ** 2 / found.var() == pytest.approx(df, rel=0.06)


def test_one_arm_is_a_series_and_two_that_do_not_move_together_add_up() -> None:
    laid = lay_out(setting(), months(), ALL)
    arms = tuple(
        Arm(y, None, fit_poisson(y[None], laid.columns, laid.times)) for y in (counts(seed=3), counts(seed=4))
    )
    one, pair = Joint(laid, arms[:1]), Joint(laid, arms)
    level = laid.contrast("level")
    alone = robust_spread(arms[0].fit, level, 4)
    found = one.uncertainty(level, "newey-west", 4)
    assert (found.variance, found.df) == pytest.approx((alone.variance[0], alone.df[0]), rel=1e-10)
    both = pair.uncertainty(np.concatenate([level, -level]), "model", 0).variance
    parts = [pair.dispersion * float(level @ arm.fit.bread[0] @ level) for arm in arms]
    assert both == pytest.approx(sum(parts), rel=1e-12)


def test_a_comparison_moves_the_what_if_line() -> None:
    laid = lay_out(setting(shape="level", seasonality="none"), months(), ALL)
    flat = np.where(np.arange(48) < 30, 10.0, 8.0) + np.tile([0.1, -0.1], 24)
    other = np.where(np.arange(48) < 30, 5.0, 4.0) + np.tile([-0.1, 0.1], 24)
    arms = tuple(Arm(y, None, fit_gaussian(y[None], laid.columns, laid.times)) for y in (flat, other))
    pair = Joint(laid, arms)
    effect = effect_of(pair, "average", "newey-west", 3)
    lines = what_if(pair, effect, "newey-west", 3, 0.95)
    step = [float(arm.fit.beta[0] @ laid.contrast("level")) for arm in arms]
    assert effect.value == pytest.approx(step[0] - step[1], abs=1e-12)
    alone = what_if(Joint(laid, arms[:1]), effect, "newey-west", 3, 0.95)
    assert lines.expected[laid.window] == pytest.approx(alone.expected[laid.window] + step[1])
    assert (lines.low <= lines.expected).all()


def test_events_averted_and_their_draws_are_the_same_with_the_same_seed() -> None:
    laid = lay_out(setting(shape="level"), months(), ALL)
    y = counts()
    joint = Joint(laid, (Arm(y, None, fit_poisson(y[None], laid.columns, laid.times)),))
    effect = effect_of(joint, "average", "newey-west", 5)
    words = in_other_words(joint, effect, "newey-west", 5, 0.95, 4)
    assert words == in_other_words(joint, effect, "newey-west", 5, 0.95, 4)
    assert words != in_other_words(joint, effect, "newey-west", 5, 0.95, 5)
    assert words.expected - words.observed == pytest.approx(words.averted[0])
    assert words.averted[1] < words.averted[0] < words.averted[2]


@pytest.mark.parametrize("target", ["average", "level", "slope"])
@pytest.mark.parametrize(
    ("is_count", "errors"), [(True, "newey-west"), (False, "newey-west"), (True, "plain")]
)
def test_many_series_are_each_what_they_are_alone(target: str, is_count: bool, errors: str) -> None:
    """Series with gaps, too, and one that cannot be fitted; least squares on a grid of likeness, hence 1e-3."""
    axis = months()
    y = np.stack([counts(seed=i) for i in range(60)])
    y[1, 5:7], y[2] = np.nan, np.where(np.arange(48) < 20, np.nan, 0.0)
    asked = setting(target=target, errors=errors)
    found = many_effects(y, asked, axis, 6, counts=is_count)
    assert found.fitted.tolist() == [i != 2 for i in range(60)]
    for i in (0, 1, 30):
        laid = lay_out(asked, axis, np.isfinite(y[i]))
        part = y[i][None, laid.used]
        fit = (fit_poisson if is_count else fit_gaussian)(part, laid.columns[laid.used], laid.times)
        effect = effect_of(Joint(laid, (Arm(y[i], None, fit),)), target, errors, 6)
        assert found.value[i] == pytest.approx(effect.value, rel=1e-9, abs=1e-12)
        assert found.std_error[i] == pytest.approx(effect.std_error, rel=1e-3)
        assert found.df[i] == pytest.approx(effect.df, rel=5e-3)
    pool = pooled(found)
    assert pool is not None
    assert pool.series == 59


def test_the_mean_of_series_without_differences_is_the_one_by_inverse_variance() -> None:
    axis = months()
    found = many_effects(np.stack([counts(seed=i) for i in range(4)]), setting(), axis, 4, counts=True)
    same = replace(found, value=np.full(4, 0.2), std_error=np.array([0.1, 0.2, 0.2, 0.4]))
    pool = pooled(same)
    assert pool is not None
    assert (pool.value, pool.tau) == pytest.approx((0.2, 0.0))
    assert pool.std_error == pytest.approx(1 / math.sqrt(100 + 25 + 25 + 6.25))


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-50, 50), slope=st.floats(-2, 2), scale=st.floats(0.1, 50), seed=st.integers(0, 99))
def test_a_constant_a_trend_and_a_unit_change_nothing(
    shift: float, slope: float, scale: float, seed: int
) -> None:
    laid = lay_out(setting(), months(), ALL)
    e = np.random.default_rng(seed).normal(size=48)
    y = np.stack([e, scale * e + shift + slope * np.arange(48)])
    fits = fit_gaussian(y, laid.columns, laid.times)
    level = laid.contrast("level")
    spread = spread_of(fits, level, "newey-west", 4)
    assert (fits.beta @ level)[1] == pytest.approx(scale * (fits.beta @ level)[0], rel=1e-6, abs=1e-7)
    assert math.sqrt(spread.variance[1]) == pytest.approx(scale * math.sqrt(spread.variance[0]), rel=1e-4)


def test_doubts_of_residuals_tell_alike_from_unlike() -> None:
    laid = lay_out(setting(seasonality="none"), months(), ALL)
    draw = np.random.default_rng(2)
    unlike = draw.normal(size=48)
    alike = np.convolve(draw.normal(size=51), np.ones(4), "valid")
    tests = [
        breusch_godfrey(fit_gaussian(y[None], laid.columns, laid.times), 4).p_value for y in (unlike, alike)
    ]
    assert tests[0] > 0.05 > 0.001 > tests[1]
    fit = fit_gaussian(unlike[None], laid.columns, laid.times)
    assert added_columns(fit, laid.columns[:, 1:2]) is None  # it is there already


def test_too_few_periods_have_no_arima_line() -> None:
    laid = lay_out(
        SeriesSettings(start="2019-01", seasonality="none"), months(24), np.ones(24, dtype=np.bool_)
    )
    assert best_arima(counts(24, start=12), laid.columns, laid.contrast("level")) is None


# --- What a plan may say


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "has no 'start'"),
        ('start = "soon"', "'start' must name a period"),
        ('start = "2020-07"\nend = "2020-01"', "'end' lies before 'start'"),
        ('start = "2020-07"\nbreaks = ["2020-07"]', "a break in the recording at 'start' itself"),
        ('start = "2020-07"\nexclude = ["2020-07"]', "'exclude' must be a list of windows"),
        ('start = "2020-07"\nexclude = [["2019-07", "2019-01"]]', "ends before it begins"),
        ('start = "2020-07"\nphase_in = 2\nwashout = 2', "both say what the first periods are"),
        ('start = "2020-07"\nphase_in = 99', "'phase_in' must be at most 60"),
        ('start = "2020-07"\nshape = "level"\ntarget = "slope"', "needs a slope in the shape"),
        ('start = "2020-07"\nerrors = "model"\nlags = 3', "'lags' belong to Newey-West errors"),
        ('start = "2020-07"\nseasonality = "none"\nharmonics = 2', "'harmonics' does not go with"),
        ('start = "2020-07"\nfamily = "gaussian"', 'family = "gaussian" gives a difference'),
        ('start = "2020-07"\nseason = "none"', "unknown key 'season'"),
    ],
)
def test_settings_that_cannot_be_are_named_with_their_line(lines: str, said: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        read(text(lines))
    assert any(said in fault.problem for fault in problem.value.faults)
    assert all(fault.where.startswith("plan.toml:") for fault in problem.value.faults)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"design": 'cluster = "area"'}, "'cluster' is not used"),
        ({"kind": "continuous", "lines": 'start = "2020-07"\nfamily = "poisson"'}, "gives a rate ratio"),
        ({"outcome": 'baseline = "y0"'}, "a series has no 'baseline'"),
        ({"lines": 'start = "2020-07"\noffset = "people"', "outcome": 'exposure = "days"'}, "name the population once"),
        ({"kind": "continuous", "lines": 'start = "2020-07"\noffset = "people"'}, "'offset' goes with a rate ratio"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_a_series_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        read(text(**more))
    assert any(said in fault.problem for fault in problem.value.faults)


def test_a_plan_without_its_own_table_is_told_that_it_needs_a_start() -> None:
    whole = text().replace('[design.interrupted-time-series]\nstart = "2020-07"\n', "")
    with pytest.raises(EvaluationError) as problem:
        read(whole)
    assert any("needs the period it starts in" in fault.problem for fault in problem.value.faults)


@pytest.mark.parametrize(
    "lines",
    [
        'family = "negative-binomial"', 'seasonality = "dummies"', 'seasonality = "none"', "harmonics = 1", "lags = 2",
        "phase_in = 3", "washout = 3", 'exclude = [["2018-06", "2018-09"]]', 'breaks = ["2019-03"]', 'end = "2021-06"',
        'shape = "level"', 'shape = "slope"', 'target = "level"', 'target = "slope"', 'errors = "plain"',
        'errors = "model"', 'offset = "people"',
    ],
)  # fmt: skip
def test_every_setting_is_heard_and_said(lines: str) -> None:
    frame = one_series(people=np.linspace(900.0, 1100.0, 48))
    usual, found = ran(frame), ran(frame, f'start = "2020-07"\n{lines}')
    assert found.verdict.answer != "not-assessable"
    numbers = [(o.estimate.value, o.estimate.conf_low) for o in (usual, found)]
    assert numbers[0] != numbers[1]
    plans = [read(text(f'start = "2020-07"\n{part}')).design for part in ("", lines)]
    from evaluation.methods.registry import METHODS

    words = [METHODS[plan.method].describe(plan.settings, plan) for plan in plans]
    assert words[0] != words[1]


def test_the_default_of_a_count_is_a_rate_ratio_and_of_a_measure_a_difference() -> None:
    found = ran(one_series())
    assert found.estimate.effect == "rate-ratio"
    assert found.estimate.value == pytest.approx(math.exp(-0.3), abs=0.12)
    other = ran(one_series(), kind="continuous")
    assert other.estimate.effect == "difference"
    assert other.estimate.treated_mean is not None
    assert other.estimate.comparison_mean is not None
    step = other.estimate.treated_mean - other.estimate.comparison_mean
    assert other.estimate.value == pytest.approx(step, rel=1e-9)
    counted = ran(one_series(), outcome='effect = "difference"')
    assert counted.estimate.value == pytest.approx(other.estimate.value, rel=1e-12)


def test_a_report_has_its_lines_tables_and_doubts() -> None:
    found = ran(one_series(), 'start = "2020-07"\nbreaks = ["2019-03"]')
    assert [figure.name for figure in found.figures] == ["series", "placebo starts"]
    lines = {line.kind: line for line in found.figures[0].lines}
    assert set(lines) == {"observed", "effect", "expected"}
    assert lines["observed"].y == tuple(counts())
    assert lines["expected"].x == tuple(float(x) for x in range(30, 48))
    assert (30.0, "start") in found.figures[0].marks
    assert (14.0, "recording changed") in found.figures[0].marks
    assert [table.name for table in found.tables] == ["effect", "errors"]
    assert check(found, "history") == ("fail", "downgrade")
    assert check(found, "recording") == ("info", "none")
    names = [way.name for way in found.sensitivity]
    assert {"negative binomial", "level only", "one column a month", "ARIMA(0,1,1) errors"} <= set(names)
    assert len(found.path) == len(found.figures[1].lines[0].x) > 0


def test_a_comparison_lifts_the_ceiling_and_takes_off_what_hit_both() -> None:
    both = several().with_columns(
        y=(pl.col("y") * pl.when(pl.col("month") >= "2020-07").then(2).otherwise(1))
    )
    found = ran(both, design='unit = "area"', treatment="treat")
    assert check(found, "history") == ("pass", "none")
    assert found.estimate.value == pytest.approx(math.exp(-0.3), abs=0.12)
    assert check(found, "comparison changed")[0] == "warn"
    assert (found.estimate.n_treated, found.estimate.n_comparison) == (2, 3)
    assert found.verdict.security_facts[0].level == 4
    alone = ran(both.filter(pl.col("treat") == 1), design='unit = "area"')
    assert alone.verdict.security_facts[0].level == 3
    assert alone.estimate.value == pytest.approx(2 * math.exp(-0.3), rel=0.15)
    assert [table.name for table in alone.tables] == ["effect", "errors", "series"]
    assert [row[0] for row in alone.tables[-1].rows] == ["a0", "a1"]


def test_one_treated_series_is_ranked_among_many() -> None:
    frame = several(1, 12).with_columns(
        y=pl.when((pl.col("treat") == 1) & (pl.col("month") >= "2020-07"))
        .then((pl.col("y") * 0.7).round())
        .otherwise("y")
    )
    found = ran(frame, design='unit = "area"', treatment="treat")
    rank = next(c for c in found.checks if c.name == "placebo series")
    assert rank.reading == pytest.approx(1 / 13)
    assert rank.result == "info"


def test_a_shared_covariate_is_taken_off() -> None:
    heat = np.random.default_rng(8).normal(size=48)
    warm = one_series(y=np.round(counts() * np.exp(0.3 * heat)), heat=heat)
    plain, found = ran(warm), ran(warm, covariates=["heat"])
    assert found.estimate.std_error is not None
    assert plain.estimate.std_error is not None
    assert found.estimate.std_error < 0.7 * plain.estimate.std_error


def test_series_are_averaged_by_weight() -> None:
    frame = several(2, 0).with_columns(size=pl.when(pl.col("area") == "a0").then(3.0).otherwise(1.0))
    parts = [frame.filter(pl.col("area") == name)["y"].to_numpy() for name in ("a0", "a1")]
    found = ran(frame, design='unit = "area"\nweights = "size"', kind="continuous")
    alone = ran(one_series(y=0.75 * parts[0] + 0.25 * parts[1]), kind="continuous")
    assert found.estimate.value == pytest.approx(alone.estimate.value, rel=1e-9)
    assert found.estimate.std_error == pytest.approx(alone.estimate.std_error, rel=1e-9)


# --- What a series must bear


def test_a_series_shorter_than_its_season_is_blocked() -> None:
    found = ran(one_series(), 'start = "2018-11"')
    blocked_by(found, "season")
    assert ran(one_series(), 'start = "2019-11"').verdict.answer != "not-assessable"
    assert check(ran(one_series(), 'start = "2019-11"'), "season") == ("warn", "downgrade")


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ('start = "2018-04"\nseasonality = "none"', "periods before"),
        ('start = "2021-11"', "periods after"),
        ('start = "2020-07"\nphase_in = 17', "periods after"),
        ('start = "2020-07"\nwashout = 18', "periods after"),
        ('start = "2020-07"\nbreaks = ["2020-05"]', "breaks"),
        ('start = "2017-07"', "window"),
        ('start = "2025-07"', "window"),
        ('start = "2020-07"\nbreaks = ["2030-01"]', "window"),
        ('start = 3\nseasonality = "none"', "window"),
    ],
)
def test_what_the_series_cannot_bear_blocks_and_says_why(lines: str, name: str) -> None:
    blocked_by(ran(one_series(), lines), name)


def test_few_periods_and_near_breaks_take_trust_away() -> None:
    few = one_series().filter(pl.col("month") >= "2020-01")
    found = ran(few, 'start = "2020-07"\nseasonality = "none"')
    assert check(found, "periods before") == ("warn", "downgrade")
    assert check(found, "season") == ("warn", "none")
    assert check(ran(one_series(), 'start = "2020-07"\nbreaks = ["2020-01"]'), "breaks") == (
        "warn",
        "downgrade",
    )
    assert check(ran(one_series(), 'start = "2021-08"'), "periods after") == ("warn", "none")


def test_nought_events_before_or_after_are_blocked() -> None:
    early = pl.col("month") < "2020-07"
    for rule in (early, ~early, pl.col("y") >= 0):
        found = ran(one_series().with_columns(y=pl.when(rule).then(0.0).otherwise("y")))
        assert found.verdict.answer == "not-assessable"
        assert "block" in {c.consequence for c in found.checks if c.name in ("events", "spread")}
    rare = one_series(y=np.tile([1.0, 0.0, 0.0], 16))
    assert check(ran(rare), "events") == ("warn", "downgrade")


def test_a_calendar_month_without_events_has_no_dummies() -> None:
    quiet = one_series(y=counts() * (np.arange(48) % 12 != 6))
    blocked_by(ran(quiet, 'start = "2020-07"\nseasonality = "dummies"'), "identification")


def test_a_covariate_that_is_the_programme_is_not_told_from_it() -> None:
    on = (np.arange(48) >= 30).astype(float)
    blocked_by(ran(one_series(on=on), covariates=["on"]), "identification")


def test_gaps_are_missing_periods_and_too_many_of_them_are_a_doubt() -> None:
    gaps = one_series(y=np.where(np.isin(np.arange(48), [4, 5, 6, 33]), np.nan, counts()))
    gaps = gaps.with_columns(pl.col("y").fill_nan(None))
    assert check(ran(gaps), "gaps") == ("warn", "downgrade")
    dropped = ran(gaps.drop_nulls())
    assert dropped.estimate == replace(ran(gaps).estimate)
    many = one_series().filter(pl.int_range(48) % 3 != 1)
    assert check(ran(many, 'start = "2020-07"\nseasonality = "none"'), "gaps") == ("fail", "downgrade")


def test_a_group_mark_that_marks_all_is_no_comparison() -> None:
    same = several().with_columns(treat=pl.lit(1))
    blocked_by(ran(same, design='unit = "area"', treatment="treat"), "comparison")


def test_a_change_of_definition_is_blocked_unless_it_is_a_break() -> None:
    frame = one_series(coded=["old"] * 14 + ["new"] * 34)
    plain = text().replace('units = "areas"', 'units = "areas"\ndefinition = "coded"')
    found = primary(frame, read(plain))
    assert check(found, "definition") == ("fail", "block")
    named = plain.replace('start = "2020-07"', 'start = "2020-07"\nbreaks = ["2019-03"]')
    assert check(primary(frame, read(named)), "definition") == ("pass", "none")


@pytest.mark.parametrize(
    ("frame", "more", "code"),
    [
        (pl.concat([one_series(), one_series()]), {}, "LC486"),
        (one_series(kind=["a", "b"] * 24), {"covariates": ["kind"]}, "LC487"),
        (several().with_columns(size=pl.int_range(240)), {"covariates": ["size"], "design": 'unit = "area"'}, "LC487"),
    ],
)  # fmt: skip
def test_rows_that_are_no_series_are_refused(frame: pl.DataFrame, more: dict[str, Any], code: str) -> None:
    with pytest.raises(EvaluationError) as problem:
        ran(frame, **more)
    assert problem.value.code == code


@pytest.mark.parametrize("bad", [0.0, -5.0, "many"])
def test_an_offset_that_is_no_population_is_refused_with_its_row_and_without_its_value(bad: Any) -> None:
    people: list[Any] = [100.0] * 48 if not isinstance(bad, str) else ["100"] * 48
    people[3] = bad
    with pytest.raises(EvaluationError) as problem:
        ran(one_series(people=people), 'start = "2020-07"\noffset = "people"')
    assert "row 5" in problem.value.faults[0].problem
    assert "many" not in str(problem.value)


@pytest.mark.parametrize("odd", ["huge", "one far out", "rare"])
def test_counts_of_any_size_are_answered(odd: str) -> None:
    draw = np.random.default_rng(0)
    y = {
        "huge": draw.poisson(1e9, 48).astype(float),
        "one far out": np.where(np.arange(48) == 20, 1e5, draw.poisson(5, 48)),
        "rare": draw.poisson(0.3, 48).astype(float),
    }[odd]
    found = ran(one_series(y=y))
    assert found.verdict.answer != "not-assessable"
    assert found.estimate.conf_low is not None
    assert found.estimate.conf_high is not None
    assert found.estimate.conf_low < (found.estimate.value or 0) < found.estimate.conf_high


def test_errors_that_fall_short_say_so() -> None:
    found = ran(one_series(), 'start = "2020-07"\nerrors = "plain"')
    assert check(found, "degrees of freedom") == ("warn", "downgrade")
    assert any(way.name == "errors for short series" for way in found.sensitivity)


def test_a_bent_trend_and_lively_series_are_doubted() -> None:
    t = np.arange(48.0)
    draw = np.random.default_rng(3)
    bent = one_series(y=100 + 0.1 * np.minimum(t - 30, 0) ** 2 + draw.normal(size=48))
    assert check(ran(bent, kind="continuous"), "straight trend") == ("warn", "downgrade")
    jumpy = (
        50
        + 8 * np.cumsum(np.where(t % 9 == 0, draw.choice([-1.0, 1.0], 48), 0.0))
        + 0.1 * draw.normal(size=48)
    )
    lively = ran(one_series(y=jumpy), 'start = "2020-07"\nerrors = "model"', kind="continuous")
    assert check(lively, "placebo starts") == ("warn", "downgrade")
    assert check(lively, "autocorrelation") == ("fail", "downgrade")


def test_the_lags_of_the_rule() -> None:
    assert [lag_rule(n) for n in (2, 12, 24, 48, 100, 192)] == [1, 5, 7, 10, 13, 19]


# --- What holds for every method


@pytest.mark.parametrize("shuffle", [1, 2])
def test_the_order_of_rows_and_the_names_of_series_change_nothing(shuffle: int) -> None:
    frame = several()
    found = ran(frame, design='unit = "area"', treatment="treat")
    turned = frame.sample(fraction=1.0, shuffle=True, seed=shuffle).with_columns(
        area=pl.col("area").str.replace("a", "z")
    )
    again = ran(turned, design='unit = "area"', treatment="treat")
    assert again.estimate == found.estimate
    assert [way.estimate for way in again.sensitivity] == [way.estimate for way in found.sensitivity]


def test_turning_a_measure_round_turns_the_answer_round() -> None:
    frame = one_series()
    found = ran(frame, kind="continuous")
    turned = primary(
        frame.with_columns(y=-pl.col("y")),
        read(text(kind="continuous").replace('better = "lower"', 'better = "higher"')),
    )
    assert turned.estimate.value == pytest.approx(-(found.estimate.value or 0.0), rel=1e-9)
    assert turned.verdict.answer == found.verdict.answer


def test_two_primary_outcomes_share_the_error() -> None:
    frame = one_series(z=counts(seed=9))
    two = text().replace("[plan]", '[plan]\nreason = "two"')
    two += '[[outcome]]\nmeasure = "z"\nrole = "primary"\nkind = "count"\nbetter = "lower"\n'
    found = primary(frame, read(two))
    assert found.estimate.conf_level == 0.975
