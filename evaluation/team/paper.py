"""A report as plain values: what every renderer shows, so that no two of them can differ (pure)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from evaluation.reporting.signs import capital
from evaluation.reporting.tables import Table


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines that belong together; each begins with a capital letter."""

    lines: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(capital(line) for line in self.lines))


Block = str | Listing | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; a section is never empty: what there is nothing of, it says."""

    heading: str
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not self.blocks:
            raise ValueError(f"the section '{self.heading}' is empty")


@dataclass(frozen=True, slots=True)
class Paper:
    """One report.

    ``kind`` names it in its title; ``made_of`` says in words which period it is of and what was known on which day;
    ``first`` are the lines of page one, which stand alone; ``missing`` what is not there, each with why or since when;
    ``again`` the command that gives the same report again;
    ``day`` the day on which what it says was known.
    """

    kind: str
    title: str
    made_of: str
    first: tuple[Block, ...]
    missing: tuple[str, ...]
    sections: tuple[Section, ...]
    again: str
    day: dt.date
    subjects: tuple[str, ...] = ()
    practice: bool = False
    threshold: int = 10

    @property
    def pages(self) -> tuple[Section, ...]:
        """Every section, page one first and what is missing straight after it."""
        none = "Nothing that this report asks for is missing."
        gaps: Block = Listing(self.missing) if self.missing else none
        return (
            Section("In short", self.first),
            Section("What is missing from this report", (gaps,)),
            *self.sections,
        )

    @property
    def status(self) -> tuple[tuple[str, str], ...]:
        """The status line: a word and what it means."""
        practice = (("Demonstration", "Everyone in it is made up."),) if self.practice else ()
        return (*practice, ("Draft", "For the team. Not yet released."))


def tables_of(paper: Paper) -> tuple[Table, ...]:
    """Every table, in the order in which they are numbered."""
    return tuple(block for page in paper.pages for block in page.blocks if isinstance(block, Table))
