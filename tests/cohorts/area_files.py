"""A wide and a long file of area series, and their mappings, for tests."""

from __future__ import annotations

from cohorts.areas.file import read_area_mapping
from cohorts.areas.mapping import AreaMapping
from cohorts.errors import CohortError
from cohorts.partner_files.extracts import RawTable
from workspace.toml_source import parse_toml

WIDE = """[source]
id = "police"
title = "Recorded violence"
areas = "boroughs"
lists = true
missing = { "*" = "not shared" }
[area]
column = "Code"
[period]
column = "Month"
step = "month"
[[measure]]
column = "Violence"
name = "violence"
kind = "count"
definition = "counting-rules-2019"
[[measure]]
column = "Population"
name = "population"
kind = "denominator"
"""
LONG = """[source]
id = "police"
title = "Recorded violence"
areas = "boroughs"
lists = true
[area]
column = "Code"
[period]
column = "Month"
step = "month"
complete = "Share"
[long]
measure = "What"
value = "N"
[[measure]]
code = "VWI"
name = "injury"
kind = "count"
definition_column = "Rules"
[[measure]]
code = "Rate"
name = "rate"
kind = "rate"
per = 1000
denominator = "population"
definition = "per head"
"""


def mapping_of(text: str) -> AreaMapping:
    """A mapping from its text."""
    return read_area_mapping(parse_toml(text, "areas/police.toml", CohortError))


def raw(headings: str, *rows: str) -> RawTable:
    """A table as a CSV file gives it."""
    import polars as pl

    names = headings.split(",")
    cells = [[cell or None for cell in row.split(",")] for row in rows]
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    return RawTable(frame, "police.csv", "csv")
