"""The paths of our own drawings as points and curves (pure)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

MOVE, LINE, CURVE, CLOSE = 1, 2, 4, 79  # the codes matplotlib knows them by
TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "A": 7, "Z": 0}
Point = tuple[float, float]


@dataclass(slots=True)
class Outline:
    """Points with what leads to each."""

    points: list[Point] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    start: Point = (0.0, 0.0)
    at: Point = (0.0, 0.0)

    def to(self, code: int, *points: Point) -> None:
        """Go on to the last of the points."""
        self.points += points
        self.codes += [code] * len(points)
        self.at = points[-1]
        if code == MOVE:
            self.start = self.at


def outline(path: str) -> Outline:
    """Read the ``d`` of a path: moves, lines, cubic curves and arcs of circles, absolute or relative.

    Raises ``ValueError`` for a command our drawings do not use.
    """
    found, tokens, place, command = Outline(), TOKEN.findall(path), 0, ""
    while place < len(tokens):
        if tokens[place].isalpha():
            command, place = tokens[place], place + 1
        takes = TAKES.get(command.upper())
        if takes is None:
            raise ValueError(f"a path uses a command that is not drawn: {command!r}")
        numbers = [float(token) for token in tokens[place : place + takes]]
        place += takes
        _step(found, command, numbers)
        command = {"M": "L", "m": "l"}.get(command, command)
    return found


def _step(found: Outline, command: str, n: list[float]) -> None:
    x, y = found.at if command.islower() else (0.0, 0.0)
    match command.upper():
        case "M":
            found.to(MOVE, (x + n[0], y + n[1]))
        case "L":
            found.to(LINE, (x + n[0], y + n[1]))
        case "H":
            found.to(LINE, (x + n[0], found.at[1]))
        case "V":
            found.to(LINE, (found.at[0], y + n[0]))
        case "C":
            found.to(CURVE, *((x + n[i], y + n[i + 1]) for i in (0, 2, 4)))
        case "A":
            _arc(found, n[0], large=bool(n[3]), sweep=bool(n[4]), end=(x + n[5], y + n[6]))
        case _:
            found.to(CLOSE, found.start)


def _arc(found: Outline, radius: float, *, large: bool, sweep: bool, end: Point) -> None:
    """An arc of a circle as curves of at most a quarter each (SVG 1.1, appendix F.6)."""
    (x1, y1), (x2, y2) = found.at, end
    chord = math.hypot(x2 - x1, y2 - y1)
    if chord == 0 or radius == 0:
        found.to(LINE, end)
        return
    radius = max(radius, chord / 2)
    off = math.sqrt(max(radius**2 - (chord / 2) ** 2, 0.0)) * (1 if large != sweep else -1)
    cx = (x1 + x2) / 2 + off * (y1 - y2) / chord
    cy = (y1 + y2) / 2 - off * (x1 - x2) / chord
    first, last = math.atan2(y1 - cy, x1 - cx), math.atan2(y2 - cy, x2 - cx)
    if sweep and last <= first:
        last += 2 * math.pi
    if not sweep and last >= first:
        last -= 2 * math.pi
    pieces = max(1, math.ceil(abs(last - first) / (math.pi / 2) - 1e-9))
    turn = (last - first) / pieces
    pull = 4 / 3 * math.tan(turn / 4) * radius
    for i in range(pieces):
        a, b = first + i * turn, first + (i + 1) * turn
        start = (cx + radius * math.cos(a), cy + radius * math.sin(a))
        stop = (cx + radius * math.cos(b), cy + radius * math.sin(b))
        found.to(
            CURVE,
            (start[0] - pull * math.sin(a), start[1] + pull * math.cos(a)),
            (stop[0] + pull * math.sin(b), stop[1] - pull * math.cos(b)),
            stop,
        )
