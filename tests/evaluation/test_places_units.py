"""Rows added up to larger units, and whether the answer hangs on them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from evaluation.model import Estimate
from evaluation.places.larger_units import added_up, by_larger_units

ROWS = pl.DataFrame(
    {
        "unit": ["a", "a", "b", "b", "c", "c"],
        "period": [0, 1, 0, 1, 0, 1],
        "outcome": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "treated": [1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        "exposure": [1.0, 1.0, 3.0, 3.0, 2.0, 2.0],
        "x:income": [10.0, 10.0, 20.0, 20.0, 5.0, 5.0],
        "s:zone": ["treated", "treated", "control", "control", "control-buffer", "control-buffer"],
    }
)
LARGER = {"a": "north", "b": "north", "c": "south"}


def test_counts_are_added_and_means_weighted_by_hand() -> None:
    found = added_up(ROWS, LARGER, counts=True, zone="s:zone")
    assert found["unit"].to_list() == ["north", "north", "south", "south"]
    assert found["outcome"].to_list() == [4, 6, 5, 6]
    assert found["exposure"].to_list() == [4, 4, 2, 2]
    assert found["treated"].to_list() == [1, 1, 0, 0]
    assert found["x:income"].to_list() == pytest.approx([17.5, 17.5, 5, 5])
    assert found["s:zone"].to_list() == ["treated", "treated", "control-buffer", "control-buffer"]
    means = added_up(ROWS, LARGER, counts=False)
    assert means["outcome"].to_list() == pytest.approx([(1 + 9) / 4, (2 + 12) / 4, 5, 6])


def test_nothing_is_lost_and_part_of_a_sum_is_no_sum() -> None:
    assert added_up(ROWS, LARGER, counts=True)["outcome"].sum() == ROWS["outcome"].sum()
    short = ROWS.filter(~((pl.col("unit") == "b") & (pl.col("period") == 1)))
    found = added_up(short, LARGER, counts=True)
    assert found.filter(pl.col("unit") == "north")["period"].to_list() == [0]
    homeless = added_up(ROWS, {"a": "north"}, counts=True)
    assert homeless["unit"].unique().to_list() == ["north"]


def estimate(value: float | None, error: float | None = 1.0) -> Estimate:
    return Estimate(
        "ATT", "difference", value, error, None, None, 0.95, None, None, 3, 3, None, None, None
    )  # fmt: skip


def test_an_answer_that_moves_with_the_boundaries_is_said_to() -> None:
    units = {"ward": {"a": "w", "b": "v"}, "force": {"a": "f", "b": "g"}, "country": {"a": "c", "b": "c"}}
    answers = {"w": estimate(1.4), "f": estimate(4.5), "c": estimate(9.0)}
    lines, checks = by_larger_units(estimate(1.0), units, lambda larger: answers[larger["a"]])
    assert [line.name for line in lines] == ["added up by ward", "added up by force"]
    assert (checks[0].name, checks[0].result, checks[0].reading) == ("size of units", "warn", 3.5)
    assert "force" in checks[0].note
    assert "country" in checks[0].note
    lines, checks = by_larger_units(
        estimate(1.0), {"ward": units["ward"]}, lambda larger: answers[larger["a"]]
    )
    assert checks[0].result == "pass"
    assert checks[0].reading == pytest.approx(0.4)


def test_larger_units_that_give_no_answer_are_named() -> None:
    lines, checks = by_larger_units(estimate(1.0), {"ward": {"a": "w", "b": "v"}}, lambda larger: None)
    assert (lines, checks[0].result) == ((), "info")
    assert "ward" in checks[0].note
    assert by_larger_units(estimate(1.0), {}, lambda larger: None) == ((), ())


def test_ratios_move_on_the_log_scale() -> None:
    main = replace(estimate(0.5, 0.1), effect="rate-ratio")
    _, checks = by_larger_units(
        main, {"ward": {"a": "w", "b": "v"}}, lambda larger: replace(main, value=0.5 * 2.718281828)
    )
    assert checks[0].reading == pytest.approx(10)
