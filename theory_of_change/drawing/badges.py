"""Where the sign of a tested link stands: on its own line, away from other signs and other lines (pure)."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence

from theory_of_change.drawing.routes import Route
from theory_of_change.drawing.scene import Disc, Item, Line, Point, Words, points_on
from theory_of_change.drawing.signs import PAPER, LinkState

RADIUS = 8.5
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
NEAR = RADIUS + 1.5
Track = list[tuple[float, float, str]]


def place_badges(routes: Sequence[Route], signed: Mapping[str, str]) -> dict[str, Point]:
    """A place for the sign of every link that has one."""
    track: Track = sorted(
        (x, y, route.link.id)
        for route in routes
        for x, y in points_on(Line(route.start, route.pieces, "", 1), 16)
    )
    taken: list[Point] = []
    found: dict[str, Point] = {}
    for route in routes:
        if signed.get(route.link.id):
            spot = min(route.spots(SHARES), key=lambda point: _cost(point, taken, track, route.link.id))
            taken.append(spot)
            found[route.link.id] = spot
    return found


def _cost(point: Point, taken: Sequence[Point], track: Track, own: str) -> float:
    """Signs on one another are worst; lines of other links below a sign come next."""
    overlapping = sum(_is_near(point, other, 2 * RADIUS + 2) for other in taken)
    low = bisect.bisect_left(track, (point[0] - NEAR, 0.0, ""))
    high = bisect.bisect_right(track, (point[0] + NEAR, 0.0, ""))
    crossed = {id_ for x, y, id_ in track[low:high] if id_ != own and _is_near(point, (x, y), NEAR)}
    return 100.0 * overlapping + len(crossed)


def _is_near(a: Point, b: Point, reach: float) -> bool:
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 < reach * reach


def badge(state: LinkState, x: float, y: float) -> Iterable[Item]:
    """The sign in a circle; the tick is drawn, for not every font has one."""
    x, y = round(x, 2), round(y, 2)
    yield Disc(x, y, RADIUS, PAPER, state.colour, 1.7)
    if state.sign == "✓":
        yield Line((x - 4, y + 0.4), (((x - 1.2, y + 3.4),), ((x + 4.2, y - 3.4),)), state.colour, 2.2)
    else:
        yield Words(x, round(y + 4.6, 2), state.sign, 13, state.colour, bold=True, anchor="middle")
