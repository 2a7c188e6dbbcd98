"""The ledger of released cells: may this be said beside all that was said before (pure).

Two checks. Differencing: no two cells about the same thing may be of people of whom only a few are in one of them.
Joint bounds: with all cells of the same people, old and new, no withheld count may be told more closely than its rule
promises.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cohorts.gate.advice import MOST_NAMED, advice_beside
from cohorts.gate.extents import TooManyCombinations, narrow_cells
from cohorts.gate.outputs import Cell, Predicate
from cohorts.gate.sketch import READS_UP_TO, difference
from workspace.settings import DisclosureProfile

UNDIVIDED = ("arm", "step", "count")  # what a maker of the output cannot put together or leave out


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A cell in the ledger: whose release it is of, about what, and who is in it.

    ``about`` is the variable whose figures go with the cell; empty where people were only counted. ``people`` names
    the set that its predicate divides (an analysis and its rule of who is in it): cells of one set are solved together.
    ``sketch`` may be missing: then the predicates alone say whether one cell lies within another.
    """

    subject: str
    output: str
    universe: str
    people: str
    about: str
    cell: Cell
    sketch: bytes | None = None
    sensitive: bool = False

    def __repr__(self) -> str:
        """Never the count."""
        return f"Entry({self.subject}, {self.output})"


@dataclass(frozen=True, slots=True, repr=False)
class Behind:
    """A cell before it is kept, with the numbers in the store of the people in it (none where they are not known)."""

    entry: Entry
    people: Any = None

    def __repr__(self) -> str:
        """Never who."""
        return repr(self.entry)


@dataclass(frozen=True, slots=True)
class Clash:
    """Two outputs that must not both be out: the new one, and the subject that has the other; the cell in words.

    ``part`` names the group that the cell is of, empty where it is of everybody, an arm or a step; ``together``: the
    other is not out, and would leave at the same time.
    """

    subject: str
    output: str
    earlier: str
    cell: str = field(default="", compare=False)
    part: str = field(default="", compare=False)
    together: bool = False


def clashes(new: Sequence[Entry], earlier: Sequence[Entry], threshold: int) -> tuple[Clash, ...]:
    """Every new output that differs from a released one by one to ``threshold`` less one people, either way.

    Cells are compared where they are about the same variable or both only counts; those with sketches also across
    cohorts, because the same people may be enrolled in two. What is shown of neither cell of a
    pair cannot be subtracted, and is not compared. Nor is a cell of exactly the people of one that is out: it adds
    nobody to what could be subtracted already.
    """
    found: dict[Clash, None] = {}
    alike: dict[str, list[Entry]] = defaultdict(list)
    for other in earlier:
        alike[other.about].append(other)
    for one in new:
        others = alike.get(one.about, ())
        if _is_out(one, others):
            continue
        for other in others:
            where = one.cell.where
            clash = Clash(one.subject, one.output, other.subject, where.words(), _part(where))
            if one.subject == other.subject or clash in found:
                continue
            if "shown" in (one.cell.state, other.cell.state) and _differ_by_few(one, other, threshold):
                found[clash] = None
    return tuple(found)


def _part(where: Predicate) -> str:
    terms = tuple(term for term in where.terms if term[0] not in UNDIVIDED)
    return Predicate(terms).words() if terms else ""


def _is_out(one: Entry, others: Sequence[Entry]) -> bool:
    return one.sketch is not None and any(
        other.sketch == one.sketch and other.cell.state == "shown" and other.subject != one.subject
        for other in others
    )


def _differ_by_few(one: Entry, other: Entry, threshold: int) -> bool:
    apart = abs(one.cell.n - other.cell.n)
    if one.sketch is not None and other.sketch is not None:
        if apart > READS_UP_TO:
            return False
        ends = difference(one.sketch, other.sketch)
        if ends is None:
            return False
        return 0 < ends.only_first < threshold or 0 < ends.only_second < threshold
    if one.universe != other.universe:
        return False
    nested = one.cell.where.is_within(other.cell.where) or other.cell.where.is_within(one.cell.where)
    return nested and one.people == other.people and 0 < apart < threshold


@dataclass(frozen=True, slots=True)
class Bound:
    """A set of people of which too much can be worked out, or (``unsolved``) one too large to be solved.

    ``told`` names the cells of which too much is told, ``advice`` says what not to show.
    """

    subjects: tuple[str, ...]
    outputs: tuple[str, ...]
    unsolved: bool = False
    told: tuple[str, ...] = field(default=(), compare=False)
    advice: str = field(default="", compare=False)


def bounds(new: Sequence[Entry], earlier: Sequence[Entry], profile: DisclosureProfile) -> tuple[Bound, ...]:
    """Withheld counts that new cells help to tell, solved jointly with the released ones over the same people.

    Where releases contradict one another, because data came or went between them, the new one is solved alone.
    """
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in earlier:
        groups[entry.universe, entry.people].append(entry)
    found: list[Bound] = []
    for key, mine in _grouped(new).items():
        others = _unlike(groups.get(key, []), mine)
        found += _solved(mine, others, profile)
    return tuple(found)


def _grouped(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.universe, entry.people].append(entry)
    return groups


def _unlike(earlier: Sequence[Entry], mine: Sequence[Entry]) -> list[Entry]:
    """The released cells that say something the new ones do not say in the same words."""
    said = {(e.cell.where, e.cell.shown, e.cell.state) for e in mine}
    return [e for e in earlier if (e.cell.where, e.cell.shown, e.cell.state) not in said]


def _solved(mine: list[Entry], others: list[Entry], profile: DisclosureProfile) -> list[Bound]:
    everything = [*mine, *others]
    if all(entry.cell.state == "shown" for entry in everything):
        return []
    sensitive = any(entry.sensitive for entry in everything)
    subjects = tuple(dict.fromkeys(entry.subject for entry in everything))
    try:
        places = narrow_cells([entry.cell for entry in everything], profile, sensitive=sensitive)
        places = places or narrow_cells([entry.cell for entry in mine], profile, sensitive=sensitive)
    except TooManyCombinations:
        return [Bound(subjects, tuple(dict.fromkeys(e.output for e in mine)), unsolved=True)]
    outputs = tuple(dict.fromkeys(everything[place].output for place in places))
    if not outputs:
        return []
    told = tuple(dict.fromkeys(everything[place].cell.where.words() for place in places[:MOST_NAMED]))
    advice = advice_beside([entry.cell for entry in mine], [entry.cell for entry in others], profile)
    return [Bound(subjects, outputs, told=told, advice=advice)]
