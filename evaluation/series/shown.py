"""What a report shows of a series: lines, placebo starts, the effect in other words, single series (pure)."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from evaluation.figures import FactTable, Figure, Line
from evaluation.model import PathRow
from evaluation.multiplicity import adjusted
from evaluation.panels.axis import PeriodAxis
from evaluation.plan import PlannedOutcome
from evaluation.regression.linear import Array
from evaluation.series.effect import Effect, InOtherWords, WhatIf, effect_of
from evaluation.series.fits import Places
from evaluation.series.many import ManyEffects, Pooled
from evaluation.series.model import Answered
from evaluation.series.placebo import Placebo

MOST_ROWS = 200


def _points(values: Array, at: Places) -> tuple[tuple[float, ...], tuple[float | None, ...]]:
    y = tuple(float(v) if math.isfinite(v) else None for v in values[at])
    return tuple(float(x) for x in at), y


def _ends(values: Array, at: Places) -> tuple[float | None, ...]:
    return _points(values, at)[1]


def series_figure(found: Answered, lines: WhatIf, outcome: PlannedOutcome, axis: PeriodAxis) -> Figure:
    """Observed points, the fitted line, and from the start on the what-if line with its interval."""
    layout, data = found.layout, found.question.data
    grid = np.arange(len(axis), dtype=np.int64)
    since = grid[grid >= layout.windows.start]
    x, y = _points(np.where(data.seen, data.outcome[0], np.nan), grid)
    drawn = [Line("observed", "observed", x, y)]
    x, y = _points(lines.fitted, grid)
    drawn.append(Line("model", "effect", x, y))
    x, y = _points(lines.expected, since)
    drawn.append(
        Line(
            "expected without the programme",
            "expected",
            x,
            y,
            _ends(lines.low, since),
            _ends(lines.high, since),
        )
    )
    if len(data.outcome) > 1:
        x, y = _points(np.where(data.seen, data.outcome[1], np.nan), grid)
        drawn.append(Line("comparison", "comparison", x, y))
    marks = [(float(layout.windows.start), "start")]
    if layout.windows.first > layout.windows.start:
        marks.append((float(layout.windows.first), "counted from"))
    if layout.windows.last < len(axis):
        marks.append((float(layout.windows.last), "end"))
    marks += [(float(place), "recording changed") for place in layout.windows.breaks]
    return Figure(
        "series",
        "The series, and what was to be expected without the programme",
        "period",
        outcome.unit or outcome.label,
        tuple(drawn),
        tuple(marks),
        axis.labels,
    )


def placebo_figure(placebos: tuple[Placebo, ...], axis: PeriodAxis, *, ratio: bool) -> Figure:
    """Effects of false starts before the programme, with their intervals."""

    def shown(value: float) -> float:
        return math.exp(min(value, 700.0)) if ratio else value

    line = Line(
        "effect of a false start",
        "placebo",
        tuple(float(one.place) for one in placebos),
        tuple(shown(one.value) for one in placebos),
        tuple(shown(one.low) for one in placebos),
        tuple(shown(one.high) for one in placebos),
    )
    return Figure(
        "placebo starts",
        "Effects where there was no programme",
        "false start",
        "rate ratio" if ratio else "difference",
        (line,),
        (),
        axis.labels,
    )


def path_rows(placebos: tuple[Placebo, ...], axis: PeriodAxis) -> tuple[PathRow, ...]:
    """Placebo starts as rows (logs for ratios)."""
    return tuple(
        PathRow(f"placebo start {axis.labels[one.place]}", one.value, one.std_error, one.low, one.high)
        for one in placebos
    )


def words_table(
    found: Answered,
    parts: tuple[tuple[str, Effect], ...],
    words: InOtherWords,
    level: float,
    outcome: PlannedOutcome,
) -> FactTable:
    """The average effect, the level and the slope, the percent change and the events averted, with intervals."""
    ratio = found.joint.log_link
    rows: list[tuple[str | float | None, ...]] = []
    for name, effect in parts:
        half = float(stdtrit(effect.df, 0.5 + level / 2)) * effect.std_error
        ends = (effect.value, effect.value - half, effect.value + half)
        if ratio:
            ends = (math.exp(ends[0]), math.exp(ends[1]), math.exp(min(ends[2], 700.0)))
        rows.append((name, *ends))
    if ratio and found.question.settings.target == "average":
        rows.append(
            ("change in per cent", *(100 * (float(end) - 1) for end in rows[0][1:] if end is not None))
        )
    else:
        rows.append(("change in per cent", *words.percent))
    what = "events" if outcome.kind == "count" else outcome.unit or "outcome"
    rows.append((f"{what} fewer than expected, whole window", *words.averted))
    rows.append(("expected in the window", words.expected, None, None))
    rows.append(("observed in the window", words.observed, None, None))
    return FactTable(
        "effect",
        "The effect in other words",
        ("what", "value", "from", "to"),
        tuple(rows),
        f"Over {words.periods} periods. Effects are {'ratios' if ratio else 'differences a period'}; a slope is per "
        "period. Intervals of sums are by draws of the coefficients.",
    )


def errors_table(found: Answered, level: float) -> FactTable:
    """The planned effect with each kind of errors: what likeness in time, and correcting for it, do."""
    asked = found.question
    kinds = {
        "newey-west": f"Newey-West, {asked.lag} lags, corrected for short series",
        "plain": f"Newey-West, {asked.lag} lags, not corrected",
        "model": "periods as if independent",
    }
    rows: list[tuple[str | float | None, ...]] = []
    for kind, name in kinds.items():
        effect = effect_of(found.joint, asked.settings.target, kind, asked.lag)
        half = float(stdtrit(effect.df, 0.5 + level / 2)) * effect.std_error
        ends = [effect.value - half, effect.value + half]
        shown = [math.exp(min(end, 700.0)) for end in ends] if found.joint.log_link else ends
        told = name + (" (planned)" if kind == asked.settings.errors else "")
        rows.append((told, effect.std_error, effect.df, *shown))
    return FactTable(
        "errors",
        "The same effect with other errors",
        ("errors", "standard error", "degrees of freedom", "from", "to"),
        tuple(rows),
        "In short series the last two miss the truth too often, and are shown for comparison with other programs. "
        "Standard errors of ratios are on the log scale.",
    )


def each_table(names: tuple[str, ...], each: ManyEffects, alpha: float, *, ratio: bool) -> FactTable:
    """Every treated series on its own; p-values adjusted for their number (Benjamini and Hochberg)."""
    low, high = each.interval(alpha)
    raw = [float(p) if ok else None for p, ok in zip(each.p_values(), each.fitted, strict=True)]
    held = adjusted(raw, "fdr_bh")
    rows: list[tuple[str | float | None, ...]] = []
    for i in range(min(len(names), MOST_ROWS)):
        if not each.fitted[i]:
            rows.append((names[i], float(each.periods[i]), None, None, None, None))
            continue
        ends = [float(end[i]) for end in (each.value, low, high)]
        shown = [math.exp(min(end, 700.0)) for end in ends] if ratio else ends
        rows.append((names[i], float(each.periods[i]), *shown, held[i]))
    left = f" The first {MOST_ROWS} of {len(names)} are shown." if len(names) > MOST_ROWS else ""
    return FactTable(
        "series",
        "Each series on its own",
        ("series", "periods", "effect", "from", "to", "p, adjusted"),
        tuple(rows),
        "Own trend and season of each; no comparison taken off. None of these lines is a finding of the plan."
        + left,
    )


def pooled_words(pool: Pooled, *, ratio: bool) -> str:
    """How much the effects of single series differ."""
    spread = f"standard deviation between series {pool.tau:.2f}{' on the log scale' if ratio else ''}"
    return (
        f"{pool.series} series on their own: {spread}; that all have the same effect, p = {pool.p_value:.3f}."
    )


def comparison_rank(own: ManyEffects, others: ManyEffects) -> tuple[float, int] | None:
    """Share of series, the treated among them, whose effect is as many errors from nought as the treated one's."""
    if not own.fitted[0] or int(others.fitted.sum()) < 9:
        return None
    size = abs(own.value[0] / own.std_error[0])
    beyond = int((np.abs(others.value / others.std_error)[others.fitted] >= size).sum())
    count = int(others.fitted.sum()) + 1
    return (beyond + 1) / count, count
