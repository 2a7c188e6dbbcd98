"""What a replication pack is made of (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

DataKind = Literal["synthetic", "permitted"]


@dataclass(frozen=True, slots=True)
class Section:
    """One outcome in the R script.

    ``facts`` are the names and settings its template is filled with; ``why_not`` says why it is not repeated in R,
    empty where it is. ``looser`` names numbers that two programs cannot give to six digits.
    """

    number: int
    label: str
    role: str
    kind: str
    effect: str
    method: str
    template: str
    facts: dict[str, Any]
    why_not: str = ""
    looser: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """One number of the report: which outcome's, which number, and what it is.

    ``check``: the doubt whose reading it is; empty for a number of the estimate.
    """

    outcome: int
    measure: str
    number: str
    value: float
    in_r: bool
    check: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the data: what it is used as, how many rows miss it, and its categories with rows, where safe."""

    name: str
    type: Literal["number", "text"]
    used_as: tuple[str, ...]
    unit: str
    missing: str
    categories: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything a pack is written from.

    ``plan_text`` is the exact text of the plan, ``fingerprint`` of the plan it stands for; ``run_text`` the plan that
    the data file is run with, where that is another (an evaluation of a project names a cohort, a file has none).
    ``table`` holds the rows as they are written, ``periods`` the label and position of each period of a panel,
    ``carried`` what chance drew, a table a file. ``release``: the register's number of the release the rows left by.
    """

    name: str
    title: str
    plan_id: str
    plan_text: str
    fingerprint: str
    canonical: str
    state: str
    amendments: tuple[dict[str, Any], ...]
    run_text: str
    kind: DataKind
    table: pl.DataFrame
    periods: tuple[tuple[str, int], ...]
    carried: tuple[tuple[str, pl.DataFrame], ...]
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    expected: tuple[Expected, ...]
    seed: int
    version: str
    packages: dict[str, str]
    method: str
    notes: tuple[str, ...] = ()
    release: str = ""

    def __repr__(self) -> str:
        """Never the data."""
        return f"Ingredients({self.name!r}, {self.table.height} rows)"
