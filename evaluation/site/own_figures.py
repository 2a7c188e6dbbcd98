"""Success figures as the site tells them, steady from edition to edition, with the counts behind them (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cohorts.gate.outputs import Cell, Output
from evaluation.site.steady import COUNT, Place, steadied, universe
from evaluation.success_figures import (
    FIGURE,
    Behind,
    Slot,
    counts_behind,
    fresh_cell,
    is_own,
    official,
    own_table,
    told_row,
    universe_of_measure,
)
from theory_of_change.tracking.actions import Kept
from theory_of_change.tracking.model import FigureRow, Tracked
from theory_of_change.tracking.moves import Series, moves_of
from workspace.settings import DisclosureProfile

Editions = Mapping[
    str, Mapping[str, Sequence[Cell]]
]  # of each universe and count the cells before, oldest first


def told_figures(
    kept: Kept, hidden: frozenset[Slot], editions: Editions, profile: DisclosureProfile
) -> tuple[Kept, frozenset[Slot], dict[str, tuple[Output, ...]]]:
    """Figures with own counts as they are told, what is withheld of them, and the typed outputs by measure.

    Own counts are rounded and move only when they differ from every edition before by none or by the threshold and
    more, as the counts of cohorts do. What was not shown stays so as long as it is too near to what it was.
    """
    told: dict[Slot, FigureRow] = {}
    outputs: dict[str, tuple[Output, ...]] = {}
    unseen = set(hidden)
    for name, measure in kept.measures.items():
        rows = [row for row in kept.rows if row.measure == name and row.value is not None]
        own = [row for row in rows if is_own(row, measure)]
        before = editions.get(universe(universe_of_measure(name)), {})
        cells = _cells(measure, own, hidden, before, profile)
        for row in own:
            shown = {one.which: cell.shown for one, cell in cells if one.slot == row.slot}
            told[row.slot] = told_row(row, measure, shown)
            if FIGURE in shown and shown[FIGURE] is None:
                unseen.add(row.slot)
        outputs[name] = (*_own(measure, cells), *official(measure, rows, hidden))
    new = [told.get(row.slot, row) if row.value is not None else row for row in kept.rows]
    series = Series(new)
    return (
        replace(kept, rows=new, series=series, moves=moves_of(kept.measures, series)),
        frozenset(unseen),
        outputs,
    )


def _cells(
    measure: Tracked,
    own: Sequence[FigureRow],
    hidden: frozenset[Slot],
    before: Mapping[str, Sequence[Cell]],
    profile: DisclosureProfile,
) -> list[tuple[Behind, Cell]]:
    counts = [one for row in own for one in counts_behind(row, measure)]
    fresh = [fresh_cell(one, one.slot in hidden, profile) for one in counts]
    places = [
        Place(one.name, one.n, {"n": cell.shown, "not_shown": ["n"] if cell.state == "not-shown" else []})
        for one, cell in zip(counts, fresh, strict=True)
    ]
    return list(
        zip(counts, steadied(universe_of_measure(measure.id), places, before, profile).cells, strict=True)
    )


def _own(measure: Tracked, cells: Sequence[tuple[Behind, Cell]]) -> Iterator[Output]:
    """The table for the gate, under the name by which the ledger knows the site's counts."""
    if cells:
        table = own_table(measure, [one for one, _ in cells], [cell for _, cell in cells])
        yield replace(table, universe=universe(universe_of_measure(measure.id)))


def editions_of(universes: Sequence[tuple[str, Cell]]) -> Editions:
    """The counts of earlier editions by universe and name, as the ledger gives them, oldest first."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for name, cell in universes:
        for count in cell.where.levels(COUNT) or ():
            found.setdefault(name, {}).setdefault(count, []).append(cell)
    return found
