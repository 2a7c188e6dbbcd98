"""A first mapping file for a file of area series, guessed from its headings for a person to correct (pure)."""

from __future__ import annotations

import re

from cohorts.areas.periods import FORMS, Step, read_periods
from cohorts.partner_files.cleaning import trimmed
from cohorts.partner_files.extracts import RawTable
from workspace.toml_source import toml_text

_CODE = re.compile(r"code|lsoa|msoa|lad|ward|force|borough|area|hotspot|cell", re.IGNORECASE)
_TIME: tuple[tuple[Step, str], ...] = (
    ("month", r"month|yyyy-mm"),
    ("quarter", r"quarter"),
    ("week", r"week"),
    ("year", r"year"),
    ("day", r"date|day"),
)
_WHOLE = re.compile(r"popul|resident|pupil|household|denominator", re.IGNORECASE)
_NAME = re.compile(r"name|title", re.IGNORECASE)


def starter_area_mapping(raw: RawTable, name: str, areas: str, *, empty: bool) -> str:
    """A mapping that names every column once; every line is a guess. ``empty``: the collection has no areas yet."""
    columns = list(raw.columns)
    code = next((c for c in columns if _CODE.search(c) and not _NAME.search(c)), columns[0])
    time, step = _time(columns, code)
    rest = [c for c in columns if c not in (code, time)]
    names = [c for c in rest if _NAME.search(c)]
    titled, ignored = names[:1], names[1:]
    measures = [_measure(c) for c in rest if c not in names] if time else []
    lists = empty or not time
    period = (
        f"""
[period]
column = {toml_text(time)}
step = "{step}"          # day, week, month, quarter or year
form = "{_form(raw, time, step)}"          # how it is written; see docs/reference/area-keys.md
"""
        if time
        else ""
    )
    said = ", ".join(map(toml_text, ignored))
    return f"""# How the columns of this file are read. Every line is a guess: check it, then try it without storing
# anything:
#   lifecourse areas check {name} --file FILE
[source]
id = "{name}"
title = "{name}"
organisation = ""
areas = "{areas}"
lists = {"true" if lists else "false"}          # may areas in this file join the collection?
dates = "dd/mm/yyyy"     # or "yyyy-mm-dd"
ignore = [{said}]
# agreement = "ID"
# missing = {{ "*" = "not shared" }}
# open_before = "2024-04"     # of a file loaded with --sealed: earlier periods stay open

[area]
column = {toml_text(code)}
{"".join(f"name = {toml_text(c)}{chr(10)}" for c in titled)}{period}{"".join(measures)}"""


def _time(columns: list[str], code: str) -> tuple[str, Step]:
    for step, words in _TIME:
        for column in columns:
            if column != code and re.search(words, column, re.IGNORECASE):
                return column, step
    return "", "month"


def _form(raw: RawTable, column: str, step: Step) -> str:
    """The first form that every period of the file is written in; the usual one where none is."""
    text = trimmed(raw.frame[column]).drop_nulls().unique()
    fitting = (form for form in FORMS[step] if not read_periods(text, step, form, "dd/mm/yyyy")[1].any())
    return next(fitting, FORMS[step][0])


def _measure(column: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") or "measure"
    slug = slug if slug[0].isalpha() else f"m_{slug}"
    if _WHOLE.search(column):
        return f'\n[[measure]]\ncolumn = {toml_text(column)}\nname = "{slug}"\nkind = "denominator"\n'
    return (
        f'\n[[measure]]\ncolumn = {toml_text(column)}\nname = "{slug}"\nkind = "count"\n'
        'definition = "TO BE WRITTEN: what is counted, and by which list"\n'
    )
