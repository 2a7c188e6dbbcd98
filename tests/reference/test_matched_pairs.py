"""Matched pairs with a yes or no: young people sent to adult courts, against R's figures and a printed one."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest

from evaluation.matched.rosenbaum import undone_at, upper_p, weigh
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import expected, outside, run

CASE = "juvenile_transfer_pairs"


def pairs() -> pl.DataFrame:
    return pl.read_csv(outside(CASE) / "data" / f"{CASE}.csv")


def test_a_paired_risk_difference_has_rs_value_and_error(tmp_path: Path) -> None:
    """Two rows a pair, errors summed within pairs; CR1 has G/(G - 1) x (n - 1)/(n - 2), R's paired error nothing."""
    wide, folder = pairs(), outside(CASE)
    long = pl.concat(
        [
            wide.select(pair="pair_id", adult=pl.lit(1), rearrested="adult_court_rearrest"),
            wide.select(pair="pair_id", adult=pl.lit(0), rearrested="juvenile_court_rearrest"),
        ]
    )
    long.write_csv(tmp_path / "pairs.csv")
    text = plan_text(
        measure="rearrested", treatment="adult", kind="binary", better="lower", design='cluster = "pair"',
        settings='interval = "normal"',
    )  # fmt: skip
    found, want = run(tmp_path / "pairs.csv", text), expected(CASE, "paired_risk_difference", folder)
    estimate, groups = found.estimate, wide.height
    assert number(estimate.value) == pytest.approx(want["value"], rel=1e-6)
    n = 2 * groups
    scale = math.sqrt((groups - 1) / groups * (n - 2) / (n - 1))
    assert scale * number(estimate.std_error) == pytest.approx(want["std_error"], rel=1e-5)
    assert scale * (number(estimate.conf_high) - number(estimate.value)) == pytest.approx(
        want["ci_high"] - want["value"], rel=1e-5
    )
    assert found.verdict.answer == "harms", "a higher value is worse"


def test_mcnemars_test_has_the_printed_statistic_and_rs_exact_p() -> None:
    """Chi-square 62.888: Hothorn and Everitt, A Handbook of Statistical Analyses Using R, simple inference."""
    wide, folder = pairs(), outside(CASE)
    apart = (wide["adult_court_rearrest"] - wide["juvenile_court_rearrest"]).cast(pl.Float64).to_numpy()
    weighed = weigh(apart, binary=True)
    square = (2 * weighed.statistic - weighed.total) ** 2 / weighed.differing
    assert square == pytest.approx(expected(CASE, "mcnemar_chi2", folder)["value"], rel=1e-6)
    assert round(square, 3) == 62.888
    exact = expected(CASE, "mcnemar_exact_p", folder)["value"]
    assert 2 * upper_p(weighed, 1.0) == pytest.approx(exact, rel=1e-6)
    odds = expected(CASE, "conditional_log_odds_ratio", folder)["value"]
    assert math.log(weighed.statistic / (weighed.differing - weighed.statistic)) == pytest.approx(
        odds, rel=1e-6
    )
    strength = undone_at(weighed, 0.025)
    assert strength is not None
    assert 1 < strength < math.exp(odds), (
        "no cause as strong as the effect itself is needed to undo its significance"
    )
