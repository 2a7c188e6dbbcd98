"""What is left of an effect if trends may part after the start by so many times what they did before it (pure).

Relative magnitudes: no step of the difference in trends after the start is larger than ``mbar`` times the largest
step before. The set of effects that fit is closed in form: its half width is mbar x largest step x the sum of
|tail sums of the weights|. The confidence set inverts the conditional least-favourable hybrid test of Andrews, Roth
and Pakes for each step that could be the largest, and either sign; the nuisance directions are taken out by hand, so
that the vertices of the dual linear programme are a short list and no programme is solved.
Source: Rambachan and Roth (2023); Andrews, Roth and Pakes (2023). Names as in the R package HonestDiD (C-LF).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtri

from evaluation.differences_in_time.path import EffectPath
from evaluation.regression.linear import Array

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
FIRST_STAGE = 0.1  # share of alpha spent on the least favourable critical value
DRAWS = 5_000
FLAT = 1e-9
STEPS = 200  # of the search for the ends, over 20 errors either side of the identified set
HALVINGS = 22
ZOOMS = 4  # each looks between two values of the search before
LARGEST = 20.0  # a breakdown value above it is not looked for


@dataclass(frozen=True, slots=True)
class HonestSet:
    """The effects that fit with a limit on how trends part (``low``, ``high``), and the set that covers the effect.

    ``limit`` is mbar, or the largest change of slope. ``conf_low``/``conf_high`` are ``None`` where no error is known.
    """

    limit: float
    low: float | None
    high: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class _Largest:
    """One guess of which step before was the largest, and its sign: moments as rows of a matrix on the path.

    Row 0 and 1 bound the effect from either side; the others say that the step has the guessed sign.
    ``pull`` is what the tested effect takes from each row.
    """

    rows: Array
    pull: Array
    covariance: Array
    critical: float


def relative_bounds(
    path: EffectPath, mbar: float, alpha: float = 0.05, *, weights: Array | None = None, seed: int = 0,
    hybrid: bool = True,
) -> HonestSet:  # fmt: skip
    """The identified set and the confidence set (level 1 - alpha) of a mean of the treated periods.

    Needs one period before the base at least. ``hybrid=False`` gives the conditional test alone.
    """
    chosen = path.contrast(weights)
    value = float(chosen @ path.values)
    half = mbar * float(np.abs(_steps(path)[: path.before] @ path.values).max()) * _reach(path, chosen)
    if not path.errors.any():
        return HonestSet(mbar, value - half, value + half, None, None)
    guesses = _guesses(path, mbar, chosen, alpha, seed, hybrid=hybrid)

    def kept(effects: Array) -> Flags:
        each = [_accepts(guess, path.values, effects, alpha, hybrid=hybrid) for guess in guesses]
        return np.asarray(np.any(each, axis=0))

    error = float(np.sqrt(chosen @ path.covariance @ chosen))
    ends = [_end(kept, value + sign * half, sign * error) for sign in (-1.0, 1.0)]
    return HonestSet(mbar, value - half, value + half, ends[0], ends[1])


def relative_breakdown(
    path: EffectPath, alpha: float = 0.05, *, null: float = 0.0, weights: Array | None = None, seed: int = 0
) -> float:
    """The largest mbar at which the confidence set still leaves ``null`` out; 0 where it never does."""
    chosen = path.contrast(weights)

    def leaves_out(mbar: float) -> bool:
        guesses = _guesses(path, mbar, chosen, alpha, seed, hybrid=True)
        nought = np.array([null])
        return not any(_accepts(guess, path.values, nought, alpha, hybrid=True)[0] for guess in guesses)

    if not leaves_out(0.0):
        return 0.0
    if leaves_out(LARGEST):
        return LARGEST
    low, high = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if leaves_out(middle) else (low, middle)
    return low


def _steps(path: EffectPath) -> Array:
    """First differences of the path with its base of nought put in: (k, k), those before the start first."""
    count = len(path.times)
    whole = np.insert(np.eye(count), path.before, 0.0, axis=0)
    return np.asarray(np.diff(whole, axis=0))


def _tails(path: EffectPath, chosen: Array) -> Array:
    """How much of each step after the start is in the effect."""
    return np.asarray(np.cumsum(chosen[path.before :][::-1])[::-1])


def _reach(path: EffectPath, chosen: Array) -> float:
    return float(np.abs(_tails(path, chosen)).sum())


def _guesses(
    path: EffectPath, mbar: float, chosen: Array, alpha: float, seed: int, *, hybrid: bool
) -> list[_Largest]:
    steps, tails = _steps(path), _tails(path, chosen)
    found = []
    for place in range(path.before):
        for sign in (1.0, -1.0):
            rows, pull = _moments(path, sign * steps[place], steps[path.before :], tails, mbar)
            covariance = rows @ path.covariance @ rows.T
            level = 1 - FIRST_STAGE * alpha
            critical = _least_favourable(covariance, level, seed) if hybrid else math.inf
            found.append(_Largest(rows, pull, covariance, critical))
    return found


def _moments(
    path: EffectPath, largest: Array, after: Array, tails: Array, mbar: float
) -> tuple[Array, Array]:
    """Vertices of the dual programme: each a moment that is at most nought where the guess and the effect are right.

    A step's two inequalities are +-step - mbar x largest; their errors scale the moments, as in the original test.
    """
    error = [np.sqrt(np.maximum(np.einsum("kp,pq,kq->k", rows, path.covariance, rows), 0.0))
             for rows in (after - mbar * largest, -after - mbar * largest)]  # fmt: skip
    rows, pull = [], []
    for sign in (1.0, -1.0):
        up = sign * tails > 0
        weight = np.abs(tails)
        scale = float((weight * np.where(up, error[0], error[1])).sum())
        moment = sign * tails @ after - mbar * weight.sum() * largest
        if scale > 0:
            rows.append(moment / scale)
            pull.append(sign / scale)
    both = error[0] + error[1]
    if mbar > 0:
        for scale in both[both > 0]:
            rows.append(-2 * mbar * largest / float(scale))
            pull.append(0.0)
    return np.array(rows), np.array(pull)


def _least_favourable(covariance: Array, level: float, seed: int) -> float:
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return float(np.quantile((_normals(len(values), seed) @ root.T).max(axis=1), level))


@lru_cache(maxsize=8)
def _normals(count: int, seed: int) -> Array:
    """The same draws for every limit, so that bounds widen with it and are found again."""
    return np.random.default_rng(seed).standard_normal((DRAWS, count))


def _accepts(guess: _Largest, values: Array, effects: Array, alpha: float, *, hybrid: bool) -> Flags:
    """Say of each effect whether the test does not reject it under this guess."""
    moments = (guess.rows @ values)[:, None] - np.outer(guess.pull, effects)
    top = moments.argmax(axis=0)
    places = np.arange(len(effects))
    largest = moments[top, places]
    low, high = _truncation(moments, guess.covariance, top)
    size = alpha
    if hybrid:
        high = np.minimum(high, guess.critical)
        size = (alpha - FIRST_STAGE * alpha) / (1 - FIRST_STAGE * alpha)
    spread = np.sqrt(np.maximum(np.diag(guess.covariance), 0.0))[top]
    kept = _tail(largest, low, high, spread) >= size
    return np.asarray((largest <= 0) | (kept & (largest <= guess.critical)))


def _truncation(moments: Array, covariance: Array, top: Codes) -> tuple[Array, Array]:
    """Between which values the largest moment stays the largest, the rest of the data as they are."""
    own = covariance[top, top]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = covariance[:, top] / own
        rest = moments - share * moments[top, np.arange(len(top))]
        gap = 1 - share
        edge = rest / gap
    low = np.where(gap > FLAT, edge, -math.inf).max(axis=0)
    high = np.where(gap < -FLAT, edge, math.inf).min(axis=0)
    return np.asarray(low), np.asarray(high)


def _tail(value: Array, low: Array, high: Array, spread: Array) -> Array:
    """P(X >= value) of a normal around nought kept between ``low`` and ``high``; 0 where nothing varies."""
    safe = np.where(spread > 0, spread, 1.0)
    below, at, above = (log_ndtr(-each / safe) for each in (low, value, high))
    peak = np.maximum(at, below)
    inside = np.exp(below - peak) - np.exp(above - peak)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(inside > 0, (np.exp(at - peak) - np.exp(above - peak)) / inside, 1.0)
    return np.asarray(np.where(spread > 0, p, 0.0))


def _end(kept: Callable[[Array], Flags], start: float, error: float) -> float | None:
    """The farthest kept value beyond ``start``: a search over 20 errors, and again between two of its values.

    ``None`` where the farthest is still kept. ``start`` where none is (it lies in the identified set).
    """
    near, far = start, start + 20 * error
    for _ in range(ZOOMS):
        grid = np.linspace(near, far, STEPS + 1)
        good = np.flatnonzero(kept(grid))
        if not len(good):
            return near
        last = int(good[-1])
        if last == STEPS:
            return None
        near, far = float(grid[last]), float(grid[last + 1])
    return near


def naive_interval(found: HonestSet, std_error: float, alpha: float = 0.05) -> tuple[float, float]:
    """The identified set and 1.96 errors: what some packages print. It takes the largest step before as known."""
    half = float(ndtri(1 - alpha / 2)) * std_error
    assert found.low is not None
    assert found.high is not None
    return found.low - half, found.high + half
