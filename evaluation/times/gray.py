"""Gray's test: do two arms differ in the share who come to an event when something else can rule it out? (pure).

A log-rank test of the cause-specific hazards asks another question: it may find nothing while shares differ, and the
other way round. Source: Gray (1988), with rho = 0 and the finite corrections for ties that his paper proposes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from evaluation.times.survival import Array, Times, risk_counts, tally


@dataclass(frozen=True, slots=True)
class _Arm:
    """One arm at the event times of both: at risk, events, others, survival and incidence before and after each."""

    at_risk: Array
    events: Array
    others: Array
    before: Array
    after: Array
    share_before: Array
    share: Array

    @property
    def worth(self) -> Array:
        """People at risk as if nobody had left by the other way."""
        return np.divide(self.at_risk, self.before, out=np.zeros_like(self.before), where=self.before > 0)


def gray_test(times: Times, competing: Array, group: Array) -> tuple[float, float]:
    """Chi-square with one degree of freedom and its p-value; nought and 1 where nothing can be compared.

    Parameters
    ----------
    times : Times
        Shape (n,) each, from the start: no late entry.
    competing : Array
        1 where something else ended it, shape (n,).
    group : Array
        The arm, 0 or 1, shape (n,).

    Raises
    ------
    ValueError
        With late entry, for which the test is not made.
    """
    if times.entry is not None:
        raise ValueError
    moments = risk_counts(Times(times.stop, np.maximum(times.event, competing)))[0]
    arms = [_arm(moments, times.of(group == which), competing[group == which]) for which in (0, 1)]
    events = arms[0].events + arms[1].events
    worth = arms[0].worth + arms[1].worth
    held = sum(arm.worth * (1 - arm.share_before) for arm in arms)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(held > 0, events * arms[0].worth * (1 - arms[0].share_before) / held, 0.0)
        rate = np.where(worth > 0, events / worth, 0.0)
    score = float((arms[0].events - expected).sum())
    variance = sum(_part(arm, arms[0], worth, rate, events, mine=arm is arms[0]) for arm in arms)
    if variance <= 0:
        return 0.0, 1.0
    chi2 = score**2 / variance
    return chi2, float(chdtrc(1, chi2))


def _arm(moments: Array, times: Times, competing: Array) -> _Arm:
    stop = np.sort(times.stop)
    at_risk = (len(stop) - np.searchsorted(stop, moments, side="left")).astype(np.float64)
    counts = []
    for flag in (times.event, competing):
        hits = times.stop[flag == 1]
        counts.append(tally(np.searchsorted(moments, hits), np.ones(len(hits)), len(moments)))
    events, others = counts
    lost = np.divide(events + others, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
    after = np.cumprod(1 - lost)
    before = np.concatenate([[1.0], after])[:-1]
    gained = np.divide(before * events, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
    share = np.cumsum(gained)
    return _Arm(at_risk, events, others, before, after, np.concatenate([[0.0], share])[:-1], share)


def _part(arm: _Arm, first: _Arm, worth: Array, rate: Array, events: Array, *, mine: bool) -> float:
    """What one arm's events, and its other ways out, add to the variance of the first arm's score."""
    whole = np.cumsum(rate)  # the share of everybody: under what is tested the arms have it in common
    earlier = 1 - np.concatenate([[0.0], whole])[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = first.worth * ((1.0 if mine else 0.0) - arm.worth / worth)
        pull = np.where((worth > 0) & (arm.at_risk > 0), pull, 0.0)
        drift = np.cumsum(np.where(earlier > 0, pull * rate / earlier, 0.0))
        ahead = drift[-1] - drift
        left = np.where(arm.after > 0, (1 - whole) / arm.after, 0.0)
        tied = np.where(events > 1, 1 - (events - 1) / (worth * arm.before - 1), 1.0)
        spread = np.where(arm.at_risk > 0, tied * arm.before * rate / arm.at_risk, 0.0)
        own = float((spread * (pull + (1 - left) * ahead) ** 2).sum())
        tied = np.where(arm.others > 1, 1 - (arm.others - 1) / (arm.at_risk - 1), 1.0)
        spread = np.where(arm.at_risk > 0, tied * arm.before**2 * arm.others / arm.at_risk**2, 0.0)
        return own + float((spread * (left * ahead) ** 2).sum())
