"""What a command prints never tells a withheld count more closely than withholding promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.attacks.margins import read
from cohorts.attacks.printed import flow_puzzle, follow_up_puzzle, link_puzzle, quality_puzzle
from cohorts.complementary import protect
from cohorts.disclosure import publish_count, publish_share
from cohorts.views import published
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
people = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 120))


def shown(n: int) -> int | None:
    return publish_count(n, PROFILE)


def standing(seen: int, overdue: int, refused: int, early: int, **more: Any) -> dict[str, Any]:
    missing = [{"reason": "refused", "n": shown(refused)}] if refused else []
    return {
        "due": shown(seen + overdue + refused), "seen": shown(seen), "overdue": shown(overdue), "missing": missing,
        "not_yet_due": shown(early), "seen_share": None, **more,
    }  # fmt: skip


def test_a_total_over_three_withheld_parts_is_kept_back() -> None:
    """The finding of the attack: 25 over three counts below ten would leave each of them 7 to 9."""
    parts = [
        standing(100, 8, 0, 0, arm="a"),
        standing(100, 8, 0, 0, arm="b"),
        standing(100, 9, 0, 0, arm="c"),
    ]
    payload = {"follow_up": [standing(300, 25, 0, 0, arms=parts)]}
    assert read(follow_up_puzzle(payload, PROFILE)).succeeded
    protect(payload, follow_up_puzzle, PROFILE)
    assert not read(follow_up_puzzle(payload, PROFILE)).succeeded
    row = payload["follow_up"][0]
    assert published(row, "overdue", PROFILE) == "withheld"
    assert published(parts[0], "overdue", PROFILE) == "fewer than 10"
    assert row["due"] == 325, "no more than is needed"


def test_eighty_enrolled_and_eighty_eligible_do_not_tell_that_one_to_four_are_not() -> None:
    counts = {"enrolled": 82, "eligible": 79, "not eligible": 3, "eligibility unknown": 0}
    payload = {
        "steps": [{"step": name, "n": shown(n)} for name, n in counts.items()],
        "observed": [],
        "deliveries": [],
    }
    assert read(flow_puzzle(payload, PROFILE)).succeeded
    protect(payload, flow_puzzle, PROFILE)
    assert not read(flow_puzzle(payload, PROFILE)).succeeded
    assert [published(step, "n", PROFILE) for step in payload["steps"]].count("withheld") == 1


def test_what_withholds_nothing_or_tells_nothing_stays_as_it_is() -> None:
    clean = {"follow_up": [standing(80, 20, 0, 0), standing(60, 5, 0, 35)]}
    before = [dict(row) for row in clean["follow_up"]]
    protect(clean, follow_up_puzzle, PROFILE)
    assert clean["follow_up"] == before


def test_people_who_are_due_at_one_wave_tell_of_another() -> None:
    """80 people in the first row; in the second 80 are seen, so that the few not yet due would be 1 to 4."""
    payload = {"follow_up": [standing(80, 0, 0, 0), standing(78, 0, 0, 2)]}
    protect(payload, follow_up_puzzle, PROFILE)
    assert payload["follow_up"][1]["not_shown"] == ["due", "seen"]
    assert not read(follow_up_puzzle(payload, PROFILE)).succeeded


def test_a_rate_of_linkage_that_is_missing_does_not_tell_the_few_who_were_not_linked() -> None:
    row = {
        "source": "police",
        "by": None,
        "group": "everybody",
        "enrolled": 80,
        "linked": 80,
        "match_rate": None,
    }
    payload = {"groups": [row]}
    assert read(link_puzzle(payload, PROFILE)).succeeded
    protect(payload, link_puzzle, PROFILE)
    assert row["linked"] is None
    assert not read(link_puzzle(payload, PROFILE)).succeeded


def test_a_share_of_missing_values_does_not_add_up_what_its_reasons_withhold() -> None:
    missing = [{"reason": "refused", "n": None}, {"reason": "not asked", "n": None}]
    row = {"wave": "w", "variable": "v", "people": 100, "missing": missing, "missing_share": 0.15}
    payload = {"variables": [row], "waves": []}
    assert read(quality_puzzle(payload, PROFILE)).succeeded
    protect(payload, quality_puzzle, PROFILE)
    assert row["missing_share"] is None
    assert not read(quality_puzzle(payload, PROFILE)).succeeded


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(people, people, people, people), min_size=3, max_size=3), st.integers(0, 40))
def test_no_table_by_arm_tells_a_withheld_count_more_closely_than_promised(
    arms: list[tuple[int, int, int, int]], moved: int
) -> None:
    """Two waves over the same people; at the second some of those seen are not due yet."""
    rows = []
    for late in (0, moved):
        later = [
            (seen - min(late, seen), over, no, early + min(late, seen)) for seen, over, no, early in arms
        ]
        whole = [sum(part) for part in zip(*later, strict=True)]
        parts = [standing(*arm, arm=name) for arm, name in zip(later, "abc", strict=True)]
        rows.append(standing(*whole, arms=parts))
    payload = {"follow_up": rows}
    protect(payload, follow_up_puzzle, PROFILE)
    assert not read(follow_up_puzzle(payload, PROFILE)).succeeded


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=2, max_size=4))
def test_no_quality_of_linkage_tells_who_was_not_linked(groups: list[tuple[int, int]]) -> None:
    def row(by: str | None, name: str, linked: int, of: int) -> dict[str, Any]:
        enrolled = shown(of)
        return {
            "source": "s", "by": by, "group": name, "enrolled": enrolled,
            "linked": None if enrolled is None else shown(linked), "match_rate": publish_share(linked, of, PROFILE),
        }  # fmt: skip

    counts = [(linked, linked + other) for linked, other in groups]
    whole = row(None, "everybody", sum(a for a, _ in counts), sum(b for _, b in counts))
    payload = {"groups": [whole, *(row("arm", str(n), a, b) for n, (a, b) in enumerate(counts))]}
    protect(payload, link_puzzle, PROFILE)
    assert not read(link_puzzle(payload, PROFILE)).succeeded


@pytest.mark.parametrize("key", ["n", "due"])
def test_a_small_count_and_one_that_is_kept_back_are_told_apart_in_words(key: str) -> None:
    assert published({key: 1235}, key, PROFILE) == "1,235"
    assert published({key: None}, key, PROFILE) == "fewer than 10"
    assert published({key: None, "not_shown": [key]}, key, PROFILE) == "withheld"
