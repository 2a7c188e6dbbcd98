"""What is flagged of the values and of their sources, and that no small count gets out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cohorts.following.completeness import Filling, Freshness, Spread, Turnout, quality_payload
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
TODAY = dt.date(2025, 1, 31)


def shown(filling: Filling) -> dict[str, Any]:
    row: dict[str, Any] = quality_payload([filling], [], [], TODAY, PROFILE)["variables"][0]
    return row


def number(values: int, missing: int, spread: Spread | None, kind: str = "number") -> Filling:
    return Filling("release", "score", kind, values, (("refused", missing),), spread)


@pytest.mark.parametrize(
    ("filling", "flags"),
    [
        (number(80, 20, Spread(50, 0, 0)), ["a fifth or more missing"]),
        (number(90, 10, Spread(50, 0, 0)), []),
        (number(100, 0, Spread(50, 30, 25)), ["a fifth or more have the lowest value",
                                              "a fifth or more have the highest value"]),
        (number(100, 0, Spread(1, 100, 100)), ["everybody has the same value"]),
        (number(100, 0, Spread(1, 100, 100), "binary"), ["everybody has the same value"]),
        (number(9, 0, Spread(1, 9, 9)), []),
        (number(70, 30, None), ["a fifth or more missing"]),
    ],
)  # fmt: skip
def test_flags_are_simple_and_in_words(filling: Filling, flags: list[str]) -> None:
    assert shown(filling)["flags"] == flags


def test_a_few_people_are_withheld_with_their_share() -> None:
    row = shown(number(96, 4, Spread(40, 3, 93)))
    assert row["missing"] == [{"reason": "refused", "n": None, "share": None}]
    assert row["missing_share"] is row["minimum_share"] is row["maximum_share"] is None


def test_nothing_is_said_of_the_values_where_they_are_sealed_or_few() -> None:
    for filling in (number(100, 0, None), number(9, 0, Spread(9, 1, 1))):
        row = shown(filling)
        assert row["constant"] is row["minimum_share"] is row["categories"] is None


def test_categories_are_counted_and_have_no_ends() -> None:
    row = shown(number(100, 0, Spread(4, 40, 20), "category"))
    assert (row["categories"], row["minimum_share"]) == (4, None)


def test_waves_without_data_and_sources_without_a_cut_off_are_flagged() -> None:
    until = dt.date(2025, 1, 1)
    payload = quality_payload(
        [],
        [Turnout("release", 100, 3, loaded=True), Turnout("later", 100, 100, loaded=False)],
        [Freshness("census", 1, until), Freshness("visits", 2, None)],
        TODAY,
        PROFILE,
    )
    assert [row["unobserved"] for row in payload["waves"]] == [None, 100]
    assert [row["flags"] for row in payload["waves"]] == [[], ["nothing was loaded for this wave"]]
    assert [row["days_since"] for row in payload["sources"]] == [30, None]
    assert [row["flags"] for row in payload["sources"]] == [[], ["no data cut-off named"]]
