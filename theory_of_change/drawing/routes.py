"""The way of each link: through gutters between columns and lanes between boxes, so that it crosses no box (pure).

A curve inside a gutter has its control points inside it, so the curve is inside too; across a column a link runs
level in its own lane. A link within a column bows out into the gutter; one that leads back goes round below.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.drawing.places import LOOP, PAD, Places
from theory_of_change.drawing.scene import Point, on_curve
from theory_of_change.model import Link, Theory

HEAD, CORNER = 8.0, 7.0
RETURN_ROW, RETURN_STEP, RETURN_MOST = 12.0, 5.0, 5
PORT_MOST = 14.0
FAR = 1e6
Piece = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One link on the page: its pieces up to the foot of the arrowhead, and the head, which points left or right."""

    link: Link
    start: Point
    pieces: tuple[Piece, ...]
    tip: Point
    forward: bool
    lane: tuple[Point, Point] | None = None

    def spots(self, shares: Sequence[float]) -> list[Point]:
        """Where a sign may stand: along the curves in gutters, or on the level stretch of a link that leads back."""
        if self.lane:
            (x, y), (end, _) = self.lane
            return [(x + (end - x) * share, y) for share in shares]
        return [on_curve(start, piece, share) for start, piece in self.curves() for share in shares]

    def curves(self) -> list[tuple[Point, Piece]]:
        """The curved pieces with where each begins: where a sign may stand."""
        found: list[tuple[Point, Piece]] = []
        here = self.start
        for piece in self.pieces:
            if len(piece) == 3:
                found.append((here, piece))
            here = piece[-1]
        return found


def route_all(theory: Theory, places: Places) -> tuple[Route, ...]:
    """A route for every link, in the order of the theory."""
    ports = _ports(theory, places)
    loops = {link.id: i for i, link in enumerate(places.columns.inside)}
    returns = {link.id: i for i, link in enumerate(places.columns.returning)}
    found = []
    for link in theory.links:
        begin, end = ports[link.id]
        if link.id in places.columns.chains:
            found.append(_through(link, places, begin, end))
        elif link.id in loops:
            found.append(_inside(link, begin, end, loops[link.id]))
        else:
            found.append(_back(link, places, begin, end, returns[link.id]))
    return tuple(found)


def return_depth(places: Places) -> float:
    """How much room the links that lead back need below the boxes."""
    count = len(places.columns.returning)
    return RETURN_ROW * count + 14 if count else 0.0


# ---- ports


def _ports(theory: Theory, places: Places) -> dict[str, tuple[Point, Point]]:
    """Where each link leaves and arrives. Links on one side of a box stand in the order of their other ends."""
    rights: dict[str, list[tuple[float, str, bool]]] = {}
    lefts: dict[str, list[tuple[float, str, bool]]] = {}
    chains = places.columns.chains
    inside = {link.id for link in places.columns.inside}
    for link in theory.links:
        chain = chains.get(link.id)
        if chain:
            rights.setdefault(link.from_box, []).append((places.middle(chain[1]), link.id, True))
            lefts.setdefault(link.to_box, []).append((places.middle(chain[-2]), link.id, False))
        elif link.id in inside:
            up = places.middle(link.to_box) < places.middle(link.from_box)
            rights.setdefault(link.from_box, []).append((-FAR if up else FAR, link.id, True))
            rights.setdefault(link.to_box, []).append((FAR if up else -FAR, link.id, False))
        else:
            rights.setdefault(link.from_box, []).append((2 * FAR, link.id, True))
            lefts.setdefault(link.to_box, []).append((2 * FAR, link.id, False))
    points: dict[tuple[str, bool], Point] = {}
    for sides, is_right in ((rights, True), (lefts, False)):
        for id_, wanted in sides.items():
            points |= _on_side(places, id_, sorted(wanted), is_right)
    return {link.id: (points[link.id, True], points[link.id, False]) for link in theory.links}


def _on_side(
    places: Places, id_: str, wanted: list[tuple[float, str, bool]], is_right: bool
) -> Mapping[tuple[str, bool], Point]:
    rect = places.rects[id_]
    x = rect.right if is_right else rect.x
    step = min(PORT_MOST, (rect.height - PAD) / max(len(wanted) - 1, 1))
    first = rect.y + rect.height / 2 - step * (len(wanted) - 1) / 2
    return {(link, begins): (x, round(first + i * step, 2)) for i, (_, link, begins) in enumerate(wanted)}


# ---- ways


def _through(link: Link, places: Places, begin: Point, end: Point) -> Route:
    """From column to column: a curve in each gutter, a level line in each lane."""
    pieces: list[Piece] = []
    here = begin
    for lane in places.columns.chains[link.id][1:-1]:
        rect, y = places.rects[lane], round(places.middle(lane), 2)
        pieces += [_curve(here, (rect.x, y)), ((rect.right, y),)]
        here = (rect.right, y)
    pieces.append(_curve(here, (end[0] - HEAD, end[1])))
    return Route(link, begin, tuple(pieces), end, forward=True)


def _curve(start: Point, end: Point) -> Piece:
    half = (end[0] - start[0]) / 2
    return ((round(start[0] + half, 2), start[1]), (round(end[0] - half, 2), end[1]), end)


def _inside(link: Link, begin: Point, end: Point, number: int) -> Route:
    """Within a column: a bow into the gutter on the right."""
    out = round(begin[0] + LOOP - 16 + 5 * (number % 4), 2)
    foot = (end[0] + HEAD, end[1])
    return Route(link, begin, (((out, begin[1]), (out, end[1]), foot),), end, forward=False)


def _back(link: Link, places: Places, begin: Point, end: Point, number: int) -> Route:
    """Back to an earlier column: down the gutter, along below the boxes, up the gutter."""
    aside = 8 + RETURN_STEP * (number % RETURN_MOST)
    down, up = round(begin[0] + aside, 2), round(end[0] - HEAD - aside, 2)
    low = round(places.bottom + 14 + RETURN_ROW * number, 2)
    pieces: list[Piece] = []
    here = begin
    corners = ((down, begin[1]), (down, low), (up, low), (up, end[1]), (end[0] - HEAD, end[1]))
    for corner, after in itertools.pairwise(corners):
        before, past = _towards(corner, here), _towards(corner, after)
        pieces += [(before,), (corner, corner, past)]
        here = past
    pieces.append((corners[-1],))
    return Route(link, begin, tuple(pieces), end, forward=True, lane=((down, low), (up, low)))


def _towards(corner: Point, other: Point) -> Point:
    """The point a corner's radius away from it, in the direction of another."""
    dx, dy = other[0] - corner[0], other[1] - corner[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(CORNER, length / 2) / length
    return round(corner[0] + dx * share, 2), round(corner[1] + dy * share, 2)
