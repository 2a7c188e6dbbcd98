"""A partner's table of area series to clean areas and values, with a report of all that is wrong (pure).

No error or report holds a cell: they name the column, the rows and the rule.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from cohorts.areas.mapping import NOT_STATED, AreaMapping, MeasureColumn
from cohorts.areas.periods import first_days, last_days, read_periods
from cohorts.errors import CohortError
from cohorts.identifiers import faults_in, normalise
from cohorts.partner_files.cleaning import codes_of, read_texts, trimmed
from cohorts.partner_files.dates import parse_dates
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.headings import heading_faults, refuse_headless
from cohorts.partner_files.mapping import NOT_RECORDED, VariableColumn, plain_code
from cohorts.partner_files.problems import IntakeReport, Mark, describe, marked_rows, marks_of, refused

VALUES = {
    "row": pl.UInt32,
    "measure": pl.String,
    "code": pl.String,
    "period": pl.String,
    "value": pl.Float64,
    "missing": pl.String,
    "definition": pl.String,
    "complete": pl.Float64,
}
SLOT = ("measure", "code", "period")
CHECKED, MANY = (
    ("nhs-number", "upn", "pnc-id"),
    5,
)  # kinds with a check character: five that fit are no chance
SAID = ("value", "missing", "definition", "complete")


@dataclass(frozen=True, slots=True)
class AreaIntake:
    """What a file holds once it is clean.

    ``areas``: ``code, name, parent, valid_from, attributes`` (JSON), a row an area, where the source lists areas.
    ``values``: ``measure, code, period, value, missing, definition, complete``, each slot once.
    """

    areas: pl.DataFrame = field(repr=False)
    values: pl.DataFrame = field(repr=False)
    report: IntakeReport


def take_in_areas(raw: RawTable, mapping: AreaMapping, known: Mapping[str, str | None]) -> AreaIntake:
    """Clean a table. ``known`` are the collection's areas: code to the first day they are valid from, or None.

    Raises
    ------
    CohortError
        ``LC810``, ``LC811``: the columns are not those of the mapping; ``LC812``: every row is blank.
    IntakeRefused
        There are faulty rows and ``rejects`` is ``stop``, or no good row is left.
    """
    _check_columns(raw, mapping)
    cells = raw.frame.select(trimmed(raw.frame[heading]).rename(heading) for heading in mapping.columns)
    rows = pl.int_range(raw.frame.height, dtype=pl.UInt32, eager=True)
    void = cells.select(pl.all_horizontal(pl.all().is_null())).to_series()
    blank = Mark("LC837", "", rows.filter(void))
    cells, rows = cells.filter(~void), rows.filter(~void)
    if not rows.len():
        raise CohortError("LC812", "every row is blank", "Ask for the file again.", where=raw.name)
    areas, marks = _areas(cells, rows, mapping, known)
    values, more, repeated = _values(cells, rows, mapping, {**known, **_listed(areas)})
    marks += more
    bad = marked_rows(marks)
    accepted = rows.len() - bad.len()
    problems, warnings = describe(marks, raw), describe([blank, repeated], raw)
    kept = values.filter(~pl.col("row").is_in(bad.implode()))
    areas = areas.filter(~pl.col("row").is_in(bad.implode()))
    n_areas = kept["code"].n_unique() if mapping.measures else areas.height
    counts = (mapping.id, raw.frame.height, accepted, bad.len(), n_areas)
    if problems and (mapping.rejects == "stop" or not accepted):
        raise refused(IntakeReport(*counts, problems, warnings, ()), raw.name)
    missing = (
        kept.filter(pl.col("missing").is_not_null())
        .group_by("measure", "missing")
        .len()
        .sort("measure", "missing")
    )
    report = IntakeReport(
        *counts, problems, warnings, tuple((str(m), str(r), int(n)) for m, r, n in missing.rows())
    )
    return AreaIntake(areas.drop("row"), kept.drop("row"), report)


def _check_columns(raw: RawTable, mapping: AreaMapping) -> None:
    """Refuse missing and unknown columns. Headings are only quoted once some of them are recognised."""
    refuse_headless(raw.name, raw.columns, mapping.columns)
    known = {*mapping.columns, *mapping.ignore}
    if faults := heading_faults(raw.name, raw.columns, mapping.columns, known):
        raise CohortError.gather(faults)


def _areas(
    cells: pl.DataFrame, rows: pl.Series, mapping: AreaMapping, known: Mapping[str, str | None]
) -> tuple[pl.DataFrame, list[Mark]]:
    """The areas a file lists, each once; without ``lists`` none, and every code must be known."""
    area = mapping.columns_of_area
    code = cells[area.code]
    _refuse_people(code)
    empty = pl.DataFrame(
        schema={
            "row": pl.UInt32, "code": pl.String, "name": pl.String, "parent": pl.String, "valid_from": pl.String,
            "attributes": pl.String,
        }
    )  # fmt: skip
    if not mapping.lists:
        strange = ~code.is_in(list(known)).fill_null(value=False)
        return empty, [Mark("LC584", area.code, rows.filter(strange))]
    marks = [Mark("LC584", area.code, rows.filter(code.is_null()))]
    nothing = pl.repeat(None, rows.len(), dtype=pl.String, eager=True)
    valid, faults = nothing, nothing
    if area.valid_from:
        days, faults = parse_dates(cells[area.valid_from], mapping.dates)
        valid = days.dt.strftime("%Y-%m-%d")
        marks += marks_of(faults, area.valid_from, rows)
    said, more = _attributes(cells, rows, mapping)
    marks += more
    frame = pl.DataFrame(
        {
            "row": rows,
            "code": code,
            "name": (cells[area.name] if area.name else code).fill_null(""),
            "parent": cells[area.parent] if area.parent else nothing,
            "valid_from": valid,
            "attributes": said,
        }
    ).filter(pl.col("code").is_not_null())
    facts = frame.columns[1:]
    once = frame.unique(facts, keep="first", maintain_order=True)
    unlike = once.filter(pl.col("code").is_duplicated())["code"]
    clashing = frame.filter(pl.col("code").is_in(unlike.implode()))["row"]
    return once, [*marks, Mark("LC585", area.code, clashing)]


def _refuse_people(code: pl.Series) -> None:
    """A column of people's numbers is no list of places, and must never be kept as one."""
    distinct = code.drop_nulls().unique()
    if distinct.len() < MANY:
        return
    for kind in CHECKED:
        if faults_in(normalise(distinct, kind), kind).null_count() == distinct.len():
            raise CohortError(
                "LC584",
                f"the area codes look like identifiers of people ({kind}); nothing was kept",
                "Name the column of area codes. People are loaded with: lifecourse source load",
                where="[area]",
            )


def _attributes(cells: pl.DataFrame, rows: pl.Series, mapping: AreaMapping) -> tuple[pl.Series, list[Mark]]:
    """The attributes of each row as JSON, blanks left out."""
    columns: dict[str, list[float | str | None]] = {}
    marks: list[Mark] = []
    for one in mapping.columns_of_area.attributes:
        if one.kind == "text":
            columns[one.name] = cells[one.column].to_list()
            continue
        read = read_texts(
            cells[one.column], VariableColumn(one.column, one.name, "number"), mapping.missing, mapping.dates
        )
        marks += marks_of(read.fault, one.column, rows)
        columns[one.name] = read.value.to_list()
    texts = [
        json.dumps(
            {n: v for n, v in zip(columns, row, strict=True) if v is not None},
            sort_keys=True,
            ensure_ascii=False,
        )
        for row in zip(*columns.values(), strict=True)
    ]
    return pl.Series(texts or ["{}"] * rows.len(), dtype=pl.String), marks


def _listed(areas: pl.DataFrame) -> dict[str, str | None]:
    return dict(areas.select("code", "valid_from").iter_rows())


def _values(
    cells: pl.DataFrame, rows: pl.Series, mapping: AreaMapping, known: Mapping[str, str | None]
) -> tuple[pl.DataFrame, list[Mark], Mark]:
    """Every value of the file in one long table, what is wrong, and rows that say a thing again."""
    if mapping.period is None:
        return pl.DataFrame(schema=VALUES), [], Mark("LC834", "", rows.clear())
    spec, code = mapping.period, cells[mapping.columns_of_area.code]
    periods, bad = read_periods(cells[spec.column], spec.step, spec.form, mapping.dates, spec.year_starts)
    early = _too_early(code, periods, mapping, known)
    wrong = bad | periods.is_null() | early | _off_beat(periods, spec.step)
    marks = [Mark("LC583", spec.column, rows.filter(wrong))]
    complete, faulty = _complete(cells, mapping)
    marks.append(Mark("LC586", spec.complete, rows.filter(faulty)))
    base = pl.DataFrame({"row": rows, "code": code, "period": periods, "complete": complete})
    frames = []
    for measure in mapping.measures:
        chosen, heading = _chosen(cells, measure, mapping)
        read = read_texts(
            cells[heading].filter(chosen),
            VariableColumn(heading, measure.name, "number", measure.minimum, measure.maximum),
            mapping.missing,
            mapping.dates,
        )
        theirs = rows.filter(chosen)
        marks += marks_of(read.fault, heading, theirs)
        marks.append(Mark("LC586", heading, theirs.filter(_no_count(read.value, measure))))
        stated = (
            cells[measure.definition_column].filter(chosen).fill_null(NOT_STATED)
            if measure.definition_column
            else pl.repeat(measure.definition or NOT_STATED, theirs.len(), dtype=pl.String, eager=True)
        )
        frames.append(
            base.filter(chosen).with_columns(
                pl.lit(measure.name).alias("measure"),
                read.value.alias("value"),
                read.missing.cast(pl.String).alias("missing"),
                stated.alias("definition"),
            )
        )
    if mapping.long_measure:
        listed = [plain_code(m.column) for m in mapping.measures]
        strange = ~codes_of(cells[mapping.long_measure]).is_in(listed).fill_null(value=False)
        marks.append(Mark("LC829", mapping.long_measure, rows.filter(strange)))
    whole = pl.concat([pl.DataFrame(schema=VALUES), *(frame.select(list(VALUES)) for frame in frames)])
    whole = whole.filter(pl.col("code").is_not_null() & pl.col("period").is_not_null())
    return _each_once(whole, marks)


def _each_once(whole: pl.DataFrame, marks: list[Mark]) -> tuple[pl.DataFrame, list[Mark], Mark]:
    """Rows that say the same of a slot count once; rows that disagree are faulty."""
    once = whole.unique([*SLOT, *SAID], keep="first", maintain_order=True)
    filled = once.filter((pl.col("missing") != NOT_RECORDED).fill_null(value=True))
    clash = filled.filter(pl.struct(SLOT).is_duplicated()).select(SLOT).unique()
    clashing = whole.join(clash, on=SLOT, how="semi")["row"].unique()
    again = whole["row"].unique().filter(~whole["row"].unique().is_in(once["row"].unique().implode()))
    left = once.sort(*SLOT, pl.col("missing") == NOT_RECORDED, nulls_last=False).unique(
        SLOT, keep="first", maintain_order=True
    )
    return left, [*marks, Mark("LC585", "", clashing)], Mark("LC834", "", again)


def _chosen(cells: pl.DataFrame, measure: MeasureColumn, mapping: AreaMapping) -> tuple[pl.Series, str]:
    """The rows of a measure and the column of its values."""
    if not mapping.long_measure:
        return pl.repeat(value=True, n=cells.height, dtype=pl.Boolean, eager=True), measure.column
    code = codes_of(cells[mapping.long_measure])
    return (code == plain_code(measure.column)).fill_null(value=False), mapping.long_value


def _no_count(value: pl.Series, measure: MeasureColumn) -> pl.Series:
    """Counts are whole and not below 0, rates and denominators not below 0."""
    if measure.kind == "number":
        return pl.repeat(value=False, n=value.len(), dtype=pl.Boolean, eager=True)
    bad = value < 0
    if measure.kind == "count":
        bad |= value != value.floor()
    return bad.fill_null(value=False)


def _complete(cells: pl.DataFrame, mapping: AreaMapping) -> tuple[pl.Series, pl.Series]:
    """The share of each period that was recorded, 1 where nothing is said, and where it is no share."""
    heading = mapping.period.complete if mapping.period else ""
    if not heading:
        whole = pl.repeat(1.0, cells.height, dtype=pl.Float64, eager=True)
        return whole, pl.repeat(value=False, n=cells.height, dtype=pl.Boolean, eager=True)
    text = cells[heading]
    share = text.cast(pl.Float64, strict=False)
    bad = text.is_not_null() & ~share.is_between(0, 1).fill_null(value=False)
    return share.fill_null(1.0), bad


def _too_early(
    code: pl.Series, periods: pl.Series, mapping: AreaMapping, known: Mapping[str, str | None]
) -> pl.Series:
    """Periods that were over before their area was valid."""
    since = {name: day for name, day in known.items() if day}
    if not since or mapping.period is None:
        return pl.repeat(value=False, n=code.len(), dtype=pl.Boolean, eager=True)
    first = code.replace_strict(since, default=None, return_dtype=pl.String).str.to_date("%Y-%m-%d")
    last = last_days(periods, mapping.period.step, mapping.period.year_starts)
    return (last < first).fill_null(value=False)


def _off_beat(periods: pl.Series, step: str) -> pl.Series:
    """Weeks that do not begin on the weekday most of the file's weeks begin on."""
    if step != "week" or not periods.drop_nulls().len():
        return pl.repeat(value=False, n=periods.len(), dtype=pl.Boolean, eager=True)
    weekday = first_days(periods, "week").dt.weekday()
    return (weekday != weekday.drop_nulls().mode().min()).fill_null(value=False)
