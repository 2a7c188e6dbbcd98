"""The rows of a partner's table, a part at a time: text goes in, numbers come out.

Of each row stay two fingerprints, places of its identifiers, its index date, wave, values and reasons: about 16 bytes
and nine for each variable. The text of a part is let go when the part is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from cohorts.identifiers import faults_in, normalise
from cohorts.partner_files.cleaning import (
    REASON,
    Distinct,
    at_index,
    codes_of,
    distinct,
    read_texts,
    without_missing,
)
from cohorts.partner_files.dates import parse_dates
from cohorts.partner_files.mapping import AGES, SourceMapping, VariableColumn
from cohorts.partner_files.problems import Mark, marks_of

KEYS = ("key1", "key2")
_SEEDS = (0x5EED, 0xC0DE)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows, read one by one.

    Attributes
    ----------
    cells : pl.DataFrame
        ``key1, key2`` (fingerprints of the row), ``t0…`` (UInt32, the row's place in each of ``identifiers``),
        ``index_date``, ``wave`` (UInt8, the place in :func:`waves_of`), ``v0…`` (Float64) and ``m0…``
        (reasons). The value of a category is the place of its label in ``labels``.
    identifiers : tuple of pl.Series
        For each kind the identifiers in these rows in canonical form, null where faulty; they become tokens, each
        person once, when all rows are read, and are forgotten.
    labels : tuple of pl.Series
        For each variable the labels in these rows (String).
    void, blank : pl.Series of UInt32
        Rows without any text in the columns that are read, and in any column.
    marks : tuple
        What is wrong, each with the place of its column in the order of reporting.
    """

    cells: pl.DataFrame = field(repr=False)
    identifiers: tuple[pl.Series, ...] = field(repr=False)
    labels: tuple[pl.Series, ...] = field(repr=False)
    void: pl.Series = field(repr=False)
    blank: pl.Series = field(repr=False)
    marks: tuple[tuple[int, Mark], ...] = ()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The columns of a part by their distinct texts, and what is needed to read them."""

    columns: dict[str, Distinct] = field(repr=False)
    numbers: pl.Series = field(repr=False)
    mapping: SourceMapping

    def marks(self, column: str, faults: pl.Series) -> Iterator[Mark]:
        """Marks on the rows whose distinct text is faulty."""
        if faults.null_count() < faults.len():
            yield from marks_of(faults.gather(self.columns[column].places), column, self.numbers)

    def rows_where(self, column: str, flags: pl.Series) -> pl.Series:
        """The rows whose distinct text is flagged."""
        if not flags.any():
            return self.numbers.clear()
        return self.numbers.filter(flags.gather(self.columns[column].places))


def waves_of(mapping: SourceMapping) -> list[str]:
    """Every wave that a source writes to, sorted: a wave is known by its place here."""
    return sorted({mapping.wave, *mapping.waves.values(), *(spec.wave for spec in mapping.variables)})


def read_part(frame: pl.DataFrame, first: int, mapping: SourceMapping) -> Part:
    """Read rows by themselves; ``first`` is the number of the first of them in the table, counted from 0."""
    columns = {heading: distinct(frame[heading]) for heading in mapping.columns}
    numbers = pl.int_range(first, first + frame.height, dtype=pl.UInt32, eager=True)
    sheet = _Sheet(columns, numbers, mapping)
    cells, marks = [*_fingerprints(sheet)], []
    pools, marked = _read_identifiers(sheet)
    marks += marked
    for place, (spec, pool) in enumerate(zip(mapping.identifiers, pools, strict=True)):
        places = columns[spec.column].places
        known = pool.is_not_null().gather(places)
        cells.append(pl.select(pl.when(known).then(places)).to_series().alias(f"t{place}"))
    dates, marked = _read_index_dates(sheet)
    marks += marked
    waves, marked = _read_waves(sheet)
    marks += marked
    cells += [dates.alias("index_date"), waves.alias("wave")]
    labels = []
    for place, variable in enumerate(mapping.variables):
        value, missing, known_labels, marked = _read_variable(sheet, place, variable, dates)
        cells += [value.alias(f"v{place}"), missing.alias(f"m{place}")]
        labels.append(known_labels)
        marks += marked
    void = _void(sheet)
    blank = void
    if void.len():
        rest = frame[(void - first).cast(pl.UInt32)].select(pl.exclude(mapping.columns))
        blank = void.filter(_blank(rest)) if rest.width else void
    return Part(pl.DataFrame(cells), pools, tuple(labels), void, blank, tuple(marks))


def _blank(cells: pl.DataFrame) -> pl.Series:
    return cells.select(pl.all_horizontal(pl.all().str.strip_chars().fill_null("") == "")).to_series()


def _fingerprints(sheet: _Sheet) -> Iterator[pl.Series]:
    """Two numbers of 64 bits for each row; rows with the same two hold the same texts."""
    hashes = pl.DataFrame(
        [
            column.texts.hash(_SEEDS[0]).gather(column.places).alias(str(place))
            for place, column in enumerate(sheet.columns.values())
        ]
    )
    for name, seed in zip(KEYS, _SEEDS, strict=True):
        yield hashes.hash_rows(seed).alias(name)


def _void(sheet: _Sheet) -> pl.Series:
    """Rows in which no column that is read holds a text."""
    void = pl.repeat(value=True, n=sheet.numbers.len(), eager=True)
    for column in sheet.columns.values():
        void &= column.texts.is_null().gather(column.places)
        if not void.any():
            break
    return sheet.numbers.filter(void)


def _read_identifiers(sheet: _Sheet) -> tuple[tuple[pl.Series, ...], list[tuple[int, Mark]]]:
    """The good identifiers among the distinct texts; a row without any is faulty even where none is required."""
    mapping = sheet.mapping
    pools, marks = [], []
    nameless = pl.repeat(
        not any(spec.required for spec in mapping.identifiers), sheet.numbers.len(), eager=True
    )
    for place, spec in enumerate(mapping.identifiers):
        column = sheet.columns[spec.column]
        values = normalise(without_missing(column.texts, mapping.missing), spec.kind)
        faults = faults_in(values, spec.kind)
        if not spec.required:
            faults = pl.select(pl.when(values.is_not_null()).then(faults)).to_series()
        marks += [(place, mark) for mark in sheet.marks(spec.column, faults)]
        pools.append(pl.select(pl.when(faults.is_null()).then(values)).to_series())
        if nameless.any():
            nameless &= values.is_null().gather(column.places)
    marks.append((len(pools), Mark("LC820", mapping.identifiers[0].column, sheet.numbers.filter(nameless))))
    return tuple(pools), marks


def _read_index_dates(sheet: _Sheet) -> tuple[pl.Series, list[tuple[int, Mark]]]:
    mapping, place = sheet.mapping, len(sheet.mapping.identifiers) + 1
    heading = mapping.index_date
    if not heading:
        return pl.repeat(None, sheet.numbers.len(), dtype=pl.Date, eager=True), []
    column = sheet.columns[heading]
    text = without_missing(column.texts, mapping.missing)
    dates, faults = parse_dates(text, mapping.dates)
    marks = [(place, mark) for mark in sheet.marks(heading, faults)]
    if mapping.enrols:
        marks.append((place, Mark("LC831", heading, sheet.rows_where(heading, text.is_null()))))
    return dates.gather(column.places), marks


def _read_waves(sheet: _Sheet) -> tuple[pl.Series, list[tuple[int, Mark]]]:
    mapping, place = sheet.mapping, len(sheet.mapping.identifiers) + 2
    numbers = {wave: number for number, wave in enumerate(waves_of(mapping))}
    if not mapping.wave_column:
        number = numbers[mapping.wave]
        return pl.repeat(number, sheet.numbers.len(), dtype=pl.UInt16, eager=True), []
    column = sheet.columns[mapping.wave_column]
    known = {code: numbers[wave] for code, wave in mapping.waves.items()}
    waves = codes_of(column.texts).replace_strict(known, default=None, return_dtype=pl.UInt16)
    strange = Mark("LC830", mapping.wave_column, sheet.rows_where(mapping.wave_column, waves.is_null()))
    return waves.gather(column.places), [(place, strange)]


def _read_variable(
    sheet: _Sheet, number: int, spec: VariableColumn, index_dates: pl.Series
) -> tuple[pl.Series, pl.Series, pl.Series, list[tuple[int, Mark]]]:
    """Value, reason, labels and marks of one variable."""
    mapping, place = sheet.mapping, len(sheet.mapping.identifiers) + 3 + number
    column = sheet.columns[spec.column]
    reading = read_texts(column.texts, spec, mapping.missing, mapping.dates)
    labels = reading.label.clear()
    if spec.kind in AGES:
        reading = at_index(reading.spread(column.places), spec, index_dates)
        marks = marks_of(reading.fault, spec.column, sheet.numbers)
        return reading.value, reading.missing, labels, [(place, mark) for mark in marks]
    marks = list(sheet.marks(spec.column, reading.fault))
    if spec.kind == "category":
        labels = reading.label.drop_nulls().unique()
        places = {label: float(place) for place, label in enumerate(labels)}
        value = reading.label.replace_strict(places, default=None, return_dtype=pl.Float64)
    else:
        value = reading.value
    missing = reading.missing.cast(REASON)
    spread = [series.gather(column.places) for series in (value, missing)]
    return spread[0], spread[1], labels, [(place, mark) for mark in marks]
