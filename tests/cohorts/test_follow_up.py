"""An outcome is ripe when follow-up and waiting time have passed by the data cut-off."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cohorts.follow_up import is_mature


@pytest.mark.parametrize(
    ("released", "follow_up", "waiting", "cut_off", "ripe"),
    [
        ("2023-01-31", 12, 6, "2024-07-31", True),
        ("2023-02-01", 12, 6, "2024-07-31", False),
        ("2023-01-01", 0, 0, "2023-01-01", True),
        ("2023-01-02", 0, 0, "2023-01-01", False),
        ("2024-02-29", 12, 0, "2025-02-28", True),
        ("2024-01-01", 0.5, 0, "2024-01-16", True),
        ("2024-01-01", 0.5, 0, "2024-01-15", False),
    ],
)
def test_ripeness_moves_along_the_calendar(
    released: str, follow_up: float, waiting: float, cut_off: str, ripe: bool
) -> None:
    people = pl.DataFrame({"index_date": [dt.date.fromisoformat(released)]})
    rule = is_mature(pl.col("index_date"), follow_up, waiting, dt.date.fromisoformat(cut_off))
    assert people.select(rule.alias("ripe"))["ripe"].to_list() == [ripe]
