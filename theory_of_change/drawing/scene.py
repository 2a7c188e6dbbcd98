"""What a drawing is made of: rectangles, lines, words. Whoever writes SVG or PNG needs to know no more (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, its corner at the top left."""

    x: float
    y: float
    width: float
    height: float
    fill: str = "none"
    stroke: str = "none"
    line: float = 1.0
    radius: float = 0.0
    dash: tuple[float, ...] = ()

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Line:
    """A line through pieces: a piece of one point is straight, one of three points a cubic curve."""

    start: Point
    pieces: tuple[tuple[Point, ...], ...]
    stroke: str
    line: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled shape with straight sides."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    x: float
    y: float
    radius: float
    fill: str
    stroke: str
    line: float


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text, its baseline at ``y``."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    bold: bool = False
    anchor: Anchor = "start"


@dataclass(frozen=True, slots=True)
class Group:
    """Things that belong together, with the words that say what they are."""

    title: str
    items: tuple[Rect | Line | Shape | Disc | Words, ...]


Item = Rect | Line | Shape | Disc | Words


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole drawing, with the words for those who do not see it."""

    width: float
    height: float
    title: str
    description: str
    parts: tuple[Group | Item, ...]

    def items(self) -> Iterator[Item]:
        """Everything that is drawn, in order."""
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.items
            else:
                yield part


def points_on(line: Line, steps: int = 24) -> Iterator[Point]:
    """Points along a line, close together."""
    here = line.start
    for piece in line.pieces:
        corners = (here, here, piece[0], piece[0]) if len(piece) == 1 else (here, *piece)
        for step in range(steps + 1):
            yield _on_curve(corners, step / steps)
        here = piece[-1]


def _on_curve(corners: tuple[Point, ...], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * corner[axis] for w, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
    return x, y


def on_curve(start: Point, piece: tuple[Point, ...], t: float) -> Point:
    """The point a share ``t`` of the way along one curved piece."""
    return _on_curve((start, *piece), t)
