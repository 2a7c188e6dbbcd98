"""Scoring keys and bands hold together."""

from __future__ import annotations

import pytest

from theory_of_change.errors import TheoryError
from theory_of_change.scales import Band, BandSet, Scale


def bands(*stretches: tuple[float, float]) -> BandSet:
    named = tuple(Band(f"band {number}", low, high) for number, (low, high) in enumerate(stretches))
    return BandSet("parent", "4-17", "total", "1", "guide", False, named)


def test_a_score_falls_in_one_band_and_a_score_outside_in_none() -> None:
    found = bands((0, 13), (14, 40))
    assert [found.band_of(score) for score in (13, 14, 41)] == ["band 0", "band 1", ""]


def test_bands_may_be_told_from_the_top() -> None:
    assert bands((8, 10), (7, 7), (0, 6)).band_of(7) == "band 1"


@pytest.mark.parametrize("stretches", [((0, 13), (15, 40)), ((0, 14), (14, 40)), ((5, 0),), ()])
def test_bands_with_a_gap_or_an_overlap_are_refused(stretches: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(TheoryError) as error:
        bands(*stretches)
    assert error.value.code == "LC336"


@pytest.mark.parametrize(("items", "reverse"), [((), ()), ((1, 1), ()), ((0, 1), ()), ((1, 2), (3,))])
def test_a_scale_needs_its_own_item_numbers(items: tuple[int, ...], reverse: tuple[int, ...]) -> None:
    with pytest.raises(TheoryError) as error:
        Scale("conduct", items, reverse)
    assert error.value.code == "LC336"
