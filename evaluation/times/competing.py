"""Several ways out: cumulative incidence, and Fine and Gray's regression (pure).

One minus Kaplan-Meier with competing events taken for lost sight overstates what happens; these do not.
Sources: Aalen and Johansen (1978); Marubini and Valsecchi (1995) for its errors; Fine and Gray (1999).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from evaluation.times.cox import CannotFit
from evaluation.times.survival import Array, Times, Whole, risk_counts, tally

ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Incidence:
    """The share who had the event of interest by each time, with its standard error, and the events at each."""

    times: Array
    share: Array
    std_error: Array
    events: Array

    def at(self, time: float) -> tuple[float, float]:
        """The share by a time, and its standard error."""
        step = int(np.searchsorted(self.times, time, side="right"))
        return (0.0, 0.0) if step == 0 else (float(self.share[step - 1]), float(self.std_error[step - 1]))


def incidence(times: Times, competing: Array, weights: Array | None = None) -> Incidence:
    """Aalen and Johansen's cumulative incidence of the event where ``competing`` (1) rules it out.

    The standard error is by the delta method (up to 0.7 % below Aalen's in cmprsk), weights taken for counts.
    """
    either = np.maximum(times.event, competing)
    whole = Times(times.stop, either, times.entry)
    moments, n, d = risk_counts(whole, weights)
    w = np.ones_like(times.stop) if weights is None else weights
    hit = (times.event == 1) & (w > 0)
    mine = tally(np.searchsorted(moments, times.stop[hit]), w[hit], len(moments))
    after = np.cumprod(1 - d / n)
    before = np.concatenate([[1.0], after])[:-1]
    share = np.cumsum(before * mine / n)
    return Incidence(moments, share, np.sqrt(_delta(share, before, n, mine, d)), mine)


def _delta(share: Array, before: Array, n: Array, mine: Array, d: Array) -> Array:
    """Variance of the share at each time by the delta method, its sums expanded in powers of the last share."""
    left = n - d
    with np.errstate(divide="ignore", invalid="ignore"):
        leak = np.where(left > 1e-12 * n, d / (n * left), 0.0)
    a, b, c = (np.cumsum(leak * share**power) for power in (0, 1, 2))
    gain = np.cumsum(before**2 * mine * (n - mine) / n**3)
    tie = before * mine / n**2
    mixed = np.cumsum(tie * share) - share * np.cumsum(tie)
    return np.maximum(share**2 * a - 2 * share * b + c + gain + 2 * mixed, 0.0)


@dataclass(frozen=True, slots=True)
class FineGrayFit:
    """Log subdistribution hazard ratios, shape (p,), and their covariances, shape (p, p)."""

    coefficients: Array
    covariance: Array
    robust_covariance: Array
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class _Set:
    """People in order, those with a competing event kept at risk with a weight that fades as sight is lost."""

    design: Array = field(repr=False)
    leave: Whole = field(repr=False)
    hit: npt.NDArray[np.bool_] = field(repr=False)
    other: npt.NDArray[np.bool_] = field(repr=False)
    count: int
    deaths: Array = field(repr=False)
    seen: Array = field(repr=False)
    own: Array = field(repr=False)

    def at_risk(self, values: Array) -> Array:
        """Sums over the weighted risk set at each event time."""
        size = self.count + 1
        there = tally(self.leave, values, size)[::-1].cumsum()[::-1][1:]
        lingering = np.where(self.other, values / self.own, 0.0)
        gone = tally(self.leave, lingering, size).cumsum()[: self.count]
        whole: Array = there + self.seen * gone
        return whole

    def lived(self, per_time: Array) -> Array:
        """Sums over the event times at which each person counts, by how much they count there."""
        plain = np.concatenate([[0.0], np.cumsum(per_time)])
        fading = np.concatenate([[0.0], np.cumsum(per_time * self.seen)])
        return plain[self.leave] + np.where(self.other, (fading[-1] - fading[self.leave]) / self.own, 0.0)


def fine_gray(stop: Array, cause: Array | Whole, design: Array) -> FineGrayFit:
    """Regression on the subdistribution hazard of cause 1 (2: a competing event, 0: lost sight), Breslow's ties.

    The robust covariance counts that the censoring curve was estimated, as cmprsk's ``crr`` does.

    Raises
    ------
    CannotFit
        Without events of cause 1, or when no finite coefficients exist.
    """
    hit, other = cause == 1, cause == 2
    if not hit.any():
        raise CannotFit
    moments = np.unique(stop[hit])
    leave = np.searchsorted(moments, stop, side="right").astype(np.int64)
    deaths = np.bincount(leave[hit] - 1, minlength=len(moments)).astype(np.float64)
    lost, steps = _sight(stop, cause)
    seen, own = _before(lost, steps, moments), _before(lost, steps, stop)
    centred = design - design.mean(axis=0)
    place = _Set(centred, leave, hit, other, len(moments), deaths, seen, np.maximum(own, 1e-300))
    beta = np.zeros(design.shape[1])
    value = -np.inf
    for _ in range(ROUNDS):
        renewed, score, information, _ = _fg_sums(place, beta)
        if abs(renewed - value) < 1e-13 * abs(renewed):
            break
        value = renewed
        if np.linalg.cond(information) > 1e12 or np.abs(beta).max() > 50:
            raise CannotFit
        beta = beta + np.linalg.solve(information, score)
    else:
        raise CannotFit
    value, _, information, (risk, whole, mean) = _fg_sums(place, beta)
    covariance: Array = np.asarray(np.linalg.inv(information))
    moved = _fg_residuals(place, stop, cause, risk, whole, mean)
    return FineGrayFit(beta, covariance, covariance @ (moved.T @ moved) @ covariance, value)


def _sight(stop: Array, cause: Array | Whole) -> tuple[Array, Array]:
    """Times at which sight was lost, and the share still in sight after each."""
    moments, n, d = risk_counts(Times(stop, (cause == 0).astype(np.float64)))
    left: Array = np.asarray(np.cumprod(1 - d / n), dtype=np.float64)
    return moments, left


def _before(moments: Array, after: Array, at: Array) -> Array:
    """A step function just before each time."""
    return np.concatenate([[1.0], after])[np.searchsorted(moments, at, side="left")]


def _fg_sums(place: _Set, beta: Array) -> tuple[float, Array, Array, tuple[Array, Array, Array]]:
    x = place.design
    risk = np.exp(x @ beta)
    whole = place.at_risk(risk)
    mean = np.column_stack([place.at_risk(risk * column) / whole for column in x.T])
    value = float((x[place.hit] @ beta).sum() - place.deaths @ np.log(whole))
    score = x[place.hit].sum(axis=0) - place.deaths @ mean
    carried = risk * place.lived(place.deaths / whole)
    information: Array = x.T @ (x * carried[:, None]) - mean.T @ (mean * place.deaths[:, None])
    return value, score, information, (risk, whole, mean)


def _fg_residuals(
    place: _Set, stop: Array, cause: Array | Whole, risk: Array, whole: Array, mean: Array
) -> Array:
    """What each person adds to the score, that of the estimated censoring curve included, shape (n, p)."""
    x, hazard = place.design, place.deaths / whole
    moved = np.zeros_like(x)
    moved[place.hit] = x[place.hit] - mean[place.leave[place.hit] - 1]
    carried = place.lived(hazard)
    fading = np.concatenate([[0.0], np.cumsum(hazard * place.seen)])
    lost, n, d = risk_counts(Times(stop, (cause == 0).astype(np.float64)))
    late = np.searchsorted(lost, stop, side="left")  # losses of sight before each person's own end
    from_event = np.searchsorted(lost, np.unique(stop[place.hit]), side="left")
    for j, column in enumerate(x.T):
        spent = place.lived(hazard * mean[:, j])
        moved[:, j] -= risk * (column * carried - spent)
        faded = np.concatenate([[0.0], np.cumsum(hazard * place.seen * mean[:, j])])
        pull = _pull(place, risk, column, (fading, faded), (late, from_event), len(lost))
        slope = pull / n
        running = np.concatenate([[0.0], np.cumsum(slope * d / n)])
        censored = cause == 0
        moved[censored, j] += slope[np.searchsorted(lost, stop[censored])]
        moved[:, j] -= running[np.searchsorted(lost, stop, side="right")]
    return moved


def _pull(
    place: _Set,
    risk: Array,
    column: Array,
    fades: tuple[Array, Array],
    order: tuple[Whole, Whole],
    losses: int,
) -> Array:
    """How the score hangs on the share in sight at each loss of sight, shape (losses,).

    Sum over those with a competing event before the loss, and over event times after it, of what they add there.
    """
    fading, faded = fades
    late, from_event = order
    rows = place.other
    level = risk[rows] / place.own[rows]
    began = late[rows]
    base = tally(began, level, losses + 1).cumsum()[:losses]
    tilted = tally(began, level * column[rows], losses + 1).cumsum()[:losses]
    first = np.searchsorted(
        from_event, np.arange(losses), side="right"
    )  # the first event time after each loss
    pull: Array = tilted * (fading[-1] - fading[first]) - base * (faded[-1] - faded[first])
    return pull
