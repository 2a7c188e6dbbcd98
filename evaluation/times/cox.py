"""Cox regression: Efron's or Breslow's ties, robust and clustered errors, late entry, strata, proportionality (pure).

One pass costs n log n to place people among the event times, then only running sums over event times: the matrix of
second derivatives is a single product X' diag(c) X. Nothing is of the size of people times event times.
Sources: Cox (1972); Efron (1977); Lin and Wei (1989) for robust errors; Grambsch and Therneau (1994) for the score
test of proportionality in the exact form of R's survival 3; Therneau and Grambsch (2000).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import chdtrc

from evaluation.times.survival import Array, Times, Whole, risk_counts, tally

Ties = Literal["efron", "breslow"]
Transform = Literal["km", "identity"]
ROUNDS = 40
CLOSE = 1e-7  # in standard deviations; after such a step what is left is of its square
FARTHEST = 20.0  # no real log hazard ratio of one standard deviation is this large


class CannotFit(ValueError):  # noqa: N818
    """No finite coefficients: no events, columns that repeat one another, or one that parts those with the event."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """People placed among the event times, and the steps in which tied events are taken."""

    design: Array = field(repr=False)
    weights: Array = field(repr=False)
    hit: Whole = field(repr=False)
    own: Whole = field(repr=False)
    join: Whole = field(repr=False)
    leave: Whole = field(repr=False)
    late: bool
    count: int
    moment: Whole = field(repr=False)
    share: Array = field(repr=False)
    weight: Array = field(repr=False)
    times: Array = field(repr=False)

    def at_risk(self, values: Array) -> Array:
        """Sums over those at risk at each event time, shape (K,)."""
        there = tally(self.leave, values, self.count + 1)
        if self.late:
            there = there - tally(self.join, values, self.count + 1)
        return there[::-1].cumsum()[::-1][1:]

    def at_events(self, values: Array) -> Array:
        """Sums over those with the event at each event time, shape (K,)."""
        return tally(self.own, values[self.hit], self.count)

    def lived(self, per_time: Array) -> Array:
        """Sums over the event times at which each person was at risk, shape (n,)."""
        running = np.concatenate([[0.0], np.cumsum(per_time)])
        return running[self.leave] - running[self.join] if self.late else running[self.leave]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Everything of one coefficient vector: log likelihood, risk of each, denominators and means at each step."""

    log_likelihood: float
    risk: Array = field(repr=False)
    denominator: Array = field(repr=False)
    mean: Array = field(repr=False)
    score: Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class CoxFit:
    """A fitted model.

    Attributes
    ----------
    coefficients : Array
        Log hazard ratios, shape (p,), in the columns' own units.
    covariance : Array
        Inverse of the information, shape (p, p): the errors of the model, weights taken for counts.
    information : Array
        The same uninverted, of columns brought to spread 1.
    log_likelihood, null_log_likelihood : float
        Partial log likelihood at the coefficients and at nought.
    """

    coefficients: Array
    covariance: Array
    log_likelihood: float
    null_log_likelihood: float
    information: Array = field(repr=False)
    steps: _Steps = field(repr=False)
    sums: _Sums = field(repr=False)
    scale: Array = field(repr=False)


def fit_cox(
    times: Times,
    design: Array,
    *,
    weights: Array | None = None,
    strata: Whole | None = None,
    ties: Ties = "efron",
) -> CoxFit:
    """Fit by Newton's method.

    Parameters
    ----------
    times : Times
        Shape (n,) each. Rows are people, or intervals of people (then give clusters to :func:`robust_covariance`).
    design : Array
        Shape (n, p), without a column of ones.
    weights : Array or None
        Shape (n,), positive; nought leaves a row out.
    strata : integer Array or None
        Shape (n,): each stratum has a baseline of its own.

    Raises
    ------
    CannotFit
        Without events, with columns that cannot be told apart, or when a coefficient runs off.
    """
    w = np.ones_like(times.stop) if weights is None else weights
    if not ((times.event == 1) & (w > 0)).any() or design.shape[1] == 0:
        raise CannotFit
    centre = np.average(design, axis=0, weights=w)
    scale = np.sqrt(np.average((design - centre) ** 2, axis=0, weights=w))
    if (scale <= 1e-12 * (1 + np.abs(centre))).any():
        raise CannotFit
    steps = _place(times, np.asfortranarray((design - centre) / scale), w, strata, ties)
    beta = np.zeros(design.shape[1])
    sums = null = _sums(steps, beta)
    for _ in range(ROUNDS):
        hessian = _information(steps, sums)
        move = _solve(hessian, sums.score)
        beta, sums, done = _step(steps, beta, sums, move)
        if done:
            break
    else:
        raise CannotFit
    if np.abs(beta).max() > FARTHEST:
        raise CannotFit
    information = _information(steps, sums)
    covariance = _inverse(information) / np.outer(scale, scale)
    return CoxFit(
        beta / scale, covariance, sums.log_likelihood, null.log_likelihood, information, steps, sums, scale
    )


def _step(steps: _Steps, beta: Array, sums: _Sums, move: Array) -> tuple[Array, _Sums, bool]:
    """One Newton step, halved until the likelihood does not fall."""
    size = 1.0
    while size > 1e-6:
        trial = beta + size * move
        if np.abs(trial).max() > 4 * FARTHEST:
            raise CannotFit
        renewed = _sums(steps, trial)
        if renewed.log_likelihood >= sums.log_likelihood - 1e-10 * abs(sums.log_likelihood):
            done = size == 1.0 and float(np.abs(move).max()) < CLOSE
            return trial, renewed, done
        size /= 2
    return beta, sums, True


def _place(times: Times, design: Array, w: Array, strata: Whole | None, ties: Ties) -> _Steps:
    stop, entry = times.stop, times.entry
    if strata is not None:  # one long clock, a stretch of it for each stratum
        both = np.concatenate([stop, stop if entry is None else entry])
        rank = np.unique(both, return_inverse=True)[1].astype(np.float64) + 1
        top = float(rank.max()) + 1
        begin = np.zeros_like(stop) if entry is None else rank[len(stop) :]
        stop, entry = strata * top + rank[: len(stop)], strata * top + begin
    hit = np.flatnonzero((times.event == 1) & (w > 0))
    moments, first, deaths = np.unique(stop[hit], return_index=True, return_counts=True)
    leave = np.searchsorted(moments, stop, side="right").astype(np.int64)
    join = np.zeros_like(leave) if entry is None else np.searchsorted(moments, entry, side="right")
    at = leave[hit] - 1
    total = tally(at, w[hit], len(moments))
    if ties == "breslow":
        moment, share, weight = np.arange(len(moments)), np.zeros(len(moments)), total
    else:
        moment = np.repeat(np.arange(len(moments)), deaths)
        share = (np.arange(len(moment)) - np.repeat(np.cumsum(deaths) - deaths, deaths)) / deaths[moment]
        weight = (total / deaths)[moment]
    clock = times.stop[hit][first]
    return _Steps(
        design, w, hit, at, join.astype(np.int64), leave, entry is not None, len(moments), moment, share, weight,
        clock,
    )  # fmt: skip


def _sums(steps: _Steps, beta: Array) -> _Sums:
    index = steps.design @ beta
    index -= index.max()
    risk = steps.weights * np.exp(index)
    there, tied = steps.at_risk(risk), steps.at_events(risk)
    denominator = there[steps.moment] - steps.share * tied[steps.moment]
    if not (denominator > 0).all():
        raise CannotFit
    columns = []
    for column in steps.design.T:
        part = risk * column
        whole, own = steps.at_risk(part), steps.at_events(part)
        columns.append((whole[steps.moment] - steps.share * own[steps.moment]) / denominator)
    mean = np.column_stack(columns)
    hit, w = steps.hit, steps.weights
    value = float(w[hit] @ index[hit] - steps.weight @ np.log(denominator))
    score = w[hit] @ steps.design[hit] - steps.weight @ mean
    return _Sums(value, risk, denominator, mean, score)


def _information(steps: _Steps, sums: _Sums, clock: Array | None = None) -> Array:
    """Sum over the steps of the spread of the design at each, times ``clock`` of its time if given, shape (p, p)."""
    weight = steps.weight if clock is None else steps.weight * clock[steps.moment]
    hazard = weight / sums.denominator
    carried = steps.lived(tally(steps.moment, hazard, steps.count))
    tied = tally(steps.moment, hazard * steps.share, steps.count)
    carried[steps.hit] -= tied[steps.own]
    x = steps.design
    whole: Array = x.T @ (x * (sums.risk * carried)[:, None]) - sums.mean.T @ (sums.mean * weight[:, None])
    return (whole + whole.T) / 2


def score_residuals(fit: CoxFit, clock: Array | None = None) -> Array:
    """What each row adds to the score, shape (n, p), without its weight; exact under Efron's ties as in R."""
    steps, sums = fit.steps, fit.sums
    each = np.ones(steps.count) if clock is None else clock
    hazard = steps.weight / sums.denominator * each[steps.moment]
    bare = np.divide(sums.risk, steps.weights, out=np.zeros_like(sums.risk), where=steps.weights > 0)
    hit, own = steps.hit, steps.own

    def summed(values: Array) -> Array:
        return tally(steps.moment, values, steps.count)

    carried = steps.lived(summed(hazard))
    carried[hit] -= summed(hazard * steps.share)[own]
    takes = tally(steps.moment, np.ones(len(steps.moment)), steps.count)
    found = np.empty_like(steps.design)
    for j, mean in enumerate(sums.mean.T):
        spent = steps.lived(summed(hazard * mean))
        spent[hit] -= summed(hazard * mean * steps.share)[own]
        found[:, j] = bare * (spent - steps.design[:, j] * carried)
        found[hit, j] += each[own] * (steps.design[hit, j] - (summed(mean) / takes)[own])
    return found


def influence(fit: CoxFit) -> Array:
    """Each row's influence on the coefficients (R's dfbeta, weighted), shape (n, p)."""
    return (fit.steps.weights[:, None] * score_residuals(fit) * fit.scale) @ fit.covariance


def robust_covariance(fit: CoxFit, clusters: Whole | None = None) -> Array:
    """Sandwich covariance of the coefficients, rows summed within clusters first; no small-sample factor, as in R."""
    moved = influence(fit)
    if clusters is not None:
        moved = np.column_stack([tally(clusters, column) for column in moved.T])
    return moved.T @ moved


@dataclass(frozen=True, slots=True)
class Proportionality:
    """Score tests that a log hazard ratio does not change with time: of each column (1 df), and of all together."""

    chi2: Array
    p_values: Array
    global_chi2: float
    global_p: float


def proportionality(fit: CoxFit, times: Times, transform: Transform = "km") -> Proportionality:
    """Test proportional hazards against a log hazard ratio that moves along the clock.

    ``km``: one minus the Kaplan-Meier curve just before each event; ``identity``: time itself.
    """
    clock = _clock(fit, times, transform)
    steps, sums = fit.steps, fit.sums
    events = np.column_stack([steps.at_events(steps.weights * column) for column in steps.design.T])
    means = np.column_stack([tally(steps.moment, steps.weight * m, steps.count) for m in sums.mean.T])
    drive = clock @ (events - means)
    plain = fit.information
    mixed, squared = (_information(steps, sums, c) for c in (clock, clock * clock))
    left = squared - mixed @ np.linalg.solve(plain, mixed)
    chi2 = np.empty(len(drive))
    for j in range(len(drive)):
        spread = squared[j, j] - mixed[j] @ np.linalg.solve(plain, mixed[j])
        chi2[j] = drive[j] ** 2 / spread if spread > 1e-12 * max(squared[j, j], 1e-300) else 0.0
    whole = float(drive @ np.linalg.lstsq(left, drive, rcond=1e-10)[0])
    p_values: Array = np.asarray(chdtrc(1, chi2))
    return Proportionality(chi2, p_values, whole, float(chdtrc(len(drive), whole)))


def robust_proportionality(
    fit: CoxFit, times: Times, column: int, clusters: Whole | None = None
) -> tuple[float, float]:
    """The test of one column from what rows (or clusters) contribute: for weighted or matched people."""
    clock = _clock(fit, times, "km")
    steps, sums = fit.steps, fit.sums
    plain, mixed = fit.information, _information(steps, sums, clock)
    w = steps.weights
    still, moving = score_residuals(fit) * w[:, None], score_residuals(fit, clock)[:, column] * w
    parts = moving - still @ np.linalg.solve(plain, mixed[column])
    if clusters is not None:
        parts = tally(clusters, parts)
    spread = float((parts * parts).sum())
    chi2 = float(parts.sum()) ** 2 / spread if spread > 0 else 0.0
    return chi2, float(chdtrc(1, chi2))


def _clock(fit: CoxFit, times: Times, transform: Transform) -> Array:
    """The transformed time of each event time, centred over events."""
    own = fit.steps.times
    if transform == "identity":
        clock = own.copy()
    else:
        moments, at_risk, events = risk_counts(times, fit.steps.weights)
        before = np.concatenate([[1.0], np.cumprod(1 - events / at_risk)])
        clock = 1 - before[np.searchsorted(moments, own, side="left")]
    count = tally(fit.steps.own, np.ones(len(fit.steps.own)), fit.steps.count)
    return clock - float(np.average(clock, weights=count))


def _solve(matrix: Array, drive: Array) -> Array:
    if np.linalg.cond(matrix) > 1e12:
        raise CannotFit
    return np.asarray(np.linalg.solve(matrix, drive))


def _inverse(matrix: Array) -> Array:
    if np.linalg.cond(matrix) > 1e12:
        raise CannotFit
    return np.asarray(np.linalg.inv(matrix))
