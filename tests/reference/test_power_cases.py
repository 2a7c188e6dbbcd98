"""Power against R, against published formulas, and against the tables of the field standards."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.plan import AnalysisPlan
from evaluation.power import chance_of_finding, detectable, equivalence_power
from evaluation.power_analysis.clusters import crossover_arms, layout_variance, wedge_arms
from evaluation.power_analysis.panels import change_variance, staggered_variance
from evaluation.power_analysis.people import edge_cost, overlap_share
from evaluation.power_analysis.promise import Promise, needed, promise
from evaluation.power_analysis.sizes import Size
from tests.evaluation.studies import make_plan, number

FOUND: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "expected" / "power.json").read_text(encoding="utf-8")
)["values"]
MARGIN = 'minimum_important_difference = {m}\nmid_source = "x"'


def risk(base: float, margin: float = 0.05) -> AnalysisPlan:
    """A yes-or-no outcome that ought to fall."""
    return make_plan(
        kind="binary", better="lower", outcome=f"expected_rate = {base}\n{MARGIN.format(m=margin)}"
    )


def shown(plan: AnalysisPlan, size: Size) -> Promise:
    return promise(plan, plan.outcomes[0], size)


@pytest.mark.parametrize("case", FOUND["t_test"], ids=lambda case: f"n={case['n']}")
def test_two_means_have_rs_smallest_difference_and_power(case: dict[str, Any]) -> None:
    """R takes a noncentral t; ours adds two quantiles of t, as an error is read afterwards: within 0.3 %.

    Power at a stated difference is averaged over the estimated error, as R's is: within 0.05 points.
    """
    n, df = case["n"], 2 * case["n"] - 2
    found = shown(make_plan(outcome="expected_sd = 1"), Size(n, n))
    assert number(found.detectable) == pytest.approx(case["delta"], rel=3e-3)
    assert chance_of_finding(math.sqrt(2 / n), 0.5, df=df) == pytest.approx(case["power"], abs=5e-4)


@pytest.mark.parametrize("case", FOUND["prop_test"], ids=lambda case: f"n={case['n']}, base {case['p0']}")
def test_two_shares_have_rs_smallest_difference(case: dict[str, Any]) -> None:
    """R takes one pooled variance under no effect; the verdict's interval takes each arm's own: within 2.5 %."""
    found = shown(risk(case["p0"]), Size(case["n"], case["n"]))
    assert number(found.detectable) == pytest.approx(case["p0"] - case["p1"], rel=0.025)


@pytest.mark.parametrize("case", FOUND["schoenfeld"], ids=lambda case: f"hazard ratio {case['hr']}")
def test_times_need_schoenfelds_number_of_events(case: dict[str, Any]) -> None:
    plan = make_plan(
        kind="time-to-event", better="lower",
        outcome=f"duration = \"d\"\nexpected_rate = {case['rate']}\n{MARGIN.format(m=case['hr'])}",
    )  # fmt: skip
    half = round(case["people"] / 2)
    assert number(shown(plan, Size(half, half)).detectable) == pytest.approx(case["hr"], rel=1e-3)
    found = needed(plan, plan.outcomes[0], Size(100, 100))
    assert found is not None
    assert found.to_find is not None
    assert number(found.to_find.treated) == pytest.approx(half, abs=1)


@pytest.mark.parametrize("case", FOUND["tost"], ids=lambda case: f"n={case['n']}")
def test_equivalence_has_the_power_of_two_one_sided_tests(case: dict[str, Any]) -> None:
    """Both integrate over the estimated error: within 0.05 points."""
    found = equivalence_power(math.sqrt(2 / case["n"]), case["margin"], df=2 * case["n"] - 2)
    assert found == pytest.approx(case["power"], abs=5e-4)


@pytest.mark.parametrize("case", FOUND["hussey_hughes"], ids=lambda case: f"{case['clusters']} clusters")
def test_a_stepped_wedge_has_hussey_and_hughes_variance(case: dict[str, Any]) -> None:
    arms = wedge_arms(case["clusters"], case["periods"] - 1)
    assert arms.shape == (case["clusters"], case["periods"])
    assert layout_variance(arms, case["m"], case["icc"], 1.0) == pytest.approx(case["variance"], rel=1e-9)


def test_clusters_that_cross_over_once_have_the_textbook_variance() -> None:
    """n people a cluster and period, k clusters: 4 (1 + (n - 1) icc - n icc cac) / (2 n k)."""
    k, n, icc, cac = 10, 25, 0.08, 0.7
    textbook = 4 * (1 + (n - 1) * icc - n * icc * cac) / (2 * n * k)
    assert layout_variance(crossover_arms((5, 5), 2), n, icc, cac) == pytest.approx(textbook)


# Field standards 1.4: 80 % power, 5 % two-sided, points out of 100, treated n 30 to 2000.
TABLE = {
    (0.43, 1): (30.5, 23.0, 15.7, 8.6, 4.4),
    (0.43, 50): (21.4, 16.2, 11.1, 6.1, 3.1),
    (0.25, 1): (23.2, 18.1, 12.8, 7.2, 3.7),
    (0.25, 50): (15.4, 12.3, 8.8, 5.1, 2.6),
}


@pytest.mark.parametrize(("base", "pool"), TABLE)
def test_the_table_of_what_n_means_is_met(base: float, pool: int) -> None:
    """The table takes the normal, the verdict t: 0.4 points at 30 people, under 0.05 from 142 on."""
    for n, points, room in zip(
        (30, 60, 142, 500, 2000), TABLE[base, pool], (0.45, 0.25, 0.06, 0.06, 0.06), strict=True
    ):
        found = shown(risk(base), Size(n, n * pool))
        assert 100 * number(found.detectable) == pytest.approx(points, abs=room)


@pytest.mark.parametrize(("margin", "people"), [(0.05, 1680), (0.03, 4660), (0.02, 10_500)])
def test_the_people_it_takes_to_rule_a_margin_out_are_those_of_the_standards(
    margin: float, people: int
) -> None:
    plan = risk(0.43, margin)
    found = needed(plan, plan.outcomes[0], Size(100, 100))
    assert found is not None
    assert found.to_rule_out is not None
    assert number(found.to_rule_out.treated) == pytest.approx(people, rel=0.005)  # the table rounds to tens


@pytest.mark.parametrize(("clusters", "sd"), [(10, 0.54), (20, 0.36), (30, 0.29), (60, 0.20)])
def test_the_table_of_clusters_is_met(clusters: int, sd: float) -> None:
    """Field standards 8: 20 people a cluster, ICC 0.1, covariates take half of the variance at both levels."""
    plan = make_plan(
        "cluster-randomised", design='cluster = "school"', settings="icc = 0.1\ncluster_r2 = 0.5",
        outcome="expected_sd = 1\nexpected_r2 = 0.5",
    )  # fmt: skip
    half = clusters // 2
    assert number(shown(plan, Size(20 * half, 20 * half, half, half)).in_sd) == pytest.approx(sd, abs=0.005)


def test_clusters_of_unequal_size_cost_what_eldridge_and_others_say() -> None:
    """Design effect 1 + ((cv^2 + 1) m - 1) icc."""
    plan = make_plan(
        "cluster-randomised", design='cluster = "school"', settings="icc = 0.05", outcome="expected_sd = 1",
        more="[power]\ncluster_size_cv = 0.6",
    )  # fmt: skip
    found = shown(plan, Size(200, 200, 10, 10))
    effect = 1 + ((0.36 + 1) * 20 - 1) * 0.05
    assert number(found.std_error) == pytest.approx(math.sqrt(effect * 2 / 200))


def test_overlap_costs_what_normal_scores_say() -> None:
    """Under ATT the comparison is worth exp(-separation^2) of its people; without separation nobody is lost."""
    assert overlap_share("ATT", 0.5, 0.3) == pytest.approx((1.0, math.exp(-0.25)), rel=1e-6)
    for estimand in ("ATT", "ATE", "ATO"):
        assert overlap_share(estimand, 0.0, 0.3) == pytest.approx((1.0, 1.0))
    ate, ato = overlap_share("ATE", 1.0, 0.5), overlap_share("ATO", 1.0, 0.5)
    assert ate[0] < ato[0] < 1
    draw = np.random.default_rng(3)
    x = draw.normal(1.0, 1.0, 400_000)
    e = 1 / (1 + np.exp(-(x - 0.5)))
    drawn = (1 / e).sum() ** 2 / (x.size * (1 / e**2).sum())
    assert ate[0] == pytest.approx(drawn, rel=0.02)


def test_the_end_of_a_line_costs_fan_and_gijbels_constants() -> None:
    """Uniform 4 and 9 (straight line, curve); triangular 4.8."""
    assert edge_cost("uniform", 1) == pytest.approx(4, rel=1e-4)
    assert edge_cost("uniform", 2) == pytest.approx(9, rel=1e-4)
    assert edge_cost("triangular", 1) == pytest.approx(4.8, rel=1e-3)


def test_a_cut_off_in_evenly_spread_scores_needs_schochets_four_times_the_people() -> None:
    """Schochet (2009): with a straight line each side and evenly spread scores the design effect is 4."""
    plain = 'running = "s"\ncutoff = 0\nkernel = "uniform"\ninference = "plain"'
    plan = make_plan(
        "regression-discontinuity", treatment="", settings=plain, outcome="expected_sd = 1",
        more="[power]\nwithin_bandwidth = 1",
    )  # fmt: skip
    trial = shown(make_plan(outcome="expected_sd = 1"), Size(500, 500))
    assert (number(shown(plan, Size(500, 500)).std_error) / number(trial.std_error)) ** 2 == pytest.approx(
        4, rel=1e-3
    )


def test_a_change_of_means_has_the_variance_of_its_periods() -> None:
    """Without likeness 1/T0 + 1/T1 (Frison and Pocock 1992); with one period each side 2 (1 - rho)."""
    assert change_variance(5, 3, 0.0) == pytest.approx(1 / 5 + 1 / 3)
    assert change_variance(1, 1, 0.4) == pytest.approx(2 * 0.6)
    draw = np.random.default_rng(5)
    walk = np.zeros((60_000, 8))
    walk[:, 0] = draw.normal(size=60_000)
    for t in range(1, 8):
        walk[:, t] = 0.5 * walk[:, t - 1] + math.sqrt(0.75) * draw.normal(size=60_000)
    drawn = float((walk[:, 5:].mean(axis=1) - walk[:, :5].mean(axis=1)).var())
    assert change_variance(5, 3, 0.5) == pytest.approx(drawn, rel=0.02)


def test_one_start_and_one_period_is_a_difference_in_differences() -> None:
    found = staggered_variance(20, 40, 1, 3, 1, 0.3, "simple", "never")
    assert found == pytest.approx(2 * (1 - 0.3) * (1 / 20 + 1 / 40))
    assert staggered_variance(20, 0, 2, 3, 4, 0.3, "simple", "not-yet") < math.inf
    assert staggered_variance(20, 0, 1, 3, 4, 0.3, "simple", "not-yet") == math.inf


def test_a_detectable_effect_is_one_whose_own_error_just_shows_it() -> None:
    found = shown(risk(0.43), Size(142, 142))
    d = number(found.detectable)
    error = math.sqrt(((0.43 - d) * (0.57 + d) + 0.43 * 0.57) / 142)
    assert d == pytest.approx(detectable(error, df=282))
