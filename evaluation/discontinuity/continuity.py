"""What must not jump at the cut-off: what people were like before, and the outcome at cut-offs that are none (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtr

from evaluation.discontinuity.bandwidths import choose_bandwidths
from evaluation.discontinuity.jump import Recipe, Scores, shares_of
from evaluation.discontinuity.local_polynomial import TooFewPoints
from evaluation.discontinuity.people import People, Way, fit_way
from evaluation.multiplicity import adjusted
from evaluation.regression.linear import Array, independent_columns
from evaluation.regression.sums import sums_by

FEWEST_PLACEBO = 30
DUST = 1e-9


@dataclass(frozen=True, slots=True)
class Seen:
    """A jump where none should be: ``name``, robust value, error and p-value; None where it cannot be told."""

    name: str
    value: float | None
    std_error: float | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Continuity:
    """The jump of each covariate, the test of all together, and covariates that the cut-off decides."""

    rows: tuple[Seen, ...]
    p_value: float | None
    decided: tuple[str, ...]


def covariate_jumps(people: People, recipe: Recipe, donut: float = 0.0) -> Continuity:
    """Each covariate as if it were the outcome, at its own best bandwidth; and all together.

    The joint test is Wald's, with the covariance of the people's shares in each jump.
    """
    rows: list[Seen] = []
    shares: list[Array] = []
    decided: list[str] = []
    away = people.only(np.abs(people.x) >= donut) if donut else people
    for name, column in zip(people.names, away.covariates.T, strict=True):
        found, part = _one(away, name, column, recipe)
        rows.append(found)
        if part is not None:
            shares.append(part)
        elif found.value is not None and abs(found.value) > DUST * max(1.0, float(np.abs(column).max())):
            decided.append(name)
    return Continuity(tuple(rows), _joint(rows, shares, away), tuple(decided))


def _one(people: People, name: str, column: Array, recipe: Recipe) -> tuple[Seen, Array | None]:
    """A covariate's jump, and everybody's share in it (sorted left, then right); no shares where nobody strays."""
    scores: Scores = people.sorted(column, adjusted=False, fuzzy=False)
    try:
        widths = choose_bandwidths(scores, "mse", recipe)
        value, share = shares_of(scores, widths, recipe)
    except TooFewPoints:
        level = [side.values[:, 0] for side in scores.sides]
        flat = all(len(part) and np.ptp(part) == 0 for part in level)
        return Seen(name, float(level[1][0] - level[0][0]) if flat else None, None, None), None
    error = float(np.sqrt(_squares(share, scores)))
    if error <= DUST * max(float(np.abs(column).max()), 1e-300):
        return Seen(name, value, None, None), None
    return Seen(name, value, error, float(2 * ndtr(-abs(value / error)))), share


def _groups_of(scores: Scores) -> Array | None:
    if scores.left.groups is None or scores.right.groups is None:
        return None
    return np.concatenate([scores.left.groups, scores.right.groups])


def _squares(share: Array, scores: Scores) -> float:
    groups = _groups_of(scores)
    if groups is None:
        return float(share @ share)
    sums = np.bincount(np.asarray(groups, dtype=np.int64), weights=share)
    return float(sums @ sums)


def _joint(rows: list[Seen], shares: list[Array], people: People) -> float | None:
    """p-value of the hypothesis that nothing jumps."""
    values = np.array([row.value for row in rows if row.std_error is not None], dtype=np.float64)
    if not len(values):
        return None
    matrix = np.column_stack(shares)
    groups = _groups_of(people.sorted(adjusted=False, fuzzy=False))
    if groups is not None:
        codes = np.unique(groups, return_inverse=True)[1]
        matrix = sums_by(codes, matrix)
    kept = independent_columns(matrix, tuple(map(str, range(matrix.shape[1]))))[1]
    places = [int(name) for name in kept]
    chosen = matrix[:, places]
    wald = float(values[places] @ np.linalg.solve(chosen.T @ chosen, values[places]))
    return float(chdtrc(len(places), wald))


def placebo_jumps(
    people: People, way: Way, cutoffs: tuple[tuple[str, float], ...]
) -> tuple[tuple[Seen, ...], float | None]:
    """The outcome's jump at false cut-offs, each among people of its own side only; and the smallest p-value (Holm).

    ``cutoffs``: a name and the distance from the true one.
    """
    rows = []
    for name, at in cutoffs:
        side = people.only((people.x >= 0) if at > 0 else (people.x < 0))
        moved = People(side.x - at, side.y, None, side.covariates, side.names, side.groups)
        rows.append(_placebo(name, moved, way))
    known = adjusted([row.p_value for row in rows], "holm")
    smallest = [p for p in known if p is not None]
    return tuple(rows), min(smallest) if smallest else None


def _placebo(name: str, people: People, way: Way) -> Seen:
    try:
        jump = fit_way(people, Way(way.recipe, way.rule, None, 0.0, way.adjusted)).jump
    except TooFewPoints:
        return Seen(name, None, None, None)
    if min(jump.n_left, jump.n_right) < FEWEST_PLACEBO or not jump.std_error > 0:
        return Seen(name, None, None, None)
    return Seen(name, jump.value, jump.std_error, float(2 * ndtr(-abs(jump.value / jump.std_error))))


def middles(people: People) -> tuple[float, ...]:
    """False cut-offs where the plan names none: the middle of each side's people, as distances from the true one."""
    sides = (people.x[people.x < 0], people.x[people.x >= 0])
    return tuple(float(np.median(side)) for side in sides if len(side))
