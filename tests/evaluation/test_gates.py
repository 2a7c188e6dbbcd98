"""The checks every design must pass, at the edges of their limits."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from evaluation.frame import AnalysisFrame, ArmCounts
from evaluation.gates import gate_checks
from evaluation.model import Check
from evaluation.study_table import Ripeness
from tests.evaluation.studies import an_estimate, make_plan, primary, study, trial
from tests.evaluation.test_check_names import made

ROOT = Path(__file__).parents[2]


def checks(
    *,
    arms: tuple[int, int] = (100, 100),
    counts: ArmCounts | None = None,
    values: list[float] | None = None,
    outcome: str = "",
    kind: str = "continuous",
    state: str = "locked before outcomes",
    immature: int = 0,
    ripeness: Ripeness | None = None,
    role: str = "primary",
    clusters: str = "",
    columns: tuple[str, ...] = (),
) -> dict[str, Check]:
    plan = make_plan(outcome=outcome, kind=kind)
    y = values or [1.0, 2.0, 3.0, 4.0, 5.0]
    frame = AnalysisFrame(
        pl.DataFrame({"treated": [1.0] * len(y), "outcome": y} | dict.fromkeys(columns, y)),
        (),
        (),
        "",
        (),
        counts or ArmCounts(100, 100, 100, 100),
        immature,
    )
    table = study({"y": [1.0]}, ripeness=(("y", ripeness),) if ripeness else ())
    table = replace(table, clusters=clusters)
    planned = plan.outcomes[0]
    assert planned.role == role
    found = gate_checks(frame, an_estimate(0, -1, 1, arms=arms), table, planned, state)
    assert len({check.name for check in found}) == len(found)
    return {check.name: check for check in found}


@pytest.mark.parametrize(
    ("arms", "result", "consequence"),
    [
        ((29, 500), "fail", "block"), ((500, 29), "fail", "block"), ((30, 30), "warn", "none"),
        ((59, 500), "warn", "none"), ((60, 30), "pass", "none"), ((0, 0), "fail", "block"),
    ],
)  # fmt: skip
def test_fewer_than_thirty_in_an_arm_block_and_fewer_than_sixty_treated_warn(
    arms: tuple[int, int], result: str, consequence: str
) -> None:
    found = checks(arms=arms)["people"]
    assert (found.result, found.consequence) == (result, consequence)


def test_an_outcome_that_never_varies_blocks() -> None:
    assert checks(values=[2.0, 2.0])["spread"].consequence == "block"
    assert "spread" not in checks()


@pytest.mark.parametrize(
    ("seen", "result", "consequence"),
    [
        (200, "pass", "none"),
        (190, "pass", "none"),
        (189, "warn", "none"),
        (160, "warn", "none"),
        (159, "fail", "downgrade"),
    ],
)
def test_missing_outcomes_up_to_five_per_cent_pass_and_beyond_twenty_fail(
    seen: int, result: str, consequence: str
) -> None:
    found = checks(counts=ArmCounts(100, 100, seen // 2, seen - seen // 2))["missing outcomes"]
    assert (found.result, found.consequence) == (result, consequence)


@pytest.mark.parametrize(
    ("counts", "result", "consequence"),
    [
        (ArmCounts(100, 100, 95, 95), "pass", "none"),
        (ArmCounts(40, 48, 30, 40), "warn", "downgrade"),
        (ArmCounts(100, 100, 100, 80), "fail", "downgrade"),
    ],
)
def test_attrition_is_read_by_the_table(counts: ArmCounts, result: str, consequence: str) -> None:
    found = checks(counts=counts)["attrition"]
    assert (found.result, found.consequence) == (result, consequence)


def test_ripeness_is_checked_only_where_dates_are_known() -> None:
    assert "maturity" not in checks()
    assert "maturity" not in checks(ripeness=Ripeness(0, 0, None))
    unknown = checks(ripeness=Ripeness(12, 0, None))["maturity"]
    assert (unknown.result, unknown.consequence) == ("warn", "none")


@pytest.mark.parametrize(
    ("immature", "result", "consequence"),
    [(0, "pass", "none"), (1, "warn", "downgrade"), (200, "warn", "downgrade"), (201, "fail", "block")],
)
def test_a_primary_outcome_mostly_unripe_blocks(immature: int, result: str, consequence: str) -> None:
    ripe = Ripeness(12, 6, dt.date(2026, 1, 1))
    found = checks(immature=immature, ripeness=ripe)["maturity"]
    assert (found.result, found.consequence) == (result, consequence)


@pytest.mark.parametrize(
    ("values", "result"),
    [
        ([0.0, 1, 2, 3, 4], "warn"),
        ([0.0, 1, 2, 3, 4, 5], "pass"),
        ([10.0, 1, 2, 3], "warn"),
        ([1.0, 2, 3, 4], "pass"),
    ],
)
def test_a_fifth_of_people_at_an_end_of_the_scale_is_noted(values: list[float], result: str) -> None:
    found = checks(values=values, outcome="minimum = 0\nmaximum = 10")["range"]
    assert (found.result, found.consequence) == (result, "none")


def test_no_end_no_check() -> None:
    assert "range" not in checks()
    assert "range" not in checks(kind="binary", values=[0.0, 1.0])
    assert checks(outcome="minimum = 1")["range"].result == "warn"


@pytest.mark.parametrize(
    ("state", "result", "consequence"),
    [
        ("locked before outcomes", "pass", "none"),
        ("locked after outcomes", "warn", "downgrade"),
        ("unlocked", "warn", "downgrade"),
        ("run outside the lock", "warn", "downgrade"),
    ],
)
def test_only_a_plan_locked_before_outcomes_passes(state: str, result: str, consequence: str) -> None:
    found = checks(state=state)["plan"]
    assert (found.result, found.consequence) == (result, consequence)


def test_a_missing_margin_is_said() -> None:
    assert checks()["minimum important difference"].result == "warn"
    assert "minimum important difference" not in checks(
        outcome='minimum_important_difference = 1\nmid_source = "x"'
    )


def test_people_who_come_in_schools_are_not_taken_one_by_one() -> None:
    found = checks(clusters="school")["clusters ignored"]
    assert (found.result, found.consequence) == ("fail", "block")
    assert "school" in found.note
    for column in ("cluster", "strata"):
        assert "clusters ignored" not in checks(clusters="school", columns=(column,))
    assert "clusters ignored" not in checks()


def test_fewer_than_three_clusters_in_an_arm_leave_no_interval() -> None:
    frame = trial(60).with_columns(
        school=pl.concat_str(pl.col("treat").cast(pl.String), pl.int_range(pl.len()) % 2)
    )
    found = primary(frame, make_plan(design='cluster = "school"'))
    assert (found.verdict.answer, found.verdict.detail) == ("not-assessable", "clusters")
    assert (found.estimate.conf_low, found.estimate.std_error, found.estimate.p_value) == (None, None, None)
    assert found.sensitivity == ()


def test_the_page_of_gates_names_checks_files_and_tests_that_are_there() -> None:
    text = (ROOT / "docs/reference/gates.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line[:2] == "| "
    ]
    gates = [row for row in rows if len(row) == 6 and row[0] != "Gate"]
    assert len(gates) >= 13, "the table of the field standards has thirteen"
    known = made()
    for row in gates:
        named = re.split(r"[,;] ?", row[3])
        assert [name for name in named if name not in known | {"the security level", "(LC423)"}] == []
        places = re.findall(r"`(.+?)`", row[4])
        assert places
        assert [place for place in places if not (ROOT / place).is_file()] == []
        tests = re.findall(r"`(.+?)`", row[5])
        assert tests
        assert [name for name in tests if not (ROOT / "tests/evaluation" / name).is_file()] == []
