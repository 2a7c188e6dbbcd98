"""What the charts and tables of a discontinuity show, as data: means of people alike in score, fits, density (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.discontinuity.continuity import Continuity, Seen
from evaluation.discontinuity.density import DensityJump
from evaluation.discontinuity.local_polynomial import Side, TooFewPoints, polynomial
from evaluation.discontinuity.people import Fitted, People, around
from evaluation.discontinuity.settings import DiscontinuitySettings
from evaluation.figures import FactTable, Figure, Line
from evaluation.plan import PlannedOutcome
from evaluation.regression.linear import Array

A_BIN = 20  # people a point stands for, at least: a mean of fewer could be read as somebody's
MOST_BINS = 12
FEW = 10  # events, or people without one, a share of a point stands for at least
STEPS = 12  # points of a fitted curve; a line has its two ends
ASIDE = 0.03  # of a bandwidth: the two densities at the cut-off are drawn beside each other
FARTHEST = 3.0  # bandwidths from the cut-off that are shown


def jump_figure(
    people: People, fitted: Fitted, settings: DiscontinuitySettings, outcome: PlannedOutcome
) -> Figure:
    """Means of the outcome by score, and the fitted lines on both sides."""
    lines = []
    label = outcome.label
    away = around(people, fitted.way.donut)
    for side, h, title in (
        (away.only(away.x < 0), fitted.widths.h_left, "below"),
        (away.only(away.x >= 0), fitted.widths.h_right, "above"),
    ):
        near = side.only(np.abs(side.x) <= FARTHEST * h)
        x, y = _means(near.x, near.y, shares=outcome.kind == "binary")
        said = _words(title, settings)
        lines.append(Line(f"mean outcome, {said}", "points", _scores(x, settings), y))
        lines += _fit_line(side, h, fitted, settings, said)
    marks = ((settings.cutoff, "cut-off"),)
    return Figure("jump", f"{label}, by {settings.running}", settings.running, label, tuple(lines), marks)


def _words(side: str, settings: DiscontinuitySettings) -> str:
    return "treated side" if side == "above" else "other side"


def _scores(x: Array, settings: DiscontinuitySettings) -> tuple[float, ...]:
    """Distances from the cut-off as scores of the data."""
    turned = x if settings.treated_above else -x
    return tuple(float(value) for value in turned + settings.cutoff)


def _means(x: Array, y: Array, *, shares: bool) -> tuple[Array, tuple[float | None, ...]]:
    """Mean score and outcome of people alike in score, none smaller than a bin; equal scores stay together.

    A share that stands for a few people, or for all but a few, is left out.
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    bins = min(MOST_BINS, len(x) // A_BIN)
    if bins < 1:
        return np.empty(0), ()
    edges = [0]
    for k in range(1, bins):
        wanted = max(round(k * len(x) / bins), edges[-1] + A_BIN)
        if wanted >= len(x) - A_BIN:
            break
        cut = int(np.searchsorted(x, x[wanted], side="left"))
        cut = cut if cut - edges[-1] >= A_BIN else int(np.searchsorted(x, x[wanted], side="right"))
        if len(x) - cut >= A_BIN:
            edges.append(cut)
    first = np.array(sorted(set(edges)))
    size = np.diff([*first, len(x)])
    total = np.add.reduceat(y, first)
    safe = (np.minimum(total, size - total) >= FEW) if shares else np.ones(len(size), dtype=bool)
    means = tuple(float(v) if kept else None for v, kept in zip(total / size, safe, strict=True))
    return np.add.reduceat(x, first) / size, means


def _fit_line(
    side: People, h: float, fitted: Fitted, settings: DiscontinuitySettings, said: str
) -> list[Line]:
    recipe = fitted.way.recipe
    order = np.argsort(side.x, kind="stable")
    sorted_side = Side(side.x[order], side.y[order][:, None])
    try:
        fit = sorted_side.window(h, recipe.order, recipe.kernel)
        coefficients = fit.coefficients(sorted_side.values[fit.rows, 0])
    except TooFewPoints:
        return []
    sign = -1.0 if side.x[0] < 0 else 1.0
    x = sign * np.linspace(0.0, min(h, sorted_side.reach), STEPS if recipe.order > 1 else 2)
    values = polynomial(coefficients, x / h)
    kind = "observed" if sign > 0 else "comparison"
    return [Line(f"fitted line, {said}", kind, _scores(x, settings), tuple(map(float, values)))]  # type: ignore[arg-type]


def density_figure(people: People, found: DensityJump, settings: DiscontinuitySettings) -> Figure:
    """How many people there are by score, as a density, and the density at the cut-off from either side."""
    lines = []
    n = len(people.x)
    for side, h, f, error, title in (
        (people.x[people.x < 0], found.h_left, found.left, found.error_left, "below"),
        (people.x[people.x >= 0], found.h_right, found.right, found.error_right, "above"),
    ):
        x, y = _bars(np.sort(side[np.abs(side) <= FARTHEST * h]), n)
        said = _words(title, settings)
        lines.append(Line(f"density, {said}", "points", _scores(x, settings), y))
        kind = "observed" if title == "above" else "comparison"
        ends = (f - 1.96 * error,), (f + 1.96 * error,)
        beside = _scores(np.array([ASIDE * h if title == "above" else -ASIDE * h]), settings)
        lines.append(Line(f"density at the cut-off, {said}", kind, beside, (f,), *ends))  # type: ignore[arg-type]
    marks = ((settings.cutoff, "cut-off"),)
    return Figure(
        "density",
        f"How many people have which {settings.running}",
        settings.running,
        "density",
        tuple(lines),
        marks,
    )


def _bars(x: Array, n: int) -> tuple[Array, tuple[float, ...]]:
    """Middles and heights of bars that are equally wide and hold people enough on average."""
    bars = min(MOST_BINS, len(x) // A_BIN)
    if bars < 1 or np.ptp(x) == 0:
        return np.empty(0), ()
    distinct = np.unique(x)
    width = np.ptp(x) / bars
    unit = float(np.diff(distinct).min())
    if len(distinct) < 0.8 * len(x):  # whole units, so that no bar holds more of them than the next
        width = unit * max(1.0, np.ceil(width / unit))
    nearest = x.max() if x.max() < 0 else x.min()
    start = 0.0 if nearest >= 0 else -width * np.ceil(-x.min() / width)
    count = np.bincount(((x - start) / width + 1e-9).astype(np.int64))
    middle = start + width * (np.arange(len(count)) + 0.5)
    kept = count >= FEW
    return middle[kept], tuple(
        float(f"{v:.2g}") for v in count[kept] / (n * width)
    )  # no count to be read off


def widths_table(fitted: Fitted, settings: DiscontinuitySettings) -> FactTable:
    """The bandwidths that were used, in units of the score, left and right as the score runs."""
    w = fitted.widths
    rows = (("of the fit", w.h_left, w.h_right), ("of its bias", w.b_left, w.b_right))
    turned = rows if settings.treated_above else tuple((name, right, left) for name, left, right in rows)
    return FactTable(
        "bandwidths", "How near the cut-off people count", ("bandwidth", "below", "above"), turned
    )


def jumps_table(name: str, title: str, rows: tuple[Seen, ...], note: str = "") -> FactTable | None:
    """Jumps where none should be."""
    if not rows:
        return None
    body = tuple((row.name, row.value, row.std_error, row.p_value) for row in rows)
    return FactTable(name, title, ("of", "jump", "standard error", "p-value"), body, note)


def covariates_table(found: Continuity) -> FactTable | None:
    """The jump of each covariate."""
    note = "" if found.p_value is None else f"All together: p = {found.p_value:.3f}."
    return jumps_table("covariates", "What was known before, at the cut-off", found.rows, note)
