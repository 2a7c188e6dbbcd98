"""A first mapping file for a partner extract, guessed from its headings for a person to correct (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from cohorts.partner_files.extracts import RawTable
from workspace.toml_source import toml_text

_GUESSES: tuple[tuple[str, str], ...] = (
    (r"\bnhs\b", "nhs-number"),
    (r"\bupn\b|unique ?pupil", "upn"),
    (r"\bpnc\b", "pnc-id"),
    (r"prison|nomis|\bnoms\b", "prison-number"),
    (r"\bcrn\b|case ?ref", "crn"),
)
_PERSONAL = re.compile(r"name|address|postcode|phone|mobile|e-?mail|note|comment|free ?text", re.IGNORECASE)
_BIRTH = re.compile(r"birth|\bdob\b", re.IGNORECASE)
_DATE = re.compile(r"date|released|start|admitted", re.IGNORECASE)


def starter_mapping(raw: RawTable, name: str, cohort: str, wave: str, age: str = "age_at_index") -> str:
    """Write a mapping that names every column of the file once. Guesses are marked; no value is shown."""
    identifiers: list[str] = []
    dates: list[str] = []
    variables: list[str] = []
    ignored: list[str] = []
    for column in raw.frame.columns:
        kind = identifier_kind(column)
        if kind:
            identifiers.append(_block("identifier", column, f'kind = "{kind}"', "required = true"))
        elif _PERSONAL.search(column):
            ignored.append(column)
        elif _BIRTH.search(column):
            variables.append(
                _block("variable", column, f'name = "{age}"', 'kind = "age"    # the date is dropped')
            )
        elif _DATE.search(column) and not dates:
            dates.append(_block("index_date", column))
        else:
            variables.append(
                _block(
                    "variable", column, f'name = "{_slug(column)}"', f'kind = "{_kind(raw.frame[column])}"'
                )
            )
    head = f"""# How the columns of this extract are read. Every line is a guess: check it against the agreement,
# then try it without writing anything:  lifecourse source inspect FILE --source {name}
[source]
id = "{name}"
title = "{name}"
organisation = ""
cohort = "{cohort}"
enrols = {"true" if dates else "false"}          # do people in this file join the cohort?
dates = "dd/mm/yyyy"     # or "yyyy-mm-dd"
rejects = "stop"         # or "set-aside"
wave = "{wave}"          # the wave these columns belong to
# data_until = 2026-03-31
ignore = [{", ".join(toml_text(column) for column in ignored)}]
missing = {{ }}            # codes for no value, like {{ "-9" = "refused", "N/K" = "not known" }}
"""
    if not identifiers:
        identifiers.append(
            "# No column was recognised as an identifier. One is needed:\n# "
            '[[identifier]]\n# column = "…"\n# kind = "local-id"\n'
        )
    return "\n".join([head, *identifiers, *dates, *variables])


def _block(table: str, column: str, *lines: str) -> str:
    return "\n".join([f"[[{table}]]", f"column = {toml_text(column)}", *lines]) + "\n"


def identifier_kind(column: str) -> str:
    """The kind of national identifier a heading names, or nothing."""
    words = re.sub(r"[_\-.]+", " ", column).lower()
    return next((kind for pattern, kind in _GUESSES if re.search(pattern, words)), "")


def _slug(column: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") or "variable"
    return slug if slug[0].isalpha() else f"v_{slug}"


def _kind(values: pl.Series) -> str:
    held = values.drop_nulls().str.strip_chars().str.to_lowercase()
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("binary", lambda: bool(held.is_in(["0", "1", "yes", "no", "y", "n", "true", "false"]).all())),
        ("number", lambda: bool(held.cast(pl.Float64, strict=False).is_not_null().all())),
    )
    return next((kind for kind, test in tests if held.len() and test()), "category")
