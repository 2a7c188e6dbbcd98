"""Where there is evidence and where there is none: outcomes down, activities (or stages, places) across (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from theory_of_change.model import Theory

COLUMNS = ("activity", "stage", "place")
NOT_PLACED = "not placed"


@dataclass(frozen=True, slots=True)
class Placed:
    """One piece of evidence in the map. ``security`` of our own; ``at_most`` what another's design could earn."""

    name: str
    kind: Literal["own", "outside", "claim"]
    outcome: str
    column: str
    answer: str
    security: int | None
    at_most: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What is known at one place of the map. ``answers`` how many gave which; claims are counted apart."""

    outcome: str
    column: str
    studies: int
    claims: int
    security: int | None
    at_most: int | None
    answers: tuple[tuple[str, int], ...]

    @property
    def is_gap(self) -> bool:
        """A claim fills no gap."""
        return self.studies == 0


@dataclass(frozen=True, slots=True)
class GapMap:
    """The map: rows and columns with their words, and every cell."""

    across: str
    rows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]

    @property
    def placed(self) -> tuple[Cell, ...]:
        """The cells of a known outcome and a known column."""
        return tuple(cell for cell in self.cells if NOT_PLACED not in (cell.outcome, cell.column))

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Those of them without a study."""
        return tuple(cell for cell in self.placed if cell.is_gap)


def build_map(placed: Sequence[Placed], theory: Theory | None, across: str) -> GapMap:
    """The map of everything placed; outcomes and activities of the theory are in it even where nothing is known."""
    boxes = theory.boxes if theory else ()
    words = {box.id: box.text for box in boxes}
    rows = [box.id for box in boxes if box.kind in ("outcome", "impact")]
    columns = [box.id for box in boxes if box.kind == "activity"] if across == "activity" else []
    rows = list(dict.fromkeys([*rows, *(one.outcome or NOT_PLACED for one in placed)]))
    columns = list(dict.fromkeys([*columns, *(one.column or NOT_PLACED for one in placed)]))
    return GapMap(
        across,
        tuple((row, words.get(row, "")) for row in rows),
        tuple((column, words.get(column, "")) for column in columns),
        tuple(_cell(placed, row, column) for row in rows for column in columns),
    )


def _cell(placed: Sequence[Placed], row: str, column: str) -> Cell:
    here = [one for one in placed if (one.outcome or NOT_PLACED, one.column or NOT_PLACED) == (row, column)]
    studies = [one for one in here if one.kind != "claim"]
    answers = sorted({one.answer for one in studies})
    return Cell(
        row,
        column,
        len({one.name for one in studies}),
        sum(one.kind == "claim" for one in here),
        max((one.security for one in studies if one.security is not None), default=None),
        max((one.at_most for one in studies if one.at_most is not None), default=None),
        tuple((answer, sum(one.answer == answer for one in studies)) for answer in answers),
    )
