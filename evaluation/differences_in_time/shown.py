"""Figures, tables and path rows of a difference in differences: the same numbers three times, none drawn (pure)."""

from __future__ import annotations

import math

import numpy as np

from evaluation.differences_in_time.bands import simultaneous
from evaluation.differences_in_time.doubts import Honest
from evaluation.differences_in_time.path import EffectPath
from evaluation.differences_in_time.relative_bounds import HonestSet
from evaluation.figures import FactTable, Figure, Line
from evaluation.inference import critical
from evaluation.model import PathRow
from evaluation.panels.frame import PanelFrame
from evaluation.plan import PlannedOutcome
from evaluation.regression.linear import Array

Cell = float | None
FEWEST_SHOWN = 10  # people, or events among them, behind a point of a figure


def _shown(value: float, *, ratio: bool) -> Cell:
    if not math.isfinite(value):
        return None
    return math.exp(value) if ratio and abs(value) < 700 else None if ratio else value


def critical_values(path: EffectPath, alpha: float, seed: int) -> tuple[float, float]:
    """Of the interval of each period alone, and of the band that holds all at once (never the narrower)."""
    df = path.df if path.df and path.df > 0 else None
    alone = critical(1 - alpha, df, "t")
    return alone, max(alone, simultaneous(path.values, path.covariance, 1 - alpha, seed, df=df))


def path_rows(
    path: EffectPath, labels: tuple[str, ...], start: int, alpha: float, seed: int, *, ratio: bool
) -> tuple[PathRow, ...]:
    """A row a period with its own interval, then its simultaneous band."""
    rows = []
    error = path.errors
    alone, band = critical_values(path, alpha, seed)
    for kind, times in (("event-study", alone), ("band", band)):
        for place, time in enumerate(path.times):
            value, spread = float(path.values[place]), float(error[place])
            known = spread > 0
            low, high = value - times * spread, value + times * spread
            rows.append(
                PathRow(
                    f"{kind} {labels[start + time]}",
                    _shown(value, ratio=ratio),
                    spread if known else None,
                    _shown(low, ratio=ratio) if known else None,
                    _shown(high, ratio=ratio) if known else None,
                )
            )
    return tuple(rows)


def path_figure(
    path: EffectPath, labels: tuple[str, ...], start: int, outcome: PlannedOutcome, alpha: float, seed: int
) -> Figure:
    """Effects by period with their simultaneous band; nought (or 1, for a ratio) in the base period."""
    ratio = outcome.is_ratio
    alone, band = critical_values(path, alpha, seed)
    neutral = 1.0 if ratio else 0.0
    points = [(path.base, 0.0, 0.0)]
    points += [(t, float(v), float(e)) for t, v, e in zip(path.times, path.values, path.errors, strict=True)]
    points.sort()
    lines = []
    for name, times in ((f"effect, {100 * (1 - alpha):.0f} % for all periods at once", band),
                           (f"{100 * (1 - alpha):.0f} % for each period alone", alone)):  # fmt: skip
        lines.append(
            Line(
                name,
                "effect",
                tuple(float(start + t) for t, _, _ in points),
                tuple(neutral if t == path.base else _shown(v, ratio=ratio) for t, v, _ in points),
                tuple(_shown(v - times * e, ratio=ratio) for _, v, e in points),
                tuple(_shown(v + times * e, ratio=ratio) for _, v, e in points),
            )
        )
    y_name = "rate ratio" if ratio else f"difference{f', {outcome.unit}' if outcome.unit else ''}"
    title = f"Effect by period, against {labels[start + path.base]}"
    return Figure("event-study", title, "period", y_name, tuple(lines), ((start - 0.5, "start"),), labels)


def means_figure(
    means: dict[str, Array], labels: tuple[str, ...], start: int, outcome: PlannedOutcome
) -> Figure:
    """Mean outcome of each group by period, and of the treated had they moved as the others did."""
    kinds = {
        "treated": "observed",
        "comparison": "comparison",
        "treated, had they moved as the others": "expected",
    }
    x = tuple(float(t) for t in range(len(labels)))
    lines = tuple(
        Line(name, kinds[name], x, tuple(None if math.isnan(v) else float(v) for v in values))  # type: ignore[arg-type]
        for name, values in means.items()
    )
    y_name = outcome.unit or outcome.label
    return Figure(
        "means", "Means of the two groups", "period", y_name, lines, ((start - 0.5, "start"),), labels
    )


def group_means(frame: PanelFrame, path: EffectPath | None, start: int, *, ratio: bool) -> dict[str, Array]:
    """Means (weighted where the plan weighs; events over exposure for a rate) by group and period."""
    data, periods = frame.data, len(frame.axis)
    y = data["outcome"].to_numpy()
    weight = data["weight"].to_numpy() if "weight" in data.columns else np.ones(len(y))
    below = data["exposure"].to_numpy() if ratio and "exposure" in data.columns else np.ones(len(y))
    group, period = data["treated"].to_numpy(), data["period"].to_numpy()
    found: dict[str, Array] = {}
    for name, which in (("treated", 1.0), ("comparison", 0.0)):
        own = group == which
        top = np.bincount(period[own], (weight * y)[own], minlength=periods)
        under = np.bincount(period[own], (weight * below)[own], minlength=periods)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[name] = top / under
        if frame.units == "people":
            few = np.bincount(period[own], minlength=periods) < FEWEST_SHOWN
            few |= (top < FEWEST_SHOWN) if set(np.unique(y)) <= {0.0, 1.0} or ratio else False
            found[name] = _three_digits(np.where(few, np.nan, found[name]))
    if path is not None:
        expected = np.full(periods, np.nan)
        for time, value in zip(path.times, path.values, strict=True):
            if time >= 0:
                seen = found["treated"][start + time]
                expected[start + time] = seen / math.exp(min(value, 700.0)) if ratio else seen - value
        expected[start + path.base] = found["treated"][start + path.base]
        found["treated, had they moved as the others"] = expected
    return found


def _three_digits(values: Array) -> Array:
    """A mean at full precision would tell how many people it is of."""
    return np.array([v if math.isnan(v) else float(f"{v:.3g}") for v in values])


def honest_table(found: Honest, *, ratio: bool) -> FactTable:
    """Both kinds of bounds, row by row."""

    def cells(kind: str, one: HonestSet) -> tuple[str | Cell, ...]:
        numbers = (one.low, one.high, one.conf_low, one.conf_high)
        return (kind, one.limit, *(None if x is None else _shown(x, ratio=ratio) for x in numbers))

    rows = [cells("times the largest step before", one) for one in found.relative]
    rows += [cells("change of slope a period", one) for one in found.smooth]
    note = (
        "Mean effect of all periods after the start against the last one before. Between low and high lie the effects "
        "that fit the estimates if trends part by no more than the limit; the interval allows for chance too "
        "(conditional least-favourable test for steps, fixed-length interval for slopes; Rambachan and Roth 2023). "
        "Blank: the path before the start already bends by more than the limit."
    )
    columns = ("limit on how trends may part", "limit", "low", "high", "interval from", "interval to")
    return FactTable("honest-bounds", "If trends were not parallel", columns, tuple(rows), note)
