"""The funnel plot of a pool: each effect against its standard error, small studies below (pure).

Drawn with matplotlib, loaded only when drawing. Without anything missing, and where studies differ by chance alone,
nineteen in twenty lie between the lines; a lean to one side below can be missing studies, or small ones that differ.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evaluation.evidence.pool import Pool
from evaluation.inference import critical
from evaluation.reporting.charts import BAND, SETTINGS
from evaluation.reporting.numbers import plain
from evaluation.reporting.signs import INK, PAPER, QUIET
from evaluation.synthesis.missing_studies import FEWEST_STUDIES
from theory_of_change.drawing.embedding import embeddable

if TYPE_CHECKING:  # a type only: matplotlib must not be loaded before something is drawn
    from matplotlib.axes import Axes

FEWEST, DECIMALS = 3, 3
SIZE_INCHES = (7.2, 4.6)
ROOM = 1.08
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class FunnelPlot:
    """The drawing, how to read it, and its numbers on the scale of analysis."""

    heading: str
    title: str
    reading: str
    scale: str
    svg: str
    rows: list[list[str]]


def funnel_plot(pool: Pool) -> FunnelPlot | None:
    """The funnel of a pool; nothing below three effects, or where a moderator moves the middle."""
    points = [
        (row.candidate.label, row.found.value, float(row.found.std_error or 0.0))
        for row in pool.rows
        if row.found.std_error
    ]
    if len(points) < FEWEST or pool.moderators:
        return None
    middle = pool.average.value
    scale = f"log of the {pool.question.scale}" if pool.question.is_ratio else pool.question.scale
    title = f"Effects on {pool.asked.outcome} by their standard error"
    rows = [[name, plain(value, DECIMALS), plain(error, DECIMALS)] for name, value, error in points]
    rows.append(["On average (the line)", plain(middle, DECIMALS), "none: not a study"])
    said = f"{scale}. " + " ".join(
        f"{name}: {value}, standard error {error}." for name, value, error in rows[:-1]
    )
    said += f" On average: {plain(middle, DECIMALS)}."
    svg = funnel_svg(points, middle, scale=scale, title=title, said=said)
    return FunnelPlot("Small studies beside large ones", title, _reading(len(points)), scale, svg, rows)


def _reading(studies: int) -> str:
    said = (
        "Each dot is an effect; the lower, the less sure. Between the slanted lines nineteen in twenty would lie if "
        "studies differed by chance alone."
    )
    if studies < FEWEST_STUDIES:
        return f"{said} With fewer than {FEWEST_STUDIES} studies a lean to one side tells nothing."
    return (
        f"{said} A lean to one side below can be studies that are missing, or small ones that truly differ."
    )


def funnel_svg(
    points: Sequence[tuple[str, float, float]], middle: float, *, scale: str, title: str, said: str
) -> str:
    """The points as a drawing; the same points always give the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(cast(Any, SETTINGS)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's own fonts draw the text
        figure = Figure(figsize=SIZE_INCHES, facecolor=PAPER)
        _draw(figure.add_axes((0.12, 0.14, 0.85, 0.82)), points, middle, scale)
        page = io.StringIO()
        figure.savefig(
            page, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return embeddable(page.getvalue(), title, "funnel", said)


def _draw(axes: Axes, points: Sequence[tuple[str, float, float]], middle: float, scale: str) -> None:
    deepest = ROOM * max(error for _, _, error in points)
    half = critical(LEVEL, None, "normal") * deepest
    reach = ROOM * max(half, *(abs(value - middle) for _, value, _ in points))
    axes.set_xlim(middle - reach, middle + reach)
    axes.set_ylim(deepest, 0)
    axes.fill(
        [middle, middle - half, middle + half], [0, deepest, deepest], color=BAND, linewidth=0, zorder=0
    )
    for side in (-1, 1):
        axes.plot(
            [middle, middle + side * half], [0, deepest], color=QUIET, linestyle="--", linewidth=1.0, zorder=1
        )
    axes.axvline(middle, color=INK, linewidth=1.1, zorder=1)
    for _, value, error in points:
        axes.plot([value], [error], marker="o", markersize=7, color=INK, markeredgecolor=PAPER, zorder=3)
    axes.set_xlabel(scale, color=INK)
    axes.set_ylabel("standard error", color=INK)
    axes.tick_params(colors=INK)
    for side_name in ("right", "top"):
        axes.spines[side_name].set_visible(False)
    for side_name in ("left", "bottom"):
        axes.spines[side_name].set_color(QUIET)
