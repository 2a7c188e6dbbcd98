"""A drawing as SVG: presentation attributes only, no style sheet, no script, no font file (pure).

Programs that turn pages into print ignore style sheets inside a picture; attributes they read. The same drawing
gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import singledispatch
from xml.sax.saxutils import escape, quoteattr

from theory_of_change.drawing.letters import clean
from theory_of_change.drawing.paper import POINTS_A_MM, Paper
from theory_of_change.drawing.scene import Disc, Group, Item, Line, Point, Rect, Scene, Shape, Words

FAMILY = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def svg_text(scene: Scene) -> str:
    """The whole drawing as one SVG document, with a title and a description."""
    body = "\n".join(_part(part) for part in scene.parts)
    name = "theory-" + hashlib.sha256((scene.title + scene.description + body).encode()).hexdigest()[:8]
    size = f'width="{_n(scene.width)}" height="{_n(scene.height)}" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
            f'aria-labelledby="{name}-t {name}-d" font-family="{FAMILY}">',
            f'<title id="{name}-t">{escape(clean(scene.title))}</title>',
            f'<desc id="{name}-d">{escape(clean(scene.description))}</desc>',
            f'<rect width="{_n(scene.width)}" height="{_n(scene.height)}" fill="#ffffff"/>',
            body,
            "</svg>\n",
        )
    )


def sheet_svg(scene: Scene, paper: Paper) -> str:
    """The drawing on a sheet of paper: it prints at that size, with its margins, in letters of the size promised."""
    scale = paper.scale(scene)
    wide, high = (side * POINTS_A_MM / scale for side in (paper.width_mm, paper.height_mm))
    aside = paper.margin_mm * POINTS_A_MM / scale
    whole = svg_text(scene)
    old = f'width="{_n(scene.width)}" height="{_n(scene.height)}" viewBox="0 0 {_n(scene.width)} {_n(scene.height)}"'
    new = (
        f'width="{_n(paper.width_mm)}mm" height="{_n(paper.height_mm)}mm" '
        f'viewBox="{_n(-aside)} {_n(-aside)} {_n(wide)} {_n(high)}"'
    )
    return whole.replace(old, new, 1)


def _part(part: Group | Item) -> str:
    if isinstance(part, Group):
        inner = "".join(shown(item) for item in part.items)
        return f"<g><title>{escape(clean(part.title))}</title>{inner}</g>"
    return shown(part)


@singledispatch
def shown(item: Item) -> str:
    """One thing as an SVG element."""
    raise TypeError(type(item).__name__)


@shown.register
def _rect(item: Rect) -> str:
    radius = f' rx="{_n(item.radius)}"' if item.radius else ""
    return (
        f'<rect x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(item.width)}" height="{_n(item.height)}"{radius} '
        f'fill="{item.fill}"{_stroke(item.stroke, item.line, item.dash)}/>'
    )


@shown.register
def _line(item: Line) -> str:
    return f'<path d="{" ".join(_path(item))}" fill="none"{_stroke(item.stroke, item.line, item.dash)}/>'


@shown.register
def _shape(item: Shape) -> str:
    return f'<polygon points="{" ".join(map(_point, item.points))}" fill="{item.fill}"/>'


@shown.register
def _disc(item: Disc) -> str:
    place = f'cx="{_n(item.x)}" cy="{_n(item.y)}" r="{_n(item.radius)}"'
    return f'<circle {place} fill="{item.fill}"{_stroke(item.stroke, item.line, ())}/>'


@shown.register
def _words(item: Words) -> str:
    weight = ' font-weight="bold"' if item.bold else ""
    anchor = f" text-anchor={quoteattr(item.anchor)}" if item.anchor != "start" else ""
    place = f'x="{_n(item.x)}" y="{_n(item.y)}" font-size="{_n(item.size)}"'
    return f'<text {place}{weight}{anchor} fill="{item.colour}">{escape(clean(item.text))}</text>'


def _stroke(colour: str, line: float, dash: tuple[float, ...]) -> str:
    if colour == "none":
        return ""
    dashes = f' stroke-dasharray="{" ".join(map(_n, dash))}"' if dash else ""
    return f' stroke="{colour}" stroke-width="{_n(line)}"{dashes}'


def _path(item: Line) -> Iterator[str]:
    yield f"M{_point(item.start)}"
    for piece in item.pieces:
        yield ("L" if len(piece) == 1 else "C") + " ".join(map(_point, piece))


def _point(point: Point) -> str:
    return f"{_n(point[0])},{_n(point[1])}"


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
