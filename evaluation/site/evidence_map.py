"""Which approaches were studied on which outcomes, and where nobody has looked (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from markupsafe import Markup

from evaluation.evidence.gap_map import NOT_PLACED, Cell, GapMap
from evaluation.evidence.readings import figure_words
from evaluation.model import Answer
from evaluation.reporting.signs import SIGNS, TONES, Mark
from evaluation.reporting.tables import Table
from evaluation.site.model import Held, Page
from evaluation.site.words import box_path
from evaluation.wording import ANSWER_WORDS
from theory_of_change.model import Theory

NOBODY = "Nobody has studied this."


@dataclass(frozen=True, slots=True)
class Square:
    """One place of the map: signs with their numbers, and the whole sentence for those who do not see it."""

    marks: tuple[Mark, ...]
    planned: int
    claims: int
    sentence: str


def map_page(held: Held) -> Page:
    """The map, the studies of others, and versions of one study that differ."""
    gaps = held.gaps
    view = {
        "outcomes": tuple(f"{row}: {text}" if text else row for row, text in gaps.rows),
        "columns": tuple(_heading(held, row, text) for row, text in gaps.rows),
        "rows": tuple(
            (_heading(held, column, text), tuple(_square(held, gaps, row, column) for row, _ in gaps.rows))
            for column, text in gaps.columns
        ),
        "gaps": len(gaps.gaps),
        "places": len(gaps.placed),
        "studies": _studies(held),
        "conflicts": _conflicts(held),
    }
    lead = "What has been studied, what came of it, and where nobody has looked yet."
    return Page("map.html", "Evidence map", "map", "map.html", view, lead)


def _heading(held: Held, name: str, text: str) -> str:
    if name == NOT_PLACED:
        return "Not placed in the logic model"
    theory: Theory | None = held.theory
    if theory is not None and theory.box(name):
        return Markup('<a href="{}">{}<span class="words">: {}</span></a>').format(box_path(name), name, text)
    return f"{name}: {text}" if text else name


def _square(held: Held, gaps: GapMap, row: str, column: str) -> Square:
    cell = next(one for one in gaps.cells if (one.outcome, one.column) == (row, column))
    planned = sum(
        f"{column}>{row}" in entry.plan.links and not entry.findings
        for entry in held.register.entries
        if entry.is_planned and not any(note.kind == "stop" for note in entry.notes)
    )
    marks = tuple(_mark(answer, count) for answer, count in cell.answers)
    return Square(marks, planned, cell.claims, _sentence(cell, planned))


def _mark(answer: str, count: int) -> Mark:
    tone = TONES[cast("Answer", answer)]
    return Mark(SIGNS[tone], str(count), tone)


def _sentence(cell: Cell, planned: int) -> str:
    said = [
        f"{'One study' if count == 1 else f'{count} studies'}: {ANSWER_WORDS[answer]}."
        for answer, count in cell.answers
    ] or [NOBODY]
    if cell.security is not None:
        said.append(f"Our own can be trusted up to {cell.security} of 5.")
    if planned:
        said.append(f"{'One study is' if planned == 1 else f'{planned} studies are'} planned.")
    if cell.claims:
        said.append(f"{'One claim' if cell.claims == 1 else f'{cell.claims} claims'}, which fill no gap.")
    return " ".join(said)


def _studies(held: Held) -> Table | None:
    rows = []
    for study, readings in held.library.studies:
        for version, reading in readings:
            part = f", {version.part}" if version.part else ""
            rows.append(
                (
                    study.citation,
                    f"{study.outcome}{part}",
                    study.design.replace("-", " "),
                    figure_words(version),
                    _reading_mark(reading.answer),
                    reading.sentence,
                )
            )
    head = ("Study", "Outcome", "Design", "What it printed", "Finding", "How we read it")
    return Table("Studies by others, as we read them", head, tuple(rows)) if rows else None


def _reading_mark(answer: Answer) -> Mark:
    words = ANSWER_WORDS[answer]
    return Mark(SIGNS[TONES[answer]], words[:1].upper() + words[1:], TONES[answer])


def _conflicts(held: Held) -> Table | None:
    rows = tuple(
        (one.study, ", ".join(one.differs), figure_words(one.earlier), figure_words(one.later), one.question)
        for one in held.library.conflicts
    )
    head = ("Study", "What differs", "Earlier", "Later", "What to ask")
    return Table("Studies whose versions do not agree", head, rows) if rows else None
