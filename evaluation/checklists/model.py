"""The values of reporting checklists: an item, a checklist, and a checklist filled for one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.reporting.tables import Table

Source = Literal["seen", "memory"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item in our own words.

    ``finds`` names what of a report answers it, empty where nothing can; ``lacks`` is what a person has to write, empty
    where the report says it all. ``source``: number and topic were held against a public copy, or are remembered.
    """

    number: str
    topic: str
    asks: str
    finds: str = ""
    lacks: str = ""
    source: Source = "seen"


@dataclass(frozen=True, slots=True)
class Checklist:
    """A published checklist and its items."""

    name: str
    title: str
    reference: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A checklist filled for one report. ``rows``: item, topic, what it asks, where it is, checked or from memory."""

    name: str
    title: str
    note: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    answered: int

    @property
    def summary(self) -> str:
        """How many items the report answers, in part or whole."""
        return (
            f"{self.title}: this report answers {self.answered} of {len(self.rows)} items, in part or whole"
        )

    @property
    def table(self) -> Table:
        """The checklist as a report prints it."""
        rows = tuple((number, topic, asks, where) for number, topic, asks, where, _ in self.rows)
        return Table(f"Checklist: {self.title}", ("Item", "Topic", "What it asks", "Where it is"), rows)


def items(rows: str, *, remembered: frozenset[str] = frozenset()) -> tuple[Item, ...]:
    """Items from lines ``number | topic | what it asks | finds | lacks``; ``remembered`` numbers were not checked."""
    found = []
    for line in rows.strip().splitlines():
        number, topic, asks, finds, lacks = (part.strip() for part in line.split("|"))
        source: Source = "memory" if number in remembered else "seen"
        found.append(Item(number, topic, asks, finds, lacks, source))
    return tuple(found)
