"""How often it had happened by then: the mean number of events a person, with what every person adds to it (pure).

Without an end that rules out more events this is Nelson and Aalen's estimate of a mean function. With one (death) it
is Ghosh and Lin's: the dead count, with no more events, as they should where the question is how much was prevented.
Where the first event is itself the end it is Aalen and Johansen's share. All three are one formula: the rate among
those at risk, times the share of people not yet at an end.

Errors rest on what each person adds, so that a few people with many events are not taken for many people.
Sources: Nelson (1988); Lawless and Nadeau (1995); Ghosh and Lin (2000); Aalen and Johansen (1978).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from evaluation.times.survival import Array, Times, Whole, tally


@dataclass(frozen=True, slots=True)
class MeanFunction:
    """A mean number that steps up at ``times``, shape (m,); ``at_risk`` and ``events`` carry the weights."""

    times: Array
    mean: Array
    at_risk: Array
    events: Array
    rows: Times = field(repr=False)
    weights: Array = field(repr=False)
    ended: Array = field(repr=False)
    ends: Array = field(repr=False)
    held: Array = field(repr=False)

    def at(self, time: float) -> float:
        """The mean number by a time."""
        step = int(np.searchsorted(self.times, time, side="right"))
        return 0.0 if step == 0 else float(self.mean[step - 1])

    def influence(self, time: float) -> Array:
        """What each row adds to the error of the mean by ``time``, before its weight, shape (n,).

        Sum over a person's rows, and over a cluster's people, before squaring.
        """
        seen = int(np.searchsorted(self.times, time, side="right"))
        if not seen:
            return np.zeros(len(self.rows.stop))
        whole = self.at_risk[:seen]
        gain = np.divide(self.held[:seen], whole, out=np.zeros(seen), where=whole > 0)
        left = whole - self.ends[:seen]
        rest = self.mean[seen - 1] - self.mean[:seen]
        loss = np.divide(rest, left, out=np.zeros(seen), where=left > 1e-12 * whole)
        moved = self._sums(gain, self.events[:seen], self.rows.event, seen)
        return moved - self._sums(loss, self.ends[:seen], self.ended, seen)

    def _sums(self, worth: Array, counts: Array, flag: Array, seen: int) -> Array:
        """Each row's own jumps less what was expected of it while at risk, each worth ``worth``."""
        rate = np.divide(
            worth * counts, self.at_risk[:seen], out=np.zeros(seen), where=self.at_risk[:seen] > 0
        )
        running = np.concatenate([[0.0], np.cumsum(rate)])
        leave = np.searchsorted(self.times[:seen], self.rows.stop, side="right")
        moved = -running[leave]
        if self.rows.entry is not None:
            moved = moved + running[np.searchsorted(self.times[:seen], self.rows.entry, side="right")]
        hit = (flag == 1) & (self.rows.stop <= self.times[seen - 1])
        moved[hit] += worth[np.searchsorted(self.times[:seen], self.rows.stop[hit])]
        return moved


def mean_function(rows: Times, ended: Array | None = None, weights: Array | None = None) -> MeanFunction:
    """The mean number of events by each time.

    Parameters
    ----------
    rows : Times
        Shape (n,): intervals of people at risk, ``event`` 1 where one ends with the event. Time between two
        intervals of a person does not count.
    ended : Array or None
        Shape (n,): 1 where a row ends with what rules out any further event. To have the share who had a first event
        (Aalen and Johansen), mark that event too.
    weights : Array or None
        Shape (n,), the same in every row of a person.
    """
    w = np.ones_like(rows.stop) if weights is None else weights
    stop_all = np.zeros_like(rows.stop) if ended is None else ended
    hit, over = (rows.event == 1) & (w > 0), (stop_all == 1) & (w > 0)
    moments = np.unique(rows.stop[hit | over])
    leave: Whole = np.searchsorted(moments, rows.stop, side="right").astype(np.int64)
    there = tally(leave, w, len(moments) + 1)
    if rows.entry is not None:
        join = np.searchsorted(moments, rows.entry, side="right").astype(np.int64)
        there = there - tally(join, w, len(moments) + 1)
    at_risk = there[::-1].cumsum()[::-1][1:]
    events = tally(leave[hit] - 1, w[hit], len(moments))
    ends = tally(leave[over] - 1, w[over], len(moments))
    after = np.cumprod(1 - np.divide(ends, at_risk, out=np.zeros_like(ends), where=at_risk > 0))
    held = np.concatenate([[1.0], after])[: len(moments)]
    mean = np.cumsum(held * np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0))
    return MeanFunction(moments, mean, at_risk, events, rows, w, stop_all, ends, held)
