"""Identifiers of rows to tokens, where nothing else of a file is read: linkage, and requests about people (pure)."""

from __future__ import annotations

import polars as pl

from cohorts.errors import CohortError
from cohorts.identifiers import faults_in, normalise
from cohorts.partner_files.cleaning import trimmed, without_missing
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.problems import Mark, marks_of
from cohorts.pseudonyms import PseudonymKey, tokenise


def identifier_cells(raw: RawTable, mapping: SourceMapping) -> tuple[pl.DataFrame, pl.Series]:
    """The trimmed identifier columns of the rows that say something, each distinct row once, and their numbers."""
    headings = list(dict.fromkeys(item.column for item in mapping.identifiers))
    cells = pl.DataFrame([trimmed(raw.frame[heading]).rename(heading) for heading in headings])
    numbers = pl.Series(range(cells.height), dtype=pl.UInt32)
    kept = cells.select(
        pl.struct(pl.all()).is_first_distinct() & ~pl.all_horizontal(pl.all().is_null())
    ).to_series()
    if not kept.any():
        raise CohortError("LC812", "every row of the file is blank", "Ask for it again.", where=raw.name)
    return cells.filter(kept), numbers.filter(kept)


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
