"""The parts of a table put together: all rows as numbers, with what is wrong in them in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import polars as pl

from cohorts.errors import CohortError
from cohorts.partner_files.cleaning import distinct
from cohorts.partner_files.mapping import IdentifierColumn, SourceMapping
from cohorts.partner_files.problems import Mark
from cohorts.partner_files.reading import KEYS, Part


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a whole table.

    Attributes
    ----------
    cells : pl.DataFrame
        ``row`` (UInt32, counted from 0 in the table), one UInt32 column a kind of identifier (the token's place
        in ``tokens``, null where there is none), ``index_date``, ``wave``, ``v0…`` and ``m0…`` as in
        :class:`~cohorts.partner_files.reading.Part`.
    tokens : mapping
        For each kind the distinct tokens, sorted: equal places are equal tokens, and in the same order.
    labels : mapping
        For each category variable its labels; the value is the place here.
    """

    cells: pl.DataFrame = field(repr=False)
    tokens: dict[str, pl.Series] = field(repr=False)
    labels: dict[str, pl.Series] = field(repr=False)

    def keep(self, chosen: pl.Series) -> Rows:
        """The rows where ``chosen`` is true."""
        return self if chosen.all() else Rows(self.cells.filter(chosen), self.tokens, self.labels)

    def without(self, numbers: pl.Series) -> Rows:
        """The rows that do not have these numbers."""
        return self.keep(~self.cells["row"].is_in(numbers.implode())) if numbers.len() else self


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows of a table that are neither blank nor repeated, marks on them and on what was dropped.

    ``height`` is the number of all rows of the table.
    """

    rows: Rows
    marks: tuple[Mark, ...]
    warnings: tuple[Mark, ...]
    height: int


Tokenise = Callable[[pl.Series, IdentifierColumn], pl.Series]


def gather(parts: Iterable[Part], mapping: SourceMapping, tokenise: Tokenise, name: str) -> Gathered:
    """Put the parts of a table together.

    Parameters
    ----------
    parts : iterable of Part
        The rows, in order.
    mapping : SourceMapping
        What they were read with.
    tokenise : callable
        Turns canonical identifiers of one column into tokens of 16 bytes, the same for the same.
    name : str
        What messages call the table.

    Raises
    ------
    CohortError
        ``LC812``: every row is blank.
    """
    store = _Store(mapping)
    for part in parts:
        store.add(part)
    return store.whole(tokenise, name)


class LabelBook:
    """The labels of category variables over the parts of a table, each numbered where it first occurs."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._mapping = mapping
        self.known = {
            spec.name: pl.Series([], dtype=pl.String) for spec in mapping.variables if spec.kind == "category"
        }

    def renewed(self, part: Part) -> list[pl.Series]:
        """The values of a part's categories by the labels of all parts so far."""
        renewed = []
        for place, (spec, labels) in enumerate(zip(self._mapping.variables, part.labels, strict=True)):
            if spec.kind != "category":
                continue
            known = pl.concat([self.known[spec.name], labels]).unique(maintain_order=True)
            self.known[spec.name] = known
            number = pl.DataFrame({"label": known}).with_row_index("number")
            places = pl.DataFrame({"label": labels}).join(number, on="label", maintain_order="left")["number"]
            value = part.cells[f"v{place}"].cast(pl.UInt32)
            renewed.append(places.gather(value).cast(pl.Float64).alias(f"v{place}"))
        return renewed


class Faults:
    """What is wrong in rows by themselves, over the parts of a table: marks, rows without any text, blank rows."""

    def __init__(self) -> None:
        self._marks: dict[tuple[int, str, str], list[pl.Series]] = {}
        self._void: list[pl.Series] = []
        self._blank: list[pl.Series] = []

    def add(self, part: Part) -> None:
        """Take in what a part says of its rows."""
        self._void.append(part.void)
        self._blank.append(part.blank)
        for place, mark in part.marks:
            if mark.rows.len():
                self._marks.setdefault((place, mark.code, mark.column), []).append(mark.rows)

    @property
    def blank_rows(self) -> int:
        """How many rows are blank."""
        return sum(blank.len() for blank in self._blank)

    def left_out(self, cells: pl.DataFrame) -> tuple[pl.Series, tuple[Mark, Mark]]:
        """Rows that are not read on, blank or repeating one of ``cells`` (row, keys); and the marks on them."""
        blank, void = pl.concat(self._blank), pl.concat(self._void)
        again = cells["row"].filter(repeated(cells))
        again = again.filter(~again.is_in(blank.implode()))
        dropped = pl.concat([blank, again.filter(~again.is_in(void.implode()))])
        return dropped, (Mark("LC837", "", blank), Mark("LC834", "", again))

    def marks(self, dropped: pl.Series) -> tuple[Mark, ...]:
        """The marks on rows that are read on, in the order of reporting."""
        marks = []
        for _, code, column in sorted(self._marks):
            rows = pl.concat(self._marks[_, code, column])
            marks.append(Mark(code, column, rows.filter(~rows.is_in(dropped.implode()))))
        return tuple(marks)


class _Store:
    """Parts as they come in; nothing of their text is kept."""

    def __init__(self, mapping: SourceMapping) -> None:
        self._mapping = mapping
        self._cells: list[pl.DataFrame] = []
        self._pools: list[list[pl.Series]] = [[] for _ in mapping.identifiers]
        self._labels = LabelBook(mapping)
        self._faults = Faults()

    def add(self, part: Part) -> None:
        changes = [
            pl.col(f"t{place}") + sum(pool.len() for pool in pools) for place, pools in enumerate(self._pools)
        ]
        for pools, pool in zip(self._pools, part.identifiers, strict=True):
            pools.append(pool)
        self._cells.append(part.cells.with_columns(*changes, *self._labels.renewed(part)))
        self._faults.add(part)

    def whole(self, tokenise: Tokenise, name: str) -> Gathered:
        """All rows that say something, each once."""
        if not self._cells:
            raise CohortError("LC812", "the file has no rows", "Ask for it again.", where=name)
        cells = pl.concat(self._cells).with_row_index("row")
        self._cells.clear()
        if self._faults.blank_rows == cells.height:
            raise CohortError("LC812", "every row of the file is blank", "Ask for it again.", where=name)
        dropped, warnings = self._faults.left_out(cells)
        height = cells.height
        cells = cells.drop(KEYS)
        tokens: dict[str, pl.Series] = {}
        for place, spec in enumerate(self._mapping.identifiers):
            pool = distinct(pl.concat(self._pools[place]))  # somebody in many parts is hashed and ranked once
            self._pools[place].clear()
            ranks, tokens[spec.kind] = ranked(tokenise(pool.texts, spec))
            ranks = ranks.gather(pool.places).gather(cells[f"t{place}"])
            cells = cells.with_columns(ranks.alias(spec.kind)).drop(f"t{place}")
        rows = Rows(cells, tokens, self._labels.known).without(dropped)
        return Gathered(rows, self._faults.marks(dropped), warnings, height)


def repeated(cells: pl.DataFrame) -> pl.Series:
    """Rows whose texts stood in an earlier row."""
    if cells[KEYS[0]].n_unique() == cells.height:
        return pl.repeat(value=False, n=cells.height, eager=True)
    return cells.select(~pl.struct(KEYS).is_first_distinct()).to_series()


def ranked(pool: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The place of each token among the distinct ones, and these, sorted."""
    number = pool.bin.reinterpret(dtype=pl.UInt128, endianness="big")  # sorts like the bytes, and faster
    ranks = number.rank("dense").cast(pl.UInt32) - 1
    first = ranks.arg_unique()
    first = first.filter(ranks.gather(first).is_not_null())
    return ranks, pool.gather(first).gather(ranks.gather(first).arg_sort())
