"""sources/<id>.toml read strictly: every fault in it is gathered, with its line, before it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cohorts.errors import SOURCE_KEYS, CohortError
from cohorts.identifiers import KINDS as IDENTIFIER_KINDS
from cohorts.linking.derived import FIELDS
from cohorts.lives.columns import LifeColumns
from cohorts.lives.file import read_approached, read_life_columns
from cohorts.partner_files.dates import DATE_FORMS
from cohorts.partner_files.mapping import (
    AGES,
    MISSING_REASONS,
    NOT_RECORDED,
    VARIABLE_KINDS,
    IdentifierColumn,
    MatchingColumn,
    SourceMapping,
    VariableColumn,
    VariableKind,
    plain_code,
)
from cohorts.redcap.keys import LAYOUT, redcap_faults, variable_faults
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section, TomlSource, top

__all__ = ["IdentifierColumn", "SourceMapping", "VariableColumn", "read_mapping"]

ENCODINGS = ("auto", "utf-8", "cp1252", "utf-16")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def read_mapping(source: TomlSource) -> SourceMapping:
    """Read a source file, gathering every fault in it before refusing."""
    faults: list[Fault] = []
    file = top(source, faults, SOURCE_KEYS)
    head = file.table("source", required=True)
    sections = file.tables("variable")
    identifier_sections = file.tables("identifier")
    index_date = _read_index_date(file)
    life = read_life_columns(file)
    approached = read_approached(file)
    matching = _read_matching(file)
    file.finish()
    if head is None:
        raise CohortError.gather(faults)
    identifiers = tuple(_read_identifier(section) for section in identifier_sections)
    variables = tuple(_read_variable(section) for section in sections)
    mapping = _read_head(head, identifiers, index_date, variables, life)
    mapping = replace(mapping, approached=approached, matching=matching)
    _check_identifiers(file, mapping, identifier_sections)
    _check_variables(mapping, sections)
    _check_head(head, mapping)
    if faults:
        raise CohortError.gather(faults)
    return mapping


def _read_head(
    head: Section,
    identifiers: tuple[IdentifierColumn, ...],
    index_date: str,
    variables: tuple[VariableColumn, ...],
    life: LifeColumns,
) -> SourceMapping:
    mapping = SourceMapping(
        id=short_name(head, "id", required=True),
        title=head.text("title", required=True),
        organisation=head.text("organisation"),
        cohort=short_name(head, "cohort", required=True),
        enrols=head.boolean("enrols"),
        encoding=head.text("encoding", "auto", one_of=ENCODINGS),
        sheet=head.text("sheet"),
        dates="dd/mm/yyyy"
        if head.text("dates", DATE_FORMS[0], one_of=DATE_FORMS) == "dd/mm/yyyy"
        else "yyyy-mm-dd",
        rejects="set-aside"
        if head.text("rejects", "stop", one_of=("stop", "set-aside")) == "set-aside"
        else "stop",
        wave=short_name(head, "wave"),
        wave_column=head.text("wave_column").strip(),
        waves=_read_waves(head),
        data_until=head.date("data_until"),
        ignore=tuple(heading.strip() for heading in head.texts("ignore")),
        missing=read_missing(head),
        identifiers=identifiers,
        index_date=index_date,
        variables=variables,
        agreement=short_name(head, "agreement"),
        layout=head.text("layout", one_of=("", LAYOUT)),
        repeat_instrument=head.text("repeat_instrument"),
        repeat=head.text("repeat"),
        data_from=head.date("data_from"),
        life=life,
    )
    head.finish()
    return mapping


def _read_index_date(file: Section) -> str:
    sections = file.tables("index_date")
    headings = [section.text("column", required=True).strip() for section in sections]
    for section in sections:
        section.finish()
    for section in sections[1:]:
        section.fault("LC803", "", "a source has at most one [[index_date]]", "Remove the others.")
    return headings[0] if headings else ""


def _read_matching(file: Section) -> tuple[MatchingColumn, ...]:
    sections = file.tables("matching")
    found = []
    for section in sections:
        column = section.text("column", required=True).strip()
        found.append(MatchingColumn(column, section.text("kind", required=True, one_of=FIELDS)))
        section.finish()
    for section, one in zip(sections, found, strict=True):
        if one.kind and [other.kind for other in found].index(one.kind) != found.index(one):
            section.fault("LC803", "kind", f"there are two matching columns of kind {one.kind}", "Keep one.")
    return tuple(found)


def _read_identifier(section: Section) -> IdentifierColumn:
    found = IdentifierColumn(
        section.text("column", required=True).strip(),
        section.text("kind", required=True, one_of=IDENTIFIER_KINDS),
        section.boolean("required", default=True),
    )
    section.finish()
    return found


def _read_variable(section: Section) -> VariableColumn:
    chosen = section.text("kind", required=True, one_of=VARIABLE_KINDS)
    kind: VariableKind = next((known for known in VARIABLE_KINDS if known == chosen), "number")
    codes = tuple(code.strip() for code in section.texts("codes"))
    found = VariableColumn(
        column=section.text("column", required=True).strip(),
        name=section.text("name", required=True),
        kind=kind,
        minimum=section.number("minimum"),
        maximum=section.number("maximum"),
        unit=section.text("unit"),
        label=section.text("label"),
        wave=short_name(section, "wave"),
        recode=_read_recode(section, kind, codes),
        missing=read_missing(section),
        codes=codes,
        events=tuple(plain_code(event) for event in section.texts("events")),
        asked_when=section.text("asked_when"),
    )
    _check_variable(section, found)
    section.finish()
    return found


def short_name(section: Section, key: str, *, required: bool = False) -> str:
    """A key whose value is an id: small letters, digits and hyphens."""
    value = section.text(key, required=required)
    if value and not _SLUG.fullmatch(value):
        section.fault(
            "LC803", key, f"'{key}' must be small letters, digits and hyphens", "Like prison-releases."
        )
        return ""
    return value


def _read_waves(head: Section) -> dict[str, str]:
    waves: dict[str, str] = {}
    for code, wave in _codes(head, "waves").items():
        if isinstance(wave, str) and _SLUG.fullmatch(wave):
            waves[code] = wave
        else:
            head.fault("LC803", "waves", "each value of 'waves' must name a wave, like age-1")
    return waves


def read_missing(section: Section) -> dict[str, str]:
    """The key ``missing``: codes of a file and the reason each stands for."""
    missing: dict[str, str] = {}
    for code, reason in _codes(section, "missing").items():
        if reason in MISSING_REASONS:
            missing[code] = reason
            continue
        near = did_you_mean(str(reason), MISSING_REASONS)
        section.fault(
            "LC803",
            "missing",
            f"each reason in 'missing' must be one of: {', '.join(MISSING_REASONS)}.{near}",
        )
    return missing


def _read_recode(section: Section, kind: str, codes: tuple[str, ...]) -> dict[str, float | str]:
    recode: dict[str, float | str] = {}
    for code, value in _codes(section, "recode").items():
        if value in MISSING_REASONS or _fits(value, kind, codes):
            recode[code] = value if isinstance(value, str) else float(value)
            continue
        expected = {
            "number": "a number",
            "binary": "1 or 0",
            "category": "one of 'codes'" if codes else "a text",
        }.get(kind)
        wanted = f"{expected}, or a missing reason" if expected else "a missing reason"
        section.fault("LC803", "recode", f"'recode' of kind {kind} must give {wanted}")
    return recode


def _fits(value: Any, kind: str, codes: tuple[str, ...]) -> bool:
    if kind == "category":
        return isinstance(value, str) and bool(value.strip()) and (not codes or value in codes)
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return number and (kind == "number" or (kind == "binary" and value in {0, 1}))


def _codes(section: Section, key: str) -> dict[str, Any]:
    """A table of codes as they stand in the file; two that compare as equal are a fault."""
    codes: dict[str, Any] = {}
    for written, value in section.mapping(key).items():
        code = plain_code(written)
        if not code:
            section.fault("LC803", key, f"'{key}' has a blank code; blank cells are always '{NOT_RECORDED}'")
        elif code in codes:
            section.fault("LC803", key, f"'{key}' has two codes that are read as the same")
        codes[code] = value
    codes.pop("", None)
    return codes


def _check_variable(section: Section, found: VariableColumn) -> None:
    if found.name and not _NAME.fullmatch(found.name):
        section.fault("LC803", "name", "'name' must be small letters, digits and _, beginning with a letter")
    if found.codes and found.kind != "category":
        section.fault("LC803", "codes", "'codes' goes with kind category only")
    if len({plain_code(code) for code in found.codes}) < len(found.codes) or "" in found.codes:
        section.fault("LC803", "codes", "'codes' has a blank or two that are read as the same")
    bounded = found.minimum is not None or found.maximum is not None
    if bounded and found.kind not in {"number", *AGES}:
        section.fault("LC803", "kind", f"kind {found.kind} takes no minimum or maximum")
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        section.fault("LC803", "minimum", "'minimum' is above 'maximum'")
    if set(found.recode) & set(found.missing):
        section.fault("LC803", "recode", "a code stands in 'recode' and in 'missing'")


def _check_identifiers(file: Section, mapping: SourceMapping, sections: Iterable[Section]) -> None:
    if not mapping.identifiers:
        file.fault("LC802", "", "there is no [[identifier]]", "Say which column identifies people.")
    seen: set[str] = set()
    for section, identifier in zip(sections, mapping.identifiers, strict=True):
        if identifier.kind in seen:
            section.fault(
                "LC803", "kind", f"there are two identifiers of kind {identifier.kind}", "Keep one."
            )
        seen.add(identifier.kind)


def _check_head(head: Section, mapping: SourceMapping) -> None:
    if mapping.enrols and not mapping.index_date:
        head.fault("LC802", "enrols", "a source that enrols needs an [[index_date]]", "Add the table.")
    if mapping.wave and mapping.wave_column:
        head.fault("LC803", "wave_column", "'wave' and 'wave_column' exclude each other", "Keep one.")
    if mapping.wave_column and not head.has("waves"):
        head.fault("LC802", "wave_column", "'wave_column' needs 'waves'", 'Like waves = { "1" = "age-1" }.')
    if mapping.waves and not mapping.wave_column:
        head.fault("LC803", "waves", "'waves' goes with 'wave_column'", "Name the column, or remove it.")
    for key, said in redcap_faults(mapping):
        head.fault("LC803", key, said)
    used = {*mapping.columns, *(item.column for item in mapping.matching)}
    for heading in sorted(set(mapping.ignore) & used):
        head.fault("LC803", "ignore", f"column '{heading}' is ignored and used", "Decide for one.")


def _check_variables(mapping: SourceMapping, sections: Iterable[Section]) -> None:
    taken: set[tuple[str, str]] = set()
    kinds: dict[str, tuple[str, tuple[str, ...]]] = {}
    for section, variable in zip(sections, mapping.variables, strict=True):
        if not (variable.wave or mapping.wave or mapping.wave_column):
            section.fault(
                "LC802", "", f"variable '{variable.name}' has no wave", "Add wave = to it or to [source]."
            )
        if variable.kind in AGES and not mapping.index_date:
            section.fault("LC802", "kind", f"kind {variable.kind} needs an [[index_date]]", "Add the table.")
        slot = (variable.name, variable.wave)
        if slot in taken:
            section.fault("LC803", "name", f"'{variable.name}' stands twice for the same wave")
        taken.add(slot)
        for key, said in variable_faults(variable, mapping):
            section.fault("LC803", key, said)
        kind = (variable.kind, variable.codes)
        if kinds.setdefault(variable.name, kind) != kind:
            section.fault("LC803", "kind", f"'{variable.name}' has another kind or other codes above")
