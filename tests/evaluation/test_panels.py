"""Panels: times on an axis, the frame of units and periods, what any panel must pass."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.figures import Figure, Line
from evaluation.model import MethodResult
from evaluation.panels.axis import NotATime, axis_of, canonical_period, text_of
from evaluation.panels.checks import panel_checks
from evaluation.panels.frame import PanelFrame, build_panel
from evaluation.panels.judging import judge_panel
from evaluation.panels.nothing import Interval, dressed_panel, no_panel_estimate
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.protection import released
from tests.evaluation.report_builders import outcome as report_outcome
from tests.evaluation.report_builders import result as report_result
from tests.evaluation.studies import make_plan, study
from workspace.settings import DisclosureProfile

AXES = [
    (["2005", "2006", "2008"], "year", ("2005", "2006", "2007", "2008")),
    (["2014-Q1", "2014Q2", "2014-Q4"], "quarter", ("2014-Q1", "2014-Q2", "2014-Q3", "2014-Q4")),
    (["2014-11", "2014-12", "2015-02"], "month", ("2014-11", "2014-12", "2015-01", "2015-02")),
    (["2014-01-01", "2014-02-01"], "month", ("2014-01-01", "2014-02-01")),
    (["2014-01-06", "2014-01-13", "2014-01-27"], "week", ("2014-01-06", "2014-01-13", "2014-01-20", "2014-01-27")),
    (["2014-02-28", "2014-03-01"], "day", ("2014-02-28", "2014-03-01")),
    (["1", "2", "4"], "number", ("1", "2", "3", "4")),
    (["2004", "2004.5", "2004.25"], "quarter", ("2004", "2004.25", "2004.5")),
]  # fmt: skip


@dataclass(frozen=True)
class _Settings:
    """Settings of a method made for the test."""

    first_treated: str = ""
    columns: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()


def plan_of(*, settings: Any = None, population: dict[str, Any] | None = None, **design: Any) -> AnalysisPlan:
    plan = make_plan()
    d = replace(plan.design, unit="area", time="year", settings=settings or _Settings(), **design)
    return replace(plan, design=d, population=replace(plan.population, **(population or {"units": "areas"})))


def areas(n: int = 6, years: int = 5) -> pl.DataFrame:
    draw = np.random.default_rng(4)
    return pl.DataFrame(
        {
            "area": [f"a{i}" for i in range(n) for _ in range(years)],
            "year": [2001.0 + t for _ in range(n) for t in range(years)],
            "treat": [float(i < n // 2) for i in range(n) for _ in range(years)],
            "y": draw.normal(10, 1, n * years),
        }
    )


def panel_of(frame: pl.DataFrame, plan: AnalysisPlan | None = None) -> PanelFrame:
    plan = plan or plan_of()
    return build_panel(study(frame), plan, plan.outcomes[0])


@pytest.mark.parametrize(("texts", "step", "labels"), AXES)
def test_times_stand_on_an_axis_without_gaps(texts: list[str], step: str, labels: tuple[str, ...]) -> None:
    axis = axis_of(pl.Series([canonical_period(text) for text in texts]))
    assert (axis.step, axis.labels) == (step, labels)
    assert [axis.index(text) for text in labels] == list(range(len(labels)))


def test_a_period_is_found_by_another_way_of_writing_it() -> None:
    days = axis_of(pl.Series(["2014-01-01", "2014-02-01", "2014-03-01"]))
    assert (days.index("2014-02"), days.at_or_after("2014-02-15"), days.index("2014-02-15")) == (1, 2, None)
    assert days.at_or_after("2015") == 3
    months = axis_of(pl.Series(["2014-01", "2014-02"]))
    assert months.index("2014-02-01") == 1
    assert months.index("2014") == 0
    with pytest.raises(NotATime):
        axis_of(pl.Series(["1", "2", "3"])).at_or_after("2014-02")


@pytest.mark.parametrize("texts", [["2014", "2014-02"], ["1", "2", "3.5"], ["0", "1e-9", "1"], []])
def test_times_of_two_kinds_or_uneven_steps_have_no_axis(texts: list[str]) -> None:
    with pytest.raises((NotATime, ValueError)):
        axis_of(pl.Series([canonical_period(t) for t in texts], dtype=pl.String))


@pytest.mark.parametrize("text", ["soon", "2014-13", "2014-02-30", "", "12/2014", "2014-Q5"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        canonical_period(text)


def test_numbers_and_dates_become_the_same_texts_as_typed() -> None:
    import datetime as dt

    assert text_of(pl.Series([2001.0, None, 2004.25])).to_list() == ["2001", None, "2004.25"]
    assert text_of(pl.Series([dt.date(2014, 3, 1)])).to_list() == ["2014-03-01"]


def test_the_frame_is_sorted_and_counts_what_is_missing() -> None:
    frame = areas().with_columns(
        y=pl.when((pl.col("area") == "a1") & (pl.col("year") == 2003)).then(None).otherwise("y")
    )
    panel = panel_of(frame.sample(fraction=1, shuffle=True, seed=2))
    assert panel.data.select("unit", "period").rows() == sorted(panel.data.select("unit", "period").rows())
    assert (panel.cells, panel.missing_cells, panel.data.height) == (30, 1, 29)
    assert (panel.arms.treated, panel.arms.treated_seen, panel.arms.comparison_seen) == (15, 14, 15)
    matrix, names = panel.wide()
    assert names == ("a0", "a1", "a2", "a3", "a4", "a5")
    assert np.argwhere(np.isnan(matrix)).tolist() == [[1, 2]]
    assert "10." not in repr(panel)


def test_rows_of_a_unit_twice_in_a_period_are_refused() -> None:
    with pytest.raises(EvaluationError) as problem:
        panel_of(pl.concat([areas(), areas().head(1)]))
    assert problem.value.faults[0].code == "LC479"


def test_a_group_that_changes_within_a_unit_is_refused_and_told_where_to_go() -> None:
    frame = areas().with_columns(treat=(pl.col("year") >= 2003).cast(pl.Float64))
    with pytest.raises(EvaluationError) as problem:
        panel_of(frame)
    assert problem.value.faults[0].code == "LC480"
    assert "staggered-adoption" in problem.value.faults[0].hint


def test_times_that_cannot_be_read_name_their_rows() -> None:
    frame = areas(2, 2).with_columns(year=pl.Series(["2001", "soon", "2001", "2002"]))
    with pytest.raises(EvaluationError) as problem:
        panel_of(frame)
    assert problem.value.faults[0].code == "LC481"
    assert "row 3" in problem.value.faults[0].problem
    assert "soon" not in problem.value.faults[0].problem


def test_the_first_treated_period_is_a_place_on_the_axis_and_never_is_null() -> None:
    first = {"a0": 2003.0, "a1": 0.0, "a2": None, "a3": 2099.0}
    frame = areas(4).with_columns(g=pl.col("area").replace_strict(first, return_dtype=pl.Float64))
    panel = panel_of(frame, plan_of(treatment="", settings=_Settings(first_treated="g")))
    found = dict(panel.data.select("unit", "first").unique().rows())
    assert found == {"a0": 2, "a1": None, "a2": None, "a3": 5}


def test_repeated_cross_sections_have_people_as_rows() -> None:
    panel = panel_of(areas(), replace(plan_of(), design=replace(plan_of().design, unit="")))
    assert panel.repeated
    assert (panel.cells, panel.data["unit"].n_unique()) == (30, 30)


def named(panel: PanelFrame, plan: AnalysisPlan) -> dict[str, tuple[str, str]]:
    outcome = plan.outcomes[0]
    checks = panel_checks(
        panel, no_panel_estimate(panel, plan, outcome), outcome, plan.design.settings, "unlocked"
    )
    return {check.name: (check.result, check.consequence) for check in checks}


def test_a_definition_that_changes_for_one_side_only_blocks_and_one_shared_is_a_doubt() -> None:
    plan = plan_of(population={"units": "areas", "definition": "how"})
    shared = areas().with_columns(
        how=pl.when(pl.col("year") < 2003).then(pl.lit("old")).otherwise(pl.lit("new"))
    )
    assert named(panel_of(shared, plan), plan)["definition"] == ("warn", "downgrade")
    own = areas().with_columns(
        how=pl.when((pl.col("year") < 2003) | (pl.col("treat") == 0))
        .then(pl.lit("old"))
        .otherwise(pl.lit("new"))
    )
    assert named(panel_of(own, plan), plan)["definition"] == ("fail", "block")
    modelled = replace(plan, design=replace(plan.design, settings=_Settings(breaks=("2003",))))
    assert named(panel_of(own, modelled), modelled)["definition"] == ("pass", "none")
    series = own.filter(pl.col("area") == "a0")
    assert named(panel_of(series, plan), plan)["definition"] == ("fail", "block")


def test_periods_that_were_not_recorded_whole_block_or_take_trust_down() -> None:
    plan = plan_of(population={"units": "areas", "complete": "share"})
    last = areas().with_columns(share=pl.when(pl.col("year") == 2005).then(0.5).otherwise(1.0))
    assert named(panel_of(last, plan), plan)["whole periods"] == ("fail", "block")
    one = areas(12).with_columns(
        share=pl.when((pl.col("year") == 2005) & (pl.col("area") == "a0")).then(0.5).otherwise(1.0)
    )
    assert named(panel_of(one, plan), plan)["whole periods"] == ("fail", "downgrade")


def test_few_people_block_but_few_areas_do_not() -> None:
    people = plan_of(population={"units": "people"})
    assert named(panel_of(areas(), people), people)["people"] == ("fail", "block")
    assert "people" not in named(panel_of(areas(), plan_of()), plan_of())


def test_an_estimate_is_dressed_by_its_error_or_by_an_inverted_test() -> None:
    plan = plan_of()
    panel, outcome = panel_of(areas()), plan.outcomes[0]
    by_error = dressed_panel(panel, plan, outcome, value=2.0, std_error=1.0)
    assert by_error.conf_low == pytest.approx(2 - 1.959964, abs=1e-6)
    assert by_error.p_value == pytest.approx(0.0455003, abs=1e-6)
    assert (by_error.n_treated, by_error.n_comparison) == (3, 3)
    ends = Interval(0.5, 3.5, 1.0, 3.0)
    inverted = dressed_panel(panel, plan, outcome, value=2.0, std_error=None, p_value=0.02, interval=ends)
    assert (inverted.conf_low, inverted.narrow_high, inverted.p_value) == (0.5, 3.0, 0.02)
    assert inverted.std_error == pytest.approx(3 / (2 * 1.959964), abs=1e-6)
    ratio = dressed_panel(panel, plan, outcome, value=math.log(0.8), std_error=0.1, ratio=True)
    assert ratio.value == pytest.approx(0.8)
    assert ratio.std_error == 0.1
    nothing = dressed_panel(panel, plan, outcome, value=1.0, std_error=0.0)
    assert nothing.conf_low is None
    assert nothing.p_value is None


def test_a_panel_is_judged_like_any_other_outcome_and_held_against_its_margin() -> None:
    plan = plan_of()
    outcome = replace(plan.outcomes[0], minimum_important_difference=1.0)

    def method(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
        return MethodResult(dressed_panel(panel, plan, outcome, value=2.0, std_error=0.3), ())

    found = judge_panel(
        study(areas()), plan, outcome, "locked before outcomes", estimate=method, design_level=4
    )
    assert (found.ruling.answer, found.ruling.detail) == ("works", "meaningful")
    sizes = {fact.part: fact.level for fact in found.facts}
    assert sizes == {"design": 4, "size": 5, "attrition": 5}
    assert found.units == "areas"


@pytest.mark.parametrize(
    ("units", "kind", "kept"),
    [("areas", "binary", ("observed", "effect")), ("people", "binary", ("effect",)),
     ("people", "count", ("effect",)), ("people", "continuous", ("observed", "effect"))],
)  # fmt: skip
def test_levels_of_people_are_numbers_in_disguise_and_leave_with_three_digits_or_not_at_all(
    units: Any, kind: Any, kept: tuple[str, ...]
) -> None:
    lines = (
        Line("seen", "observed", (0.0, 1.0), (0.0125, 12.3456), (None, 1.23456), (2.0, None)),
        Line("effect", "effect", (0.0, 1.0), (0.12345, None)),
    )
    figure = Figure("levels", "Levels", "year", "share", lines)
    whole = replace(
        report_outcome(), units=units, kind=kind, figures=(figure, replace(figure, lines=lines[:1]))
    )
    found = released(report_result(whole), DisclosureProfile()).outcomes[0].figures
    assert tuple(line.kind for line in found[0].lines) == kept
    assert len(found) == (2 if "observed" in kept else 1)
    assert found[0].lines[-1].y == (0.12345, None)
    if (units, kind) == ("people", "continuous"):
        assert found[0].lines[0].y == (0.0125, 12.3)
        assert found[0].lines[0].low == (None, 1.23)
