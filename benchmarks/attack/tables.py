"""Tables: margins, differencing, averaging, and several releases of the same people put together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

import numpy as np

from benchmarks.attack.measure import Measured
from benchmarks.gate.attacked_tables import PROFILE, counts, trials
from cohorts.attacks.margins import MOST, Puzzle, is_narrow, solved
from cohorts.disclosure import publish_count
from cohorts.gate.ledger import Entry, clashes
from cohorts.gate.outputs import Cell, Dimension, Predicate, Table, predicate
from cohorts.gate.sketch import sketch
from cohorts.gate.treatment import treat

GUESS = "one of 1 to 9 at random"
NINTH = 1 / 9
TREATED = "round every count, withhold small ones, attack the table, hold back neighbours"


def margins(seed: int, size: int) -> list[Measured]:
    """Tables of 2 or 3 rows and columns with totals: small counts withheld alone, and as the gate does it."""
    rng = np.random.default_rng(seed)
    hidden = exact = close = 0
    for number in range(size):
        table = counts(rng, ("sparse", "even", "one small")[number % 3], (3, 3))
        found = _withheld_only(table)
        hidden += len(found)
        exact += sum(low == high for low, high in found)
        close += sum(low != high and high - low < PROFILE.threshold - 2 for low, high in found)
    words = f"{size:,} random tables with totals"
    plain = Measured(
        "margins, linear programming",
        "small counts withheld, nothing else",
        words,
        "withheld counts",
        hidden,
        exact,
        NINTH,
        GUESS,
        TREATED,
        defended=False,
        expected="guessing",
        note=f"{close:,} more bounded closer than 1 to 9",
    )
    total = sum(trials(size, seed, (3, 3)), start=next(trials(1, seed, (2, 2))))
    gate = Measured(
        "margins, linear programming",
        "the gate's treatment",
        f"{total.tables:,} random tables, a sixth with a second release",
        "withheld counts",
        total.hidden,
        total.exact,
        NINTH,
        GUESS,
        TREATED,
        note=f"{total.narrowed} bounded closer than 1 to 9; {total.held_back:,} others held back",
    )
    return [plain, gate]


def _withheld_only(table: Any) -> list[tuple[int, int]]:
    """What is left for each withheld count where everything else, totals too, is exact."""
    puzzle = Puzzle("plain", PROFILE)
    place = {}
    rows, columns = table.shape
    for i, j in product((*range(rows), None), (*range(columns), None)):
        n = int(table[slice(None) if i is None else i, slice(None) if j is None else j].sum())
        place[i, j] = puzzle.add(None) if 0 < n < PROFILE.threshold else puzzle.exact(n, n)
    for i in range(rows):
        puzzle.total(place[i, None], *(place[i, j] for j in range(columns)))
    for j in range(columns):
        puzzle.total(place[None, j], *(place[i, j] for i in range(rows)))
    puzzle.total(place[None, None], *(place[i, None] for i in range(rows)))
    small = {p for (i, j), p in place.items() if puzzle.cells[p].hidden}
    return [extent for p, extent in solved(puzzle) if p in small]


def differencing(seed: int, size: int) -> list[Measured]:
    """One known person is erased between two releases: was their answer yes? Known for certain, or not at all."""
    rng = np.random.default_rng(seed)
    key, certain, exactly, out = rng.bytes(32), 0, 0, 0
    yes_rate = 0.3
    for _ in range(size):
        people = np.arange(int(rng.integers(60, 400)))
        answers = rng.random(len(people)) < yes_rate
        gone = int(rng.integers(len(people)))
        before, after = people[answers], people[answers & (people != gone)]
        changed = publish_count(len(before), PROFILE) != publish_count(len(after), PROFILE)
        exactly += len(before) != len(after)
        certain += changed
        old = _entry("EVAL-001", people, key)
        new = _entry("EVAL-002", np.delete(people, gone), key)
        out += changed and not clashes([new], [old], PROFILE.threshold)
    words, guess = (
        f"{size:,} pairs of releases, one known person apart",
        "nobody is known for certain without both",
    )
    made: dict[str, Any] = {
        "target": words,
        "unit": "people",
        "tried": size,
        "guessing": 0.0,
        "guess": guess,
        "attack": "differencing of two releases",
        "defence": "a ledger of released cells with sketches of who is in them",
    }
    return [
        Measured(against="exact counts, no ledger", succeeded=exactly, defended=False, **made),
        Measured(
            against="counts rounded to 5, no ledger",
            succeeded=certain,
            defended=False,
            **made,
            note="a count changes with a fifth of the chance that the answer was yes",
        ),
        Measured(against="the gate with its ledger", succeeded=out, **made),
    ]


def _entry(subject: str, people: Any, key: bytes) -> Entry:
    cell = Cell(Predicate(), len(people), publish_count(len(people), PROFILE))
    return Entry(subject, "table", "COH-001", "analysis", "arrested", cell, sketch(people, key))


def averaging(seed: int, size: int) -> list[Measured]:
    """Asking the same again and again: an exact count of ten or more behind a rounded one."""
    rng = np.random.default_rng(seed)
    same = noisy = split = 0
    for _ in range(size):
        n = int(rng.integers(30, 500))
        shown = publish_count(n, PROFILE) or 0
        same += int(rng.integers(shown - 2, shown + 3)) == n  # fifty answers, all alike: one of five numbers
        noisy += round(float(np.mean(5 * np.floor(n / 5 + rng.random(200))))) == n
        split += _from_splits(n, rng) == n
    fifth = "one of the five numbers that round to it"
    made: dict[str, Any] = {
        "attack": "averaging of repeated queries",
        "unit": "counts",
        "tried": size,
        "guessing": 0.2,
        "guess": fifth,
        "expected": "guessing",
        "target": f"{size:,} counts of 30 to 500",
    }
    return [
        Measured(
            against="the same query fifty times",
            succeeded=same,
            **made,
            defence="rounding is by rule and not by chance: the same count always gives the same answer",
        ),
        Measured(
            against="random rounding, 200 answers (not done here)",
            succeeded=noisy,
            defended=False,
            **made,
            defence="rounding is by rule and not by chance",
        ),
        Measured(
            against="thirty different splits of the same people",
            succeeded=split,
            **(made | {"expected": "open"}),
            defence="none for counts of ten or more; of those below ten none follows (margins), and a second "
            "population a few people apart is refused (differencing)",
        ),
    ]


def _from_splits(n: int, rng: np.random.Generator) -> int:
    """The total that fits thirty pairs of rounded parts and its own rounded value; the middle one where several do."""
    shown = publish_count(n, PROFILE) or 0
    low, high = shown - 2, shown + 2
    for _ in range(30):
        part = int(rng.integers(10, n - 9))
        total = (publish_count(part, PROFILE) or 0) + (publish_count(n - part, PROFILE) or 0)
        low, high = max(low, total - 4), min(high, total + 4)
    return (low + high) // 2


def releases_together(seed: int, size: int) -> list[Measured]:
    """Three tables of the same people, two ways each, put together by somebody who knows that they are the same."""
    rows = []
    for words, tied in (("each table treated alone", False), ("each treated beside what is out", True)):
        rng = np.random.default_rng(seed)
        hidden = exact = close = 0
        for _ in range(size):
            cube = rng.multinomial(int(rng.integers(60, 400)), rng.dirichlet(np.full(18, 0.6))).reshape(
                3, 3, 2
            )
            tables: list[tuple[Cell, ...]] = []
            for ways in combinations(range(3), 2):
                earlier = [cell for table in tables for cell in table] if tied else []
                tables.append(treat(_table(cube, ways), PROFILE, earlier).table.cells)
            known, one, few = _solve(cube.shape, tables)
            hidden, exact, close = hidden + known, exact + one, close + few
        rows.append(
            Measured(
                "several releases put together",
                words,
                f"{size:,} times three tables of the same people",
                "withheld counts",
                hidden,
                exact,
                NINTH,
                GUESS,
                "the gate treats and checks a table beside all that is out of the same people",
                defended=tied,
                expected="nothing" if tied else "guessing",
                note=f"{close} more bounded closer than 1 to 9",
            )
        )
    return rows


def _table(cube: Any, ways: tuple[int, ...]) -> Table:
    other = tuple(axis for axis in range(3) if axis not in ways)
    flat = cube.sum(axis=other)
    names = [f"way {way}" for way in ways]
    cells = []
    for place in product(*((*range(n), None) for n in flat.shape)):
        inside = tuple(slice(None) if one is None else one for one in place)
        terms = {name: str(one) for name, one in zip(names, place, strict=True) if one is not None}
        cells.append(Cell(predicate(terms), int(flat[inside].sum()), None))
    dimensions = [
        Dimension(name, tuple(map(str, range(n)))) for name, n in zip(names, flat.shape, strict=True)
    ]
    return Table("table", "COH-001", tuple(cells), tuple(dimensions))


def _solve(shape: tuple[int, ...], tables: Sequence[Sequence[Cell]]) -> tuple[int, int, int]:
    """Withheld counts, those known exactly, and those narrowed; every cell is a sum of the finest ones."""
    puzzle = Puzzle("joint", PROFILE)
    finest = {place: puzzle.exact(0, MOST) for place in product(*(range(n) for n in shape))}
    cells: dict[Predicate, int] = {}
    small = set()
    for cell in (cell for table in tables for cell in table):
        if cell.where in cells:
            continue
        known = puzzle.unknown() if cell.state == "not-shown" else puzzle.add(cell.shown)
        cells[cell.where] = known
        small |= {known} if cell.state == "withheld" else set()
        fits = [
            at
            for place, at in finest.items()
            if all(str(place[int(name[-1])]) in levels for name, levels in cell.where.terms)
        ]
        puzzle.total(known, *fits)
    extents = [extent for place, extent in solved(puzzle) if place in small]
    exact = sum(low == high for low, high in extents)
    return len(small), exact, sum(is_narrow(e, PROFILE) for e in extents) - exact
