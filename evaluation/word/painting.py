"""A drawing of a report as a picture for Word: the SVG of the page itself, painted by matplotlib.

The picture is made from the very drawing that stands in the page, so that the two cannot differ. Drawn are the
elements and attributes our drawings use; anything else is refused rather than left out.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

from evaluation.word.svg_paths import outline

DOTS_PER_INCH = 220
POINTS = 72.0
NARROWED = 0.88  # DejaVu Sans runs wider than the Arial that the drawings are laid out for
SIDES = {"start": "left", "middle": "center", "end": "right"}
UNPAINTED = frozenset({"title", "desc", "defs", "clipPath", "metadata", "style"})
INHERITED = frozenset({"fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap", "clip-path"})
HREF = "{http://www.w3.org/1999/xlink}href"
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Painted:
    """A picture as PNG and its size in inches."""

    png: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Easel:
    """Where is painted: axes in the drawing's own units, points in one unit, named parts, and how far moved."""

    axes: Any
    unit: float
    named: Mapping[str, ElementTree.Element]
    moved: tuple[float, float] = (0.0, 0.0)


def paint(svg: str, width: float) -> Painted:
    """Paint a drawing ``width`` inches wide; the same drawing always gives the same bytes.

    Raises ``ValueError`` for an element or a path command that our drawings do not use.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    root = ElementTree.fromstring(svg)  # noqa: S314  (our own drawing)
    left, top, across, down = (float(part) for part in root.attrib["viewBox"].split())
    height = width * down / across
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the picture shows a hollow box for it
        mpl.rcdefaults()
        figure = Figure(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(left, left + across)
        axes.set_ylim(top + down, top)
        axes.axis("off")
        named = {element.get("id", ""): element for element in root.iter()}
        _all_in(root, _Easel(axes, width * POINTS / across, named), {})
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return Painted(file.getvalue(), width, height)


def words_of(svg: str) -> tuple[str, str]:
    """A drawing's title and description."""
    root = ElementTree.fromstring(svg)  # noqa: S314  (our own drawing)
    found = {_tag(element): "".join(element.itertext()) for element in root if _tag(element) in UNPAINTED}
    return found.get("title", ""), found.get("desc", "")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all_in(element: ElementTree.Element, easel: _Easel, look: Mapping[str, str]) -> None:
    for child in element:
        tag = _tag(child)
        if tag in UNPAINTED:
            continue
        own = {name: value for name, value in child.attrib.items() if name in INHERITED}
        if tag in ("g", "a"):
            _all_in(child, easel, {**look, **own})
        elif tag == "use":
            _used(child, easel, {**look, **own})
        elif tag == "text":
            _text(child, easel)
        else:
            _shape(child, tag, easel, {**look, **child.attrib})


def _used(element: ElementTree.Element, easel: _Easel, look: Mapping[str, str]) -> None:
    target = easel.named[(element.get("href") or element.attrib[HREF]).removeprefix("#")]
    here = (float(element.get("x", 0)), float(element.get("y", 0)))
    _shape(target, _tag(target), replace(easel, moved=here), {**look, **target.attrib})


def _shape(element: ElementTree.Element, tag: str, easel: _Easel, look: Mapping[str, str]) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    drawn = outline(_path_of(element, tag))
    x, y = easel.moved
    path = Path([(x + a, y + b) for a, b in drawn.points], drawn.codes)
    stroke, thick = look.get("stroke", "none"), float(look.get("stroke-width", 1))
    fill = "none" if tag == "line" else look.get("fill", "black")
    patch = PathPatch(
        path,
        facecolor=fill,
        edgecolor=stroke,
        linewidth=0 if stroke == "none" else thick * easel.unit,
        linestyle=_dashes(look.get("stroke-dasharray", ""), thick),
        capstyle={"square": "projecting"}.get(look.get("stroke-linecap", ""), "butt"),
        joinstyle=look.get("stroke-linejoin", "miter"),
    )
    easel.axes.add_artist(patch)
    patch.set_zorder(len(easel.axes.get_children()))
    _clip(patch, easel, look.get("clip-path", ""))


def _path_of(element: ElementTree.Element, tag: str) -> str:
    """The outline of a shape as a path."""
    n = {name: float(value) for name, value in element.attrib.items() if NUMBER.fullmatch(value)}
    if tag == "path":
        return element.attrib["d"]
    if tag == "line":
        return f"M{n['x1']} {n['y1']} L{n['x2']} {n['y2']}"
    if tag == "rect":
        w, h = n["width"], n["height"]
        return f"M{n.get('x', 0.0)} {n.get('y', 0.0)} h{w} v{h} h{-w} z"
    if tag == "circle":
        r = n["r"]
        return f"M{n['cx'] - r} {n['cy']} a{r} {r} 0 1 0 {2 * r} 0 a{r} {r} 0 1 0 {-2 * r} 0 z"
    raise ValueError(f"a drawing uses an element that is not painted: {tag!r}")


def _dashes(said: str, thick: float) -> Any:
    lengths = tuple(float(part) / thick for part in NUMBER.findall(said)) if said != "none" else ()
    return (0, lengths) if lengths else "solid"


def _clip(patch: Any, easel: _Easel, said: str) -> None:
    from matplotlib.patches import Rectangle

    if not said:
        return
    box = next(iter(easel.named[said.removeprefix("url(#").removesuffix(")")]))
    x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
    patch.set_clip_path(Rectangle((x, y), w, h, transform=easel.axes.transData))


def _text(element: ElementTree.Element, easel: _Easel) -> None:
    from matplotlib.patheffects import withStroke

    x, y, turned = _placed(element)
    drawn = easel.axes.text(
        x,
        y,
        "".join(element.itertext()),
        fontsize=float(NUMBER.findall(element.get("font-size", "14"))[0]) * easel.unit * NARROWED,
        color=element.get("fill", "black"),
        ha=SIDES[element.get("text-anchor", "start")],
        va="baseline",
        weight="bold" if element.get("font-weight") in ("bold", "700") else "normal",
        family="DejaVu Sans",
        rotation=-turned,
        rotation_mode="anchor",
        parse_math=False,
    )
    drawn.set_zorder(len(easel.axes.get_children()))
    if element.get("paint-order") == "stroke":
        thick = float(element.get("stroke-width", "1")) * easel.unit
        drawn.set_path_effects([withStroke(linewidth=thick, foreground=element.get("stroke", "white"))])


def _placed(element: ElementTree.Element) -> tuple[float, float, float]:
    """Where words stand and how far they are turned (degrees, clockwise)."""
    x, y, turned = float(element.get("x", 0)), float(element.get("y", 0)), 0.0
    for name, inside in re.findall(r"(\w+)\(([^)]*)\)", element.get("transform", "")):
        numbers = [float(part) for part in NUMBER.findall(inside)]
        if name == "translate":
            x, y = x + numbers[0], y + (numbers[1] if len(numbers) > 1 else 0.0)
        elif name == "rotate":
            turned += numbers[0]
        else:
            raise ValueError(f"words of a drawing are placed in a way that is not painted: {name!r}")
    return x, y, turned
