"""Points of a panel that stand for a few events, or a few people, are never shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.disclosure import is_small
from evaluation.figures import CellFacts, FactTable, Figure, Line
from evaluation.model import OutcomeResult, PathRow
from evaluation.panels.cells import cell_facts
from evaluation.panels.frame import build_panel
from evaluation.panels.protection import SMALL, protected_cells, without_small_cells
from evaluation.plan import AnalysisPlan
from tests.evaluation.panel_samples import of, place
from tests.evaluation.studies import make_plan, study
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile(10, 5)


@dataclass(frozen=True)
class Settings:
    """Settings of a method made for the test."""

    start: str = "2003"
    first_treated: str = ""
    treated_unit: str = ""
    columns: tuple[str, ...] = ()


def plan_of(kind: str, *, units: str = "areas", treatment: str = "treat", **settings: Any) -> AnalysisPlan:
    plan = make_plan()
    design = replace(
        plan.design,
        unit="area",
        time="year",
        treatment=treatment,
        covariates=(),
        settings=Settings(**settings),
    )
    population = replace(plan.population, units=units)  # type: ignore[arg-type]
    outcome = replace(plan.outcomes[0], measure="y", kind=kind, wave="", baseline="")  # type: ignore[arg-type]
    return replace(plan, design=design, population=population, outcomes=(outcome,))


def facts(frame: pl.DataFrame, plan: AnalysisPlan) -> CellFacts | None:
    table = study(frame.with_columns(participant=pl.int_range(pl.len())))
    panel = build_panel(table, plan, plan.outcomes[0])
    return cell_facts(panel, plan, plan.outcomes[0])


def counts(values: dict[str, list[float]], *, treated: str = "a") -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"area": unit, "year": float(2001 + t), "treat": float(unit in treated), "y": value}
            for unit, series in values.items()
            for t, value in enumerate(series)
        ]
    )


def test_counts_are_added_up_by_group_and_period() -> None:
    frame = counts({"a": [30.0, 20.0, 12.0, 0.0], "b": [4.0, 40.0, 40.0, 40.0], "c": [9.0, 50.0, 50.0, 50.0]})
    # a alone is treated: 30, 20, 12, 0; the others 13, 90, 90, 90. From 2003: 12 and 180.
    assert facts(frame, plan_of("count")) == CellFacts(12, 4, (12, 180))


def test_a_unit_named_by_the_settings_is_its_own_group() -> None:
    frame = counts({"a": [30.0, 20.0, 12.0], "b": [4.0, 40.0, 40.0]})
    found = facts(frame, plan_of("count", treatment="", treated_unit="b"))
    assert found == CellFacts(4, 4, (40, 12))


def test_cohorts_of_first_treatment_are_groups_of_their_own() -> None:
    frame = counts({"a": [30.0, 20.0, 12.0], "b": [14.0, 40.0, 40.0], "c": [11.0, 50.0, 50.0]})
    frame = frame.with_columns(first=pl.col("area").replace_strict({"a": 2002.0, "b": 2003.0, "c": 0.0}))
    found = facts(frame, plan_of("count", treatment="", start="", first_treated="first"))
    assert found == CellFacts(11, 11, (112, 100))  # from 2002, the first start of any


def test_of_a_rate_the_events_behind_it_count_and_without_them_nothing_is_known() -> None:
    frame = counts({"a": [1.5, 2.5], "b": [1.0, 1.0]})
    assert facts(frame, plan_of("continuous")) is None
    behind = frame.with_columns((pl.col("y") * 8).alias("events@y"))
    found = facts(behind, plan_of("continuous"))
    assert found is not None
    assert (found.smallest, found.smallest_own) == (8, 8)


def test_of_people_both_sides_of_a_yes_or_no_count() -> None:
    people = pl.DataFrame(
        [
            {"area": f"p{i}", "year": float(2001 + t), "treat": float(i < 20), "y": float(i % 20 < hits)}
            for i in range(40)
            for t, hits in enumerate((10, 18))
        ]
    )
    found = facts(people, plan_of("binary", units="people", start="2002"))
    assert found is not None
    assert (found.smallest, found.smallest_own) == (2, None)  # two of twenty had it not in 2002


def series(*values: float | None) -> OutcomeResult:
    lines = (
        Line("Treated", "observed", (0.0, 1.0), (12.3456, None)),
        Line("Others", "comparison", (0.0, 1.0), (45.678, 51.234)),
        Line("Effect", "effect", (0.0, 1.0), (1.23456, 2.34567)),
        Line("A donor", "placebo", (0.0, 1.0), (3.0, 4.0)),
    )
    figure = Figure("series", "Series", "Year", "Count", lines)
    table = FactTable("groups", "Groups", ("group", "effect"), (("2002", 1.0),))
    return place(
        figures=(figure,), tables=(table,), path=(PathRow("2002", 1.0, None, None, None),), kind="count"
    )


def shown(cells: CellFacts | None, **changes: Any) -> OutcomeResult:
    return protected_cells(replace(series(), cells=cells, **changes), PROFILE)


def test_few_events_after_the_start_take_every_number() -> None:
    outcome = shown(CellFacts(12, 12, (9, 200)))
    assert (outcome.path, outcome.figures, outcome.tables) == ((), (), ())
    assert outcome.estimate.value is None
    assert outcome.estimate.treated_mean is None
    assert outcome.estimate.n_treated == 1  # an area is no person
    assert not any(character.isdigit() for line in outcome.verdict.can_say for character in line)
    assert outcome.checks[-1].name == SMALL


def test_a_small_period_takes_the_series_and_leaves_the_estimate() -> None:
    outcome = shown(CellFacts(9, 9, (100, 200)))
    assert (outcome.path, outcome.figures, outcome.tables) == ((), (), ())
    assert outcome.estimate.value is not None
    assert "longer periods" in outcome.checks[-1].note


def test_a_small_area_takes_only_lines_of_single_areas() -> None:
    outcome = shown(CellFacts(10, 3, (100, 200)))
    assert [line.kind for line in outcome.figures[0].lines] == ["observed", "comparison", "effect"]
    assert len(outcome.tables) == 1
    assert len(outcome.path) == 1


def test_what_may_be_shown_is_shown_to_three_digits() -> None:
    outcome = shown(CellFacts(10, 10, (100, None)))
    observed, comparison, effect, placebo = outcome.figures[0].lines
    assert (observed.y, comparison.y) == ((12.3, None), (45.7, 51.2))
    assert effect.y == (1.23456, 2.34567)
    assert placebo.y == (3.0, 4.0)
    assert SMALL not in [check.name for check in outcome.checks]


def test_where_nothing_countable_is_known_nothing_is_changed() -> None:
    assert shown(None) == replace(series(), cells=None)


@pytest.mark.parametrize(
    "cells", [CellFacts(9, 9, (9, 9)), CellFacts(9, 1, (50, 50)), CellFacts(11, 1, (50, 50))]
)
def test_protecting_twice_changes_nothing(cells: CellFacts) -> None:
    result = of("plain", "nothing", replace(series(), cells=cells))
    once = without_small_cells(result, PROFILE)
    assert without_small_cells(once, PROFILE) == once


@given(st.lists(st.integers(0, 40), min_size=8, max_size=8), st.integers(5, 20))
def test_no_line_is_drawn_where_a_group_has_few_in_a_period(values: list[int], threshold: int) -> None:
    numbers = [float(value) for value in values]
    frame = counts({"a": numbers[:2], "b": numbers[2:4], "c": numbers[4:6], "d": numbers[6:]}, treated="ab")
    profile = DisclosureProfile(threshold, 5)
    outcome = protected_cells(replace(series(), cells=facts(frame, plan_of("count", start="2002"))), profile)
    totals = [values[0] + values[2], values[1] + values[3], values[4] + values[6], values[5] + values[7]]
    if any(is_small(total, profile) for total in totals):
        assert outcome.figures == ()
    elif any(is_small(value, profile) for value in values):
        assert all(line.kind != "placebo" for figure in outcome.figures for line in figure.lines)
    else:
        assert len(outcome.figures[0].lines) == 4
