"""Stepped wedges, crossovers, three levels, growth and ratios of clusters, through plans, against R.

Data are made up (no real person; tests/reference/made_up/); the numbers in expected/made_up_clusters.json are
R's: lme4 1.1-31, pbkrtest 0.5.2 and clubSandwich 0.5.8, with the model of each. Iterated quantities are held to 1e-6,
their degrees of freedom to 1e-5: lme4 stops there. CR2 of a generalised linear model has more than one square root:
clubSandwich takes another than the one here, so that errors agree to 0.5 % only; values agree to 1e-8.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from evaluation.model import Estimate, OutcomeResult
from tests.evaluation.studies import number, plan_text
from tests.reference.test_reference_cases import DATA, expected, run

MADE_UP = DATA.parent / "made_up"
WITHIN, DF_WITHIN, ANOTHER_ROOT = 1e-6, 1e-5, 5e-3


def want(name: str) -> dict[str, Any]:
    return expected("made_up_clusters", name)


def agrees(found: Estimate, name: str) -> None:
    known = want(name)
    assert found.value == pytest.approx(known["value"], rel=WITHIN)
    assert found.std_error == pytest.approx(known["std_error"], rel=WITHIN)
    assert found.df == pytest.approx(known["df"], rel=DF_WITHIN)


def lines(result: OutcomeResult) -> dict[str, Estimate]:
    return {way.name: way.estimate for way in result.sensitivity}


def analysed(file: str | Path, design: str, settings: str, **more: Any) -> OutcomeResult:
    path = MADE_UP / f"{file}.csv" if isinstance(file, str) else file
    return run(
        path,
        plan_text("cluster-randomised", design=design, settings=settings, **({"measure": "score"} | more)),
    )


def wedge() -> OutcomeResult:
    return analysed(
        "wedge", 'cluster = "ward"\nunit = "person"', 'layout = "stepped-wedge"\nperiod = "month"',
        treatment="open", covariates=["before"],
    )  # fmt: skip


def test_a_stepped_wedge_agrees_with_lme4_and_pbkrtest() -> None:
    found = wedge()
    agrees(found.estimate, "wedge")
    assert found.estimate.n_clusters == 10


def test_the_other_models_of_a_stepped_wedge_agree_with_lme4_and_pbkrtest() -> None:
    found = lines(wedge())
    agrees(found["an effect that differs between clusters"], "wedge-differing")
    agrees(found["effects by time on treatment, averaged"], "wedge-exposure-average")


def test_the_anticipation_check_reads_what_lme4_gives_for_the_month_before() -> None:
    check = next(c for c in wedge().checks if c.name == "anticipation")
    known = want("wedge-lead")
    from scipy.special import stdtr

    p = 2 * float(stdtr(known["df"], -abs(known["value"]) / known["std_error"]))
    assert check.reading == pytest.approx(p, rel=1e-5)
    assert check.result == "pass"


def test_a_stepped_wedge_without_variance_by_period_agrees_with_pbkrtest_at_the_boundary() -> None:
    found = analysed(
        "edge",
        'cluster = "ward"\nunit = "person"',
        'layout = "stepped-wedge"\nperiod = "month"',
        treatment="open",
    )
    agrees(found.estimate, "edge")
    assert "variances at the boundary" in {check.name for check in found.checks}


def test_a_crossover_agrees_with_lme4_and_pbkrtest() -> None:
    found = analysed(
        "crossover",
        'cluster = "unit"\nunit = "person"',
        'layout = "crossover"\nperiod = "term"',
        treatment="offer",
    )
    agrees(found.estimate, "crossover")  # the clusters' own variance is nil there: a boundary too


def test_three_levels_with_whole_schools_allocated_agree_with_lme4_and_pbkrtest() -> None:
    found = analysed(
        "classes", 'cluster = "school"\nunit = "pupil"', 'subcluster = "class"', treatment="course",
        covariates=["before"],
    )  # fmt: skip
    agrees(found.estimate, "classes-whole")


def test_three_levels_with_classes_allocated_within_schools_agree_with_lme4_and_pbkrtest(
    tmp_path: Path,
) -> None:
    file = tmp_path / "classes.csv"
    early = (pl.col("class").str.slice(4, 1).cast(pl.Int64) % 2 == 0).cast(pl.Int64)
    pl.read_csv(MADE_UP / "classes.csv").with_columns(early=early).write_csv(file)
    found = analysed(
        file, 'cluster = "school"\nunit = "pupil"', 'subcluster = "class"\nintervention_level = "subcluster"',
        treatment="early", covariates=["before"],
    )  # fmt: skip
    agrees(found.estimate, "classes-within")


def growth(settings: str = "") -> OutcomeResult:
    return analysed(
        "growth", 'cluster = "school"\nunit = "pupil"\ntime = "year"', settings, treatment="course"
    )


def test_growth_of_pupils_in_schools_agrees_with_lme4_and_pbkrtest() -> None:
    found = growth()
    agrees(found.estimate, "growth")
    assert (found.estimate.n_treated, found.estimate.n_comparison, found.estimate.n_clusters) == (78, 84, 12)


def test_the_difference_at_the_last_time_agrees_with_lme4_and_pbkrtest() -> None:
    agrees(growth('growth = "end"').estimate, "growth-end")


def test_growth_of_infants_agrees_with_the_shared_case(tmp_path: Path) -> None:
    """Singer and Willett's infants, each a cluster of one: the slopes of infants are those of clusters."""
    file = tmp_path / "early.csv"
    frame = pl.read_csv(DATA / "early_childhood_growth.csv").with_columns(
        arm=(pl.col("trt") == "Y").cast(pl.Int64), place=pl.col("id")
    )
    frame.write_csv(file)
    found = run(
        file,
        plan_text(
            "cluster-randomised",
            design='cluster = "place"\nunit = "id"\ntime = "age"',
            measure="cog",
            treatment="arm",
        ),
    )
    known = expected("early_childhood_growth", "slope_difference_reml")
    e = found.estimate
    assert e.value == pytest.approx(known["value"], rel=1e-6)
    assert e.std_error == pytest.approx(known["std_error"], rel=known["tolerance"]["std_error_rel"])


def counted(effect: str, measure: str, kind: str, settings: str = "") -> OutcomeResult:
    more = '\nexposure = "years"' if kind == "count" else ""
    return analysed(
        "counts", 'cluster = "area"\nunit = "person"', settings, measure=measure, kind=kind, treatment="offer",
        covariates=["before"], outcome=f'effect = "{effect}"{more}', better="lower",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("effect", "measure", "kind", "name"),
    [
        ("rate-ratio", "arrests", "count", "counts-marginal"),
        ("risk-ratio", "drunk", "binary", "risk-marginal"),
        ("odds-ratio", "drunk", "binary", "odds-marginal"),
    ],
)
def test_ratios_with_everybody_counting_once_agree_with_glm_and_nearly_with_clubsandwich(
    effect: str, measure: str, kind: str, name: str
) -> None:
    e, known = counted(effect, measure, kind, 'ratio_model = "marginal"').estimate, want(name)
    assert math.log(number(e.value)) == pytest.approx(known["value"], rel=1e-8)
    assert e.std_error == pytest.approx(known["std_error"], rel=ANOTHER_ROOT)
    assert e.df == pytest.approx(known["df"], rel=ANOTHER_ROOT)


def test_logs_of_averages_of_clusters_agree_with_welchs_t_test() -> None:
    e = lines(counted("rate-ratio", "arrests", "count"))["averages of clusters, on the log scale"]
    known = want("counts-logs")
    assert math.log(number(e.value)) == pytest.approx(known["value"], rel=1e-8)
    assert e.std_error == pytest.approx(known["std_error"], rel=1e-8)
    assert e.df == pytest.approx(known["df"], rel=1e-8)
