"""A theory to a drawing: title, columns, boxes, links with their signs, and a key in words (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from theory_of_change.drawing.badges import badge, place_badges
from theory_of_change.drawing.columns import arrange
from theory_of_change.drawing.described import describe
from theory_of_change.drawing.legend import legend
from theory_of_change.drawing.letters import wrapped
from theory_of_change.drawing.places import (
    BOX,
    HEAD_ROW,
    HEAD_SIZE,
    LEADING,
    MARGIN,
    PAD,
    SMALL,
    SMALL_ROW,
    TEXT,
    Card,
    Places,
    place,
)
from theory_of_change.drawing.routes import HEAD, Route, return_depth, route_all
from theory_of_change.drawing.scene import Group, Item, Line, Rect, Scene, Shape, Words
from theory_of_change.drawing.signs import BAND, INK, PAPER, QUIET, STATES, LinkState, state_key
from theory_of_change.model import Link, Theory

TITLE, TITLE_ROW, NOTE, NOTE_ROW = 19.0, 25.0, 12.5, 17.0
BAND_SIDE = 11.0
OURS = "#1d4f76"
HALO = 3.5
LEAST_WIDTH = 520.0  # the longest entry of the key fits


@dataclass(frozen=True, slots=True)
class Drawing:
    """A scene with the geometry it was made from, so that tests can hold it against what was promised."""

    scene: Scene
    places: Places
    routes: tuple[Route, ...]
    states: Mapping[str, str]


def draw_theory(
    theory: Theory,
    verdicts: Mapping[str, str] | None = None,
    subtitle: str = "",
    marks: Mapping[str, str] | None = None,
    least_width: float = LEAST_WIDTH,
) -> Drawing:
    """Draw a theory with at least one box. ``verdicts`` gives the answer for each tested link, by its id.

    ``marks`` are words below those of a box, by its id: on which other sheets it stands. ``least_width``: a wide sheet
    takes a flat key.
    """
    columns = arrange(theory)
    states = {link.id: state_key(link, verdicts or {}) for link in theory.links}
    wide = max(place(theory, columns, 0).right, least_width)
    heading, top = _title(theory, subtitle, wide)
    places = place(theory, columns, top, marks)
    routes = route_all(theory, places)
    low = places.bottom + return_depth(places) + 14
    bands = _bands(places, low)
    key, end = legend(theory, states, MARGIN, low + 16, wide - MARGIN)
    parts = (*heading, *bands, *_links(routes, states, theory), *_boxes(places), *key)
    scene = Scene(wide, round(end + MARGIN - 8, 2), theory.title, describe(theory, columns, states), parts)
    return Drawing(scene, places, routes, states)


def _title(theory: Theory, subtitle: str, wide: float) -> tuple[list[Item], float]:
    y = MARGIN + 12
    parts: list[Item] = []
    rows = ((theory.title, TITLE, TITLE_ROW, True), (subtitle, HEAD_SIZE, HEAD_ROW, True))
    for text, size, row, bold in (*rows, (theory.note, NOTE, NOTE_ROW, False)):
        if text.strip():
            for line in wrapped(text, wide - 2 * MARGIN, size, bold):
                parts.append(Words(MARGIN, y, line, size, INK if bold else QUIET, bold))
                y += row
    return parts, y - 4


def _bands(places: Places, low: float) -> Iterable[Item]:
    for left, heading in zip(places.lefts, places.columns.headings, strict=True):
        yield Rect(left - BAND_SIDE, places.top, BOX + 2 * BAND_SIDE, low - places.top, BAND, radius=6)
        for i, line in enumerate(wrapped(heading, BOX, HEAD_SIZE, bold=True)):
            yield Words(left, places.top + 20 + i * HEAD_ROW, line, HEAD_SIZE, INK, bold=True)


def _boxes(places: Places) -> Iterable[Group]:
    for id_, card in places.cards.items():
        yield Group(f"{id_}: {' '.join(card.lines)}", tuple(_box(card, places.rects[id_])))


def _box(card: Card, rect: Rect) -> Iterable[Item]:
    yield _frame(card.box.kind, rect)
    if card.box.kind == "activity":
        yield Rect(rect.x, rect.y, 5, rect.height, OURS)
    tall = SMALL_ROW * (1 + len(card.marks)) + LEADING * len(card.lines)
    y = rect.y + (rect.height - tall) / 2 + SMALL_ROW - 4
    yield Words(rect.x + PAD + 3, round(y, 2), card.top_line, SMALL, QUIET)
    for i, line in enumerate(card.lines, 1):
        yield Words(rect.x + PAD + 3, round(y + i * LEADING, 2), line, TEXT, INK)
    y += len(card.lines) * LEADING - 1
    for i, line in enumerate(card.marks, 1):
        yield Words(rect.x + PAD + 3, round(y + i * SMALL_ROW, 2), line, SMALL, OURS)


def _frame(kind: str, rect: Rect) -> Rect:
    """The form of a box says its kind, so that no colour is needed for it."""
    radius = {"outcome": 10.0, "impact": 10.0, "factor": 3.0}.get(kind, 0.0)
    line = 2.6 if kind == "impact" else 1.2
    dash = (5.0, 3.0) if kind == "factor" else ()
    stroke = OURS if kind == "activity" else QUIET if kind in ("output", "factor") else INK
    return Rect(rect.x, rect.y, rect.width, rect.height, PAPER, stroke, line, radius, dash)


def _links(routes: tuple[Route, ...], states: Mapping[str, str], theory: Theory) -> Iterable[Group]:
    """Links that were not tested first, so that the tested ones lie above them."""
    signed = {id_: STATES[key].sign for id_, key in states.items()}
    spots = place_badges(routes, signed)
    for route in sorted(routes, key=lambda route: bool(signed[route.link.id])):
        state = STATES[states[route.link.id]]
        items: list[Item] = []
        if state.sign:
            items.append(Line(route.start, route.pieces, PAPER, state.line + HALO))
        items.append(Line(route.start, route.pieces, state.colour, state.line, state.dash))
        items.append(_head(route, state))
        yield Group(_said(theory, route.link, state), tuple(items))
    for id_, spot in spots.items():
        yield Group(f"{id_}: {STATES[states[id_]].words}", tuple(badge(STATES[states[id_]], *spot)))


def _said(theory: Theory, link: Link, state: LinkState) -> str:
    ends = [box.text for id_ in (link.from_box, link.to_box) if (box := theory.box(id_))]
    return f"{link.id}: {' to '.join(ends)} ({state.words})"


def _head(route: Route, state: LinkState) -> Shape:
    x, y = route.tip
    back = x - HEAD if route.forward else x + HEAD
    half = 3.2 + state.line / 2
    return Shape(((x, y), (back, round(y - half, 2)), (back, round(y + half, 2))), state.colour)
