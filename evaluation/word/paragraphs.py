"""Runs and paragraphs as the XML of a Word file (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html import escape

from evaluation.reporting.signs import COLOURS, INK
from evaluation.word.blocks import Paragraph, Run
from evaluation.word.sizes import TONE_ROOM, Sizes

NUMBERED = re.compile(r"^(Table|Figure) (\d+)(\..*)$", re.DOTALL)
LINK = "1d4f91"
BULLETS, DEEPEST = 1, 3
BOLD = frozenset({"detail", "fragile"})
LONGEST_NAME = {"fact": 29, "spread": 40}
STYLES = {"item": "ListParagraph", "caption": "Caption"}


def paragraph_xml(paragraph: Paragraph, sizes: Sizes, mark: int = 0) -> str:
    """One paragraph; ``mark`` numbers the bookmark of a heading that is led to."""
    runs = _content(paragraph, sizes)
    if paragraph.anchor:
        start = f'<w:bookmarkStart w:id="{mark}" w:name="{bookmark(paragraph.anchor)}"/>'
        runs = f'{start}{runs}<w:bookmarkEnd w:id="{mark}"/>'
    return f"<w:p>{_properties(paragraph, sizes)}{runs}</w:p>"


def bookmark(anchor: str) -> str:
    """The name of a bookmark: letters, digits and lines."""
    return "_" + re.sub(r"\W", "_", anchor)[:38]


def _content(paragraph: Paragraph, sizes: Sizes) -> str:
    size = sizes.run_size(paragraph)
    if paragraph.kind in LONGEST_NAME:
        return runs_xml(_parted(paragraph), size)
    found = NUMBERED.match(paragraph.text) if paragraph.kind == "caption" else None
    if found is None:
        return runs_xml(paragraph.runs, size, bold=paragraph.role in BOLD)
    name, number, rest = found.groups()
    counted = (
        f'{_run(Run(f"{name} ", bold=True), size)}<w:fldSimple w:instr=" SEQ {name} \\* ARABIC ">'
        f"{_run(Run(number, bold=True), size)}</w:fldSimple>"
    )
    skipped = len(paragraph.text) - len(rest)
    return counted + runs_xml(tuple(_after(paragraph.runs, skipped)), size)


def _parted(paragraph: Paragraph) -> Iterable[Run]:
    """A name and what belongs to it: beside it, or below where the name is long."""
    name = next(i for i, run in enumerate(paragraph.runs) if run.text == "\t")
    letters = sum(len(run.text) for run in paragraph.runs[:name])
    apart = "\n" if letters > LONGEST_NAME[paragraph.kind] else "\t"
    return (*paragraph.runs[:name], Run(apart), *paragraph.runs[name + 1 :])


def _after(runs: Iterable[Run], skipped: int) -> Iterable[Run]:
    """The runs without their first letters."""
    for run in runs:
        text = run.text[skipped:]
        skipped = max(0, skipped - len(run.text))
        if text:
            yield replace(run, text=text)


def _properties(paragraph: Paragraph, sizes: Sizes) -> str:
    """The parts of ``w:pPr`` in the order the format asks for."""
    before, after = sizes.spacing(paragraph)
    kind = paragraph.kind
    style = f"Heading{paragraph.level}" if kind == "heading" else STYLES.get(kind, "")
    keep = kind in ("heading", "caption") or paragraph.role == "kicker"
    parts = [
        f'<w:pStyle w:val="{style}"/>' if style else "",
        "<w:keepNext/>" if keep else "",
        "<w:keepLines/>" if keep or paragraph.first else "",
        _numbering(paragraph),
        _box(paragraph),
        _tabs(paragraph, sizes),
        f'<w:spacing w:before="{before}" w:after="{after}"/>',
        _indent(paragraph, sizes),
    ]
    return f"<w:pPr>{''.join(parts)}</w:pPr>"


def _numbering(paragraph: Paragraph) -> str:
    if paragraph.kind != "item":
        return ""
    number = paragraph.ordered + BULLETS if paragraph.ordered else BULLETS
    level = min(paragraph.level, DEEPEST) - 1
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def _box(paragraph: Paragraph) -> str:
    if paragraph.tone not in COLOURS:
        return ""
    colour = COLOURS[paragraph.tone].removeprefix("#")
    side = f'w:space="{TONE_ROOM}" w:color="{colour}"/>'
    return (
        f'<w:pBdr><w:top w:val="single" w:sz="12" {side}<w:left w:val="single" w:sz="48" {side}'
        f'<w:bottom w:val="single" w:sz="12" {side}<w:right w:val="single" w:sz="12" {side}</w:pBdr>'
    )


def _tabs(paragraph: Paragraph, sizes: Sizes) -> str:
    if paragraph.kind == "fact":
        return f'<w:tabs><w:tab w:val="left" w:pos="{sizes.fact}"/></w:tabs>'
    if paragraph.kind == "spread":
        return f'<w:tabs><w:tab w:val="left" w:pos="{sizes.spread}"/></w:tabs>'
    return ""


def _indent(paragraph: Paragraph, sizes: Sizes) -> str:
    if paragraph.kind == "fact":
        return f'<w:ind w:left="{sizes.fact}" w:hanging="{sizes.fact}"/>'
    if paragraph.kind == "spread":
        return f'<w:ind w:left="{sizes.spread}" w:hanging="{sizes.spread}"/>'
    if paragraph.tone:
        return '<w:ind w:left="170" w:right="170"/>'
    return ""


def runs_xml(runs: Iterable[Run], size: float = 0, *, bold: bool = False) -> str:
    """Runs in a row; those that lead to a heading are links inside the file."""
    return "".join(
        f'<w:hyperlink w:anchor="{bookmark(run.target)}">{_run(run, size, bold=bold)}</w:hyperlink>'
        if run.target
        else _run(run, size, bold=bold)
        for run in runs
    )


def _run(run: Run, size: float, *, bold: bool = False) -> str:
    colour = LINK if run.target else run.colour.removeprefix("#")
    small = size * 0.85 if run.stamp and size else size
    parts = [
        '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>' if run.code else "",
        "<w:b/>" if run.bold or bold else "",
        "<w:caps/>" if run.stamp else "",
        f'<w:color w:val="{colour}"/>' if colour else "",
        f'<w:sz w:val="{round(2 * small)}"/><w:szCs w:val="{round(2 * small)}"/>' if small else "",
        '<w:u w:val="single"/>' if run.target else "",
        f'<w:bdr w:val="single" w:sz="8" w:space="0" w:color="{INK[1:]}"/>' if run.stamp else "",
    ]
    look = "".join(parts)
    return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{_letters(run.text)}</w:r>"


def _letters(text: str) -> str:
    """Letters, tabs and breaks."""
    pieces = re.split(r"([\n\t])", text)
    marks = {"\n": "<w:br/>", "\t": "<w:tab/>"}
    return "".join(
        marks.get(piece) or f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>'
        for piece in pieces
        if piece
    )
