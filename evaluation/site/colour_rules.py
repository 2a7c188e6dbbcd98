"""Contrast by arithmetic: relative luminance and ratios as WCAG 2.2 defines them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evaluation.reporting.page_tree import Element
from evaluation.reporting.signs import PAPER
from evaluation.reporting.strokes import RULE
from workspace.errors import Fault

FRAMES = frozenset({"#b1b4b6", RULE})  # they only set things apart; nothing is said by them
TEXT, LINES = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11, level AA
BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
COLOUR = re.compile(r"(?<![\w-])color:\s*(#[0-9a-f]{6})", re.IGNORECASE)
GROUND = re.compile(r"(?<![\w-])background(?:-color)?:\s*(#[0-9a-f]{6})", re.IGNORECASE)
LINE = re.compile(r"(?<![\w-])(?:border-color|outline):[^;}]*?(#[0-9a-f]{6})", re.IGNORECASE)


def ratio(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colour_faults(name: str, css: str) -> Iterator[Fault]:
    """Text against the grounds its own part is given, else against paper; lines that carry meaning against paper."""
    rules = [(" ".join(selector.split()), body) for selector, body in BLOCK.findall(css)]
    grounds: dict[str, list[str]] = {}
    for selector, body in rules:
        grounds.setdefault(selector.split()[-1], []).extend(GROUND.findall(body))
    for selector, body in rules:
        said = selector[-40:]
        beside = GROUND.findall(body) or grounds[selector.split()[-1]] or [PAPER]
        for colour in COLOUR.findall(body):
            for ground in beside:
                yield from _faint(f"{name}: {said}", colour, ground, TEXT)
        for colour in set(LINE.findall(body)) - FRAMES:
            yield from _faint(f"{name}: {said}", colour, PAPER, LINES)


def drawing_colours(name: str, page: Element) -> Iterator[Fault]:
    """Words of a drawing against paper, lines and signs against paper; grounds of columns are nearly as light."""
    seen: set[tuple[str, float]] = set()
    for drawing in page.all("svg"):
        for one in drawing.all("text", "path", "line"):
            colour, need = (one.get("fill"), TEXT) if one.tag == "text" else (one.get("stroke"), LINES)
            if (
                not re.fullmatch(r"#[0-9a-fA-F]{6}", colour)
                or (colour, need) in seen
                or colour in (PAPER, *FRAMES)
            ):
                continue
            seen.add((colour, need))
            yield from _faint(f"{name}:{one.line}", colour, PAPER, need)


def _faint(where: str, colour: str, ground: str, need: float) -> Iterator[Fault]:
    found = ratio(colour, ground)
    if found < need:
        yield Fault("LC746", where, f"{colour} on {ground} has {found:.1f} to 1; {need:g} is needed")
