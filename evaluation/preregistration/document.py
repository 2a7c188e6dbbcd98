"""A document before it is written: headings, sentences and tables (values), and the same as Markdown (pure)."""

from __future__ import annotations

from dataclasses import dataclass

NOT_STATED = "Not stated in the plan."


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with a row of headings."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of a level (1 to 3) and what stands below it: sentences and tables. Nothing is ever left blank."""

    level: int
    heading: str
    blocks: tuple[str | Grid, ...] = ()

    @property
    def body(self) -> tuple[str | Grid, ...]:
        """What stands below the heading; of a part of which the plan says nothing, that it says nothing."""
        kept = tuple(block for block in self.blocks if block)
        return kept or (() if self.level == 1 else (NOT_STATED,))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document; ``stamp`` says at the top what the plan's state is."""

    title: str
    subject: str
    stamp: tuple[str, ...]
    parts: tuple[Part, ...]


def as_markdown(document: Document) -> str:
    """The document as Markdown. What the plan's writers wrote stays text: it cannot become a heading or a link."""
    lines = [f"# {escaped(document.title)}", ""]
    lines += [f"> {escaped(line)}" for line in document.stamp]
    for part in document.parts:
        lines += ["", f"{'#' * (part.level + 1)} {escaped(part.heading)}"]
        for block in part.body:
            lines += ["", *(_table(block) if isinstance(block, Grid) else [escaped(block)])]
    return "\n".join(lines) + "\n"


def _table(grid: Grid) -> list[str]:
    rows = [grid.head, tuple("---" for _ in grid.head), *grid.rows]
    ruled = [f"| {' | '.join(cell if cell == '---' else escaped(cell) for cell in row)} |" for row in rows]
    return [f"{escaped(grid.caption)}:", "", *ruled]


def escaped(text: str) -> str:
    """A text on one line with the signs that Markdown and HTML would take for their own made plain."""
    plain = " ".join(text.split())
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "|", "#"):
        plain = plain.replace(sign, f"\\{sign}")
    return plain
