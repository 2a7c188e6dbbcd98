"""Counts of a cohort move only when enough people have come or gone, and then no two editions tell who."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.disclosure import publish_count
from cohorts.gate.ledger import Entry, clashes
from cohorts.gate.outputs import Cell
from evaluation.site.steady import COUNT, Place, steadied, universe, with_share
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()


def row(n: int) -> dict[str, Any]:
    return {"n": publish_count(n, PROFILE)}


def edition(n: int, before: list[Cell]) -> tuple[Cell, int | None]:
    shown = row(n)
    table = steadied("COH-001", [Place("enrolled", n, shown)], {"enrolled": before}, PROFILE)
    assert table.universe == universe("COH-001")
    return table.cells[0], shown["n"]


def test_a_few_more_people_change_nothing_and_ten_more_do() -> None:
    first, shown = edition(100, [])
    assert (first.n, shown) == (100, 100)
    second, shown = edition(107, [first])
    assert (second, shown) == (first, 100)
    third, shown = edition(112, [first, second])
    assert (third.n, shown) == (112, 110)
    back, shown = edition(106, [first, second, third])
    assert (back, shown) == (third, 110)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_no_two_editions_ever_differ_by_a_few_people(sizes: list[int]) -> None:
    out: list[Cell] = []
    for number, n in enumerate(sizes):
        cell, _ = edition(n, out)
        new = [Entry(f"page-{number}", "counts", "site:COH-001", "site:COH-001", "", cell)]
        old = [Entry(f"OUT-{i}", "counts", "site:COH-001", "site:COH-001", "", c) for i, c in enumerate(out)]
        assert clashes(new, old, PROFILE.threshold) == ()
        out.append(cell)


def test_a_count_that_was_kept_back_stays_so_and_its_share_with_it() -> None:
    shown = {"due": 100, "seen": 80, "seen_share": 0.8, "not_shown": []}
    places = [Place("w: due", 101, shown, "due"), Place("w: seen", 81, shown, "seen")]
    first = steadied("C", places, {}, PROFILE)
    again = {"due": None, "seen": 85, "seen_share": None, "not_shown": ["due"]}
    later = [Place("w: due", 103, again, "due"), Place("w: seen", 84, again, "seen")]
    before = {
        name: [c for c in first.cells if c.where.levels(COUNT) == (name,)] for name in ("w: due", "w: seen")
    }
    table = steadied("C", later, before, PROFILE)
    assert (again["due"], again["seen"], again["not_shown"]) == (100, 80, [])
    with_share(again, "w", table, PROFILE)
    assert again["seen_share"] == 0.8
    hidden = {"due": None, "seen": 80, "seen_share": None, "not_shown": ["due"]}
    fresh = steadied(
        "C", [Place("w: due", 101, hidden, "due"), Place("w: seen", 81, hidden, "seen")], {}, PROFILE
    )
    with_share(hidden, "w", fresh, PROFILE)
    assert (fresh.cells[0].state, hidden["seen_share"]) == ("not-shown", None)
