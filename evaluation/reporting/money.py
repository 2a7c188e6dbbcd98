"""The report's section on costs and worth: sentences, one table, what to doubt, what it rests on (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.economics.rows import HEAD, caption_of, rows_of
from evaluation.model import Result
from evaluation.protection import withheld
from evaluation.reporting.tables import Table
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class MoneyReading:
    """The section as it is read."""

    name: str
    sentences: tuple[str, ...]
    table: Table
    doubts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def money_reading(result: Result, profile: DisclosureProfile) -> MoneyReading | None:
    """What it cost and what it was worth; ``None`` where the plan prices nothing, or nothing of it may be shown."""
    outcome = withheld(result.primary, profile)
    found = outcome.economics
    if found is None:
        return None
    return MoneyReading(
        name=outcome.name,
        sentences=found.sentences,
        table=Table(caption_of(found), HEAD, tuple(rows_of(found))),
        doubts=found.doubts,
        facts=found.facts,
    )
