"""Least squares over weights that are not negative and add up to one, to the exact optimum (pure).

    minimise  |target - A w|^2 + ridge |w|^2     over  w >= 0, sum w = 1

Subtracting the target from every column turns this into the point nearest to the origin in the convex hull of the
columns of D = A - target 1'. Two ways lead there, both by active sets: one column at a time (Wolfe 1976), for weights
of which few are above zero; and whole sets of columns at a time (Hintermueller, Ito and Kunisch 2002), for a ridge that
spreads the weights over many. Whichever is taken, the answer is checked by its Karush-Kuhn-Tucker residual, which is
returned: for a convex problem it is sufficient.

The path A w of the optimum is unique. Where several sets of weights lead to it, the one with the smallest sum of
squares is taken, so that the answer does not hang on the order of the columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_TURNS = 60  # of whole sets; then one column at a time, which cannot go round in circles
EXACT = 1e-9  # relative to the largest product of two columns
DUST = 1e-12


@dataclass(frozen=True, slots=True)
class Simplex:
    """Weights that add up to one.

    ``residual`` is the largest breach of the optimum's conditions, as a share of the mean squared length of a column of
    D; ``unique`` whether no other weights give the same path.
    """

    weights: Array
    residual: float
    unique: bool


def simplex_weights(columns: Array, target: Array, ridge: float = 0.0, near: Array | None = None) -> Simplex:
    """The weights of ``columns`` (rows x donors) that come closest to ``target`` (rows).

    ``near``: weights of a problem much like this one, from which the search sets out; the answer is the same.
    """
    apart = columns - target[:, None]
    scale = float(np.sqrt((apart * apart).sum(axis=0).max(initial=0.0) + ridge)) or 1.0
    apart, ridge = apart / scale, ridge / scale**2
    n = apart.shape[1]
    if n == 1:
        return Simplex(np.ones(1), 0.0, True)
    weights = _by_sets(apart, ridge) if ridge > EXACT else None
    if weights is None:
        weights = _one_by_one(_with_ridge(apart, ridge), near)
    unique = True
    if ridge == 0.0:
        weights, unique = _most_even(apart, weights)
    return Simplex(weights, _residual(apart, ridge, weights), unique)


def _with_ridge(apart: Array, ridge: float) -> Array:
    """The same problem without a ridge: a row more for every column."""
    return np.vstack([apart, np.sqrt(ridge) * np.eye(apart.shape[1])]) if ridge else apart


def _residual(apart: Array, ridge: float, weights: Array) -> float:
    """How far the weights are from the conditions of the optimum: equal gradients where above zero, none lower."""
    gradient = apart.T @ (apart @ weights) + ridge * weights
    level = float(weights @ gradient)
    used = weights > 0
    worst = max(float(np.abs(gradient[used] - level).max()), float((level - gradient).max()))
    return worst / float((apart * apart).sum() / apart.shape[1] + ridge or 1.0)


def _one_by_one(apart: Array, near: Array | None) -> Array:
    """Wolfe's nearest point: add the column that lies nearest, drop those whose weight would turn negative."""
    n = apart.shape[1]
    weights = np.zeros(n)
    if near is None:
        used = [int((apart * apart).sum(axis=0).argmin())]
        weights[used] = 1.0
    else:
        weights[:] = near
        used = _settle(apart, weights, np.flatnonzero(near > 0).tolist())
    for _ in range(20 * n + 100):
        point = apart[:, used] @ weights[used]
        products = apart.T @ point
        level = float(point @ point)
        products[used] = np.inf
        entering = int(products.argmin())
        if not products[entering] < level - DUST * max(1.0, level):
            break
        used = _settle(apart, weights, [*used, entering])
        if entering not in used:  # dust: it would have left at once
            break
    return weights


def _settle(apart: Array, weights: Array, used: list[int]) -> list[int]:
    """Move to the best point of the plane through the used columns; the ones that block the way are dropped."""
    while True:
        wanted = _plane(apart[:, used])
        held = weights[used]
        if (wanted > 0).all():
            weights[used] = wanted
            return used
        falling = wanted <= 0
        steps = held[falling] / np.maximum(held[falling] - wanted[falling], 1e-300)
        step = float(steps.min())
        held = held + step * (wanted - held)
        places = np.flatnonzero(falling)[steps <= step]
        held[places] = 0.0
        weights[used] = np.maximum(held, 0.0)
        used = [column for place, column in enumerate(used) if place not in set(places.tolist())]


def _plane(columns: Array) -> Array:
    """Weights that add up to one, of any sign, of the point nearest to the origin."""
    first, rest = columns[:, :1], columns[:, 1:]
    if not rest.shape[1]:
        return np.ones(1)
    share = np.linalg.lstsq(rest - first, -first[:, 0], rcond=None)[0]
    return np.concatenate([[1.0 - share.sum()], share])


def _by_sets(apart: Array, ridge: float) -> Array | None:
    """All columns whose weight would be positive, again and again, until the set stays; ``None`` if it does not."""
    n = apart.shape[1]
    used = np.ones(n, dtype=bool)
    weights = np.zeros(n)
    for _ in range(MOST_TURNS):
        raw = _ridged(apart[:, used], ridge)
        level = 1.0 / raw.sum()
        weights[:] = 0.0
        weights[used] = raw * level
        slack = apart.T @ (apart @ weights) - level
        renewed = np.where(used, weights > 0, slack < -DUST)
        if (renewed == used).all():
            return weights
        used = renewed
        if not used.any():
            return None
    return None


def _ridged(columns: Array, ridge: float) -> Array:
    """(C'C + ridge I)^-1 1, through the smaller of the two sizes, with one step of refinement."""
    rows, n = columns.shape
    ones = np.ones(n)
    if n <= rows:
        inner = columns.T @ columns
        inner.flat[:: n + 1] += ridge
        return np.asarray(np.linalg.solve(inner, ones))
    outer = columns @ columns.T
    outer.flat[:: rows + 1] += ridge

    def solve(right: Array) -> Array:
        return (right - columns.T @ np.linalg.solve(outer, columns @ right)) / ridge

    found = solve(ones)
    return found + solve(ones - columns.T @ (columns @ found) - ridge * found)


def _most_even(apart: Array, weights: Array) -> tuple[Array, bool]:
    """Of all weights that lead to the same point, those with the smallest sum of squares; and whether there are more.

    Only columns whose product with the point is the lowest can carry weight: the face on which the point lies.
    """
    point = apart @ weights
    slack = apart.T @ point - float(point @ point)
    face = np.flatnonzero((slack <= EXACT) | (weights > 0))
    stacked = np.vstack([apart[:, face], np.ones(face.size)])
    if np.linalg.matrix_rank(stacked, tol=EXACT) == face.size:
        return weights, True
    even = _smallest(stacked, np.concatenate([point, [1.0]]))
    if even is None or np.abs(stacked @ even - np.concatenate([point, [1.0]])).max() > EXACT:
        return weights, False
    spread = np.zeros_like(weights)
    spread[face] = even
    return spread / spread.sum(), False


def _smallest(stacked: Array, right: Array) -> Array | None:
    """The shortest w >= 0 with ``stacked`` w = ``right``: Newton's method on its dual, then exactly on its set."""
    multipliers = np.linalg.lstsq(stacked.T, np.full(stacked.shape[1], 1.0 / stacked.shape[1]), rcond=None)[0]

    def height(at: Array) -> float:
        return float(at @ right - 0.5 * (np.maximum(stacked.T @ at, 0.0) ** 2).sum())

    for _ in range(MOST_TURNS):
        weights = np.maximum(stacked.T @ multipliers, 0.0)
        missing = right - stacked @ weights
        if np.abs(missing).max() < DUST:
            break
        used = stacked[:, weights > 0]
        step = np.linalg.lstsq(used @ used.T + 1e-14 * np.eye(right.size), missing, rcond=None)[0]
        size, start, slope = 1.0, height(multipliers), float(step @ missing)
        while size > 1e-10 and height(multipliers + size * step) < start + 1e-4 * size * slope:
            size /= 2
        multipliers = multipliers + size * step
    support = np.flatnonzero(np.maximum(stacked.T @ multipliers, 0.0) > DUST)
    if not support.size:
        return None
    exact = np.linalg.lstsq(stacked[:, support], right, rcond=None)[0]
    if (exact < -EXACT).any():
        return None
    found = np.zeros(stacked.shape[1])
    found[support] = np.maximum(exact, 0.0)
    return found
