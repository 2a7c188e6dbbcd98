"""The tables of a source file about lives, read strictly: [[spell]], [[event]], [[exposure]] and the others."""

from __future__ import annotations

import re

from cohorts.identifiers import KINDS as IDENTIFIER_KINDS
from cohorts.lives.columns import (
    LEFT_OUT,
    Coded,
    EventColumns,
    ExposureColumns,
    LifeColumns,
    ObservabilityColumns,
    RelationColumns,
    SpellColumns,
)
from cohorts.partner_files.mapping import plain_code
from workspace.toml_source import Section

WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
PRECISIONS = ("day", "month")


def read_life_columns(file: Section) -> LifeColumns:
    """Read every table about lives; faults are gathered in the section's list."""
    return LifeColumns(
        tuple(_spell(section) for section in file.tables("spell")),
        tuple(_event(section) for section in file.tables("event")),
        tuple(_exposure(section) for section in file.tables("exposure")),
        tuple(_observability(section) for section in file.tables("observability")),
        tuple(_relation(section) for section in file.tables("relation")),
    )


def read_approached(file: Section) -> dict[str, int]:
    """``[approached]``: how many people were asked to join, and why some did not; counts the partner tells."""
    head = file.table("approached")
    if head is None:
        return {}
    counts = {"approached": head.integer("people", required=True, low=0) or 0}
    for reason, count in head.mapping("not_enrolled").items():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            head.fault("LC803", "not_enrolled", "'not_enrolled' gives a number of people for each reason")
            continue
        counts[f"not enrolled: {reason}"] = count
    head.finish()
    return counts


def _spell(section: Section) -> SpellColumns:
    found = SpellColumns(
        kind=read_word(section, "kind", required=True),
        state=_coded(section, "state", "states", required=True),
        start=_heading(section, "start", required=True),
        end=_heading(section, "end", required=True),
        last_day=section.boolean("last_day"),
        end_reason=_coded(section, "end_reason", "end_reasons"),
        unit=_heading(section, "unit"),
    )
    section.finish()
    return found


def _event(section: Section) -> EventColumns:
    found = EventColumns(
        kind=_coded(section, "kind", "kinds", required=True),
        date=_heading(section, "date", required=True),
        month_only=section.text("precision", "day", one_of=PRECISIONS) == "month",
        category=_coded(section, "category", "categories"),
        number=_heading(section, "number"),
    )
    section.finish()
    return found


def _exposure(section: Section) -> ExposureColumns:
    found = ExposureColumns(
        intervention=_coded(section, "intervention", "interventions", required=True),
        date=_heading(section, "date", required=True),
        attended=_heading(section, "attended", required=True),
        planned_minutes=_heading(section, "planned_minutes"),
        minutes=_heading(section, "minutes"),
        fidelity=_heading(section, "fidelity"),
        provider=_heading(section, "provider"),
        mode=_coded(section, "mode", "modes"),
    )
    section.finish()
    return found


def _observability(section: Section) -> ObservabilityColumns:
    sees = tuple(dict.fromkeys(section.texts("sees", required=True)))
    if any(not WORD.fullmatch(kind) for kind in sees):
        section.fault("LC803", "sees", "'sees' lists kinds of events or spells, like arrest")
    found = ObservabilityColumns(
        sees=sees,
        start=_heading(section, "start", required=True),
        end=_heading(section, "end", required=True),
        last_day=section.boolean("last_day"),
        reason=_coded(section, "reason", "reasons"),
    )
    section.finish()
    return found


def _relation(section: Section) -> RelationColumns:
    found = RelationColumns(
        relation=read_word(section, "relation", required=True),
        column=_heading(section, "column", required=True),
        kind=section.text("kind", required=True, one_of=IDENTIFIER_KINDS),
    )
    section.finish()
    return found


def _heading(section: Section, key: str, *, required: bool = False) -> str:
    return section.text(key, required=required).strip()


def read_word(section: Section, key: str, *, required: bool = False) -> str:
    """A short word: small letters, digits, hyphens."""
    word = section.text(key, required=required)
    if word and not WORD.fullmatch(word):
        section.fault(
            section.codes.wrong, key, f"'{key}' must be small letters, digits and hyphens", "Like on-roll."
        )
        return ""
    return word


def _coded(section: Section, key: str, table: str, *, required: bool = False) -> Coded:
    """``key`` a fixed word, or ``key_column`` a heading with its codes in ``table``."""
    fixed, column = read_word(section, key), _heading(section, f"{key}_column")
    codes = _codes(section, table)
    if fixed and column:
        section.fault("LC803", key, f"'{key}' and '{key}_column' exclude each other", "Keep one.")
    if column and not codes:
        section.fault("LC802", f"{key}_column", f"'{key}_column' needs '{table}': its codes and their words")
    if codes and not column:
        section.fault("LC803", table, f"'{table}' goes with '{key}_column'", "Name the column, or remove it.")
    if required and not fixed and not column:
        section.fault("LC802", "", f"{section.title} has no '{key}'", f"Add {key} = … or {key}_column = ….")
    return Coded(fixed, column, codes)


def _codes(section: Section, table: str) -> dict[str, str]:
    codes: dict[str, str] = {}
    for written, word in section.mapping(table).items():
        code = plain_code(written)
        good = isinstance(word, str) and (word == LEFT_OUT or WORD.fullmatch(word))
        if not good or not code or code in codes:
            section.fault(
                "LC803",
                table,
                f"each code in '{table}' stands once and for a word of small letters, digits and hyphens",
                f'Like "S" = "sentenced"; "{LEFT_OUT}" leaves the rows of a code out.',
            )
            continue
        codes[code] = str(word)
    return codes
