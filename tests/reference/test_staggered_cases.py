"""Staggered starts on real data, against R: group-time effects, their averages, and randomly timed starts."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.differences_in_time.adjusted import Control, People, design_of, from_people
from evaluation.differences_in_time.aggregates import KINDS, aggregate
from evaluation.differences_in_time.group_time import from_moments
from evaluation.differences_in_time.moments import Array, Codes, CohortMoments, cohort_moments
from evaluation.differences_in_time.random_timing import comparison_of, efficient
from evaluation.differences_in_time.rollout import NEVER, Comparison, Rollout, cohorts_of
from evaluation.differences_in_time.staggered_checks import wald
from evaluation.differences_in_time.two_way import two_way
from evaluation.model import OutcomeResult
from tests.evaluation.staggered import staggered_text
from tests.reference.test_reference_cases import HERE, case, expected, outside, run
from tests.reference.tolerance import misses

COUNTIES = {"unit": "countyreal", "time": "year", "first": "first_treat", "measure": "lemp"}
OFFICERS = {"unit": "officer_id", "time": "period", "first": "first_trained", "units": "people", "kind": "count",
            "better": "lower", "outcome": 'effect = "difference"'}  # fmt: skip
LARGE = 'errors = "influence"'  # errors of a large sample, as did and csdid print them
SUFFIX = {"never": "never", "not-yet": "notyet"}
ADJUSTED = json.loads((HERE / "expected" / "mpdta_adjusted.json").read_text(encoding="utf-8"))


def counties() -> Path:
    folder = outside("mpdta_staggered")
    file = folder / "data" / "mpdta_staggered.csv"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == case("mpdta_staggered", folder)["data"]["sha256"]
    return file


@cache
def county_arrays() -> tuple[Array, Codes, Codes, Array]:
    frame = pl.read_csv(counties()).sort("countyreal", "year")
    first = frame["first_treat"].to_numpy().reshape(500, 5)[:, 0]
    starts, cohort = cohorts_of(np.where(first == 0, NEVER, first - 2003))
    lpop = frame["lpop"].to_numpy().reshape(500, 5)[:, :1]
    return frame["lemp"].to_numpy().reshape(500, 5), starts, cohort, lpop


@cache
def county_moments() -> CohortMoments:
    paths, starts, cohort, _ = county_arrays()
    return cohort_moments(paths, cohort, len(starts))


def counties_say(settings: str = "") -> OutcomeResult:
    return run(counties(), staggered_text(f"{settings}\n{LARGE}", **COUNTIES))


@pytest.mark.parametrize("comparison", ["never", "not-yet"])
@pytest.mark.parametrize("kind", KINDS)
def test_overall_effects_of_minimum_wages(kind: str, comparison: str) -> None:
    found = counties_say(f'aggregate = "{kind}"\ncomparison = "{comparison}"')
    want = expected("mpdta_staggered", f"{kind}_{SUFFIX[comparison]}", outside("mpdta_staggered"))
    assert misses(found.estimate, want) == []
    assert found.estimate.value == pytest.approx(want["value"], abs=1e-10)
    assert found.estimate.std_error == pytest.approx(want["std_error"], abs=1e-10)
    assert (found.estimate.n_treated, found.estimate.n) == (191, 500 if comparison == "never" else 671)


def test_event_study_of_minimum_wages() -> None:
    rows = {row.term: row for row in counties_say().path}
    for event in range(-3, 4):
        name = f"event_{'m' if event < 0 else ''}{abs(event)}_never"
        want, row = expected("mpdta_staggered", name, outside("mpdta_staggered")), rows[f"event {event}"]
        for number in ("value", "std_error", "ci_low", "ci_high"):
            found = getattr(row, number.replace("ci_", "conf_"))
            assert found == pytest.approx(want[number], abs=1e-10), (name, number)


def test_every_group_time_effect_of_minimum_wages() -> None:
    effects = from_moments(county_moments(), Rollout(county_arrays()[1], 5))
    cells, errors = effects.cells, effects.errors()
    assert cells.count == 12
    for j in range(cells.count):
        name = f"att_g{2003 + cells.first[cells.cohort[j]]}_t{2003 + cells.period[j]}_never"
        want = expected("mpdta_staggered", name, outside("mpdta_staggered"))
        assert effects.effects[j] == pytest.approx(want["value"], abs=1e-11)
        assert errors[j] == pytest.approx(want["std_error"], abs=1e-11)


def test_earlier_trends_of_minimum_wages() -> None:
    want = expected("mpdta_staggered", "pretrend_wald", outside("mpdta_staggered"))
    check = next(check for check in counties_say().checks if check.name == "earlier trends")
    assert check.reading == pytest.approx(want["p_value"], abs=1e-10)
    effects = from_moments(county_moments(), Rollout(county_arrays()[1], 5))
    rows = np.flatnonzero(effects.cells.before(0))
    chosen = np.eye(effects.cells.count)[rows]
    covariance = effects.covariance(chosen, np.zeros((len(rows), 4)))
    gap = effects.effects[rows]
    assert gap @ np.linalg.solve(covariance, gap) == pytest.approx(want["value"], rel=1e-10)
    tested = wald(gap, covariance)
    assert tested is not None
    assert tested[0] == pytest.approx(want["p_value"], abs=1e-10)


@pytest.mark.parametrize("name", list(ADJUSTED["simple"]))
def test_minimum_wages_adjusted_for_population(name: str) -> None:
    control, comparison = name.split()
    settings = f'aggregate = "simple"\ncontrol = "{control}"\ncomparison = "{comparison}"\n{LARGE}'
    found = run(counties(), staggered_text(settings, covariates=["lpop"], **COUNTIES)).estimate
    value, error = ADJUSTED["simple"][name]
    assert found.value == pytest.approx(value, abs=ADJUSTED["tolerance"])
    assert found.std_error == pytest.approx(error, abs=ADJUSTED["tolerance"])


def adjusted(control: Control, comparison: Comparison, clusters: Codes | None = None) -> Any:
    paths, starts, cohort, lpop = county_arrays()
    people = People(paths, cohort, design_of(lpop), None, clusters)
    return from_people(people, Rollout(starts, 5, comparison), control)[0]


def test_first_cells_adjusted_for_population() -> None:
    effects, want = adjusted("doubly-robust", "never"), ADJUSTED["cells_2004"]
    assert effects.effects[:2] == pytest.approx(want["values"], abs=want["tolerance"])
    assert effects.errors()[:2] == pytest.approx(want["errors"], abs=want["tolerance"])


@pytest.mark.parametrize("control", ["regression", "ipw", "doubly-robust"])
def test_errors_by_unit_are_errors_by_clusters_of_one(control: Control) -> None:
    one, each = adjusted(control, "not-yet"), adjusted(control, "not-yet", np.arange(500))
    for kind in KINDS:
        whole, again = aggregate(one, kind), aggregate(each, kind)
        assert whole is not None
        assert again is not None
        assert again.value == pytest.approx(whole.value, rel=1e-12)
        assert again.std_error == pytest.approx(whole.std_error * np.sqrt(500 / 499), rel=1e-10)


def test_two_way_fixed_effects_of_minimum_wages_and_what_they_are_made_of() -> None:
    found = two_way(county_moments(), county_arrays()[1])
    assert found is not None
    folder, want = outside("mpdta_staggered"), ADJUSTED["two_way"]
    reference = expected("mpdta_staggered", "twfe", folder)
    assert found.value == pytest.approx(reference["value"], rel=reference["tolerance"]["value_rel"])
    assert found.plain_error == pytest.approx(
        reference["std_error"], rel=reference["tolerance"]["std_error_rel"]
    )
    assert found.value == pytest.approx(want["value"], abs=want["tolerance"])
    assert found.std_error == pytest.approx(want["std_error"], abs=want["tolerance"])
    # CR1 that counts every dummy: k = 505 of 2,500 rows.
    all_dummies = found.plain_error * np.sqrt(2499 / (2500 - 505))
    assert all_dummies == pytest.approx(
        expected("mpdta_staggered", "twfe_cr1", folder)["std_error"], rel=1e-5
    )
    assert sum(pair.weight for pair in found.pairs) == pytest.approx(1.0, abs=1e-12)
    assert sum(pair.weight * pair.value for pair in found.pairs) == pytest.approx(found.value, abs=1e-12)


# --- Chicago: the month of training was drawn


def officers() -> Path:
    folder = outside("police_training_staggered")
    file = folder / "data" / "police_training_staggered.csv.gz"
    facts = case("police_training_staggered", folder)["data"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == facts["sha256"]
    return file


@pytest.mark.parametrize(
    ("measure", "average"),
    [
        ("complaints", "simple"),
        ("complaints", "cohort"),
        ("complaints", "calendar"),
        ("sustained", "simple"),
        ("force", "simple"),
    ],
)
def test_police_training_when_the_month_was_drawn(measure: str, average: str) -> None:
    kind = {"cohort": "group"}.get(average, average)
    settings = f'estimator = "efficient"\naggregate = "{kind}"\ndraws = 99'
    found = run(officers(), staggered_text(settings, measure=measure, **OFFICERS))
    folder = outside("police_training_staggered")
    want = expected("police_training_staggered", f"efficient_{average}_{measure}", folder)
    assert misses(found.estimate, want) == []
    assert found.estimate.value == pytest.approx(want["value"], abs=1e-12)
    assert found.estimate.std_error == pytest.approx(want["std_error"], abs=1e-12)
    plain = next(
        way.estimate for way in found.sensitivity if way.name.startswith("difference in differences")
    )
    wanted = expected("police_training_staggered", f"cs_{average}_{measure}", folder)
    assert misses(plain, wanted) == []
    if (measure, average) == ("complaints", "simple"):
        way = next(way.estimate for way in found.sensitivity if way.name == "adjusted error")
        assert way.std_error == pytest.approx(
            ADJUSTED["police"]["adjusted_error"], abs=ADJUSTED["police"]["tolerance"]
        )
        assert (
            found.verdict.answer == "inconclusive"
        )  # a null is reported as what it rules out, not as "no effect"


def test_police_training_weight_of_earlier_outcomes() -> None:
    folder = outside("police_training_staggered")
    frame = pl.read_csv(officers()).sort("officer_id", "period")
    n = frame["officer_id"].n_unique()
    starts, cohort = cohorts_of(frame["first_trained"].to_numpy().reshape(n, 72)[:, 0].astype(np.int64) - 1)
    facts = case("police_training_staggered", folder)["diagnostics"]
    assert (n, len(starts)) == (facts["officers"], facts["cohorts"])
    for measure in ("complaints", "sustained", "force"):
        moments = cohort_moments(
            frame[measure].to_numpy().astype(np.float64).reshape(n, 72), cohort, len(starts)
        )
        found = efficient(moments, starts, comparison_of(starts, moments.n, 72, "simple"))
        assert found.beta == pytest.approx(facts[f"beta_star_{measure}_simple"], abs=1e-10)


# --- Castle doctrine: cohorts of one state


def castle() -> pl.DataFrame:
    """States by year from the package that carries them; skipped where it is not installed."""
    found = importlib.util.find_spec("causaldata")
    if found is None or found.origin is None:
        pytest.skip("the data come with the PyPI package causaldata, not bundled")
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_stata(Path(found.origin).parent / "castle" / "castle.dta")
    rows = {
        name: frame[name].to_numpy(dtype=np.float64)
        for name in ("sid", "year", "l_homicide", "post", "popwt")
    }
    started = pl.col("year").filter(pl.col("post") == 1).min().over("sid").fill_null(0)
    return pl.DataFrame(rows).with_columns(start=started).sort("sid", "year")


@pytest.mark.parametrize("comparison", ["never", "not-yet"])
def test_castle_doctrine_laws_and_homicide(comparison: str, tmp_path: Path) -> None:
    file, want = tmp_path / "castle.csv", json.loads((HERE / "expected" / "castle.json").read_text("utf-8"))
    castle().write_csv(file)
    settings = f'aggregate = "simple"\ncomparison = "{comparison}"\n{LARGE}'
    found = run(file, staggered_text(settings, unit="sid", measure="l_homicide"))
    value, error = want[f"simple {comparison}"]
    assert found.estimate.value == pytest.approx(value, abs=want["tolerance"])
    assert found.estimate.std_error == pytest.approx(error, abs=want["tolerance"])
    # The error that other programs print for a cohort of one state is the smallest of all: here there is none.
    rows = {row.term: row.std_error is not None for row in found.path if row.term.startswith("cohort")}
    assert rows == {f"cohort {year}": size >= 5 for year, size in want["cohorts"].items()}
    assert next(check for check in found.checks if check.name == "small cohorts").result == "info"


def test_castle_doctrine_by_two_way_fixed_effects_weighted_by_population() -> None:
    frame, want = castle(), json.loads((HERE / "expected" / "castle.json").read_text("utf-8"))["two_way"]
    wide = {name: frame[name].to_numpy().reshape(50, 11) for name in ("l_homicide", "start", "popwt")}
    first = wide["start"][:, 0].astype(np.int64)
    starts, cohort = cohorts_of(np.where(first == 0, NEVER, first - 2000))
    found = two_way(cohort_moments(wide["l_homicide"], cohort, len(starts), wide["popwt"][:, 0]), starts)
    assert found is not None
    assert found.value == pytest.approx(want["value"], abs=2e-8)
    all_dummies = found.plain_error * np.sqrt(549 / (550 - 61))
    assert all_dummies == pytest.approx(want["error_all_dummies"], abs=2e-8)
    assert found.std_error == pytest.approx(want["error_nested"], abs=5e-7)  # to the last digit printed
