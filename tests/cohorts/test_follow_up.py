"""An outcome is ripe when follow-up and waiting time have passed by the data cut-off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts.follow_up import (
    ARMS,
    FollowUp,
    Standing,
    follow_up_payload,
    is_mature,
    months_of,
    stand,
    stand_by_arm,
)
from cohorts.following.attrition import worst_bias
from cohorts.store import load_template
from workspace.settings import DisclosureProfile


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


RELEASED = dt.date(2023, 1, 1)
CUT_OFF = dt.date(2024, 1, 1)
COUNTS = st.integers(0, 60)
ARM = st.tuples(COUNTS, COUNTS, COUNTS, COUNTS)


def tally(**arms: tuple[int, int, int, int]) -> pl.DataFrame:
    """People of each arm: with a value, refused, without anything, and released too late to be due."""
    kinds = (
        (RELEASED, True, None),
        (RELEASED, True, "refused"),
        (RELEASED, False, None),
        (CUT_OFF, False, None),
    )
    values = dict(ARMS)
    rows = [
        (date, held, missing, values[name.replace("_", " ")], n)
        for name, counts in arms.items()
        for (date, held, missing), n in zip(kinds, counts, strict=True)
        if n
    ]
    schema = {
        "index_date": pl.Date,
        "held": pl.Boolean,
        "missing": pl.String,
        "arm": pl.Float64,
        "n": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def row_of(people: pl.DataFrame) -> FollowUp:
    months = (12.0, 0.0)
    everybody = stand(people, months, CUT_OFF)
    return FollowUp("later", "arrests", CUT_OFF, True, everybody, stand_by_arm(people, months, CUT_OFF))


def test_people_are_due_seen_overdue_or_not_yet_due() -> None:
    row = row_of(tally(treated=(30, 5, 10, 7), comparison=(40, 0, 8, 0)))
    assert row.everybody == Standing(93, 70, (("refused", 5),), 7)
    assert row.everybody.overdue == 18
    assert [arm.due for _, arm in row.arms] == [45, 48, 0]


def test_the_class_is_judged_on_exact_counts_and_the_numbers_come_from_published_ones() -> None:
    # attritest(30, 40, 40, 48) is low only by the optimistic boundary; eight lost are too few to show their share.
    row = row_of(tally(treated=(30, 0, 10, 0), comparison=(40, 0, 8, 0)))
    found = follow_up_payload(row, DisclosureProfile())["attrition"]
    assert found == {"boundary": "optimistic", "overall": None, "differential": None, "worst_bias_sd": None}
    row = row_of(tally(treated=(300, 0, 100, 0), comparison=(400, 0, 80, 0)))
    found = follow_up_payload(row, DisclosureProfile())["attrition"]
    assert (found["boundary"], found["overall"], found["differential"]) == ("optimistic", 0.2, 0.08)
    assert found["worst_bias_sd"] == pytest.approx(worst_bias(100 / 400, 80 / 480), abs=0.005)


def test_an_arm_of_a_few_people_is_not_judged_and_one_lost_altogether_has_no_bias() -> None:
    row = row_of(tally(treated=(5, 0, 0, 0), comparison=(400, 0, 80, 0)))
    assert set(follow_up_payload(row, DisclosureProfile())["attrition"].values()) == {None}
    row = row_of(tally(treated=(0, 0, 50, 0), comparison=(40, 0, 10, 0)))
    found = follow_up_payload(row, DisclosureProfile())["attrition"]
    assert (found["boundary"], found["overall"], found["worst_bias_sd"]) == ("high", 0.6, None)


def counts_in(value: Any) -> Iterator[int]:
    """Every whole number in a payload."""
    if isinstance(value, dict):
        for item in value.values():
            yield from counts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from counts_in(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


@given(ARM, ARM, ARM)
def test_no_count_of_one_to_nine_people_gets_out(
    treated: tuple[int, int, int, int],
    comparison: tuple[int, int, int, int],
    not_known: tuple[int, int, int, int],
) -> None:
    row = row_of(tally(treated=treated, comparison=comparison, not_known=not_known))
    payload = follow_up_payload(row, DisclosureProfile())
    assert all(n == 0 or (n >= 10 and n % 5 == 0) for n in counts_in(payload))
    people = sum(sum(arm) for arm in (treated, comparison, not_known))
    assert row.everybody.due + row.everybody.not_yet_due == people
    for group in (payload, *payload["arms"]):  # a share is that of the counts shown, so it says nothing more
        if group["seen_share"] is not None:
            assert group["seen_share"] == round(min(group["seen"] / group["due"], 1), 2)


@pytest.mark.parametrize(
    ("variable", "wave", "months"),
    [
        ("proven-reoffending-binary", "12-months", (12.0, 6.0)),
        ("arrests", "12-months", (12.0, 0.0)),
        ("aid", "release", (0.0, 0.0)),
        ("aid", "no such wave", (0.0, 0.0)),
    ],
)
def test_months_are_those_of_the_cohorts_window_or_of_the_wave(
    variable: str, wave: str, months: tuple[float, float]
) -> None:
    definition = load_template("prison-leavers", "leavers", "", None)
    assert months_of(definition, variable, wave) == months
