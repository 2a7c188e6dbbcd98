"""The jump at a cut-off with its robust bias-corrected interval, at given bandwidths (pure).

Covariates and what was received enter as in a linear model of the jump: a combination of the columns, the
"combined outcome", has the jump, the bias and the variance that the estimate has. So there is one engine for sharp,
fuzzy and adjusted designs.
Source: Calonico, Cattaneo and Titiunik (2014); Calonico, Cattaneo, Farrell and Titiunik (2019), REStat 101:442-451.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from evaluation.discontinuity.local_polynomial import Kernel, LocalPolynomial, Side, TooFewPoints
from evaluation.discontinuity.spread import Variance, person_spread
from evaluation.regression.linear import Array, independent_columns
from evaluation.regression.sums import sums_by


@dataclass(frozen=True, slots=True)
class Bandwidths:
    """How far from the cut-off people count: ``h`` for the fit, ``b`` for the fit of its bias, on each side."""

    h_left: float
    h_right: float
    b_left: float
    b_right: float

    @classmethod
    def equal(cls, h: float, b: float | None = None) -> Bandwidths:
        """The same on both sides."""
        return cls(h, h, b or h, b or h)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is fitted: the order of the polynomial, the kernel, and how errors are worked out."""

    order: int = 1
    kernel: Kernel = "triangular"
    variance: Variance = "nearest-neighbour"


@dataclass(frozen=True)
class Scores:
    """People sorted by their distance from the cut-off; treated from nought upwards.

    ``fuzzy``: the second column of each side's ``values`` is what was received; covariates come after.
    """

    left: Side
    right: Side
    fuzzy: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Left, right."""
        return self.left, self.right

    @property
    def first_covariate(self) -> int:
        """The column of ``values`` where covariates begin."""
        return 2 if self.fuzzy else 1

    @property
    def has_covariates(self) -> bool:
        """Say whether there are covariates."""
        return bool(self.left.values.shape[1] > self.first_covariate)


@dataclass(frozen=True, slots=True)
class Jump:
    """The jump (or the ratio of two) at the cut-off.

    ``conventional`` with ``conventional_error`` ignores the bias of the fit; ``value`` is corrected for it and
    ``std_error`` counts the correction's own error. ``ends``: the fitted outcome just left and just right.
    ``clusters``: how many entered the errors, or None. Of a fuzzy design
    ``first_stage`` is the jump of what was received and ``offered`` that of the outcome.
    """

    value: float
    std_error: float
    conventional: float
    conventional_error: float
    n_left: int
    n_right: int
    n_left_bias: int
    n_right_bias: int
    ends: tuple[float, float]
    clusters: int | None = None
    first_stage: Jump | None = None
    offered: Jump | None = None


def sorted_scores(
    x: Array,
    y: Array,
    received: Array | None = None,
    covariates: Array | None = None,
    groups: npt.NDArray[np.int64] | None = None,
) -> Scores:
    """Split people at nought, which belongs to the right, and sort each side by distance."""
    columns = [y[:, None]]
    columns += [] if received is None else [received[:, None]]
    columns += [] if covariates is None else [covariates]
    values = np.hstack(columns)
    order = np.argsort(x, kind="stable")
    cut = int((x < 0).sum())

    def side(rows: npt.NDArray[np.intp]) -> Side:
        return Side(x[rows], values[rows], None if groups is None else groups[rows])

    return Scores(side(order[:cut]), side(order[cut:]), received is not None)


def jump_at_cutoff(scores: Scores, widths: Bandwidths, recipe: Recipe) -> Jump:
    """Estimate the jump at given bandwidths. Raise TooFewPoints where a window cannot bear the polynomial."""
    combined, base = combined_outcome(scores, (widths.h_left, widths.h_right), recipe)
    parts = [
        _one_side(side, u, h, b, recipe)
        for side, u, h, b in zip(
            scores.sides,
            combined,
            (widths.h_left, widths.h_right),
            (widths.b_left, widths.b_right),
            strict=True,
        )
    ]
    left, right = parts
    plain = _error(scores, parts, "plain", recipe)
    robust = _error(scores, parts, "robust", recipe)
    return Jump(
        value=base + right.robust_end - left.robust_end,
        std_error=robust[0],
        conventional=base + right.end - left.end,
        conventional_error=plain[0],
        n_left=left.n,
        n_right=right.n,
        n_left_bias=left.n_bias,
        n_right_bias=right.n_bias,
        ends=_ends(scores, widths, recipe),
        clusters=robust[1],
        first_stage=_of_one(scores, 1, widths, recipe) if scores.fuzzy else None,
        offered=_of_one(scores, 0, widths, recipe) if scores.fuzzy else None,
    )


def shares_of(scores: Scores, widths: Bandwidths, recipe: Recipe) -> tuple[float, Array]:
    """A sharp, unadjusted jump corrected for its bias, and everybody's share in its error: left, then right."""
    whole, ends = [], []
    for sign, side, h, b in (
        (-1.0, scores.left, widths.h_left, widths.b_left),
        (1.0, scores.right, widths.h_right, widths.b_right),
    ):
        part = _one_side(side, side.values[:, 0], h, b, recipe)
        place = np.zeros(side.n)
        place[part.rows] = sign * part.robust
        whole.append(place)
        ends.append(part.robust_end)
    return ends[1] - ends[0], np.concatenate(whole)


def pair_of_jumps(
    scores: Scores, widths: Bandwidths, recipe: Recipe
) -> tuple[tuple[float, float], tuple[float, float, float]]:
    """Of a fuzzy design the corrected jumps of the outcome and of what was received, with their variances.

    The three are those of the outcome, of both together, and of what was received.
    """
    adjusted = _adjusted(scores, (widths.h_left, widths.h_right), recipe)
    both = []
    for column in (0, 1):
        parts = [
            _one_side(side, part[:, column], h, b, recipe)
            for side, part, h, b in zip(
                scores.sides,
                adjusted,
                (widths.h_left, widths.h_right),
                (widths.b_left, widths.b_right),
                strict=True,
            )
        ]
        both.append(parts)
    jumps = tuple(parts[1].robust_end - parts[0].robust_end for parts in both)
    shares = np.column_stack([np.concatenate([-parts[0].robust, parts[1].robust]) for parts in both])
    if scores.left.groups is not None and scores.right.groups is not None:
        groups = [side.groups[part.rows] for side, part in zip(scores.sides, both[0], strict=True)]  # type: ignore[index]
        codes = np.unique(np.concatenate(groups), return_inverse=True)[1]
        count = int(codes.max()) + 1
        shares = sums_by(codes, shares)
        shares *= np.sqrt(count / max(count - 1, 1))
    spread = shares.T @ shares
    return (float(jumps[0]), float(jumps[1])), (float(spread[0, 0]), float(spread[0, 1]), float(spread[1, 1]))


def _adjusted(scores: Scores, h: tuple[float, float], recipe: Recipe) -> tuple[Array, Array]:
    """The outcome and what was received on each side, with what covariates say taken off."""
    own = scores.first_covariate
    if not scores.has_covariates:
        return scores.left.values[:, :own], scores.right.values[:, :own]
    fits = [
        side.window(width, recipe.order, recipe.kernel) for side, width in zip(scores.sides, h, strict=True)
    ]
    slopes = _slopes(scores, fits)
    left, right = (side.values[:, :own] - side.values[:, own:] @ slopes for side in scores.sides)
    return left, right


def combined_outcome(
    scores: Scores, h: tuple[float, float], recipe: Recipe
) -> tuple[tuple[Array, Array], float]:
    """The combination of columns whose jump is the estimate less ``base``, on each side.

    Covariates are taken off with the slopes of the local fit, which are the same on both sides. Of a fuzzy design the
    combination is the linear part of the ratio of jumps, and ``base`` the ratio itself.
    """
    if not scores.fuzzy and not scores.has_covariates:
        return (scores.left.values[:, 0], scores.right.values[:, 0]), 0.0
    adjusted = _adjusted(scores, h, recipe)
    if not scores.fuzzy:
        return (adjusted[0][:, 0], adjusted[1][:, 0]), 0.0
    fits = [
        side.window(width, recipe.order, recipe.kernel) for side, width in zip(scores.sides, h, strict=True)
    ]
    ends = [fit.weights() @ part[fit.rows] for fit, part in zip(fits, adjusted, strict=True)]
    outcome, uptake = ends[1] - ends[0]
    if abs(uptake) < 1e-12:
        raise TooFewPoints
    ratio = outcome / uptake
    left, right = ((part[:, 0] - ratio * part[:, 1]) / uptake for part in adjusted)
    return (left, right), float(ratio)


def _slopes(scores: Scores, fits: list[LocalPolynomial]) -> Array:
    """Slopes of the first columns on the covariates, polynomials of each side taken out of both."""
    own = scores.first_covariate
    parts, weights = [], []
    for side, fit in zip(scores.sides, fits, strict=True):
        values = side.values[fit.rows]
        parts.append(np.column_stack([fit.residuals(column) for column in values.T]))
        weights.append(np.sqrt(fit.kernel))
    rest = np.vstack(parts) * np.concatenate(weights)[:, None]
    names = tuple(str(i) for i in range(rest.shape[1] - own))
    scale = np.abs(np.vstack([side.values[:, own:] for side in scores.sides])).max(axis=0)
    z = np.where(np.abs(rest[:, own:]).max(axis=0) > 1e-10 * np.maximum(scale, 1e-300), rest[:, own:], 0.0)
    kept_columns, kept = independent_columns(z, names)
    slopes = np.zeros((z.shape[1], own))
    if kept:
        slopes[[int(name) for name in kept]] = np.linalg.lstsq(kept_columns, rest[:, :own], rcond=None)[0]
    return slopes


@dataclass(frozen=True, slots=True)
class _Part:
    """One side: its two fits of the boundary, and each person's share in their errors (rows of the wider window).

    ``counted``: who has any weight in either fit.
    """

    end: float
    robust_end: float
    n: int
    n_bias: int
    rows: slice
    plain: Array
    robust: Array
    counted: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def _one_side(side: Side, y: Array, h: float, b: float, recipe: Recipe) -> _Part:
    """Boundary of one side, with the bias estimated by a polynomial one order higher at bandwidth ``b``."""
    p = recipe.order
    fit = side.window(h, p, recipe.kernel)
    bias = side.window(b, p + 1, recipe.kernel)
    rows = slice(min(fit.start, bias.start), max(fit.stop, bias.stop))
    plain, robust = np.zeros(rows.stop - rows.start), np.zeros(rows.stop - rows.start)
    inner = slice(fit.start - rows.start, fit.stop - rows.start)
    outer = slice(bias.start - rows.start, bias.stop - rows.start)
    plain[inner] = fit.weights()
    robust[inner] = plain[inner]
    robust[outer] -= h ** (p + 1) * fit.bias_constant() * bias.weights(p + 1)
    ends = float(plain @ y[rows]), float(robust @ y[rows])
    counted = plain != 0, robust != 0
    if recipe.variance == "nearest-neighbour" and side.groups is None:
        strays = side.neighbour_residuals(y, rows)
        return _Part(*ends, fit.n, bias.n, rows, plain * strays, robust * strays, counted)
    apart = [np.zeros(len(plain)), np.zeros(len(plain))]
    for place, one, where in zip(apart, (fit, bias), (inner, outer), strict=True):
        place[where] = person_spread(side, y, one, recipe.variance)
    if h > b:  # beyond the window of the bias only the fit itself has residuals
        apart[1] = np.where(np.abs(side.x[rows]) > b, apart[0], apart[1])
    return _Part(*ends, fit.n, bias.n, rows, plain * apart[0], robust * apart[1], counted)


def _error(
    scores: Scores, parts: list[_Part], which: Literal["plain", "robust"], recipe: Recipe
) -> tuple[float, int | None]:
    """Error of the difference: shares squared and summed, or summed within clusters first.

    A cluster on both sides of the cut-off counts once, with what it says on either.
    """
    signed = [sign * getattr(part, which) for sign, part in zip((-1.0, 1.0), parts, strict=True)]
    if scores.left.groups is None or scores.right.groups is None:
        return float(np.sqrt(sum(float(one @ one) for one in signed))), None
    groups = [side.groups[part.rows] for side, part in zip(scores.sides, parts, strict=True)]  # type: ignore[index]
    share = np.concatenate(signed)
    there = np.concatenate([part.counted[0 if which == "plain" else 1] for part in parts])
    codes = np.unique(np.concatenate(groups)[there], return_inverse=True)[1]
    sums = np.bincount(codes, weights=share[there])
    count, n = len(sums), int(there.sum())
    k = 2 * (recipe.order + 1 if which == "plain" else recipe.order + 2)
    factor = count / max(count - 1, 1) * (n - 1) / max(n - k, 1)
    return float(np.sqrt(factor * float(sums @ sums))), count


def _ends(scores: Scores, widths: Bandwidths, recipe: Recipe) -> tuple[float, float]:
    """The fitted outcome just below and just at the cut-off, nothing adjusted."""
    found = []
    for side, h in zip(scores.sides, (widths.h_left, widths.h_right), strict=True):
        fit = side.window(h, recipe.order, recipe.kernel)
        found.append(float(fit.weights() @ side.values[fit.rows, 0]))
    return found[0], found[1]


def _of_one(scores: Scores, column: int, widths: Bandwidths, recipe: Recipe) -> Jump:
    """The jump of the outcome (0) or of what was received (1) alone, by the same bandwidths and covariates."""

    def of(side: Side) -> Side:
        return Side(side.x, np.delete(side.values, 1 - column, axis=1), side.groups)

    return jump_at_cutoff(Scores(of(scores.left), of(scores.right)), widths, recipe)
