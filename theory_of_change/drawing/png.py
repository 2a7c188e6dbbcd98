"""A drawing as PNG, for Word and slides. Drawn by matplotlib with the font whose widths the layout was measured in."""

from __future__ import annotations

import io
import warnings
from functools import singledispatch
from typing import Any

from theory_of_change.drawing.letters import clean
from theory_of_change.drawing.scene import Disc, Item, Line, Rect, Scene, Shape, Words

DPI = 100
POINT = 0.72  # points in one unit of the drawing, which is a hundredth of an inch
ROUND = 0.5523  # how far the handles of a curve stand off, for a quarter of a circle


def png_bytes(scene: Scene, scale: float = 2.0) -> bytes:
    """The drawing as a picture, ``scale`` dots for each of its units."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(scene.width / DPI, scene.height / DPI), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    for order, item in enumerate(scene.items()):
        for artist in artists(item):
            artist.set_zorder(order)
            axes.add_artist(artist)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the picture shows a hollow box for it
        figure.savefig(file, format="png", dpi=DPI * scale, metadata={"Software": None})
    return file.getvalue()


def _drawn(vertices: list[tuple[float, float]], codes: list[int], **look: Any) -> Any:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    return PathPatch(Path(vertices, codes), capstyle="butt", joinstyle="miter", **look)


def _look(fill: str, stroke: str, line: float, dash: tuple[float, ...]) -> dict[str, Any]:
    style: Any = (0, tuple(part / line for part in dash)) if dash else "solid"
    return {"facecolor": fill, "edgecolor": stroke, "linewidth": line * POINT, "linestyle": style}


@singledispatch
def artists(item: Item) -> list[Any]:
    """One thing as matplotlib draws it."""
    raise TypeError(type(item).__name__)


@artists.register
def _rect(item: Rect) -> list[Any]:
    x, y, right, low, r = item.x, item.y, item.right, item.bottom, item.radius
    stroke = item.line if item.stroke != "none" else 0.0
    h = r * (1 - ROUND)
    vertices = [
        (x + r, y), (right - r, y), (right - h, y), (right, y + h), (right, y + r), (right, low - r),
        (right, low - h), (right - h, low), (right - r, low), (x + r, low), (x + h, low), (x, low - h),
        (x, low - r), (x, y + r), (x, y + h), (x + h, y), (x + r, y), (x + r, y),
    ]  # fmt: skip
    codes = [1, *([2, 4, 4, 4] * 4), 79]
    return [_drawn(vertices, codes, **_look(item.fill, item.stroke, stroke or 1.0, item.dash))]


@artists.register
def _line(item: Line) -> list[Any]:
    vertices, codes = [item.start], [1]
    for piece in item.pieces:
        vertices += piece
        codes += [2] if len(piece) == 1 else [4, 4, 4]
    return [_drawn(vertices, codes, **_look("none", item.stroke, item.line, item.dash))]


@artists.register
def _shape(item: Shape) -> list[Any]:
    codes = [1, *([2] * (len(item.points) - 1)), 79]
    return [_drawn([*item.points, item.points[0]], codes, facecolor=item.fill, linewidth=0)]


@artists.register
def _disc(item: Disc) -> list[Any]:
    from matplotlib.patches import Circle

    return [Circle((item.x, item.y), item.radius, **_look(item.fill, item.stroke, item.line, ()))]


@artists.register
def _words(item: Words) -> list[Any]:
    from matplotlib.text import Text

    sides = {"start": "left", "middle": "center", "end": "right"}
    return [
        Text(
            item.x, item.y, clean(item.text), fontsize=item.size * POINT, color=item.colour, ha=sides[item.anchor],
            va="baseline", family="DejaVu Sans", weight="bold" if item.bold else "normal", parse_math=False,
        )
    ]  # fmt: skip
