"""A table of an annex: one heading, one header row, cells that are numbers or texts (pure)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from cohorts.attacks.formulas import STARTS, is_formula

WITHHELD, NOT_AVAILABLE = "[c]", "[x]"
SHORTHAND = (
    (WITHHELD, "withheld: the figure would say something about fewer people than the threshold"),
    (NOT_AVAILABLE, "not available: not estimated, not recorded, or none set"),
)
MARK = "'"  # what spreadsheets read as: this is text

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class AnnexTable:
    """``name`` is that of its file and sheet; cells are finite numbers, texts, or one of the shorthand marks."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def safe_text(text: str) -> str:
    """A text as a cell that no spreadsheet runs: on one line, and marked where it begins like a formula.

    Full-width signs are told by what they stand for. Source: OWASP on CSV injection (CWE-1236).
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    plain = unicodedata.normalize("NFKC", line)
    begins = plain.startswith(STARTS) and len(plain) > 1
    return f"{MARK}{line}" if is_formula(line) or (begins and plain != line) else line


def cell_text(cell: Cell) -> str:
    """A cell as the text of a CSV: numbers in full, so that nothing is lost on the way back."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return repr(cell) if isinstance(cell, int | float) else safe_text(cell)
