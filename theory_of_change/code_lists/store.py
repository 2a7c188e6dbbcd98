"""Definitions of the project, and files of offences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from theory_of_change.code_lists.file import read_code_list
from theory_of_change.code_lists.model import CodeList
from theory_of_change.errors import TheoryError
from theory_of_change.table_cells import text_cells
from workspace.errors import did_you_mean
from workspace.files import reaching
from workspace.project import Project
from workspace.toml_source import read_toml


def load_code_list(project: Project, name: str) -> CodeList:
    """A definition of ``definitions/`` by its id.

    Raises
    ------
    TheoryError
        ``LC340``: there is none of that name, or its id is another than its file's name.
    """
    folder = project.root / "definitions"
    known = sorted(path.stem for path in folder.glob("*.toml"))
    if name not in known:
        said = f"there is no definition '{name}'.{did_you_mean(name, known)}"
        raise TheoryError(
            "LC340", said, f"Definitions: {', '.join(known) or 'none yet'}. Write definitions/{name}.toml."
        )
    path = folder / f"{name}.toml"
    found = read_code_list(read_toml(path, TheoryError, name=project.shown(path)))
    if found.id != name:
        raise TheoryError("LC340", "its id is another than its file's name", where=project.shown(path))
    return found


def read_rows(path: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a CSV file; only the wanted columns are kept.

    Raises
    ------
    TheoryError
        ``LC341``: it is no table, or lacks a column.
    """
    with reaching("the file", "read", path.name, error=TheoryError):
        data = path.read_bytes()
    headings, *cells = text_cells(data, path.name, "LC341") or [[]]
    rows = [dict(zip(headings, row, strict=False)) for row in cells if row]
    absent = [name for name in wanted if not rows or name not in rows[0]]
    if absent:
        raise TheoryError(
            "LC341", f"there is no column '{absent[0]}'", "Add it, or name another.", where=path.name
        )
    return [{name: row.get(name, "") for name in wanted} for row in rows]
