"""Interrupted time series against R: the seat-belt law of 1983, London's boroughs in 2020; from plans, and engines.

The smoking ban in Sicily (Lopez Bernal, Cummins and Gasparrini 2017: rate ratio 0.894) is not here: its data carry no
licence. The numbers of ``seatbelts_series.json`` were made by ``expected/seatbelts_series.R`` on the bundled file.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.model import Estimate
from evaluation.panels.axis import PeriodAxis, axis_of
from evaluation.series.arima import arima_fit
from evaluation.series.diagnostics import breusch_godfrey, durbin_watson
from evaluation.series.effect import Effect, effect_of, in_other_words
from evaluation.series.errors import influence, likeness, model_variance, newey_west
from evaluation.series.fits import Fits, fit_gaussian, fit_negative_binomial, fit_poisson
from evaluation.series.joint import Arm, Joint
from evaluation.series.layout import Layout, lay_out
from evaluation.series.many import clustered_error
from evaluation.series.settings import SeriesSettings
from tests.evaluation.studies import plan_text
from tests.reference.test_reference_cases import DATA, HERE, case, expected, outside, run
from tests.reference.tolerance import misses

Array = npt.NDArray[np.float64]
CASE = "seatbelts_its"
OUTCOMES = {
    "drivers_killed": "DriversKilled",
    "drivers_ksi": "drivers",
    "front_ksi": "front",
    "rear_ksi": "rear",
    "van_killed": "VanKilled",
}
TIGHT, NUMERIC, CLIMBED = 1e-9, 1e-6, 5e-3


def r(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        (HERE / "expected" / "seatbelts_series.json").read_text(encoding="utf-8")
    )
    found: dict[str, Any] = loaded["estimates"][name]
    return found


@cache
def seatbelts() -> pl.DataFrame:
    return pl.read_csv(DATA / f"{CASE}.csv").with_columns(
        period=pl.format("{}-{}", "year", pl.col("month").cast(pl.String).str.zfill(2)),
        log_kms=pl.col("kms").log(),
    )


def column(name: str) -> Array:
    return seatbelts()[name].cast(pl.Float64).to_numpy()


def axis() -> PeriodAxis:
    return axis_of(seatbelts()["period"])


def layout(**settings: Any) -> Layout:
    return lay_out(SeriesSettings(start="1983-02", **settings), axis(), np.ones(192, dtype=np.bool_))


def joint(laid: Layout, fit: Any, *names: str) -> Joint:
    arms = []
    for name in names:
        y = column(name)
        arms.append(Arm(y, None, fit(y[None, laid.used], laid.columns[laid.used], laid.times)))
    return Joint(laid, tuple(arms))


def as_estimate(value: float, error: float, df: float | None) -> Estimate:
    """A number as the comparison with the cases wants it: ends by t, or by the normal where R used it."""
    from evaluation.inference import critical, two_sided_p

    kind = "normal" if df is None else "t"
    half = critical(0.95, df, kind) * error  # type: ignore[arg-type]
    p = two_sided_p(value, error, df, kind)  # type: ignore[arg-type]
    return Estimate(
        "", "rate-ratio", value, error, value - half, value + half, 0.95, p, df, 1, 0, None, None, None
    )


def logged(estimate: Estimate) -> Estimate:
    """A ratio on the log scale, where the cases are."""

    def log(value: float | None) -> float | None:
        return None if value is None else math.log(value)

    return replace(
        estimate,
        value=log(estimate.value),
        conf_low=log(estimate.conf_low),
        conf_high=log(estimate.conf_high),
    )


def plan(measure: str, settings: str, *, design: str = "", treatment: str = "") -> str:
    text = plan_text(
        "interrupted-time-series",
        treatment=treatment or "none",
        design=f'time = "period"\n{design}',
        settings=f'start = "1983-02"\n{settings}',
        measure=measure,
        kind="count",
        better="lower",
    ).replace("[design]", '[population]\nunits = "areas"\n[design]')
    return text if treatment else text.replace('treatment = "none"\n', "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seatbelts.csv"
    seatbelts().write_csv(path)
    return path


# --- Plans in file mode


@pytest.mark.parametrize("tag", OUTCOMES)
def test_the_step_at_the_law_is_the_quasi_poisson_one_of_r(file: Path, tag: str) -> None:
    found = run(file, plan(OUTCOMES[tag], 'shape = "level"\nerrors = "model"')).estimate
    want = expected(CASE, f"{tag}_log_irr_quasipoisson")
    assert misses(logged(found), want) == []
    assert found.df == want["df"]


def test_covariates_of_the_series_are_taken_off_as_r_does(file: Path) -> None:
    text = plan("DriversKilled", 'shape = "level"\nerrors = "model"')
    text = text.replace("covariates = []", 'covariates = ["log_kms", "PetrolPrice"]')
    assert (
        misses(logged(run(file, text).estimate), expected(CASE, "drivers_killed_adj_log_irr_quasipoisson"))
        == []
    )


def test_front_seats_less_rear_seats_is_the_interaction_of_r(tmp_path: Path) -> None:
    wide = seatbelts()
    parts = [
        wide.select(
            "period", pl.col(name).alias("hurt"), pl.lit(mark).alias("belted"), pl.lit(name).alias("seat")
        )
        for name, mark in (("front", 1), ("rear", 0))
    ]
    path = tmp_path / "seats.csv"
    pl.concat(parts).write_csv(path)
    settings = 'shape = "level"\nerrors = "model"'
    for unit in ('unit = "seat"', ""):  # two groups and no unit: one series each
        found = run(path, plan("hurt", settings, design=unit, treatment="belted"))
        want = expected(CASE, "controlled_front_minus_rear")
        assert misses(logged(found.estimate), want) == []
        assert found.estimate.df == want["df"]


def test_the_planned_answer_says_that_it_depends_on_the_trend(file: Path) -> None:
    """The case's own verdict: about an eighth fewer with a straight line, about a fifth with a level that wanders."""
    found = run(file, plan("DriversKilled", 'shape = "level"\nlags = 12'))
    drifting = next(way for way in found.sensitivity if way.name == "ARIMA(0,1,1) errors").estimate
    assert found.estimate.value == pytest.approx(0.875, abs=0.0005)
    assert drifting.value == pytest.approx(0.82, abs=0.005)
    words = {row[0]: row[1:] for row in found.tables[0].rows}
    facts = case(CASE)["diagnostics"]
    assert words["observed in the window"][0] == facts["drivers_killed_observed_after"]
    assert words["expected in the window"][0] == pytest.approx(
        facts["drivers_killed_expected_after"], rel=1e-9
    )
    assert words["change in per cent"][0] == pytest.approx(-12.5, abs=0.05)


# --- The engine, where the plan always corrects for short series


@pytest.mark.parametrize("tag", OUTCOMES)
def test_errors_without_small_sample_factors_are_those_of_r(tag: str) -> None:
    laid = layout(shape="level")
    fit = fit_poisson(column(OUTCOMES[tag])[None], laid.columns, laid.times)
    level = laid.contrast("level")
    value = float(fit.beta[0] @ level)
    plain = math.sqrt(float(newey_west(influence(fit, level) * fit.residual, fit.times, 12)[0]))
    assert misses(as_estimate(value, plain, None), expected(CASE, f"{tag}_log_irr_newey_west12")) == []
    poisson = math.sqrt(float(model_variance(fit, level)[0] / fit.scale[0]))
    assert misses(as_estimate(value, poisson, None), expected(CASE, f"{tag}_log_irr_poisson")) == []
    facts = case(CASE)["diagnostics"]
    e = fit.residual[0] - fit.residual[0].mean()
    assert float(fit.scale[0]) == pytest.approx(facts[f"overdispersion_{tag}"], rel=1e-6)
    assert float(e[1:] @ e[:-1] / (e @ e)) == pytest.approx(facts[f"lag1_autocorrelation_{tag}"], rel=1e-6)


@pytest.mark.parametrize("kind", ["poisson", "newey_west12"])
def test_errors_beside_covariates_are_those_of_r(kind: str) -> None:
    extra = (("log_kms", column("log_kms")), ("PetrolPrice", column("PetrolPrice")))
    laid = lay_out(
        SeriesSettings(start="1983-02", shape="level"), axis(), np.ones(192, dtype=np.bool_), extra
    )
    fit = fit_poisson(column("DriversKilled")[None], laid.columns, laid.times)
    level = laid.contrast("level")
    variance = model_variance(fit, level)[0] / fit.scale[0]
    if kind != "poisson":
        variance = newey_west(influence(fit, level) * fit.residual, fit.times, 12)[0]
    found = as_estimate(float(fit.beta[0] @ level), math.sqrt(float(variance)), None)
    assert misses(found, expected(CASE, f"drivers_killed_adj_log_irr_{kind}")) == []


def test_level_and_slope_are_those_of_r_whose_slope_begins_a_month_earlier() -> None:
    laid = layout()
    fit = fit_poisson(column("DriversKilled")[None], laid.columns, laid.times)
    slope = laid.contrast("slope")
    for turned, name in ((laid.contrast("level") - slope, "level_with_slope"), (slope, "slope")):
        error = math.sqrt(float(model_variance(fit, turned)[0]))
        found = as_estimate(float(fit.beta[0] @ turned), error, float(fit.df))
        assert misses(found, expected(CASE, f"drivers_killed_{name}")) == []


def test_a_negative_binomial_series_is_that_of_r() -> None:
    laid = layout(shape="level")
    fit = fit_negative_binomial(column("VanKilled"), laid.columns, laid.times)
    level = laid.contrast("level")
    found = as_estimate(float(fit.beta[0] @ level), math.sqrt(float(model_variance(fit, level)[0])), None)
    assert misses(found, expected(CASE, "van_killed_log_irr_negbin")) == []


@pytest.mark.parametrize("lag", [1, 3, 6, 12])
def test_newey_west_of_least_squares_is_that_of_sandwich(lag: int) -> None:
    found = joint(layout(), fit_gaussian, "drivers")
    want = r(f"drivers_lm_nw{lag}")
    for target in ("level", "slope", "average"):
        effect = effect_of(found, target, "plain", lag)
        assert effect.value == pytest.approx(want[target], rel=TIGHT)
        assert effect.std_error == pytest.approx(want[f"{target}_se"], rel=TIGHT)


def test_dummies_a_ramp_a_break_and_a_window_left_out_are_those_of_r() -> None:
    effect = effect_of(
        joint(layout(shape="level", seasonality="dummies"), fit_gaussian, "drivers"), "level", "plain", 4
    )
    want = r("drivers_dummies_nw4")
    assert (effect.value, effect.std_error) == pytest.approx((want["level"], want["level_se"]), rel=TIGHT)
    laid = layout(phase_in=3, breaks=("1981-02",), exclude=(("1974-01", "1974-12"),))
    found, want = joint(laid, fit_gaussian, "drivers"), r("drivers_ramp_break")
    effect = effect_of(found, "level", "model", 0)
    assert (effect.value, effect.std_error) == pytest.approx((want["level"], want["level_se"]), rel=TIGHT)
    assert effect.df == want["df"]
    beta = dict(zip(laid.names, found.beta, strict=True))
    assert (beta["slope"], beta["break 145"]) == pytest.approx((want["slope"], want["break_step"]), rel=1e-8)


def test_a_difference_of_two_series_is_a_series_of_differences() -> None:
    effect = effect_of(joint(layout(), fit_gaussian, "front", "rear"), "level", "plain", 5)
    want = r("front_less_rear_lm_nw5")
    assert (effect.value, effect.std_error) == pytest.approx((want["level"], want["level_se"]), rel=TIGHT)


def offset_effects(fit: Fits, laid: Layout) -> tuple[Effect, Effect]:
    found = Joint(laid, (Arm(column("DriversKilled"), column("kms"), fit),))
    return effect_of(found, "average", "model", 0), effect_of(found, "average", "plain", 5)


def test_the_average_rate_ratio_with_an_offset_has_the_error_of_the_delta_method() -> None:
    """R's slopes of the ratio of totals are numerical, hence the tolerance of the errors."""
    laid = layout()
    fit = fit_poisson(column("DriversKilled")[None], laid.columns, laid.times, np.log(column("kms")))
    want = r("killed_offset")
    quasi, plain = offset_effects(fit, laid)
    assert quasi.value == pytest.approx(want["average"], abs=1e-9)
    assert float(fit.scale[0]) == pytest.approx(want["phi"], rel=1e-7)
    assert quasi.std_error == pytest.approx(want["average_se_quasi"], rel=NUMERIC)
    assert plain.std_error == pytest.approx(want["average_se_nw5"], rel=NUMERIC)


def test_a_negative_binomial_series_with_an_offset_is_that_of_r() -> None:
    laid = layout()
    fit = fit_negative_binomial(column("DriversKilled"), laid.columns, laid.times, np.log(column("kms")))
    want, level = r("killed_offset_nb"), laid.contrast("level")
    assert fit.theta == pytest.approx(want["theta"], rel=1e-4)
    assert float(fit.beta[0] @ level) == pytest.approx(want["level"], abs=1e-7)
    assert math.sqrt(float(model_variance(fit, level)[0])) == pytest.approx(want["level_se"], rel=1e-5)


def test_breusch_godfrey_and_durbin_watson_are_those_of_r() -> None:
    fit = joint(layout(), fit_gaussian, "drivers").arms[0].fit
    test, want = breusch_godfrey(fit, 12), r("drivers_bg12")
    assert (test.statistic, test.p_value) == pytest.approx((want["statistic"], want["p"]), rel=1e-8)
    assert durbin_watson(fit) == pytest.approx(float(r("drivers_dw")), rel=TIGHT)  # type: ignore[arg-type]


def test_the_likeness_of_neighbours_is_that_of_reml_in_nlme() -> None:
    """Ours is read off a grid of 0.04 by a parabola; what it is used for does not hang on the third decimal."""
    fit = joint(layout(), fit_gaussian, "drivers").arms[0].fit
    assert float(likeness(fit)[0]) == pytest.approx(r("drivers_reml")["rho"], abs=0.002)


@pytest.mark.parametrize(
    ("name", "outcome", "shape", "order"),
    [
        ("drivers_arima_100", "drivers", "level-and-slope", (1, 0, 0)),
        ("drivers_arima_001", "drivers", "level-and-slope", (0, 0, 1)),
        ("killed_log_arima_100", "DriversKilled", "level", (1, 0, 0)),
        ("killed_log_arima_011", "DriversKilled", "level", (0, 1, 1)),
    ],
)
def test_arima_errors_are_those_of_r(
    name: str, outcome: str, shape: str, order: tuple[int, int, int]
) -> None:
    laid = layout(shape=shape)
    y = column(outcome) if outcome == "drivers" else np.log(column(outcome))
    found, want = arima_fit(y, laid.columns, laid.contrast("level"), order), r(name)
    assert found is not None
    assert (found.value, found.std_error) == pytest.approx((want["level"], want["level_se"]), rel=CLIMBED)


def test_events_averted_by_draws_agree_with_the_delta_method() -> None:
    found = joint(layout(shape="level"), fit_poisson, "DriversKilled")
    effect = effect_of(found, "average", "plain", 12)
    words = in_other_words(found, effect, "plain", 12, 0.95, 1)
    facts = case(CASE)["diagnostics"]
    assert words.averted[0] == pytest.approx(
        facts["drivers_killed_expected_after"] - facts["drivers_killed_observed_after"], rel=1e-9
    )
    low, high = (facts["drivers_killed_observed_after"] * (math.exp(-e) - 1) for e in (
        effect.value + 1.973 * effect.std_error, effect.value - 1.973 * effect.std_error))  # fmt: skip
    assert words.averted[1:] == pytest.approx(
        (low, high), rel=0.08
    )  # 4,000 draws, and the observed sum's own error


# --- London 2020: read from outside


def london(outcome: str) -> tuple[Array, Array, Layout, tuple[str, ...]]:
    """Boroughs by months, their sum, the layout: the lockdown as a pulse, the rest of 2020 its own level."""
    path = outside("london_borough_violence") / "data" / "london_borough_violence.csv"
    aside = ["Unknown", "London Heathrow and London City Airports"]
    rows = pl.read_csv(path).filter(~pl.col("borough").is_in(aside), pl.col("year").is_between(2015, 2020))
    wide = rows.sort("year", "month").pivot(on="borough", index=["year", "month"], values=outcome)
    months = [f"{y}-{m:02d}" for y, m in zip(wide["year"], wide["month"], strict=True)]
    settings = SeriesSettings(start="2020-04", end="2020-06", shape="level", seasonality="dummies",
                              exclude=(("2020-03", "2020-03"),))  # fmt: skip
    units = wide.drop("year", "month").to_numpy().astype(np.float64).T
    laid = lay_out(settings, axis_of(pl.Series(months)), np.ones(72, dtype=np.bool_))
    return units, units.sum(axis=0), laid, tuple(wide.columns[2:])


@pytest.mark.parametrize("outcome", ["violence_with_injury", "violence_without_injury"])
def test_londons_lockdown_is_the_quasi_poisson_one_of_r(outcome: str) -> None:
    units, total, laid, names = london(outcome)
    assert len(names) == 32
    name = "london_borough_violence"
    folder = outside(name)
    fit = fit_poisson(total[None, laid.used], laid.columns[laid.used], laid.times)
    for stretch, part in (("lockdown", "level"), ("later", "after")):
        turned = laid.contrast(part)
        value = float(fit.beta[0] @ turned)
        quasi = as_estimate(value, math.sqrt(float(model_variance(fit, turned)[0])), float(fit.df))
        assert misses(quasi, expected(name, f"{outcome}_{stretch}_quasipoisson", folder)) == []
        # R counts its rows: March 2020, which is left out, is no time there. Here it is, in every plan.
        rows = np.arange(71)
        plain = math.sqrt(float(newey_west(influence(fit, turned) * fit.residual, rows, 6)[0]))
        assert (
            misses(
                as_estimate(value, plain, None), expected(name, f"{outcome}_{stretch}_newey_west6", folder)
            )
            == []
        )
    found = Joint(laid, (Arm(total, None, fit),))
    clustered = clustered_error(found, laid.contrast("level"), units, None)
    panel = as_estimate(float(fit.beta[0] @ laid.contrast("level")), clustered, None)
    assert misses(panel, expected(name, f"{outcome}_lockdown_panel_cluster", folder)) == []


def test_londons_lockdown_from_a_plan(tmp_path: Path) -> None:
    name = "london_borough_violence"
    folder = outside(name)
    rows = pl.read_csv(folder / "data" / f"{name}.csv").with_columns(
        period=pl.format("{}-{}", "year", pl.col("month").cast(pl.String).str.zfill(2)),
        london=(~pl.col("borough").is_in(["Unknown", "London Heathrow and London City Airports"])).cast(
            pl.Int8
        ),
    )
    path = tmp_path / "boroughs.csv"
    rows.write_csv(path)
    settings = (
        'end = "2020-06"\nshape = "level"\nseasonality = "dummies"\nerrors = "model"\n'
        'exclude = [["2020-03", "2020-03"]]'
    )
    text = plan("violence_with_injury", settings, design='unit = "borough"').replace("1983-02", "2020-04")
    text = text.replace(
        'units = "areas"', 'units = "areas"\nwhere = "year >= 2015 and year <= 2020 and london == 1"'
    )
    found = run(path, text)
    assert (
        misses(
            logged(found.estimate), expected(name, f"{'violence_with_injury'}_lockdown_quasipoisson", folder)
        )
        == []
    )
    assert found.estimate.n_treated == 32
    assert len(found.tables[-1].rows) == 32
    clustered = next(way for way in found.sensitivity if way.name == "errors clustered by series").estimate
    want = expected(name, "violence_with_injury_lockdown_panel_cluster", folder)
    assert clustered.std_error == pytest.approx(want["std_error"], rel=want["tolerance"]["std_error_rel"])
