"""How alone people are in rows that are to leave, with what others may know of them (pure).

A class is everybody with the same combination of quasi-identifiers; no value counts as a value. Whoever is a class of
their own can be found again by anybody who knows the combination from elsewhere, whatever their pseudonym.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from cohorts.attacks.uniqueness import QUASI_KINDS, alone
from cohorts.disclosure import publish_count, shown_count
from workspace.settings import DisclosureProfile

FEW_VALUES = 20


@dataclass(frozen=True, slots=True)
class Driver:
    """A quasi-identifier, and how many people would still be alone without it. Exact: never shown as it is."""

    name: str
    alone_without: int


@dataclass(frozen=True, slots=True)
class KReport:
    """People, those alone, those in a class below the threshold: exact, to be shown through a profile only.

    ``limit`` is the share of people who may be alone; ``drivers`` come strongest first; ``not_counted`` are columns
    that are taken to be known to nobody else.
    """

    people: int
    quasi: tuple[str, ...]
    not_counted: tuple[str, ...]
    alone: int
    in_small_classes: int
    limit: float
    drivers: tuple[Driver, ...]

    @property
    def allowed(self) -> int:
        """How many people may be alone."""
        return int(self.limit * self.people)

    @property
    def passes(self) -> bool:
        """Say whether no more people are alone than may be."""
        return self.alone <= self.allowed


def is_quasi(kind: str, values: pl.Series) -> bool:
    """Say whether others are likely to know a column: a category, a yes-or-no fact, an age, a date, or few values."""
    return kind in (*QUASI_KINDS, "date") or values.dtype == pl.String or values.n_unique() <= FEW_VALUES


def k_report(
    frame: pl.DataFrame, quasi: Sequence[str], others: Sequence[str], threshold: int, limit: float
) -> KReport:
    """Count the classes of a table with one row a person.

    Parameters
    ----------
    frame : pl.DataFrame
        The rows as they would leave; columns ``quasi`` and ``others`` at least.
    quasi, others : sequence of str
        Columns that others may know, and those they are taken not to.
    threshold : int
        Classes of fewer people are small.
    limit : float
        The share of people, 0 to 1, who may be alone.
    """
    single = alone(frame, quasi)
    drivers = [Driver(name, alone(frame, [other for other in quasi if other != name])) for name in quasi]
    drivers = sorted(
        (d for d in drivers if d.alone_without < single), key=lambda d: (d.alone_without, d.name)
    )
    small = alone(frame, quasi, threshold)
    return KReport(frame.height, tuple(quasi), tuple(others), single, small, limit, tuple(drivers))


def report_payload(report: KReport, profile: DisclosureProfile) -> dict[str, Any]:
    """The report as it may be shown and kept: counts withheld and rounded."""
    return {
        "people": publish_count(report.people, profile),
        "quasi_identifiers": list(report.quasi),
        "not_counted": list(report.not_counted),
        "alone": publish_count(report.alone, profile),
        "in_classes_below_threshold": publish_count(report.in_small_classes, profile),
        "threshold": profile.threshold,
        "limit": report.limit,
        "within_limit": report.passes,
        "drivers": [
            {"variable": d.name, "alone_without_it": publish_count(d.alone_without, profile)}
            for d in report.drivers
        ],
    }


def report_lines(report: KReport, profile: DisclosureProfile) -> list[str]:
    """The report for people."""
    lines = [
        f"people                     {shown_count(report.people, profile)}",
        f"what others may know       {', '.join(report.quasi) or 'nothing'}",
        f"taken to be unknown        {', '.join(report.not_counted) or 'nothing'}",
        f"alone with it              {shown_count(report.alone, profile)}",
        f"in classes below {profile.threshold:<9} {shown_count(report.in_small_classes, profile)}",
        f"may be alone               {100 * report.limit:g} % of people",
    ]
    lines += [f"alone without {d.name}: {shown_count(d.alone_without, profile)}" for d in report.drivers]
    return lines


def refusal(report: KReport, profile: DisclosureProfile) -> tuple[str, str]:
    """Why a table may not leave, and what would help: names of columns, no values."""
    said = (
        f"{shown_count(report.alone, profile)} people are alone with what others may know of them, and "
        + (f"{100 * report.limit:g} % may be" if report.limit else "nobody may be")
    )
    named = ", ".join(d.name for d in report.drivers) or ", ".join(report.quasi)
    hint = f"Make coarser or leave out: {named} (strongest first). --band VARIABLE=WIDTH, --coarsen VARIABLE=small"
    return said, hint
