"""Group-time effects of a panel with gaps: each uses the units seen both in its period and in its base (pure).

Nobody is left out for a gap elsewhere, at the price that cells rest on different units. Units missing by chance are
assumed, cell by cell. Cohorts' sizes in averages are of all units ever seen.
"""

from __future__ import annotations

import numpy as np

from evaluation.differences_in_time.moments import Array, Codes, cohort_factor
from evaluation.differences_in_time.rollout import Cells, Rollout, cells_of
from evaluation.differences_in_time.scores import FromScores, by_cohort, check_size, gather_scores


def from_pairs(
    paths: Array,
    cohort: Codes,
    rollout: Rollout,
    weights: Array | None = None,
    clusters: Codes | None = None,
    *,
    widened: bool = False,
) -> FromScores:
    """Group-time effects from ``paths`` (n, T) with not-a-number where nothing was seen.

    ``widened``: as by :func:`evaluation.differences_in_time.moments.unbiased`, n those of a cohort seen in a cell.
    """
    cohorts = len(rollout.first)
    groups = by_cohort(cohort, cohorts)
    sizes = np.bincount(cohort, weights=weights, minlength=cohorts).astype(np.float64)
    cells = cells_of(rollout, sizes)
    check_size(cells)
    held, total, count = (np.zeros((cohorts, cells.count)) for _ in range(3))
    for h in range(cohorts):
        rows = groups.rows(h)
        each = np.ones(len(rows)) if weights is None else weights[rows]
        for t, b in {(int(t), int(b)) for t, b in zip(cells.period, cells.base, strict=True)}:
            same = (cells.period == t) & (cells.base == b)
            change = paths[rows, t] - paths[rows, b]
            seen = ~np.isnan(change)
            held[h, same], total[h, same] = each[seen].sum(), each[seen] @ change[seen]
            count[h, same] = seen.sum()
    cells, keep = _seen(cells, held)
    held, total, count = held[:, keep], total[:, keep], count[:, keep]
    wider = np.sqrt(cohort_factor(count)) if widened else np.ones_like(count)
    every = np.arange(cells.count)
    size = held[cells.cohort, every]
    pool = (held.T * cells.controls).sum(axis=1)
    treated, compared = total[cells.cohort, every] / size, (total.T * cells.controls).sum(axis=1) / pool

    def influence(h: int, rows: Codes) -> tuple[Codes, Array]:
        which = np.flatnonzero((cells.cohort == h) | cells.controls[:, h])
        own = cells.cohort[which] == h
        change = paths[np.ix_(rows, cells.period[which])] - paths[np.ix_(rows, cells.base[which])]
        centre, scale = (
            np.where(own, treated[which], compared[which]),
            np.where(own, size[which], -pool[which]),
        )
        phi = np.nan_to_num(change - centre) * (wider[h, which] / scale)
        return which, phi if weights is None else phi * weights[rows][:, None]

    return gather_scores(cells, treated - compared, groups, influence, weights, clusters)


def _seen(cells: Cells, held: Array) -> tuple[Cells, Codes]:
    """Cells for which both the cohort and a control were seen."""
    own = held[cells.cohort, np.arange(cells.count)] > 0
    keep = np.flatnonzero(own & ((held.T * cells.controls).sum(axis=1) > 0))
    return (
        Cells(cells.cohort[keep], cells.period[keep], cells.base[keep], cells.controls[keep], cells.first),
        keep,
    )
