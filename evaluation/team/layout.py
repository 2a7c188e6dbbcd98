"""The fixed layout of a return: sheets, columns and headings, with a version (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.errors import EvaluationError

KEYS: Mapping[str, tuple[str, ...]] = {
    "about": ("what", "said"),
    "figures": (
        "measure", "name", "place", "period", "from", "to", "state", "figure", "unit", "out_of", "before_period",
        "before", "percent", "points", "low", "high", "reading", "checks", "source", "entered",
    ),
    "missing": (
        "measure", "name", "place", "period", "state", "code", "due", "asked", "last_asked", "who",
    ),
    "corrections": ("measure", "place", "period", "was", "was_entered", "now", "now_entered", "note"),
    "projects": ("project", "name", "tier", "place", "state", "awarded", "spent", "spent_so_far"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: which rows it shows, and its columns as key and heading."""

    name: str
    rows: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout; ``owner`` is whose measures the return is of."""

    id: str
    version: int
    title: str
    owner: str
    note: str
    sheets: tuple[Sheet, ...]

    @property
    def label(self) -> str:
        """``home-office-1``."""
        return f"{self.id}-{self.version}"


def layout_of(data: Mapping[str, Any], name: str) -> Layout:
    """A layout from its file.

    Raises
    ------
    EvaluationError
        ``LC727``: something is not there, or a column is not one that a return can fill.
    """
    try:
        head = data["layout"]
        sheets = tuple(
            Sheet(
                str(one["name"]),
                str(one["rows"]),
                tuple((str(key), str(said)) for key, said in one["columns"]),
            )
            for one in data["sheet"]
        )
        made = Layout(
            str(head["id"]),
            int(head["version"]),
            str(head["title"]),
            str(head["owner"]),
            str(head["note"]),
            sheets,
        )
    except (KeyError, TypeError, ValueError):
        raise EvaluationError("LC727", "the layout lacks a key, a sheet or its columns", where=name) from None
    unknown = [
        f"{sheet.name}: {key}"
        for sheet in sheets
        for key, _ in sheet.columns
        if key not in KEYS.get(sheet.rows, ())
    ]
    if unknown or not sheets:
        raise EvaluationError("LC727", f"no return can fill {', '.join(unknown) or 'no sheet'}", where=name)
    return made
