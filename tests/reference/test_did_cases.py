"""Differences in differences on real data, against R, diff-diff and the printed figures.

minimum_wage_did, workers_comp_did and mlda_state_panel are the shared reference cases (R 4.2.2, tolerances in their
JSON); the numbers of mpdta are those of the engine notes, section 7. Bounds: R HonestDiD, whose ends are points of a
grid and whose least favourable values are drawn, so its own step is what can be asked for; and diff-diff.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from evaluation.differences_in_time.adjusted_changes import doubly_robust
from evaluation.differences_in_time.cross_sections import People, people_effect
from evaluation.differences_in_time.fixed_effects import two_way_regression
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.relative_bounds import naive_interval, relative_bounds
from evaluation.differences_in_time.smooth_bounds import smooth_bounds
from evaluation.inference import critical, two_sided_p
from evaluation.model import Estimate, OutcomeResult
from tests.evaluation.differences import plan_of
from tests.reference.test_reference_cases import expected, outside, run
from tests.reference.tolerance import misses

Array = npt.NDArray[np.float64]
HONEST: dict[str, Any] = json.loads(
    (Path(__file__).parent / "expected" / "honest_bounds.json").read_text(encoding="utf-8")
)
FIRST = np.array([1.0, 0.0, 0.0, 0.0])


def rows(name: str) -> pl.DataFrame:
    return pl.read_csv(outside(name) / "data" / f"{name}.csv", infer_schema_length=None, null_values=["NA"])


def as_estimate(value: float, std_error: float, df: float | None) -> Estimate:
    """An engine's numbers with the interval the case uses: t with its df, or normal."""
    kind = "normal" if df is None else "t"
    half = critical(0.95, df, kind) * std_error  # type: ignore[arg-type]
    p = two_sided_p(value, std_error, df, kind)  # type: ignore[arg-type]
    return Estimate(
        "ATT", "difference", value, std_error, value - half, value + half, 0.95, p, df, 0, 0, None, None, None
    )


def from_file(frame: pl.DataFrame, folder: Path, text: str) -> OutcomeResult:
    path = folder / "data.csv"
    frame.write_csv(path)
    return run(path, text)


# --- New Jersey and Pennsylvania: a panel of two periods, and the same stores as different people

STORE = {"treatment": "nj", "time": "after", "start": "1", "measure": "fte", "better": "higher"}


@pytest.mark.parametrize(
    ("estimate", "design", "settings"),
    [
        ("did_available", "", 'interval = "normal"'),
        ("did_pooled_hc1", "", 'errors = "HC1"\ninterval = "normal"'),
        ("did_pooled_cr1_store", 'cluster = "store_id"', 'errors = "CR1"\ninterval = "normal"'),
        ("did_balanced_hc2", 'unit = "store_id"', 'interval = "normal"'),
    ],
)
def test_minimum_wage_from_a_plan_and_a_file(
    estimate: str, design: str, settings: str, tmp_path: Path
) -> None:
    wanted = expected("minimum_wage_did", estimate, outside("minimum_wage_did"))
    found = from_file(rows("minimum_wage_did"), tmp_path, plan_of(design=design, settings=settings, **STORE))
    assert misses(found.estimate, wanted) == []
    if "balanced" in estimate:
        assert found.estimate.n_clusters == wanted["n"] == 384


def test_minimum_wage_regression_of_changes_with_classical_errors() -> None:
    wide = rows("minimum_wage_did").pivot(
        on="after", index=["store_id", "nj"], values=["fte", "wage", "status"]
    )
    both = wide.drop_nulls(["fte_0", "fte_1"])
    paid = both.filter(
        pl.col("wage_0").is_not_null() & (pl.col("wage_1").is_not_null() | (pl.col("status_1") == 3))
    )
    for estimate, frame in (("did_balanced_classical", both), ("did_regression_sample", paid)):
        change = (frame["fte_1"] - frame["fte_0"]).to_numpy()
        treated = frame["nj"].to_numpy().astype(np.float64)
        fit = _classical(change, treated)
        wanted = expected("minimum_wage_did", estimate, outside("minimum_wage_did"))
        assert misses(as_estimate(*fit), wanted) == []


def _classical(change: Array, treated: Array) -> tuple[float, float, float]:
    """The change regression as a cross-section of two periods in which nothing happened before."""
    one, zero = change[treated == 1], change[treated == 0]
    df = len(change) - 2.0
    pooled = (one.var() * len(one) + zero.var() * len(zero)) / df
    return float(one.mean() - zero.mean()), float(np.sqrt(pooled * (1 / len(one) + 1 / len(zero)))), df


# --- Workers' compensation: different people before and after

CLAIM = {"treatment": "highearn", "time": "afchnge", "start": "1", "measure": "ldurat", "better": "lower"}


@pytest.mark.parametrize(
    ("estimate", "state", "settings"),
    [
        ("did_ky_classical", 1, 'errors = "classical"'),
        ("did_ky_hc1", 1, 'errors = "HC1"'),
        ("did_ky_hc2", 1, 'errors = "HC2"\ninterval = "normal"'),
        ("did_mi_classical", 0, 'errors = "classical"'),
    ],
)
def test_workers_compensation_from_a_plan_and_a_file(
    estimate: str, state: int, settings: str, tmp_path: Path
) -> None:
    frame = rows("workers_comp_did").filter(pl.col("ky") == state)
    found = from_file(frame, tmp_path, plan_of(settings=settings, **CLAIM))
    wanted = expected("workers_comp_did", estimate, outside("workers_comp_did"))
    assert misses(found.estimate, wanted) == []
    assert found.estimate.n == wanted["n"]


def test_workers_compensation_adjusted_from_a_plan_and_a_file(tmp_path: Path) -> None:
    frame = rows("workers_comp_did").filter(pl.col("ky") == 1)
    frame = frame.with_columns(
        square=pl.col("lage") ** 2,
        industry="i" + pl.col("indust").cast(pl.String),
        injury="j" + pl.col("injtype").cast(pl.String),
    )
    names = ["male", "married", "lage", "square", "lprewage", "ltotmed", "hosp", "industry", "injury"]
    text = plan_of(design=f"covariates = {json.dumps(names)}", settings='errors = "HC1"', **CLAIM)
    found = from_file(frame, tmp_path, text)
    wanted = expected("workers_comp_did", "did_ky_adjusted_hc1", outside("workers_comp_did"))
    assert misses(found.estimate, wanted) == []
    assert found.estimate.n == wanted["n"]


# --- The legal drinking age: a graded policy that comes and goes, the engine alone (a plan takes two groups)


def states(cause: str) -> dict[str, Array]:
    frame = rows("mlda_state_panel").filter((pl.col("cause") == cause) & (pl.col("year") <= 1983))
    frame = frame.sort("state", "year")
    return {
        name: frame.pivot(on="year", index="state", values=name).drop("state").to_numpy().astype(np.float64)
        for name in ("mrate", "legal", "pop")
    }


@pytest.mark.parametrize(
    ("cause", "key"),
    [("All", "all"), ("Motor Vehicle", "mva"), ("Suicide", "suicide"), ("Internal", "internal")],
)
def test_drinking_age_with_state_and_year_effects(cause: str, key: str) -> None:
    data, folder = states(cause), outside("mlda_state_panel")
    y, legal, ones = data["mrate"], data["legal"], np.ones_like(data["mrate"])
    clusters = np.arange(len(y))
    trends = tuple(np.outer(clusters == state, np.arange(14.0)) for state in range(1, len(y)))
    fits = {
        f"twfe_{key}": two_way_regression(y, (legal,), ones, clusters, factor="all"),
        f"twfe_{key}_cr1p": two_way_regression(y, (legal,), ones, clusters, factor="clusters"),
        f"twfe_trends_{key}": two_way_regression(y, (legal, *trends), ones, clusters, factor="all"),
        f"twfe_weighted_{key}": two_way_regression(y, (legal,), data["pop"], clusters, factor="all"),
    }
    for name, fit in fits.items():
        wanted = expected("mlda_state_panel", name, folder)
        assert misses(as_estimate(float(fit.values[0]), fit.std_error, None), wanted) == []
        assert (fit.n, fit.clusters) == (wanted["n"], wanted["n_clusters"])


def test_a_graded_policy_is_refused_in_a_plan_and_sent_elsewhere(tmp_path: Path) -> None:
    from evaluation.errors import EvaluationError

    frame = rows("mlda_state_panel").filter((pl.col("cause") == "All") & (pl.col("year") <= 1983))
    text = plan_of(
        design='unit = "state"', treatment="legal", time="year", start="1975", measure="mrate", better="lower"
    )
    with pytest.raises(EvaluationError) as problem:
        from_file(frame, tmp_path, text)
    assert problem.value.faults[0].code == "LC451"


# --- Minimum wages by county: numbers of the engine notes


def counties() -> tuple[Array, Array, Array]:
    frame = rows("mpdta_staggered").sort("countyreal", "year")
    wide = frame.pivot(on="year", index=["countyreal", "first_treat", "lpop"], values="lemp")
    return wide[:, 3:].to_numpy(), wide["first_treat"].to_numpy().astype(np.float64), wide["lpop"].to_numpy()


def test_mpdta_two_way_fixed_effects_equal_pyfixest() -> None:
    y, first, _ = counties()
    policy = ((np.arange(2003, 2008) >= first[:, None]) & (first[:, None] > 0)).astype(np.float64)
    fit = two_way_regression(y, (policy,), np.ones_like(y), np.arange(len(y)))
    assert float(fit.values[0]) == pytest.approx(-0.0365489367, abs=1e-9)
    assert fit.std_error == pytest.approx(0.0132651554, abs=1e-9)


def test_mpdta_doubly_robust_cell_equals_the_printed_and_the_stored_numbers() -> None:
    """First treated 2004 against never treated, 2003 to 2004, log population: stored -0.014530 (0.022129)."""
    y, first, lpop = counties()
    chosen = (first == 2004) | (first == 0)
    moved = (y[:, 1:2] - y[:, :1])[chosen]
    found = doubly_robust(
        moved, (first[chosen] == 2004) * 1.0, lpop[chosen, None], np.arange(int(chosen.sum()))
    )
    assert float(found.values[0]) == pytest.approx(-0.014530, abs=5e-7)
    assert float(np.sqrt(found.covariance[0, 0])) == pytest.approx(0.022129, abs=5e-7)


# --- Bounds


def path_of(name: str) -> EffectPath:
    stored = HONEST[name]
    return EffectPath(tuple(stored["times"]), np.array(stored["values"]), np.array(stored["covariance"]))


@pytest.mark.parametrize(("target", "weights"), [("first", FIRST), ("average", None)])
def test_relative_magnitudes_agree_with_honestdid(target: str, weights: Array | None) -> None:
    """Ends of R's sets are points of its grid, one step of which is allowed; C-LF also for its 1,000 draws."""
    path, stored = path_of("bc"), HONEST["bc"]
    step = stored["grid_step"] if target == "first" else stored["grid_step"] * 0.93
    for limit, wanted in stored["conditional"][target].items():
        found = relative_bounds(path, float(limit), weights=weights, hybrid=False)
        for got, end in zip((found.conf_low, found.conf_high), wanted, strict=True):
            assert end is None or got == pytest.approx(end, abs=step)  # None: R ran to the end of its grid
    for limit, wanted in stored["hybrid"][target].items():
        found = relative_bounds(path, float(limit), weights=weights)
        assert (found.conf_low, found.conf_high) == pytest.approx(tuple(wanted), abs=1.5 * step)
    for limit, wanted in stored["identified"][target].items():
        found = relative_bounds(path, float(limit), weights=weights)
        assert (found.low, found.high) == pytest.approx(tuple(wanted), abs=1e-7)


@pytest.mark.parametrize(("target", "weights"), [("first", FIRST), ("average", None)])
def test_fixed_length_intervals_agree_with_honestdid(target: str, weights: Array | None) -> None:
    """R draws its folded normal quantile and searches coarsely: to 1e-3."""
    path, stored = path_of("bc"), HONEST["bc"]["flci"][target]
    found = smooth_bounds(path, tuple(float(limit) for limit in stored), weights=weights)
    for one, wanted in zip(found, stored.values(), strict=True):
        assert (one.conf_low, one.conf_high) == pytest.approx(tuple(wanted), abs=1e-3)


def test_fixed_length_intervals_agree_with_diff_diff_to_its_own_search() -> None:
    path, stored = path_of("mpdta"), HONEST["mpdta"]["smooth"]
    found = smooth_bounds(path, tuple(float(limit) for limit in stored))
    for one, wanted in zip(found, stored.values(), strict=True):
        assert (one.conf_low, one.conf_high) == pytest.approx(tuple(wanted), abs=2e-6)


def test_the_identified_sets_of_mpdta_are_diff_diffs_and_its_intervals_are_the_naive_ones() -> None:
    """diff-diff adds 1.96 errors to a set that is itself estimated; the test inverted here gives a wider interval."""
    path = path_of("mpdta")
    printed = {"0.5": (-0.1078, -0.0467, -0.1469, -0.0075), "1": (-0.1384, -0.0161, -0.1775, 0.0230)}
    for limit, wanted in HONEST["mpdta"]["relative"].items():
        found = relative_bounds(path, float(limit))
        assert found.low is not None
        assert found.high is not None
        naive = naive_interval(found, path.average()[1])
        assert (found.low, found.high, *naive) == pytest.approx(tuple(wanted), abs=1e-12)
        if limit in printed:
            assert (found.low, found.high, *naive) == pytest.approx(printed[limit], abs=5e-5)
        assert found.conf_low is not None
        assert found.conf_high is not None
        assert found.conf_low < naive[0]
        assert found.conf_high > naive[1]


def test_errors_of_people_need_both_groups_on_both_sides() -> None:
    from evaluation.regression.linear import NotIdentified

    ones = np.ones(6)
    people = People(
        np.arange(6.0), np.array([0, 0, 1, 1, 1, 1]), np.array([0.0, 0, 0, 0, 1, 1]), 1, np.empty((6, 0))
    )
    with pytest.raises(NotIdentified):
        people_effect(replace(people, weights=ones))
