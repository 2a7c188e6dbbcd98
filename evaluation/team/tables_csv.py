"""The tables of a report as CSV, one file a table, and a list of them (pure)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from evaluation.reporting.tables import Cell
from evaluation.team.paper import Paper, tables_of


def cell_text(cell: Cell) -> str:
    """A cell as text; an answer keeps its sign."""
    return cell if isinstance(cell, str) else f"{cell.sign} {cell.words}"


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def table_files(paper: Paper) -> tuple[tuple[str, bytes], ...]:
    """Name and bytes of each table, numbered as in the report, and ``contents.csv``."""
    files, contents = [], [("number", "caption", "file")]
    for number, table in enumerate(tables_of(paper), start=1):
        slug = re.sub(r"[^a-z0-9]+", "-", table.caption.lower()).strip("-")[:50].strip("-")
        name = f"{number:02d}-{slug}.csv"
        rows = [table.head, *(tuple(cell_text(cell) for cell in row) for row in table.rows)]
        files.append((name, csv_bytes(rows)))
        contents.append((str(number), table.caption, name))
    return (*files, ("contents.csv", csv_bytes(contents)))
