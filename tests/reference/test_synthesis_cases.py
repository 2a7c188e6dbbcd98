"""Averages over studies: R's numbers (metafor 3.8-1, clubSandwich 0.5.8) to the tolerance beside each."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluation.regression.linear import Array
from evaluation.synthesis.dependent import DependentAverage, average_dependent
from evaluation.synthesis.effects import effects_of_counts, mantel_haenszel
from evaluation.synthesis.missing_studies import egger_test, left_out_one_by_one, trim_and_fill
from evaluation.synthesis.random_effects import Average, average_effects
from tests.reference.test_reference_cases import DATA, HERE, expected

PUBLISHED = json.loads((HERE / "expected" / "synthesis.json").read_text(encoding="utf-8"))
CBT = "cbt_recidivism_meta"
ASSINK = "delinquency_three_level_meta"


def column(rows: list[dict[str, str]], name: str) -> Array:
    return np.array([float(row[name]) for row in rows])


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts(rows: list[dict[str, str]], *names: str) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    a, b, c, d = (column(rows, name) for name in names)
    return (a, c), (b, d)


def cbt(only: Callable[[dict[str, str]], bool] = lambda row: True) -> tuple[Array, Array]:
    """Log odds ratios of not reoffending."""
    rows = [row for row in rows_of(CBT) if only(row)]
    return effects_of_counts(
        *counts(rows, "n.cbt.non", "n.cbt.rec", "n.ctrl.non", "n.ctrl.rec"), "log-odds-ratio"
    )


def bcg() -> tuple[Array, Array]:
    rows = [{key: str(value) for key, value in row.items()} for row in PUBLISHED["bcg"]["studies"]]
    return effects_of_counts(*counts(rows, "tpos", "tneg", "cpos", "cneg"), "log-risk-ratio")


def agrees(
    found: float, error: float | None, ends: tuple[float, float] | None, wanted: dict[str, Any]
) -> None:
    """The rule of the reference cases, for numbers that are no Estimate."""
    rule = wanted["tolerance"]
    within = max(
        rule.get("value_rel", 0) * abs(wanted["value"]), rule.get("value_se", 0) * wanted.get("std_error", 0)
    )
    assert abs(found - wanted["value"]) <= within
    if error is not None:
        assert error == pytest.approx(wanted["std_error"], rel=rule["std_error_rel"])
    if ends is not None:
        width = wanted["ci_high"] - wanted["ci_low"]
        assert ends[0] == pytest.approx(wanted["ci_low"], abs=rule["ci_rel"] * width)
        assert ends[1] == pytest.approx(wanted["ci_high"], abs=rule["ci_rel"] * width)


def agrees_as_average(found: Average, name: str, place: int = 0) -> None:
    wanted = expected(CBT, name)
    ends = (float(found.conf_low[place]), float(found.conf_high[place]))
    agrees(float(found.values[place]), float(found.std_errors[place]), ends, wanted)
    assert found.p_values[place] == pytest.approx(wanted["p_value"], rel=0.05, abs=1e-30)


RULES: dict[str, dict[str, Any]] = {
    "or_fixed": {"between": "fixed", "errors": "normal"},
    "or_random_dl": {"between": "dersimonian-laird", "errors": "normal"},
    "or_random_reml": {"errors": "normal"},
    "or_random_reml_knapp_hartung": {},
}


@pytest.mark.parametrize("name", RULES)
def test_averages_of_58_programmes_are_those_of_r(name: str) -> None:
    agrees_as_average(average_effects(*cbt(), **RULES[name]), name)


def test_the_common_odds_ratio_is_mantel_and_haenszels() -> None:
    value, error = mantel_haenszel(
        *counts(rows_of(CBT), "n.cbt.non", "n.cbt.rec", "n.ctrl.non", "n.ctrl.rec")
    )
    wanted = expected(CBT, "or_mantel_haenszel")
    agrees(value, error, (value - 1.959964 * error, value + 1.959964 * error), wanted)


def test_how_far_the_programmes_differ() -> None:
    moment = average_effects(*cbt(), between="dersimonian-laird", errors="normal")
    likely = average_effects(*cbt(), errors="normal")
    agrees(moment.tau2, None, None, expected(CBT, "tau2_dl"))
    agrees(100 * moment.i2, None, None, expected(CBT, "i2_dl"))
    assert likely.tau2_low is not None
    assert likely.tau2_high is not None
    agrees(likely.tau2, None, (likely.tau2_low, likely.tau2_high), expected(CBT, "tau2_reml"))
    q = expected(CBT, "q_statistic")
    agrees(moment.q, None, None, q)
    assert moment.q_p == pytest.approx(q["p_value"], rel=1e-6)
    assert likely.predicted is not None
    agrees(float(likely.values[0]), None, likely.predicted, expected(CBT, "prediction_interval_reml"))


def test_randomised_studies_alone_and_hours_of_treatment() -> None:
    agrees_as_average(
        average_effects(*cbt(lambda row: row["design"] == "rct"), errors="normal"), "or_random_reml_rct_only"
    )
    hours = column(rows_of(CBT), "hrs_total") / 10
    found = average_effects(*cbt(), moderators=hours[:, None], errors="normal")
    agrees_as_average(found, "metareg_hours_slope", 1)
    assert found.predicted is None


def test_differences_of_risk_need_no_correction() -> None:
    pairs = counts(rows_of(CBT), "n.cbt.rec", "n.cbt.non", "n.ctrl.rec", "n.ctrl.non")
    agrees_as_average(
        average_effects(*effects_of_counts(*pairs, "risk-difference"), errors="normal"), "rd_random_reml"
    )


def test_what_may_be_missing() -> None:
    egger = egger_test(*cbt())
    wanted = expected(CBT, "egger_test")
    assert egger.statistic == pytest.approx(wanted["value"], rel=1e-4)
    assert egger.p_value == pytest.approx(wanted["p_value"], abs=1e-3)
    filled = trim_and_fill(*cbt())
    assert (filled.missing, filled.side, filled.average.studies) == (16, "left", 74)
    agrees_as_average(filled.average, "trim_fill_dl")
    without = left_out_one_by_one(*cbt(), errors="normal")
    assert [without.min(), without.max()] == pytest.approx([0.343237635383, 0.436014412915], rel=1e-4)


def test_the_vaccine_trials_reach_r_to_eight_digits() -> None:
    wanted, (y, v) = PUBLISHED["bcg"], bcg()
    found = average_effects(y, v)
    plain = average_effects(y, v, errors="normal")
    assert found.values[0] == pytest.approx(wanted["reml"], abs=1e-8)
    assert plain.std_errors[0] == pytest.approx(wanted["reml_se"], abs=1e-8)
    assert found.tau2 == pytest.approx(wanted["tau2"], abs=1e-8)
    assert 100 * found.i2 == pytest.approx(wanted["i2"], abs=0.005)
    assert found.q == pytest.approx(wanted["q"], abs=0.0005)
    assert found.std_errors[0] == pytest.approx(wanted["hk_se"], abs=1e-8)
    assert [found.conf_low[0], found.conf_high[0]] == pytest.approx(wanted["hk_ci"], abs=1e-8)
    assert found.predicted == pytest.approx(wanted["hk_pi"], abs=1e-6)
    assert [found.tau2_low, found.tau2_high] == pytest.approx(wanted["tau2_ci"], abs=1e-6)
    moderated = average_effects(
        y, v, moderators=np.array([[s["ablat"]] for s in wanted["studies"]], dtype=float)
    )
    assert moderated.values[1] == pytest.approx(wanted["latitude"], abs=1e-7)
    assert moderated.std_errors[1] == pytest.approx(wanted["latitude_se"], abs=1e-7)
    assert moderated.tau2 == pytest.approx(wanted["latitude_tau2"], abs=1e-7)
    assert average_effects(y, v, between="paule-mandel").tau2 == pytest.approx(wanted["tau2_pm"], abs=1e-7)
    filled = trim_and_fill(y, v, between="reml")
    assert filled.missing == 1
    assert filled.average.values[0] == pytest.approx(wanted["trim_fill"], abs=1e-6)


def assink(**more: Any) -> DependentAverage:
    rows = rows_of(ASSINK)
    return average_dependent(column(rows, "yi"), column(rows, "vi"), [row["study"] for row in rows], **more)


def test_a_hundred_effects_of_seventeen_studies_on_three_levels() -> None:
    found = assink(profile=True)

    def same(
        name: str, value: float, error: float | None = None, ends: tuple[float, float] | None = None
    ) -> None:
        agrees(value, error, ends, expected(ASSINK, name))

    same("overall_three_level", float(found.values[0]), float(found.std_errors[0]),
         (float(found.conf_low[0]), float(found.conf_high[0])))  # fmt: skip
    same("sigma2_between_studies", found.between, None, found.between_interval)
    same("sigma2_within_studies", found.within, None, found.within_interval)
    robust = found.robust
    same("overall_cr2", float(robust.values[0]), float(robust.std_errors[0]),
         (float(robust.conf_low[0]), float(robust.conf_high[0])))  # fmt: skip
    assert robust.df[0] == pytest.approx(expected(ASSINK, "overall_cr2")["df"], rel=1e-3)
    same("lrt_within_variance", found.tests[0][0])
    same("lrt_between_variance", found.tests[1][0])
    for name, share in zip(
        ("share_sampling_variance", "share_within_studies", "share_between_studies"),
        found.shares,
        strict=True,
    ):
        same(name, 100 * share)
    kinds = [row["deltype"] for row in rows_of(ASSINK)]
    levels = sorted(set(kinds))[1:]
    omnibus = assink(
        moderators=np.array([[float(kind == level) for level in levels] for kind in kinds])
    ).omnibus
    assert omnibus is not None
    assert omnibus[0] == pytest.approx(expected(ASSINK, "omnibus_deltype_F")["value"], rel=1e-4)
    assert omnibus[3] == pytest.approx(expected(ASSINK, "omnibus_deltype_F")["p_value"], rel=0.05)


def test_schools_in_districts_with_robust_errors() -> None:
    wanted = PUBLISHED["konstantopoulos"]
    rows = wanted["effects"]
    found = average_dependent(
        np.array([r["yi"] for r in rows]),
        np.array([r["vi"] for r in rows]),
        [str(r["district"]) for r in rows],
    )
    assert found.values[0] == pytest.approx(wanted["value"], abs=1e-6)
    assert found.std_errors[0] == pytest.approx(wanted["std_error"], abs=1e-6)
    assert [found.between, found.within] == pytest.approx(wanted["variances"], abs=1e-6)
    assert found.robust.std_errors[0] == pytest.approx(wanted["cr2"], abs=1e-6)
    assert found.robust.df[0] == pytest.approx(wanted["cr2_df"], abs=1e-5)


def test_studies_that_agree_exactly_have_no_variance_between() -> None:
    found = average_effects(np.full(5, 0.3), np.full(5, 0.04))
    assert (found.tau2, found.tau2_low) == (0.0, 0.0)
    assert found.values[0] == pytest.approx(0.3)


def test_an_empty_cell_gets_half_a_person_in_ratios() -> None:
    value, variance = effects_of_counts(
        (np.array([0.0]), np.array([4.0])), (np.array([10.0]), np.array([6.0])), "log-odds-ratio"
    )
    assert value[0] == pytest.approx(math.log(0.5 * 6.5 / (10.5 * 4.5)))
    assert variance[0] == pytest.approx(1 / 0.5 + 1 / 10.5 + 1 / 4.5 + 1 / 6.5)


@pytest.mark.parametrize(
    ("effects", "variances", "moderators"),
    [([0.1], [0.1], None), ([0.1, np.nan], [0.1, 0.1], None), ([0.1, 0.2], [0.1, 0.0], None),
     ([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], [[1.0], [1.0], [1.0]])],
)  # fmt: skip
def test_what_cannot_be_averaged_is_refused(effects: Any, variances: Any, moderators: Any) -> None:
    with pytest.raises(ValueError, match=r"studies|finite|variance|moderator"):
        average_effects(
            np.array(effects),
            np.array(variances),
            moderators=None if moderators is None else np.array(moderators),
        )


def test_with_truth_known_the_interval_covers_nineteen_times_in_twenty() -> None:
    draw, covered, runs = np.random.default_rng(12), 0, 400
    for _ in range(runs):
        v = draw.uniform(0.02, 0.2, 12)
        y = 0.25 + draw.normal(0, 0.2, 12) + draw.normal(0, np.sqrt(v))
        found = average_effects(y, v)
        covered += bool(found.conf_low[0] <= 0.25 <= found.conf_high[0])
    assert 0.925 <= covered / runs <= 0.975
