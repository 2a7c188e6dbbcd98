"""The forest chart, drawn with matplotlib (loaded only when drawing) and made fit to stand in a page.

Every drawing says its numbers in its description; the table that follows it holds the same ones.
"""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evaluation.reporting.numbers import plain, span
from evaluation.reporting.signs import INK, PAPER, QUIET, Mark
from theory_of_change.drawing.embedding import embeddable, printable

if TYPE_CHECKING:  # a type only: matplotlib must not be loaded before something is drawn
    from matplotlib.axes import Axes

NAME_WIDTH, WORDS_WIDTH = 26, 24
WIDEST, NARROWEST = 6.0, 1.6
ROW_INCHES, FOOT_INCHES, HEAD_INCHES, WIDTH_INCHES = 0.52, 0.72, 0.12, 8.6
LEFT, RIGHT = 0.24, 0.74
FONT_SIZE = 10.5
PLACES = 2
BAND = "#e4e6e2"
FOOT_WORDS = (
    (0.0, "← worse", "left"),
    (0.5, "smallest differences that matter", "center"),
    (1.0, "better →", "right"),
)
SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lifecourse",
    "font.family": "DejaVu Sans",
    "font.size": FONT_SIZE,
    "text.parse_math": False,
}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One outcome in multiples of its minimum important difference, turned so that right is better."""

    name: str
    value: float
    low: float
    high: float
    mark: Mark


def forest_svg(rows: Sequence[ForestRow], *, title: str, prefix: str = "forest") -> str:
    """Every outcome on one scale, lines at -1, 0 and +1; the same rows always give the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    height = HEAD_INCHES + ROW_INCHES * len(rows) + FOOT_INCHES
    with mpl.rc_context(cast(Any, SETTINGS)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's own fonts draw the text
        figure = Figure(figsize=(WIDTH_INCHES, height), facecolor=PAPER)
        bottom, top = FOOT_INCHES / height, 1 - HEAD_INCHES / height
        axes = figure.add_axes((LEFT, bottom, RIGHT - LEFT, top - bottom))
        _draw(axes, rows)
        page = io.StringIO()
        figure.savefig(
            page, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    said = " ".join(f"{row.name}: {', '.join(multiples(row))}." for row in rows)
    return embeddable(page.getvalue(), title, prefix, said)


def multiples(row: ForestRow) -> tuple[str, str]:
    """The estimate and its interval in multiples, as they are printed."""
    return plain(row.value, PLACES), span(row.low, row.high, PLACES)


def reach(rows: Sequence[ForestRow]) -> float:
    """How far the axis goes either way; what lies beyond is drawn as an arrow."""
    furthest = max(abs(x) for row in rows for x in (row.value, row.low, row.high))
    return min(WIDEST, max(NARROWEST, 1.08 * furthest))


def _draw(axes: Axes, rows: Sequence[ForestRow]) -> None:
    limit = reach(rows)
    axes.set_xlim(-limit, limit)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvspan(-1, 1, color=BAND, linewidth=0, zorder=0)
    for place, style in ((-1.0, "--"), (0.0, "-"), (1.0, "--")):
        axes.axvline(place, color=INK if place == 0 else QUIET, linestyle=style, linewidth=1.1, zorder=1)
    for y, row in enumerate(rows):
        _draw_row(axes, y, row, limit)
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=INK)
    below = -FOOT_INCHES * 0.75 / (ROW_INCHES * len(rows))
    for place, words, side in FOOT_WORDS:
        axes.text(place, below, words, transform=axes.transAxes, ha=side, color=INK)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)


def _draw_row(axes: Axes, y: int, row: ForestRow, limit: float) -> None:
    colour = row.mark.colour
    axes.plot([max(row.low, -limit), min(row.high, limit)], [y, y], color=colour, linewidth=2.6, zorder=2)
    for end, beyond, arrow in ((-limit, row.low < -limit, "<"), (limit, row.high > limit, ">")):
        if beyond:
            axes.plot([end], [y], marker=arrow, markersize=9, color=colour, clip_on=False, zorder=3)
    if abs(row.value) <= limit:
        axes.plot([row.value], [y], marker="o", markersize=9, color=colour, markeredgecolor=PAPER, zorder=4)
    beside = axes.get_yaxis_transform()
    axes.text(
        -LEFT / (RIGHT - LEFT), y, _filled(row.name, NAME_WIDTH), transform=beside, va="center", color=INK
    )
    words = _filled(f"{row.mark.sign} {row.mark.words}", WORDS_WIDTH)
    axes.text(1.04, y, words, transform=beside, va="center", color=colour, fontweight="bold")


def _filled(text: str, width: int) -> str:
    return textwrap.fill(printable(text), width)
