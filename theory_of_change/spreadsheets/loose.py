"""A theory file that stands by itself: a workbook or a .toml outside any project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from theory_of_change.errors import TheoryError
from theory_of_change.model import Measure, Theory
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import read_theory
from workspace.files import reaching


def loose_theory(file: Path, measures: Mapping[str, Measure]) -> Theory:
    """Read a workbook, which may name these measures, or a theory file, which says its own."""
    if file.suffix.lower() != ".xlsx":
        return read_theory(file, load_catalogue(), file.name)
    from theory_of_change.spreadsheets.cells import read_sheets
    from theory_of_change.spreadsheets.workbook import sheets_of

    with reaching("the file", "read", file.name, "Check the path.", TheoryError):
        data = file.read_bytes()
    return read_sheets(sheets_of(data, file.name), measures, file.name)
