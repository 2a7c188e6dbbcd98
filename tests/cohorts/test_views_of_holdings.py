"""What ``status`` says of a store: on screens, in logs and in mails, so never a number that counts somebody."""

from __future__ import annotations

import pytest

from cohorts.views import held_words
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


@pytest.mark.parametrize(
    ("people", "values", "deliveries", "said"),
    [
        (0, 0, 0, "0 people from 0 deliveries"),
        (7, 84, 1, "fewer than 10 people from 1 delivery"),
        (358, 4_296, 2, "360 people, about 12 values each, from 2 deliveries"),
        (358, 100, 1, "360 people from 1 delivery"),
        (20, 22, 1, "20 people, about 1 value each, from 1 delivery"),
    ],
)
def test_people_are_rounded_and_values_told_as_so_many_each(
    people: int, values: int, deliveries: int, said: str
) -> None:
    assert held_words(people, values, deliveries, PROFILE) == said


def test_nobody_who_comes_or_goes_within_the_rounding_is_seen_and_a_withdrawal_tells_no_number_of_values() -> (
    None
):
    said = {
        held_words(people, 12 * people - gone, 2, PROFILE) for people in range(358, 363) for gone in range(12)
    }
    assert said == {"360 people, about 12 values each, from 2 deliveries"}
