"""Every row of a partner's table read on its own: tokens, index date, wave, variables, and its faults."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cohorts.cleaning import Reading, codes_of, read_variable, trimmed, without_missing
from cohorts.dates import parse_dates
from cohorts.errors import CohortError
from cohorts.extracts import RawTable
from cohorts.identifiers import faults_in, normalise
from cohorts.mapping import SourceMapping
from cohorts.problems import Mark, marks_of
from cohorts.pseudonyms import PseudonymKey, tokenise


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows read, as aligned series; ``numbers`` says which rows of the table they are, counted from 0."""

    numbers: pl.Series = field(repr=False)
    tokens: pl.DataFrame = field(repr=False)
    index_dates: pl.Series = field(repr=False)
    waves: pl.Series = field(repr=False)
    readings: tuple[Reading, ...] = field(repr=False)
    marks: tuple[Mark, ...] = ()

    def keep(self, chosen: pl.Series) -> Rows:
        """The rows where ``chosen`` is true, without marks."""
        return Rows(
            self.numbers.filter(chosen),
            self.tokens.filter(chosen),
            self.index_dates.filter(chosen),
            self.waves.filter(chosen),
            tuple(reading.keep(chosen) for reading in self.readings),
        )


def distinct_rows(raw: RawTable, mapping: SourceMapping) -> tuple[pl.DataFrame, pl.Series, list[Mark]]:
    """Trim the cells that are read; drop blank and repeated rows.

    Returns the cells, the numbers of their rows, and marks on what was dropped.
    """
    numbers = pl.Series(range(raw.frame.height), dtype=pl.UInt32)
    blank = raw.frame.select(pl.all_horizontal(pl.all().str.strip_chars().fill_null("") == "")).to_series()
    if blank.all():
        raise CohortError("LC812", "every row of the file is blank", "Ask for it again.", where=raw.name)
    cells = pl.DataFrame([trimmed(raw.frame[heading]).rename(heading) for heading in mapping.columns])
    first = cells.select(pl.struct(pl.all()).is_first_distinct()).to_series()
    marks = [Mark("LC837", "", numbers.filter(blank)), Mark("LC834", "", numbers.filter(~first & ~blank))]
    kept = (first | cells.select(pl.all_horizontal(pl.all().is_null())).to_series()) & ~blank
    return cells.filter(kept), numbers.filter(kept), marks


def read_rows(
    cells: pl.DataFrame, numbers: pl.Series, mapping: SourceMapping, key: PseudonymKey, project_id: str
) -> Rows:
    """Read every row by itself; gather marks on all that is faulty."""
    tokens, marks = read_identifiers(cells, numbers, mapping, key, project_id)
    index_dates, dated = _read_index_dates(cells, numbers, mapping)
    waves, placed = _read_waves(cells, numbers, mapping)
    marks += [*dated, *placed]
    readings = []
    for spec in mapping.variables:
        reading = read_variable(cells[spec.column], spec, mapping.missing, mapping.dates, index_dates)
        marks += marks_of(reading.fault, spec.column, numbers)
        readings.append(reading)
    return Rows(numbers, tokens, index_dates, waves, tuple(readings), tuple(marks))


def read_identifiers(
    cells: pl.DataFrame, numbers: pl.Series, mapping: SourceMapping, key: PseudonymKey, project_id: str
) -> tuple[pl.DataFrame, list[Mark]]:
    """Tokens, one column a kind; a row without any identifier is faulty even where none is required."""
    tokens: list[pl.Series] = []
    marks: list[Mark] = []
    nameless = pl.repeat(not any(spec.required for spec in mapping.identifiers), cells.height, eager=True)
    for spec in mapping.identifiers:
        values = normalise(without_missing(cells[spec.column], mapping.missing), spec.kind)
        frame = pl.DataFrame({"value": values, "fault": faults_in(values, spec.kind)})
        optional = pl.lit(not spec.required) & pl.col("value").is_null()
        faults = frame.select(pl.when(~optional).then("fault")).to_series()
        marks += marks_of(faults, spec.column, numbers)
        good = frame.select(pl.when(pl.col("fault").is_null()).then("value")).to_series()
        namespace = mapping.namespace if spec.kind == "local-id" else ""
        tokens.append(tokenise(good, spec.kind, key, project_id, namespace).rename(spec.kind))
        nameless &= values.is_null()
    marks.append(Mark("LC820", mapping.identifiers[0].column, numbers.filter(nameless)))
    return pl.DataFrame(tokens), marks


def _read_index_dates(
    cells: pl.DataFrame, numbers: pl.Series, mapping: SourceMapping
) -> tuple[pl.Series, list[Mark]]:
    if not mapping.index_date:
        return pl.repeat(None, cells.height, dtype=pl.Date, eager=True), []
    text = without_missing(cells[mapping.index_date], mapping.missing)
    dates, faults = parse_dates(text, mapping.dates)
    marks = marks_of(faults, mapping.index_date, numbers)
    if mapping.enrols:
        marks.append(Mark("LC831", mapping.index_date, numbers.filter(text.is_null())))
    return dates, marks


def _read_waves(
    cells: pl.DataFrame, numbers: pl.Series, mapping: SourceMapping
) -> tuple[pl.Series, list[Mark]]:
    if not mapping.wave_column:
        return pl.repeat(mapping.wave, cells.height, dtype=pl.String, eager=True), []
    codes = codes_of(cells[mapping.wave_column])
    waves = codes.replace_strict(dict(mapping.waves), default=None, return_dtype=pl.String)
    return waves, [Mark("LC830", mapping.wave_column, numbers.filter(waves.is_null()))]
