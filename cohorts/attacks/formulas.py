"""Formula injection: a cell that a spreadsheet would run (pure). Source: OWASP, CWE-1236."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from cohorts.attacks.model import Trial, judged

STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*%?")
_CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet would run it. A plain number with a sign, or a lone sign, is none."""
    return cell.startswith(STARTS) and not _NUMBER.fullmatch(cell.strip()) and len(cell.strip()) > 1


def formulas_in(cells: Iterable[str]) -> int:
    """How many cells would be run."""
    return sum(is_formula(cell) for cell in cells)


def cells_of(name: str, data: bytes) -> list[str]:
    """The cells of a CSV or HTML file."""
    text = data.decode("utf-8-sig", "replace")
    if name.lower().endswith((".html", ".htm")):
        return [html.unescape(_TAG.sub("", cell)) for cell in _CELL.findall(text)]
    try:
        return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    except csv.Error:
        return re.split(r"[,\n]", text)


def injection(tables: Mapping[str, Sequence[str]]) -> Trial:
    """Every cell of every table that leaves: name of the file to its cells."""
    bad = {name: n for name, cells in tables.items() if (n := formulas_in(cells))}
    return Trial(
        "formulas",
        "Formulas hidden in tables",
        "A partner, or whoever can write into a partner's file: a cell such as a formula that calls out.",
        f"{sum(len(cells) for cells in tables.values()):,} cells of {len(tables):,} CSV, workbook and HTML files "
        "outside the inbox: first characters = + - @ tab and return.",
        tuple(f"{name} holds a cell that a spreadsheet would run" for name in sorted(bad))
        or ("no such cell",),
        "Texts of partners never reach an output as they are: categories come from a dictionary.",
        judged(bool(bad)) if tables else "not-applicable",
    )
