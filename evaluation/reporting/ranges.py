"""How far the axes of a figure go: what is drawn, and what goes on beyond (pure)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evaluation.figures import Figure, Line
from evaluation.reporting.strokes import known

REACH, PLACEBO_REACH = 3.0, 0.5
AIR = 0.05
FROM_NOUGHT = 0.25
FEW_STEPS = 40


def ends_across(figure: Figure) -> tuple[float, float]:
    """The first and the last place of the x axis, with room for bars at both ends."""
    places = [x for line in figure.lines for x in line.x if math.isfinite(x)]
    places += [x for x, _ in figure.marks if math.isfinite(x)]
    low, high = min(places), max(places)
    room = 0.03 * (high - low) or 0.5
    if figure.labels or (high - low < FEW_STEPS and all(x == int(x) for x in places)):
        room = max(room, 0.45)
    return low - room, high + room


def ends_up(figure: Figure) -> tuple[float, float, bool]:
    """The lowest and highest value drawn, and whether something lies beyond: a very wide interval, a wild placebo."""
    main = [line for line in figure.lines if line.kind != "placebo" and _seen(line)] or list(figure.lines)
    middle = [y for line in main for y in line.y if known(y)]
    ends = [y for line in main for y in (*line.low, *line.high) if known(y)]
    apart = about_nought(figure)
    nought = [neutral(figure)] if apart else []
    core = [float(y) for y in (*(middle or ends), *nought) if y is not None]
    low, high = min(core), max(core)
    size = max(high - low, _typical_band(main)) or abs(high) or 1.0
    low, high = _stretched((low, high), ends, REACH * size)
    others = [y for line in figure.lines if line.kind == "placebo" for y in line.y if known(y)]
    low, high = _stretched((low, high), others, PLACEBO_REACH * (high - low))
    everything = [*middle, *ends, *others]
    infinite = any(y is not None and math.isinf(y) for line in main for y in (*line.low, *line.high))
    cut = infinite or any(y is not None and not low <= y <= high for y in everything)
    room = AIR * (high - low) or abs(high) * 0.1 or 1.0
    if not apart and low >= 0 and low < FROM_NOUGHT * high:
        return 0.0, high + room, cut
    return low - room, high + room, cut


def neutral(figure: Figure) -> float:
    """The value of no difference: 1 where the figure shows ratios."""
    return 1.0 if "ratio" in figure.y_name.lower().split() else 0.0


def _seen(line: Line) -> bool:
    return any(known(y) for y in (*line.y, *line.low, *line.high))


def _stretched(ends: tuple[float, float], values: Sequence[float | None], most: float) -> tuple[float, float]:
    """Ends moved out to hold the values, but no further than ``most``."""
    low, high = ends
    there = [y for y in values if y is not None]
    return max(min([low, *there]), low - most), min(max([high, *there]), high + most)


def _typical_band(lines: Sequence[Line]) -> float:
    """The middle width of the bands: a few very wide ones do not flatten the drawing."""
    pairs = [pair for line in lines for pair in zip(line.low, line.high, strict=True)]
    widths = sorted(b - a for a, b in pairs if a is not None and b is not None and math.isfinite(b - a))
    return widths[len(widths) // 2] if widths else 0.0


def about_nought(figure: Figure) -> bool:
    """Say whether a figure shows differences, so that a line at 0 belongs into it."""
    return any(line.kind in ("effect", "placebo") for line in figure.lines) and not any(
        line.kind in ("observed", "expected") for line in figure.lines
    )
