"""A chart as a picture: matplotlib, loaded only when drawing; SVG with presentation attributes only (pure)."""

from __future__ import annotations

import io
import textwrap
import warnings
from typing import TYPE_CHECKING, Any, cast

from theory_of_change.drawing.embedding import embeddable, printable
from theory_of_change.tracking.chart import PANDEMIC, Chart, Point
from theory_of_change.tracking.chart_words import CHARTS, sentences
from theory_of_change.tracking.seasons import IN_A_YEAR

if TYPE_CHECKING:  # a type only: matplotlib must not be loaded before something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, QUIET, LINE, SIGN, BAND, PAPER = "#0b0c0c", "#6f7276", "#1d4f8b", "#b10e1e", "#e4e6e2", "#ffffff"
WIDTH, HEIGHT, DPI = 8.6, 4.4, 200
SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "lifecourse",
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "text.parse_math": False,
}
MANY = 60  # points from which they are drawn smaller
NAMED = 6  # withheld periods that are named under the picture


def chart_svg(chart: Chart, prefix: str = "chart") -> str:
    """The chart as SVG with a title and a description; the same chart always gives the same bytes."""
    page = io.StringIO()
    _saved(chart, page, "svg", {"Date": None, "Creator": None, "Format": None, "Type": None})
    return embeddable(page.getvalue(), heading(chart), prefix, " ".join(sentences(chart))) + "\n"


def chart_png(chart: Chart) -> bytes:
    """The chart as PNG."""
    file = io.BytesIO()
    _saved(chart, file, "png", {"Software": None})
    return file.getvalue()


def heading(chart: Chart) -> str:
    """What the picture is of: ``Admissions, Wirral: control chart of counts``."""
    area = f", {chart.area}" if chart.area else ""
    return f"{chart.measure.plain_name or chart.measure.name}{area}: {CHARTS[chart.kind]}"


def _saved(chart: Chart, to: Any, kind: str, metadata: dict[str, Any]) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(cast(Any, SETTINGS)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's own fonts draw the text
        figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=PAPER)
        FigureCanvasAgg(figure)
        _draw(figure, chart)
        figure.savefig(to, format=kind, dpi=DPI, metadata=metadata)


def _draw(figure: Figure, chart: Chart) -> None:
    axes = figure.add_axes((0.1, 0.2, 0.87, 0.6))
    title = textwrap.fill(printable(heading(chart)), 90)
    figure.text(0.02, 0.97, title, va="top", weight="bold", color=INK)
    said = textwrap.shorten(sentences(chart)[0], 110, placeholder="…")
    figure.text(0.02, 0.86, said, va="center", color=INK)
    figure.text(0.02, 0.02, _foot(chart), va="bottom", color=INK, size=8.5)
    _shade(axes, chart)
    for phase in chart.phases:
        _phase(axes, [point for point in chart.points if point.phase == phase.number])
        if phase.starts:
            x = _number(phase.starts.starts)
            axes.axvline(x, color=INK, linewidth=1.2, linestyle=":")
            axes.text(x, 1.01, " new baseline", transform=axes.get_xaxis_transform(), size=8.5, color=INK)
    _axis(axes, chart)


def _foot(chart: Chart) -> str:
    parts = ["Dashed: middle. "] if any(point.middle is not None for point in chart.points) else []
    if any(point.low is not None for point in chart.points):
        parts.append("Thin lines: usual range. ")
    if any(point.outside for point in chart.points):
        parts.append("Ringed: outside it. ")
    if any(point.state == "part" for point in chart.points):
        parts.append("Hollow: part years or provisional. ")
    if chart.rounded:
        parts.append(f"Own counts, rounded to {chart.rounded}. ")
    if chart.withheld:
        named = ", ".join(period.text for period in chart.withheld[:NAMED])
        more = len(chart.withheld) - NAMED
        parts.append(f"Withheld: {named}{f' and {more} more' if more > 0 else ''}.")
    return "".join(parts)


def _shade(axes: Axes, chart: Chart) -> None:
    first, last = chart.points[0].period.first, chart.points[-1].period.last
    if first <= PANDEMIC.last and PANDEMIC.first <= last:
        begin, end = _number(max(first, PANDEMIC.first)), _number(min(last, PANDEMIC.last))
        axes.axvspan(begin, end, color=BAND, linewidth=0, zorder=0)
        middle = (begin + end) / 2
        axes.text(
            middle,
            0.985,
            "pandemic",
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="top",
            size=8.5,
            color=INK,
        )


def _phase(axes: Axes, points: list[Point]) -> None:
    for part in _unbroken([point for point in points if point.state != "part"]):
        axes.plot([_place(p) for p in part], [p.shown for p in part], color=LINE, linewidth=1.6, zorder=3)
    size = 5.5 if len(points) < MANY else 3.5
    for point in points:
        hollow = point.state == "part"
        face = PAPER if hollow else QUIET if point.state == "pandemic" else LINE
        edge = LINE if hollow else face
        look: dict[str, Any] = {"color": face, "markeredgecolor": edge, "markersize": size}
        axes.plot([_place(point)], [point.shown], marker="o", zorder=4, **look)
        if point.outside:
            axes.plot(
                [_place(point)], [point.shown], marker="o", markersize=11, fillstyle="none", color=SIGN,
                markeredgewidth=1.8, zorder=5,
            )  # fmt: skip
    places = [_place(point) for point in points]
    for key, style, width in (("middle", "--", 1.3), ("low", "-", 0.9), ("high", "-", 0.9)):
        held = [getattr(point, key) for point in points]
        if points and all(value is not None for value in held):
            axes.plot(places, held, color=QUIET, linestyle=style, linewidth=width, zorder=2)


def _unbroken(points: list[Point]) -> list[list[Point]]:
    """Points next to one another in time: a line is not drawn across a gap."""
    found: list[list[Point]] = []
    for point in points:
        if found and (point.period.first - found[-1][-1].period.last).days == 1:
            found[-1].append(point)
        else:
            found.append([point])
    return found


def _axis(axes: Axes, chart: Chart) -> None:
    shown = [x for p in chart.points for x in (p.shown, p.low, p.high) if x is not None]
    room = 0.08 * (max(shown) - min(shown) or abs(max(shown)) or 1)
    floor = min(shown) - room
    axes.set_ylim(0 if min(shown) >= 0 and floor < 0.5 * max(shown) else floor, max(shown) + 1.6 * room)
    year = IN_A_YEAR.get(round(chart.points[-1].period.months), 1)
    step = max(1, -(-len(chart.points) // 12))
    step = step if step == 1 else year * -(-step // year)
    ticks = [point for point in chart.points if point.state != "part"][::step] or list(chart.points)
    axes.set_xticks([_place(point) for point in ticks], [point.period.text for point in ticks])
    long = max(len(point.period.text) for point in ticks) * len(ticks) > 80
    axes.tick_params(axis="both", colors=INK, labelsize=8.5)
    axes.tick_params(axis="x", labelrotation=40 if long else 0)
    axes.set_ylabel(printable(chart.words), color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)


def _place(point: Point) -> float:
    return (_number(point.period.first) + _number(point.period.last)) / 2


def _number(day: Any) -> float:
    return float(day.toordinal())
