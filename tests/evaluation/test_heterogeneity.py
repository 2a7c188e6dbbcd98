"""Exploring on whom the effect differs: off unless asked, apart from the verdict, honest about noise."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from evaluation.errors import EvaluationError
from evaluation.model import Heterogeneity, Third
from evaluation.observed.heterogeneity import Measured, _calibration, _halves, _linear, explore
from evaluation.plan import canonical
from evaluation.subgroups.protection import shown_heterogeneity
from tests.evaluation.studies import make_plan, number, observed, plan_text, primary
from workspace.settings import DisclosureProfile

ROOT = Path(__file__).parents[2]
EXPLORE = "explore = true\nrepeats = 1"


def measured(n: int = 1500, seed: int = 1, slope: float = 0.0, clusters: bool = False) -> Measured:
    """Pseudo-outcomes with a true effect of 1 + slope x and noise of 2."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, 3))
    treated = draw.integers(0, 2, n).astype(float)
    pseudo = 1 + slope * x[:, 0] + 2 * draw.normal(size=n)
    codes = draw.integers(0, 60, n) if clusters else None
    return Measured(pseudo, treated, x, ("a", "b", "c"), codes)


def found_in(people: Measured) -> Heterogeneity:
    found = explore(people, 1, 0.05)
    assert found is not None
    return found


def test_an_effect_that_varies_is_seen_with_a_slope_near_one_and_thirds_in_order() -> None:
    found = found_in(measured(4000, slope=1.0))
    assert number(found.slope_p) < 0.001
    assert number(found.slope) == pytest.approx(1.0, abs=0.35)
    values = [third.value for third in found.thirds]
    assert values == sorted(values)
    assert sum(third.n for third in found.thirds) == 4000
    assert "next plan" in found.sentence
    assert "not an answer" in found.sentence


@pytest.mark.parametrize("clusters", [False, True])
def test_noise_is_rarely_taken_for_variation(clusters: bool) -> None:
    """Forty times no variation: at 5 % six or fewer claims by either test (99.5 % of such series)."""
    found = [found_in(measured(400, seed, clusters=clusters)) for seed in range(40)]
    assert sum((one.slope_p or 1.0) < 0.05 for one in found) <= 6
    assert sum((one.joint_p or 1.0) < 0.05 for one in found) <= 6


def test_the_linear_predictor_and_the_calibration_are_regressions_with_hc1_errors() -> None:
    people = measured(300, slope=0.5)
    joint, rows = _linear(people, 0.05)
    x = people.covariates
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    fit = sm.OLS(people.pseudo, sm.add_constant(z)).fit(cov_type="HC1", use_t=True)
    assert [row.value for row in rows] == pytest.approx(fit.params[1:])
    assert [row.std_error for row in rows] == pytest.approx(fit.bse[1:])
    assert [row.conf_low for row in rows] == pytest.approx(fit.conf_int()[1:, 0])
    assert joint == pytest.approx(float(fit.f_test(np.eye(4)[1:]).pvalue))
    slope, error, p = _calibration(people, z[:, 0])
    line = sm.OLS(people.pseudo, sm.add_constant(z[:, 0])).fit(cov_type="HC1", use_t=True)
    assert (slope, error) == pytest.approx((line.params[1], line.bse[1]))
    assert p == pytest.approx(line.pvalues[1] / 2)


def test_trees_are_honest_and_keep_clusters_whole() -> None:
    rows, units = np.arange(400), np.repeat(np.arange(40), 10)
    build, measure = _halves(rows, units, np.random.default_rng(1))
    assert not set(units[build]) & set(units[measure])
    assert len(build) == len(measure) == 100


def test_the_seed_decides_and_scales_do_not() -> None:
    people = measured(600, slope=0.5)
    assert explore(people, 3, 0.05) == explore(people, 3, 0.05)
    other = explore(replace(people, covariates=people.covariates * 1000 + 5), 3, 0.05)
    assert other is not None
    assert other.slope == pytest.approx(number(found_in_seed(people).slope), rel=1e-6)


def found_in_seed(people: Measured) -> Heterogeneity:
    found = explore(people, 3, 0.05)
    assert found is not None
    return found


def test_nothing_is_explored_with_few_people_or_covariates_that_do_not_vary() -> None:
    assert explore(measured(150), 1, 0.05) is None
    people = measured()
    assert explore(replace(people, covariates=np.ones((1500, 3))), 1, 0.05) is None
    tied = np.column_stack([people.covariates[:, 0]] * 3)
    assert len(found_in(replace(people, covariates=tied)).linear) == 1


def test_it_is_off_unless_asked_and_moves_nothing_else() -> None:
    frame = observed(600)
    plain = primary(frame, make_plan("doubly-robust", covariates=["x", "z"], settings="repeats = 1"))
    asked = primary(frame, make_plan("doubly-robust", covariates=["x", "z"], settings=EXPLORE))
    assert plain.heterogeneity is None
    assert asked.heterogeneity is not None
    assert (asked.estimate, asked.verdict, asked.checks) == (plain.estimate, plain.verdict, plain.checks)
    assert "explore" not in canonical(make_plan("doubly-robust", covariates=["x"]))


def test_an_effect_that_differs_between_chosen_people_is_seen_through_a_plan() -> None:
    frame = observed(2500, 5).with_columns(y=pl.col("y") + 1.5 * pl.col("treat") * (pl.col("z") > 0))
    found = primary(
        frame, make_plan("doubly-robust", covariates=["x", "z", "place"], settings=EXPLORE)
    ).heterogeneity
    assert found is not None
    assert number(found.slope_p) < 0.001
    first = max(found.linear, key=lambda row: abs(number(row.value) / number(row.std_error)))
    assert first.term == "z"


def test_it_goes_with_differences_only() -> None:
    with pytest.raises(EvaluationError, match="explore = true looks at differences"):
        make_plan(
            "doubly-robust",
            covariates=["x"],
            kind="binary",
            outcome='effect = "risk-ratio"',
            settings=EXPLORE,
        )


def test_thirds_of_a_few_people_are_not_shown() -> None:
    third = Third("lowest third", 4, 1.0, 1.0, 0.0, 2.0)
    found = Heterogeneity(1.0, 1.0, 0.5, 0.5, (), (third,), "s")
    shown = shown_heterogeneity(found, DisclosureProfile())
    assert shown is not None
    assert shown.thirds == ()
    assert shown_heterogeneity(found, None) == found


def test_the_report_keeps_it_in_a_section_of_its_own_and_stamps_it(tmp_path: Path) -> None:
    observed(600).write_csv(tmp_path / "people.csv")
    text = plan_text("doubly-robust", covariates=["x", "z"], settings=EXPLORE, design='unit = "unit"')
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "cli", "evaluate", "run", str(tmp_path / "plan.toml"), "--data",
               str(tmp_path / "people.csv"), "--json", "--out", str(tmp_path / "out")]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["outcomes"][0]["heterogeneity"]
    assert found["exploratory"] is True
    assert len(found["thirds"]) == 3
    page = next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    part = page.split('<section aria-labelledby="section-11">')[1].split("</section>")[0]
    assert '<strong class="stamp">Exploratory</strong>' in part
    assert "never an answer" in part
