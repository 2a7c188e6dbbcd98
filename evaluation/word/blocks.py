"""What a Word report is made of, in the order in which it is read (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "heading", "item", "fact", "caption", "spread"]


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike; a line break and a tab are characters. ``target`` is the heading they lead to."""

    text: str
    bold: bool = False
    code: bool = False
    stamp: bool = False
    colour: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs with their place: ``level`` is that of a heading or of a list, ``tone`` the colour of a box around it.

    ``ordered`` numbers the list an item belongs to (0: bullets); ``first`` stands on page one.
    """

    runs: tuple[Run, ...]
    kind: Kind = "text"
    level: int = 1
    ordered: int = 0
    anchor: str = ""
    tone: str = ""
    first: bool = False
    role: str = ""

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under its caption; the first row of cells is the heading that repeats."""

    caption: str
    head: tuple[tuple[Run, ...], ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    first: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG with its name and what it shows in words."""

    svg: str
    title: str
    description: str
    role: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the page changes: two columns begin, the next column, one column again, page two."""

    change: Literal["two columns", "next column", "one column", "page two"]


Block = Paragraph | Grid | Picture | Layout
