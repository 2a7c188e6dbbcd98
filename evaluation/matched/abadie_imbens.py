"""Abadie and Imbens's matching estimator with replacement, and its own standard error (pure).

Every treated person is compared with the mean of the closest comparison people, who may serve again; those as far as
the last of them (their squared gap, in variances of the score, within 1e-5 of it) share the place. The error counts how
often each comparison person serves, which a bootstrap cannot do. The variance of outcomes about what the score says is
taken to be the same for everyone; the score is taken as given.
Source: Abadie and Imbens (2006, 2011 for the correction of bias by regression among the comparison people).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evaluation.regression.linear import NotIdentified, independent_columns

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
TIE = 1e-5
DUST = 1e-13


@dataclass(frozen=True, slots=True)
class Compared:
    """The effect on the treated who found a match, its error, both means, and how often each person serves.

    ``served`` is of shape (n,): sums of weights over the treated they stand for, 0 for the treated. ``kept`` says which
    of the treated were matched.
    """

    value: float
    std_error: float
    means: tuple[float, float]
    served: Array = field(repr=False)
    kept: npt.NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Ranges:
    """For each treated person of a group, which of its comparison people (by rising score) stand for them."""

    treated: Rows
    zeros: Rows
    low: Rows
    high: Rows


def compare_with_replacement(
    y: Array,
    treated: Array,
    score: Array,
    groups: list[Rows],
    *,
    ratio: int = 1,
    limit: float = math.inf,
    covariates: Array | None = None,
) -> Compared:
    """Compare each treated person with their ``ratio`` closest; ``limit`` is in the score's own unit.

    ``groups`` are the rows within which people may be matched. With ``covariates`` (n, k) the difference that is left
    between matched people is taken off by a linear regression among the comparison people, each counted as often as
    they serve. Raises NotIdentified where nobody is matched.
    """
    tie = TIE * float(score.var(ddof=1))
    ranges = [_ranges(score, treated, rows, ratio, limit, tie) for rows in groups]
    served, squares = np.zeros(len(y)), np.zeros(len(y))
    for part in ranges:
        _count(part, served, squares)
    kept = np.zeros(len(y), dtype=np.bool_)
    for part in ranges:
        kept[part.treated] = part.high > part.low
    if not kept.any():
        raise NotIdentified
    if covariates is not None:
        y = y - covariates @ _slopes(y, covariates, served)
    others, spread = np.zeros(len(y)), np.zeros(len(y))
    for part in ranges:
        others[part.treated], spread[part.treated] = _moments(y, part)
    n = int(kept.sum())
    own = (y - others)[kept]
    value = float(own.mean())
    noise = 0.5 * float(((own - value) ** 2 + spread[kept]).mean())
    variance = noise * float((served**2 - squares).sum()) / n**2 + float(((own - value) ** 2).sum()) / n**2
    mean, error = float(y[kept].mean()), math.sqrt(max(variance, 0.0))
    dust = DUST * float(np.abs(y - y.mean()).max())  # what running sums leave of differences that are none
    value, error = (0.0 if abs(part) <= dust else part for part in (value, error))
    return Compared(value, error, (mean, mean - value), served, kept)


def _ranges(score: Array, treated: Array, rows: Rows, ratio: int, limit: float, tie: float) -> _Ranges:
    """The comparison people of each treated one, as a range of places in the order of their scores."""
    ones, zeros = rows[treated[rows] == 1], rows[treated[rows] == 0]
    zeros = zeros[np.argsort(score[zeros], kind="stable")]
    if not len(ones) or not len(zeros):
        nobody = np.zeros(len(ones), dtype=np.int64)
        return _Ranges(ones, zeros, nobody, nobody)
    values, own = score[zeros], score[ones]
    count = min(ratio, len(zeros))
    at = np.searchsorted(values, own)
    near = np.full((len(own), 2 * count), np.inf)
    for step in range(-count, count):
        place = at + step
        inside = (place >= 0) & (place < len(values))
        near[inside, step + count] = np.abs(values[place[inside]] - own[inside])
    last = np.partition(near, count - 1, axis=1)[:, count - 1]
    reach = np.minimum(np.sqrt(last**2 + tie), limit)
    low, high = np.searchsorted(values, own - reach, "left"), np.searchsorted(values, own + reach, "right")
    return _Ranges(ones, zeros, low.astype(np.int64), high.astype(np.int64))


def _count(part: _Ranges, served: Array, squares: Array) -> None:
    """Add to how often comparison people serve: their shares in each treated person's place, and the squares."""
    size = part.high - part.low
    some = size > 0
    for total, power in ((served, 1), (squares, 2)):
        steps = np.zeros(len(part.zeros) + 1)
        np.add.at(steps, part.low[some], 1.0 / size[some] ** power)
        np.add.at(steps, part.high[some], -1.0 / size[some] ** power)
        found = np.cumsum(steps)[:-1]
        total[part.zeros] = np.where(found > 1e-9, found, 0.0)


def _moments(y: Array, part: _Ranges) -> tuple[Array, Array]:
    """Mean and variance of the outcomes of each treated person's comparison people (0 where there are none)."""
    size = np.maximum(part.high - part.low, 1)
    mine = y[part.zeros]
    centre = float(mine.mean()) if len(mine) else 0.0
    sums = np.concatenate([[0.0], np.cumsum(mine - centre)])
    squared = np.concatenate([[0.0], np.cumsum((mine - centre) ** 2)])
    mean = (sums[part.high] - sums[part.low]) / size
    spread = np.maximum((squared[part.high] - squared[part.low]) / size - mean**2, 0.0)
    return mean + centre, spread


def _slopes(y: Array, covariates: Array, served: Array) -> Array:
    """Slopes of the outcome in the covariates among the comparison people, each as often as they serve."""
    rows = served > 0
    names = tuple(str(j) for j in range(covariates.shape[1]))
    spread = covariates.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    centred = (covariates[rows] - np.average(covariates[rows], axis=0, weights=served[rows])) / scale
    root = np.sqrt(served[rows])
    design, kept = independent_columns(centred * root[:, None], names)
    slopes = np.zeros(covariates.shape[1])
    if not kept:
        return slopes
    mean = float(np.average(y[rows], weights=served[rows]))
    found = np.linalg.lstsq(design, (y[rows] - mean) * root, rcond=None)[0]
    slopes[[int(name) for name in kept]] = found
    return np.asarray(slopes / scale)
