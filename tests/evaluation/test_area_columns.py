"""Stored series as a plan reads them: definitions with breaks, whole periods, measures of a coarser step."""

from __future__ import annotations

import polars as pl
import pytest

from cohorts.areas.mapping import DeclaredBreak
from cohorts.areas.periods import Step, first_days, last_days
from cohorts.areas.store import SERIES, StoredMeasure
from evaluation.panels.area_columns import added_up, covered, labelled, spread_over


def measure(
    name: str, step: Step = "month", starts: int = 1, *breaks: tuple[str, DeclaredBreak]
) -> StoredMeasure:
    return StoredMeasure(1, name, "count", step, starts, "", "", 1.0, open=False, breaks=breaks)


def series(*rows: tuple[str, str, float, str]) -> pl.DataFrame:
    cells = [
        ("violence", area, period, value, None, "rules-1", 1.0, source, None)
        for area, period, value, source in rows
    ]
    return pl.DataFrame(cells, schema=SERIES, orient="row")


def test_a_declared_break_changes_the_definition_from_its_period_on() -> None:
    one = measure("violence", "month", 1, ("police", DeclaredBreak("", "2024-02", "coding")))
    frame = series(("E1", "2024-01", 5, "police"), ("E1", "2024-02", 5, "police"))
    assert labelled(frame, one)["definition"].to_list() == ["rules-1", "rules-1 since 2024-02 (coding)"]


def test_the_latest_of_several_breaks_counts_and_a_source_bears_its_own() -> None:
    breaks = tuple(("police", DeclaredBreak("", period, "coding")) for period in ("2024-02", "2024-03"))
    frame = series(("E1", "2024-03", 5, "police"), ("E2", "2024-03", 5, "hospital"))
    found = labelled(frame, measure("violence", "month", 1, *breaks))["definition"].to_list()
    assert found == ["rules-1 from police since 2024-03 (coding)", "rules-1 from hospital"]


def test_a_period_counts_as_far_as_its_data_go() -> None:
    frame = series(("E1", "2024-01", 5, "p"), ("E1", "2024-02", 5, "p"), ("E1", "2024-03", 5, "p"))
    frame = frame.with_columns(data_until=pl.lit("2024-02-15"), complete=pl.Series([0.5, 1.0, 1.0]))
    ends = [f(frame["period"], "month") for f in (first_days, last_days)]
    assert covered(frame, *ends).to_list() == pytest.approx([0.5, 15 / 29, 0.0])
    unknown = frame.with_columns(data_until=pl.lit(None, dtype=pl.String))
    assert covered(unknown, *ends).to_list() == [0.5, 1.0, 1.0]


def test_a_financial_years_population_stands_in_its_twelve_months() -> None:
    frame = pl.DataFrame({"area": ["E1"] * 3, "period": ["2024-03", "2024-04", "2025-03"]})
    people = series(("E1", "2023", 100, "p"), ("E1", "2024", 200, "p"))
    found = spread_over(frame, measure("violence"), people, measure("population", "year", 4))
    assert found["population"].to_list() == [100.0, 200.0, 200.0]
    assert found.columns == ["area", "period", "population"]


def test_a_measure_of_the_same_step_is_put_beside() -> None:
    frame = pl.DataFrame({"area": ["E1", "E1"], "period": ["2024-03", "2024-04"]})
    found = spread_over(frame, measure("violence"), series(("E1", "2024-04", 7, "p")), measure("stops"))
    assert found["stops"].to_list() == [None, 7.0]


def test_a_sum_is_blank_where_a_part_that_was_valid_has_no_value() -> None:
    areas = pl.DataFrame(
        {
            "area": ["W1", "W2", "W3", "W4"],
            "parent": ["B1", "B1", "B2", None],
            "valid_from": [None, "2024-02-10", None, None],
        }
    )
    frame = series(
        ("W1", "2024-01", 5, "p"), ("W1", "2024-02", 5, "p"), ("W1", "2024-03", 5, "p"), ("W2", "2024-02", 7, "q"),
        ("W3", "2024-02", 1, "p"), ("W4", "2024-02", 9, "p"),
    )  # fmt: skip
    frame = frame.with_columns(complete=pl.Series([1.0, 0.5, 1, 1, 1, 1]))
    found = added_up(frame, areas, last_days(frame["period"], "month"))
    assert found.select("area", "period", "value", "complete", "source").rows() == [
        ("B1", "2024-01", 5.0, 1.0, "p"),  # W2 was not there yet
        ("B1", "2024-02", 12.0, 0.5, "p and q"),
        ("B1", "2024-03", None, 1.0, "p"),  # W2 has no value
        ("B2", "2024-02", 1.0, 1.0, "p"),
    ]
