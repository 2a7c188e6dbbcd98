"""From a study table to an analysis frame: order of steps, counts, and messages without values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.frame import ArmCounts, build_frame
from evaluation.model import FlowStep
from evaluation.plan import AnalysisPlan
from evaluation.study_checks import check_study
from evaluation.study_table import Ripeness, StudyTable, column_of, needed_columns
from tests.evaluation.studies import make_plan, study

SECRET = "SECRET-7741"


def columns(**changes: Any) -> dict[str, Any]:
    return {
        "treat": [1.0, 0.0, 1.0, 0.0, None, 1.0, 0.0, 1.0],
        "age": [20.0, 30.0, 16.0, 40.0, 25.0, None, 22.0, 50.0],
        "y": [1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0, None],
        "x": [1.0, None, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0],
    } | changes


PLAN = make_plan(covariates=["x"], where="age >= 18")


def steps(table: StudyTable, plan: AnalysisPlan = PLAN) -> list[tuple[str, int]]:
    return [(step.step, step.n) for step in build_frame(table, plan, plan.outcomes[0]).flow]


def faults(table: StudyTable, plan: AnalysisPlan) -> list[tuple[str, str]]:
    with pytest.raises(EvaluationError) as error:
        check_study(table, plan)
    return [(fault.code, fault.problem) for fault in error.value.faults]


def test_people_are_counted_out_step_by_step_in_the_order_of_the_rules() -> None:
    assert steps(study(columns())) == [
        ("in the data", 8),
        ("meets the plan's rule", 6),  # 16 years old; age not known
        ("arm known", 5),
        ("outcome seen", 3),
        ("covariates complete", 2),
    ]


def test_a_step_that_loses_nobody_gives_no_reason() -> None:
    plan = make_plan()
    whole = study({"treat": [1.0, 0.0], "y": [1.0, 2.0]})
    assert [step.reason for step in build_frame(whole, plan, plan.outcomes[0]).flow] == ["", "", ""]
    lost = build_frame(study(columns()), PLAN, PLAN.outcomes[0]).flow
    assert all(step.reason for step in lost[1:])


def test_arms_are_counted_before_and_after_outcomes_went_missing() -> None:
    arms = build_frame(study(columns()), PLAN, PLAN.outcomes[0]).arms
    assert arms == ArmCounts(2, 3, 1, 2)
    assert arms.overall == pytest.approx(2 / 5)
    assert arms.differential == pytest.approx(1 / 2 - 1 / 3)


def test_shares_of_missing_outcomes_are_exact_at_the_edges_of_the_bands() -> None:
    assert ArmCounts(100, 100, 70, 70).overall == 0.3
    assert ArmCounts(10, 10, 9, 9).treated_share == 0.1


def test_empty_arms_have_no_shares() -> None:
    arms = ArmCounts(0, 0, 0, 0)
    assert (arms.overall, arms.treated_share, arms.comparison_share, arms.differential) == (0, 0, 0, 0)


def test_the_frame_has_canonical_columns_with_the_baseline_first() -> None:
    plan = make_plan(
        covariates=["x"],
        outcome='baseline = "before"',
        design='unit = "who"\nstrata = "area"\ncluster = "school"',
    )
    table = study(
        {
            "who": ["b", "a"], "treat": [1.0, 0.0], "y": [1.0, 2.0], "x": [3.0, 4.0], "before": [5.0, 6.0],
            "area": ["n", "s"], "school": [7.0, 8.0], "other": [0.0, 0.0],
        }
    )  # fmt: skip
    frame = build_frame(table, plan, plan.outcomes[0])
    assert frame.data.columns == ["participant", "treated", "outcome", "x:before", "x:x", "cluster", "strata"]
    assert frame.data["participant"].to_list() == ["a", "b"]  # sorted by the unit, not by the file
    assert (frame.covariates, frame.baseline) == (("before", "x"), "before")


def test_the_flow_before_the_table_is_kept() -> None:
    earlier = (FlowStep("enrolled in the cohort", 12, ""),)
    assert steps(study(columns(), earlier=earlier))[0] == ("enrolled in the cohort", 12)


def test_people_whose_follow_up_was_not_over_are_left_out_before_outcomes_are_looked_at() -> None:
    plan = make_plan()
    table = study(
        {
            "treat": [1.0, 0.0, 1.0],
            "y": [1.0, 2.0, None],
            "index_date": [dt.date(2024, 1, 31), dt.date(2024, 12, 31), dt.date(2025, 3, 1)],
        },
        ripeness=(("y", Ripeness(6, 3, dt.date(2025, 9, 30))),),
    )
    frame = build_frame(table, plan, plan.outcomes[0])
    assert [(s.step, s.n) for s in frame.flow][2:] == [("follow-up complete", 2), ("outcome seen", 2)]
    assert frame.immature == 1
    assert frame.arms == ArmCounts(1, 1, 1, 1)


rows = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.0, None]), st.sampled_from([15.0, 30.0, None]),
        st.sampled_from([1.0, 2.0, None]), st.sampled_from([1.0, None]),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@given(rows)
def test_nobody_is_lost_uncounted(people: list[tuple[float | None, ...]]) -> None:
    frame = pl.DataFrame(people, schema=dict.fromkeys(("treat", "age", "y", "x"), pl.Float64), orient="row")
    built = build_frame(study(frame), PLAN, PLAN.outcomes[0])
    counts = [step.n for step in built.flow]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == len(people)
    assert counts[-1] == built.data.height
    assert counts[-2] == built.arms.treated_seen + built.arms.comparison_seen
    assert counts[-3] == built.arms.treated + built.arms.comparison
    whole = sum(
        t is not None and age is not None and age >= 18 and None not in (y, x) for t, age, y, x in people
    )
    assert built.data.height == whole
    assert built.data.null_count().sum_horizontal().item() == 0


def test_the_table_given_is_left_as_it_was() -> None:
    table = study(columns())
    before = table.frame.clone()
    build_frame(table, PLAN, PLAN.outcomes[0])
    assert table.frame.equals(before)


def test_a_repr_never_shows_data() -> None:
    table = study(columns(x=[SECRET] * 8))
    built = build_frame(table, PLAN, PLAN.outcomes[0])
    assert SECRET not in repr(table) + repr(built)
    assert repr(built) == "AnalysisFrame(3 rows)"


def test_the_plan_says_which_columns_are_needed() -> None:
    plan = make_plan(covariates=["x", "age"], where="age >= 18", design='strata = "area"')
    assert needed_columns(plan) == ("treat", "x", "age", "area")


def test_an_outcome_at_a_wave_has_its_own_column() -> None:
    plan = make_plan(outcome='wave = "month 6"')
    assert column_of(plan.outcomes[0]) == "y@month 6"
    assert column_of(make_plan(measure="y@month 6").outcomes[0]) == "y@month 6"


@pytest.mark.parametrize(
    ("changes", "plan", "code"),
    [
        ({"treat": [1.0, 2.0, 1.0, 0.0, None, 1.0, 0.0, 1.0]}, PLAN, "LC451"),
        ({"treat": [SECRET] * 8}, PLAN, "LC451"),
        ({"y": [SECRET, "1", "2", "3", "4", "5", "6", None]}, PLAN, "LC454"),
        ({}, make_plan(kind="binary"), "LC456"),
        ({"y": [SECRET] * 8}, make_plan(kind="binary"), "LC456"),
        ({}, make_plan(outcome="maximum = 6"), "LC455"),
        ({}, make_plan(outcome="minimum = 2"), "LC455"),
        ({"before": [SECRET] * 8}, make_plan(outcome='baseline = "before"'), "LC454"),
        ({}, make_plan(covariates=["absent"]), "LC453"),
        ({}, make_plan(where="absent == 1"), "LC453"),
        ({}, make_plan(measure="absent"), "LC453"),
        ({"who": [SECRET] * 8}, make_plan(design='unit = "who"'), "LC458"),
    ],
)  # fmt: skip
def test_each_fault_of_the_data_has_its_code_and_never_shows_a_value(
    changes: dict[str, Any], plan: AnalysisPlan, code: str
) -> None:
    found = faults(study(columns(**changes)), plan)
    assert [c for c, _ in found] == [code]
    assert SECRET not in found[0][1]
    assert "7741" not in found[0][1]


def test_a_text_with_too_many_values_is_refused() -> None:
    frame = {"treat": [0.0, 1.0] * 101, "y": [1.0] * 202, "x": [f"{SECRET}{i}" for i in range(202)]}
    found = faults(study(frame), make_plan(covariates=["x"]))
    assert [code for code, _ in found] == ["LC459"]
    assert SECRET not in found[0][1]


def test_rows_are_named_as_the_file_numbers_them_and_only_the_first_ten() -> None:
    ((_, said),) = faults(study(columns()), make_plan(kind="binary"))
    assert "rows 3, 4, 6, 7, 8" in said
    many = {"treat": [0.0, 1.0] * 10, "y": [5.0] * 20}
    ((_, said),) = faults(study(many), make_plan(kind="binary"))
    assert said.endswith("11 and 10 more")


def test_in_a_project_people_are_never_pointed_at_by_row() -> None:
    ((_, said),) = faults(study(columns(), row_of=0), make_plan(kind="binary"))
    assert "row" not in said
    assert not any(sign.isdigit() for sign in said.replace("0 or 1", ""))
    one = columns(y=[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 7.0])
    ((_, said),) = faults(study(one, row_of=0), make_plan(kind="binary"))
    assert "one person" in said


def test_all_faults_are_gathered_at_once() -> None:
    plan = make_plan(kind="binary", design='unit = "who"')
    table = study(columns(treat=[3.0] * 8, who=["a"] * 8))
    assert [code for code, _ in faults(table, plan)] == ["LC451", "LC456", "LC458"]


def test_missing_units_are_not_the_same_person() -> None:
    plan = make_plan(design='unit = "who"')
    check_study(study(columns(who=["a", None, None, "b", "c", "d", "e", "f"])), plan)
