"""areas/<id>.toml read strictly: every fault in it is gathered, with its line, before it is refused (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from cohorts.areas.mapping import (
    BREAKS,
    MEASURE_KINDS,
    RESERVED,
    AreaColumns,
    AreaMapping,
    AttributeColumn,
    DeclaredBreak,
    MeasureColumn,
    MeasureKind,
    PeriodColumn,
)
from cohorts.areas.periods import FORMS, STEPS, Step, is_period
from cohorts.errors import SOURCE_KEYS, CohortError
from cohorts.partner_files.dates import DATE_FORMS, DateForm
from cohorts.partner_files.mapping import plain_code
from cohorts.partner_files.source_file import ENCODINGS, read_missing, short_name
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section, TomlSource, top

WRONG, ABSENT = SOURCE_KEYS.wrong, SOURCE_KEYS.missing
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def read_area_mapping(source: TomlSource) -> AreaMapping:
    """Read an area source, gathering every fault in it before refusing."""
    faults: list[Fault] = []
    file = top(source, faults, SOURCE_KEYS)
    head = file.table("source", required=True)
    area = file.table("area", required=True)
    attributes = tuple(_attribute(section) for section in file.tables("attribute"))
    period = _period(file.table("period"))
    long = file.table("long")
    sections = file.tables("measure")
    breaks = file.tables("break")
    file.finish()
    if head is None or area is None:
        raise CohortError.gather(faults)
    named = _long(long)
    measures = tuple(_measure(section, is_long=bool(named[0])) for section in sections)
    mapping = _head(head, _area(area, attributes), period, named, measures, _breaks(breaks, period))
    _check(file, mapping, sections, breaks)
    if faults:
        raise CohortError.gather(faults)
    return mapping


def _head(
    head: Section,
    area: AreaColumns,
    period: PeriodColumn | None,
    long: tuple[str, str],
    measures: tuple[MeasureColumn, ...],
    breaks: tuple[DeclaredBreak, ...],
) -> AreaMapping:
    mapping = AreaMapping(
        id=short_name(head, "id", required=True),
        title=head.text("title", required=True),
        organisation=head.text("organisation"),
        areas=short_name(head, "areas", required=True),
        lists=head.boolean("lists"),
        agreement=short_name(head, "agreement"),
        encoding=head.text("encoding", "auto", one_of=ENCODINGS),
        sheet=head.text("sheet"),
        dates=cast(DateForm, head.text("dates", DATE_FORMS[0], one_of=DATE_FORMS)),
        rejects="set-aside"
        if head.text("rejects", "stop", one_of=("stop", "set-aside")) == "set-aside"
        else "stop",
        ignore=tuple(heading.strip() for heading in head.texts("ignore")),
        missing=read_missing(head),
        data_until=head.date("data_until"),
        open_before=head.text("open_before"),
        columns_of_area=area,
        period=period,
        long_measure=long[0],
        long_value=long[1],
        measures=measures,
        breaks=breaks,
    )
    if mapping.open_before and (period is None or not is_period(mapping.open_before, period.step)):
        head.fault(WRONG, "open_before", f"'open_before' must be a period, like {_like(period)}")
    head.finish()
    return mapping


def _area(section: Section, attributes: tuple[AttributeColumn, ...]) -> AreaColumns:
    code, name, parent, valid = (
        section.text(key, required=key == "column").strip()
        for key in ("column", "name", "parent", "valid_from")
    )
    section.finish()
    return AreaColumns(code, name, parent, valid, attributes)


def _attribute(section: Section) -> AttributeColumn:
    kind = section.text("kind", "number", one_of=("number", "text"))
    found = AttributeColumn(
        section.text("column", required=True).strip(), _named(section), "text" if kind == "text" else "number"
    )
    section.finish()
    return found


def _named(section: Section) -> str:
    name = section.text("name", required=True)
    if name and not _NAME.fullmatch(name):
        section.fault(WRONG, "name", "'name' must be small letters, digits and _, beginning with a letter")
    if name in RESERVED:
        section.fault(
            WRONG, "name", f"'{name}' is a column of its own in every area table", "Choose another."
        )
    return name


def _period(section: Section | None) -> PeriodColumn | None:
    if section is None:
        return None
    step = cast(Step, section.text("step", "month", required=True, one_of=STEPS))
    form = section.text("form", FORMS[step][0], one_of=FORMS[step])
    starts = section.integer("year_starts", 4 if form == "yyyy/yy" else 1, low=1) or 1
    if starts > 12 or (section.has("year_starts") and step != "year"):
        section.fault(
            WRONG, "year_starts", "'year_starts' is a month from 1 to 12, and goes with step year only"
        )
    found = PeriodColumn(
        section.text("column", required=True).strip(),
        step,
        form,
        min(starts, 12),
        section.text("complete").strip(),
    )
    section.finish()
    return found


def _long(section: Section | None) -> tuple[str, str]:
    if section is None:
        return "", ""
    found = section.text("measure", required=True).strip(), section.text("value", required=True).strip()
    section.finish()
    return found


def _measure(section: Section, *, is_long: bool) -> MeasureColumn:
    key, other = ("code", "column") if is_long else ("column", "code")
    if section.has(other):
        said = "a long file names measures by 'code'" if is_long else "'code' needs a table [long]"
        section.fault(WRONG, other, said, f"Write {key} = … instead.")
    kind = cast(MeasureKind, section.text("kind", "count", required=True, one_of=MEASURE_KINDS))
    found = MeasureColumn(
        column=section.text(key, required=not section.has(other)).strip(),
        name=_named(section),
        kind=kind,
        definition=section.text("definition").strip(),
        definition_column=section.text("definition_column").strip(),
        denominator=section.text("denominator"),
        per=section.number("per", 1.0, above=0) or 1.0,
        unit=section.text("unit"),
        minimum=section.number("minimum"),
        maximum=section.number("maximum"),
        open=section.boolean("open"),
    )
    _check_measure(section, found)
    section.finish()
    return found


def _check_measure(section: Section, found: MeasureColumn) -> None:
    if found.definition and found.definition_column:
        section.fault(
            WRONG, "definition", "'definition' and 'definition_column' exclude each other", "Keep one."
        )
    if found.kind in ("count", "rate") and not (found.definition or found.definition_column):
        section.fault(
            ABSENT,
            "",
            f"measure '{found.name}' does not say what is counted",
            'Add definition = "…" or definition_column.',
        )
    if found.denominator and found.kind not in ("count", "rate"):
        section.fault(WRONG, "denominator", f"kind {found.kind} takes no denominator")
    if section.has("per") and found.kind != "rate":
        section.fault(WRONG, "per", "'per' goes with kind rate only")
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        section.fault(WRONG, "minimum", "'minimum' is above 'maximum'")


def _breaks(sections: Sequence[Section], period: PeriodColumn | None) -> tuple[DeclaredBreak, ...]:
    found = []
    for section in sections:
        one = DeclaredBreak(
            section.text("measure"),
            section.text("period", required=True),
            section.text("why", required=True, one_of=BREAKS),
            section.text("note"),
        )
        if one.period and (period is None or not is_period(one.period, period.step)):
            section.fault(WRONG, "period", f"'period' must be a period, like {_like(period)}")
        section.finish()
        found.append(one)
    return tuple(found)


def _like(period: PeriodColumn | None) -> str:
    examples = {"month": "2023-04", "quarter": "2023-Q2", "year": "2023"}
    return examples.get(period.step if period else "month", "2023-04-03")


def _check(
    file: Section, mapping: AreaMapping, sections: Sequence[Section], breaks: Sequence[Section]
) -> None:
    if mapping.period is None and (mapping.measures or mapping.long_measure):
        file.fault(ABSENT, "", "measures need a [period]", "Say which column is the period, and its step.")
    if mapping.period is not None and not mapping.measures:
        file.fault(ABSENT, "", "there is no [[measure]]", "Say which column is which measure.")
    if not mapping.measures and not mapping.lists:
        file.fault(
            ABSENT, "", "the source brings nothing", "Add [[measure]] tables, or lists = true in [source]."
        )
    names = [m.name for m in mapping.measures]
    taken: set[str] = {a.name for a in mapping.columns_of_area.attributes}
    codes: set[str] = set()
    for section, measure in zip(sections, mapping.measures, strict=True):
        code = plain_code(measure.column)
        if measure.name in taken:
            section.fault(WRONG, "name", f"the name '{measure.name}' stands twice", "Names are unique.")
        if code in codes and mapping.long_measure:
            section.fault(WRONG, "code", "two measures have codes that are read as the same", "Keep one.")
        taken.add(measure.name)
        codes.add(code)
    for section, one in zip(breaks, mapping.breaks, strict=True):
        if one.measure and one.measure not in names:
            near = did_you_mean(one.measure, names)
            section.fault(WRONG, "measure", f"there is no measure '{one.measure}' in this file.{near}")
