"""Times to an event on real data, from plan text and file to estimate, against R's answers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.model import Estimate, OutcomeResult
from evaluation.times.competing import fine_gray, incidence
from evaluation.times.cox import fit_cox
from evaluation.times.survival import Times
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import case, derived, expected, outside, run
from tests.reference.tolerance import misses

KNOWN = ("age", "race", "wexp", "mar", "paro", "prio")


def rossi(
    folder: Path, *, covariates: tuple[str, ...] = (), settings: str = 'errors = "classical"'
) -> OutcomeResult:
    file = derived(
        "rossi_survival", folder, lambda f: f.with_columns(aid=(pl.col("fin") == "yes").cast(pl.Int8))
    )
    text = plan_text(
        measure="arrest", kind="time-to-event", better="lower", treatment="aid", covariates=covariates,
        design='unit = "person_id"', settings=settings, outcome='duration = "week"\nunit = "weeks"\nhorizon = 52',
    )  # fmt: skip
    return run(file, text)


def logs(e: Estimate) -> Estimate:
    """The same on the log scale, on which the reference gives it."""
    return replace(
        e, value=math.log(number(e.value)), conf_low=math.log(number(e.conf_low)),
        conf_high=math.log(number(e.conf_high)),
    )  # fmt: skip


def test_maryland_hazard_ratio_without_and_with_covariates(tmp_path: Path) -> None:
    plain = rossi(tmp_path)
    assert misses(logs(plain.estimate), expected("rossi_survival", "log_hr_unadjusted")) == []
    adjusted = rossi(tmp_path, covariates=KNOWN)
    assert misses(logs(adjusted.estimate), expected("rossi_survival", "log_hr_adjusted_efron")) == []
    beside = {way.name: way.estimate for way in adjusted.sensitivity}
    assert misses(logs(beside["not adjusted"]), expected("rossi_survival", "log_hr_unadjusted")) == []


def test_maryland_robust_error_is_the_default(tmp_path: Path) -> None:
    assert rossi(tmp_path, covariates=KNOWN, settings="").estimate.std_error == pytest.approx(
        0.195542, abs=5.1e-7
    )


def test_maryland_mean_time_and_shares(tmp_path: Path) -> None:
    found = rossi(tmp_path)
    beside = next(way.estimate for way in found.sensitivity if way.name.startswith("difference in mean time"))
    assert misses(beside, expected("rossi_survival", "rmst_difference_52")) == []
    assert found.estimate.treated_mean == pytest.approx(1 - 0.777777777778)
    assert found.estimate.comparison_mean == pytest.approx(1 - 0.694444444444)
    aid = {row.term: row.value for row in found.path}
    assert len(aid) >= 6
    assert all(0 < number(value) < 0.31 for value in aid.values())


def test_maryland_verdict_is_borderline_and_worded_with_care(tmp_path: Path) -> None:
    """The reference: promising, not established."""
    found = rossi(tmp_path)
    assert found.verdict.answer == "inconclusive"
    assert "between 0.48 and 1.00 times the rate" in found.verdict.sentence
    held = next(check for check in found.checks if check.name == "proportional hazards")
    assert held.result == "pass"


def mgus() -> pl.DataFrame:
    folder = outside("mgus2_competing")
    frame = pl.read_csv(folder / "data" / "mgus2_competing.csv", infer_schema_length=None, null_values=["NA"])
    progressed = pl.col("pstat") == 1
    return frame.with_columns(
        time=pl.when(progressed).then("ptime").otherwise("futime").cast(pl.Float64),
        cause=pl.when(progressed).then(1).otherwise(2 * pl.col("death")),
        male=(pl.col("sex") == "M").cast(pl.Float64),
    )


def write_mgus(path: Path) -> None:
    """The same people as a file for a plan: men are the treated, death rules the event out."""
    study = mgus().with_columns(
        treat=pl.col("male"),
        y=(pl.col("cause") == 1).cast(pl.Int8),
        died=(pl.col("cause") == 2).cast(pl.Int8),
    )
    study.write_csv(path)


def columns(frame: pl.DataFrame, *names: str) -> Any:
    return frame.select(names).cast(pl.Float64).to_numpy()


def wanted(name: str) -> dict[str, Any]:
    return expected("mgus2_competing", name, outside("mgus2_competing"))


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize(("cause", "name"), [(1, "pcm"), (2, "death")])
def test_gammopathy_cumulative_incidence(sex: str, cause: int, name: str) -> None:
    frame = mgus().filter(pl.col("sex") == sex)
    which = frame["cause"].to_numpy()
    times = Times(frame["time"].to_numpy(), (which == cause) * 1.0)
    found = incidence(times, (which == 3 - cause) * 1.0)
    for month in (120, 240):
        want = wanted(f"cif_{name}_{sex}_{month}")
        share, error = found.at(month)
        assert share == pytest.approx(want["value"], rel=1e-8)
        assert error == pytest.approx(want["std_error"], rel=0.01)


@pytest.mark.parametrize(("cause", "name"), [(1, "pcm"), (2, "death")])
def test_gammopathy_cause_specific_and_subdistribution_hazards(cause: int, name: str) -> None:
    frame = mgus()
    which, x = frame["cause"].to_numpy(), columns(frame, "age", "male")
    own = fit_cox(Times(frame["time"].to_numpy(), (which == cause) * 1.0), x)
    sub = fine_gray(frame["time"].to_numpy(), np.where(which == 0, 0, np.where(which == cause, 1, 2)), x)
    for j, column in enumerate(("age", "male")):
        for kind, values, covariance in (
            ("csh", own.coefficients, own.covariance),
            ("fg", sub.coefficients, sub.robust_covariance),
        ):
            want = wanted(f"{kind}_{name}_{column}")
            assert values[j] == pytest.approx(want["value"], rel=1e-6)
            assert math.sqrt(covariance[j, j]) == pytest.approx(want["std_error"], rel=1e-3)


def test_gammopathy_with_the_spike_known_agrees_with_cmprsk() -> None:
    """Engine notes E8 and E9."""
    frame = mgus().filter(pl.col("mspike").is_not_null())
    cause = frame["cause"].to_numpy()
    expected_at = {0.0: (0.040045, 0.074330, 0.105433), 1.0: (0.029592, 0.055650, 0.096109)}
    for male, shares in expected_at.items():
        rows = frame["male"].to_numpy() == male
        times = Times(frame["time"].to_numpy()[rows], (cause[rows] == 1) * 1.0)
        found = incidence(times, (cause[rows] == 2) * 1.0)
        assert [found.at(month)[0] for month in (60, 120, 240)] == pytest.approx(shares, abs=5.1e-7)
        if male:
            errors = [found.at(month)[1] for month in (60, 120, 240)]
            assert errors == pytest.approx([0.006220, 0.008703, 0.013669], rel=0.01)
    x = columns(frame.with_columns(female=1 - pl.col("male")), "age", "female", "mspike")
    fit = fine_gray(frame["time"].to_numpy(), cause, x)
    assert fit.coefficients == pytest.approx([-0.016943, 0.213616, 0.888464], abs=5.1e-7)
    assert fit.log_likelihood == pytest.approx(-774.032495, abs=5.1e-7)
    assert np.sqrt(np.diag(fit.robust_covariance)) == pytest.approx([0.005830, 0.185201, 0.155231], rel=0.01)


def test_gammopathy_in_file_mode_names_the_ratio_and_shows_both(tmp_path: Path) -> None:
    write_mgus(tmp_path / "mgus.csv")
    text = plan_text(
        kind="time-to-event", better="lower", covariates=("age",), settings='errors = "classical"',
        outcome='duration = "time"\ncompeting = "died"\nhorizon = 240\nunit = "months"',
    )  # fmt: skip
    found = run(tmp_path / "mgus.csv", text)
    assert misses(logs(found.estimate), wanted("csh_pcm_male")) == []
    assert found.estimate.treated_mean == pytest.approx(wanted("cif_pcm_M_240")["value"], rel=1e-8)
    note = next(check.note for check in found.checks if check.name == "competing events")
    assert "cause-specific" in note
    assert any("Fine and Gray" in way.name for way in found.sensitivity)
    assert case("mgus2_competing", outside("mgus2_competing"))["diagnostics"]["n_death"] == 860
