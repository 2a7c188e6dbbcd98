"""The key below a drawing: every sign and line that is used, in words, and how many of each (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from theory_of_change.drawing.badges import RADIUS, badge
from theory_of_change.drawing.letters import width, wrapped
from theory_of_change.drawing.scene import Item, Line, Rect, Words
from theory_of_change.drawing.signs import INK, PAPER, QUIET, STATES
from theory_of_change.model import Theory

SIZE, ROW, SAMPLE, SPACE, APART = 12.0, 24.0, 46.0, 8.0, 26.0
FORMS = (
    ("activity", "what we do"),
    ("output", "what people get"),
    ("outcome", "what should change"),
    ("impact", "what it is for"),
    ("factor", "outside our hands"),
)


def legend(
    theory: Theory, states: Mapping[str, str], left: float, top: float, right: float
) -> tuple[list[Item], float]:
    """The key, filled row by row, and where it ends."""
    counts = Counter(states.values())
    entries = [(f"{STATES[key].words} ({counts[key]})", key) for key in STATES if counts[key]]
    parts: list[Item] = []
    x, y = left, top + 14
    for text, key in entries:
        x, y = _fit(x, y, left, right, text)
        parts += _line_sample(x, y, key)
        x = _words(parts, x, y, text, right)
    x, y = left, y + (ROW if entries else 0)
    kinds = {box.kind for box in theory.boxes}
    for kind, text in FORMS:
        if kind in kinds:
            x, y = _fit(x, y, left, right, text)
            parts += _form_sample(x, y, kind)
            x = _words(parts, x, y, text, right)
    y += ROW
    for line in wrapped(count_line(theory, states), right - left, SIZE):
        parts.append(Words(left, y + 4, line, SIZE, QUIET))
        y += ROW - 7
    return parts, y


def count_line(theory: Theory, states: Mapping[str, str]) -> str:
    """``40 boxes, 54 links: 4 tested, 9 with a test planned, 41 not tested``."""
    tested = sum(key not in ("planned", "evidence", "untested") for key in states.values())
    planned = sum(key == "planned" for key in states.values())
    said = [
        f"{tested} tested",
        f"{planned} with a test planned",
        f"{len(states) - tested - planned} not tested",
    ]
    boxes = "1 box" if len(theory.boxes) == 1 else f"{len(theory.boxes)} boxes"
    links = "1 link" if len(states) == 1 else f"{len(states)} links"
    return f"{boxes}, {links}{': ' + ', '.join(said) if states else ''}."


def _fit(x: float, y: float, left: float, right: float, text: str) -> tuple[float, float]:
    """Begin a new row where the entry does not fit."""
    if x > left and x + SAMPLE + SPACE + width(text, SIZE) > right:
        return left, y + ROW
    return x, y


def _words(parts: list[Item], x: float, y: float, text: str, right: float) -> float:
    parts.append(Words(x + SAMPLE + SPACE, y + 4, text, SIZE, INK))
    return x + SAMPLE + SPACE + width(text, SIZE) + APART


def _line_sample(x: float, y: float, key: str) -> list[Item]:
    state = STATES[key]
    line: list[Item] = [Line((x, y), (((x + SAMPLE, y),),), state.colour, state.line, state.dash)]
    return [*line, *badge(state, x + SAMPLE / 2, y)] if state.sign else line


def _form_sample(x: float, y: float, kind: str) -> list[Item]:
    """A small box of each form that is used."""
    radius = {"outcome": 6.0, "impact": 6.0}.get(kind, 0.0)
    stroke = "#1d4f76" if kind == "activity" else QUIET if kind in ("output", "factor") else INK
    dash = (5.0, 3.0) if kind == "factor" else ()
    frame = Rect(
        x + 6,
        y - RADIUS,
        SAMPLE - 10,
        2 * RADIUS,
        PAPER,
        stroke,
        2.6 if kind == "impact" else 1.2,
        radius,
        dash,
    )
    bar: list[Item] = [Rect(x + 6, y - RADIUS, 5, 2 * RADIUS, stroke)] if kind == "activity" else []
    return [frame, *bar]
