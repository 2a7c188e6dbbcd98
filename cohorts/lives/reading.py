"""Rows of a partner's table to spells, events, exposures, observability and relations, and what is wrong (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cohorts.identifiers import faults_in, normalise
from cohorts.lives.columns import (
    LEFT_OUT,
    Coded,
    EventColumns,
    ExposureColumns,
    ObservabilityColumns,
    RelationColumns,
    SpellColumns,
)
from cohorts.partner_files.cleaning import codes_of, read_variable, without_missing
from cohorts.partner_files.dates import parse_dates
from cohorts.partner_files.mapping import SourceMapping, VariableColumn, VariableKind
from cohorts.partner_files.problems import Mark, marks_of
from cohorts.pseudonyms import PseudonymKey, tokenise

SCHEMAS: dict[str, dict[str, pl.DataType | type[pl.DataType]]] = {
    "spell": {
        "kind": pl.String, "state": pl.String, "start_date": pl.Date, "end_date": pl.Date,
        "end_reason": pl.String, "unit": pl.String,
    },
    "event": {
        "kind": pl.String, "event_date": pl.Date, "date_precision": pl.String, "category": pl.String, "nth": pl.Int64,
    },
    "exposure": {
        "intervention": pl.String, "session_date": pl.Date, "attended": pl.Int64, "planned_minutes": pl.Float64,
        "minutes": pl.Float64, "fidelity": pl.Float64, "provider": pl.String, "session_mode": pl.String,
        "nth": pl.Int64,
    },
    "observability": {
        "sees": pl.String, "start_date": pl.Date, "end_date": pl.Date, "reason": pl.String,
    },
    "relation": {"relation": pl.String, "kind": pl.String, "token": pl.Binary},
}  # fmt: skip
MONTH_TEXTS = ((r"^([0-9]{1,2})/([0-9]{4})$", "01/${1}/${2}"), (r"^([0-9]{4})-([0-9]{1,2})$", "${1}-${2}-01"))


@dataclass(frozen=True, slots=True)
class LifeRows:
    """What a file says about lives: one table a kind, each with ``row`` before and ``person`` after joining.

    End dates are the first day no longer in the state. An event known to its month stands on the first of it.
    """

    tables: dict[str, pl.DataFrame] = field(repr=False, default_factory=dict)
    marks: tuple[Mark, ...] = ()

    def of(self, people: pl.DataFrame) -> LifeRows:
        """The rows of these people (row, person, and line as the file counts); the others are left out."""
        return LifeRows({name: table.join(people, on="row") for name, table in self.tables.items()})

    def within(self, rows: pl.Series) -> LifeRows:
        """Tables and marks of these rows only: what was repeated or blank is gone."""
        kept = rows.implode()
        tables = {name: table.filter(pl.col("row").is_in(kept)) for name, table in self.tables.items()}
        marks = (Mark(m.code, m.column, m.rows.filter(m.rows.is_in(kept))) for m in self.marks)
        return LifeRows(tables, tuple(marks))

    def held(self, name: str) -> pl.DataFrame:
        """One table; empty where the file has none."""
        empty = {"row": pl.UInt32, **SCHEMAS[name], "person": pl.UInt32, "line": pl.UInt32}
        return self.tables.get(name, pl.DataFrame(schema=empty))


def joined_life(parts: Sequence[LifeRows]) -> LifeRows:
    """The rows of several parts of a file as one; marks of one column and rule are put together."""
    names = dict.fromkeys(name for part in parts for name in part.tables)
    tables = {name: pl.concat([part.tables[name] for part in parts if name in part.tables]) for name in names}
    marked: dict[tuple[str, str], list[pl.Series]] = {}
    for part in parts:
        for mark in part.marks:
            marked.setdefault((mark.code, mark.column), []).append(mark.rows)
    marks = tuple(Mark(code, column, pl.concat(rows)) for (code, column), rows in marked.items())
    return LifeRows(tables, marks)


def read_life(
    cells: pl.DataFrame, numbers: pl.Series, mapping: SourceMapping, key: PseudonymKey, project_id: str
) -> LifeRows:
    """Read every table about lives out of a file's distinct rows; ``numbers`` are their places in the file."""
    file, life = _File(cells, numbers, mapping, key, project_id), mapping.life
    parts = {
        "spell": [_read_spell(file, spec) for spec in life.spells],
        "event": [_read_event(file, spec) for spec in life.events],
        "exposure": [_read_exposure(file, spec) for spec in life.exposures],
        "observability": [_read_observability(file, spec) for spec in life.observability],
        "relation": [_read_relation(file, spec) for spec in life.relations],
    }
    tables = {}
    for name, found in parts.items():
        schema: dict[Any, Any] = {"row": pl.UInt32, **SCHEMAS[name]}
        if found:
            tables[name] = pl.concat([part.select(list(schema)).cast(schema) for part in found])
    return LifeRows(tables, tuple(file.marks))


@dataclass
class _File:
    cells: pl.DataFrame
    numbers: pl.Series
    mapping: SourceMapping
    key: PseudonymKey
    project_id: str
    marks: list[Mark] = field(default_factory=list)

    def text(self, heading: str) -> pl.Series:
        """A column's texts, missing codes as null; all null where no column is named."""
        if not heading:
            return pl.repeat(None, self.cells.height, dtype=pl.String, eager=True)
        return without_missing(self.cells[heading], self.mapping.missing)

    def dates(self, heading: str, *, month_only: bool = False) -> pl.Series:
        """A column's dates; bad ones, and those after the end of the data, are marked."""
        text = self.text(heading)
        if month_only:
            for shape, whole in MONTH_TEXTS:
                text = text.str.replace(shape, whole)
        form = self.mapping.dates
        dates, faults = parse_dates(text, form)
        if month_only:  # "2024-03" may stand in a file of dd/mm/yyyy
            other, doubts = parse_dates(text, "yyyy-mm-dd" if form == "dd/mm/yyyy" else "dd/mm/yyyy")
            faults = (
                pl.DataFrame({"a": faults, "b": doubts})
                .select(pl.when(pl.col("b").is_null()).then(None).otherwise("a"))
                .to_series()
            )
            dates = dates.fill_null(other).dt.month_start()
        self.marks += marks_of(faults, heading, self.numbers)
        return dates

    def bounded(self, heading: str, dates: pl.Series) -> None:
        """Mark days on which the source could not have seen anything."""
        low, high = self.mapping.data_from, self.mapping.data_until
        outside = pl.repeat(value=False, n=dates.len(), eager=True)
        if high:
            outside |= (dates > high).fill_null(value=False)
        if low and heading:
            outside |= (dates < low).fill_null(value=False)
        self.mark("LC864", heading, outside)

    def mark(self, code: str, heading: str, flags: pl.Series) -> None:
        self.marks.append(Mark(code, heading, self.numbers.filter(flags.fill_null(value=False))))

    def words(self, coded: Coded) -> tuple[pl.Series, pl.Series]:
        """Words, and whether the row is left out. A code that is not in the table is marked."""
        if not coded.column:
            words = pl.repeat(coded.fixed or None, self.cells.height, dtype=pl.String, eager=True)
            return words, pl.repeat(value=False, n=words.len(), eager=True)
        text = self.text(coded.column)
        words = codes_of(text).replace_strict(dict(coded.codes), default=None, return_dtype=pl.String)
        self.mark("LC829", coded.column, words.is_null() & text.is_not_null())
        out = (words == LEFT_OUT).fill_null(value=False)
        return words.set(out, None) if out.any() else words, out

    def values(self, heading: str, kind: VariableKind) -> pl.Series:
        """Numbers, or 1 and 0, that are not negative."""
        if not heading:
            return pl.repeat(None, self.cells.height, dtype=pl.Float64, eager=True)
        spec = VariableColumn(heading, heading, kind, minimum=0.0 if kind == "number" else None)
        dates = pl.repeat(None, self.cells.height, dtype=pl.Date, eager=True)
        read = read_variable(self.cells[heading], spec, self.mapping.missing, self.mapping.dates, dates)
        self.marks += marks_of(read.fault, heading, self.numbers)
        return read.value

    def needed(self, heading: str, there: pl.Series, wanted: pl.Series) -> None:
        self.mark("LC863", heading, wanted & ~there)


def _read_spell(file: _File, spec: SpellColumns) -> pl.DataFrame:
    state, out = file.words(spec.state)
    start, end = file.dates(spec.start), file.dates(spec.end)
    said = ~out & (file.text(spec.start).is_not_null() | file.text(spec.end).is_not_null())
    file.needed(spec.start, file.text(spec.start).is_not_null(), said)
    if spec.state.column:
        file.needed(spec.state.column, file.text(spec.state.column).is_not_null(), said)
    frame = _interval(file, spec.start, spec.end, start, end, last_day=spec.last_day)
    reason, _ = file.words(spec.end_reason)
    frame = frame.with_columns(
        pl.lit(spec.kind).alias("kind"),
        state.alias("state"),
        reason.alias("end_reason"),
        file.text(spec.unit).alias("unit"),
    )
    return frame.filter(said & start.is_not_null() & state.is_not_null())


def _interval(
    file: _File, from_: str, to: str, start: pl.Series, end: pl.Series, *, last_day: bool
) -> pl.DataFrame:
    """Start and exclusive end. An end that lies after the data is a plan, not an end: the stretch is still open."""
    until = file.mapping.data_until
    if last_day:
        end = end.dt.offset_by("1d")
    empty = end < start if not last_day else end <= start
    file.mark("LC862", to, empty)
    file.bounded(from_, start)
    if until:
        late = (end > until).fill_null(value=False)
        end = end.set(late, None) if late.any() else end
    return pl.DataFrame({"row": file.numbers, "start_date": start, "end_date": end})


def _read_event(file: _File, spec: EventColumns) -> pl.DataFrame:
    kind, out = file.words(spec.kind)
    dates = file.dates(spec.date, month_only=spec.month_only)
    dated = file.text(spec.date).is_not_null()
    if spec.kind.column:
        named = file.text(spec.kind.column).is_not_null()
        file.needed(spec.date, dated, named & ~out)
        file.needed(spec.kind.column, named, dated & ~out)
    file.bounded(spec.date, dates)
    category, _ = file.words(spec.category)
    frame = pl.DataFrame({"row": file.numbers, "kind": kind, "event_date": dates, "category": category})
    return frame.filter(dates.is_not_null() & kind.is_not_null()).with_columns(
        pl.lit("month" if spec.month_only else "day").alias("date_precision"), pl.lit(0).alias("nth")
    )


def _read_exposure(file: _File, spec: ExposureColumns) -> pl.DataFrame:
    intervention, out = file.words(spec.intervention)
    dates = file.dates(spec.date)
    dated = file.text(spec.date).is_not_null()
    attended = file.values(spec.attended, "binary")
    file.needed(spec.date, dated, attended.is_not_null() & ~out)
    file.bounded(spec.date, dates)
    mode, _ = file.words(spec.mode)
    frame = pl.DataFrame(
        {
            "row": file.numbers,
            "intervention": intervention,
            "session_date": dates,
            "attended": attended.cast(pl.Int64),
            "planned_minutes": file.values(spec.planned_minutes, "number"),
            "minutes": file.values(spec.minutes, "number"),
            "fidelity": file.values(spec.fidelity, "number"),
            "provider": file.text(spec.provider),
            "session_mode": mode,
            "nth": pl.repeat(0, file.cells.height, dtype=pl.Int64, eager=True),
        }
    )
    return frame.filter(dates.is_not_null() & intervention.is_not_null())


def _read_observability(file: _File, spec: ObservabilityColumns) -> pl.DataFrame:
    start, end = file.dates(spec.start), file.dates(spec.end)
    said = start.is_not_null() | end.is_not_null()
    frame = _interval(file, "", spec.end, start, end, last_day=spec.last_day)
    reason, _ = file.words(spec.reason)
    frame = frame.with_columns(reason.alias("reason")).filter(said)
    return frame.join(pl.DataFrame({"sees": list(spec.sees)}), how="cross")


def _read_relation(file: _File, spec: RelationColumns) -> pl.DataFrame:
    """The other person's token; a blank cell says nothing."""
    values = normalise(file.text(spec.column), spec.kind)
    faults = pl.DataFrame({"f": faults_in(values, spec.kind), "v": values}).select(
        pl.when(pl.col("v").is_not_null()).then("f")
    )
    file.marks += marks_of(faults.to_series(), spec.column, file.numbers)
    good = pl.DataFrame({"v": values, "f": faults.to_series()}).select(
        pl.when(pl.col("f").is_null()).then("v").alias(spec.kind)
    )
    namespace = file.mapping.namespace if spec.kind == "local-id" else ""
    token = tokenise(good.to_series(), spec.kind, file.key, file.project_id, namespace)
    frame = pl.DataFrame({"row": file.numbers, "token": token})
    frame = frame.with_columns(pl.lit(spec.relation).alias("relation"), pl.lit(spec.kind).alias("kind"))
    return frame.filter(pl.col("token").is_not_null())
