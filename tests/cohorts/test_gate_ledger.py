"""The ledger: who is behind what is out, and what may not be said beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cohorts.gate.ledger import Clash, Entry, bounds, clashes
from cohorts.gate.outputs import Cell, predicate
from cohorts.gate.sketch import Difference, difference, keyed, sketch
from workspace.settings import DisclosureProfile

KEY = b"k" * 32
PROFILE = DisclosureProfile()
RANDOM = np.random.default_rng(20261122)
IDS = RANDOM.choice(1_000_000, 5_000, replace=False)


def entry(subject: str, ids: np.ndarray, about: str = "arrested", **terms: str) -> Entry:
    cell = Cell(predicate(terms), len(ids), 5 * round(len(ids) / 5))
    return Entry(subject, "effect", "COH-001", f"{subject}:people", about, cell, sketch(ids, KEY))


def test_the_difference_of_two_sets_is_read_from_their_sketches() -> None:
    for left, right in [(0, 0), (1, 0), (0, 9), (9, 9), (3, 15), (20, 20)]:
        one, other = IDS[: 2_000 + left], np.concatenate([IDS[:2_000], IDS[3_000 : 3_000 + right]])
        assert difference(sketch(one, KEY), sketch(other, KEY)) == Difference(left, right)


def test_small_differences_are_always_read() -> None:
    """Four hundred draws; by the theory of such tables about one in a million of these cannot be read."""
    for _ in range(400):
        left, right = (int(x) for x in RANDOM.integers(0, 10, 2))
        some = RANDOM.permutation(IDS)[:700]
        one, other = some[: 500 + left], np.concatenate([some[:500], some[600 : 600 + right]])
        assert difference(sketch(one, KEY), sketch(other, KEY)) == Difference(left, right)


def test_a_large_difference_tells_nothing() -> None:
    assert difference(sketch(IDS[:2_000], KEY), sketch(IDS[2_000:4_000], KEY)) is None
    assert difference(sketch(IDS[:2_000], KEY), sketch(IDS[:2_100], KEY)) is None


def test_a_sketch_is_as_large_for_many_as_for_few_and_differs_by_its_key() -> None:
    assert len(sketch(IDS, KEY)) == len(sketch(IDS[:3], KEY))
    assert sketch(IDS[:3], KEY) != sketch(IDS[:3], b"x" * 32)
    assert len({tuple(row) for row in keyed(np.arange(1_000), KEY)}) == 1_000


@pytest.mark.parametrize("few", [1, 5, 9])
def test_two_releases_that_differ_by_a_few_people_are_refused_whatever_their_rules_say(few: int) -> None:
    earlier = entry("EVAL-001", IDS[:400], where="age >= 18")
    for later in (IDS[: 400 - few], IDS[: 400 + few], IDS[few : 400 + few]):
        found = clashes([entry("EVAL-002", later, where="age >= 19")], [earlier], PROFILE.threshold)
        assert found == (Clash("EVAL-002", "effect", "EVAL-001"),)


def test_the_same_people_and_enough_others_are_let_through() -> None:
    earlier = entry("EVAL-001", IDS[:400])
    for later in (IDS[:400], IDS[:390], IDS[:410], IDS[1_000:1_400]):
        assert clashes([entry("EVAL-002", later)], [earlier], PROFILE.threshold) == ()


def test_figures_of_different_things_are_not_subtracted() -> None:
    earlier, later = entry("EVAL-001", IDS[:400]), entry("EVAL-002", IDS[:397], about="employed")
    assert clashes([later], [earlier], PROFILE.threshold) == ()


def test_the_same_people_in_another_cohort_are_the_same_people() -> None:
    earlier, later = entry("EVAL-001", IDS[:400]), replace(entry("EVAL-002", IDS[:397]), universe="COH-002")
    assert clashes([later], [earlier], PROFILE.threshold)
    assert not clashes([replace(later, sketch=None)], [earlier], PROFILE.threshold)


def test_the_very_people_of_a_released_cell_add_nobody() -> None:
    """Two steps of one release may differ by a few; a later release of one of them says nothing new."""
    earlier = [entry("EVAL-001", IDS[:400], step="1"), entry("EVAL-001", IDS[:396], step="2")]
    assert not clashes([entry("EVAL-002", IDS[:396])], earlier, PROFILE.threshold)
    hidden = [replace(one, cell=replace(one.cell, shown=None, state="not-shown")) for one in earlier[1:]]
    assert clashes([entry("EVAL-002", IDS[:396])], [earlier[0], *hidden], PROFILE.threshold)


def test_an_erasure_between_two_releases_cannot_hide_who_went() -> None:
    """The sketch of the first release still holds who is gone from the store."""
    before, after = IDS[:400], np.delete(IDS[:400], 17)
    found = clashes([entry("EVAL-002", after)], [entry("EVAL-001", before)], PROFILE.threshold)
    assert [clash.earlier for clash in found] == ["EVAL-001"]


def test_without_sketches_one_rule_within_another_is_enough() -> None:
    def bare(subject: str, n: int, **terms: str) -> Entry:
        return Entry(subject, "flow", "COH-001", "one plan", "", Cell(predicate(terms), n, 5 * round(n / 5)))

    earlier = bare("EVAL-001", 412)
    assert clashes([bare("EVAL-002", 409)], [earlier], PROFILE.threshold)
    assert clashes([bare("EVAL-002", 405, area="north")], [earlier], PROFILE.threshold)
    assert not clashes([bare("EVAL-002", 402)], [earlier], PROFILE.threshold)


def test_no_entry_says_its_count() -> None:
    assert "400" not in repr(entry("EVAL-001", IDS[:400]))


def counted(subject: str, n: int, shown: int | None, **terms: str) -> Entry:
    cell = Cell(predicate(terms), n, shown, "withheld" if shown is None else "shown")
    return Entry(subject, "table", "COH-001", "people", "", cell)


def test_a_total_released_later_may_not_tell_what_was_withheld_before() -> None:
    """50 less 45 leaves 0 to 9 for who is withheld; of 48 in all, 48 to 52, less 48 to 52 it leaves four at most."""
    earlier = [counted("R-1", 48, 50, area="N"), counted("R-1", 3, None, area="S")]
    total = [counted("R-2", 51, 50)]
    (found,) = bounds(total, earlier, PROFILE)
    assert found.subjects == ("R-2", "R-1")
    assert bounds([counted("R-2", 53, 55)], earlier, PROFILE) == ()


def test_releases_that_contradict_one_another_are_solved_apart() -> None:
    earlier = [counted("R-1", 100, 100), counted("R-1", 60, 60, area="N")]
    new = [counted("R-2", 53, 55), counted("R-2", 48, 50, area="N"), counted("R-2", 5, None, area="S")]
    assert bounds(new, earlier, PROFILE) == ()


def test_too_much_to_solve_together_is_for_a_second_person() -> None:
    many = [counted("R-1", 5, None, **{f"way {i}": str(j)}) for i in range(9) for j in range(4)]
    (found,) = bounds(many, [], PROFILE)
    assert found.unsolved
