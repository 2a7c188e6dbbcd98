"""Beside a hazard ratio: the difference in shares where something competes, a ratio of times where hazards part."""

from __future__ import annotations

import numpy as np

from evaluation.model import Estimate, Sensitivity
from evaluation.regression.linear import independent_columns
from evaluation.times.cox import CannotFit
from evaluation.times.lognormal import fit_lognormal
from evaluation.times.mean_cumulative import mean_function
from evaluation.times.watched import Watched, dressed_times, spread


def companions(watched: Watched, *, parted: bool) -> list[Sensitivity]:
    """Lines of other scales; ``parted``: the proportional hazards check did not pass."""
    found = []
    if watched.competing is not None:
        name = f"difference in the share with it by {watched.horizon:g} (Aalen and Johansen), not adjusted"
        found.append(Sensitivity(name, share_difference(watched)))
    time = time_ratio(watched) if parted else None
    if time is not None:
        found.append(Sensitivity("ratio of times to it (log-normal model)", time))
    return found


def share_difference(watched: Watched) -> Estimate:
    """Difference of the shares who came to the event by the horizon, with errors from what each person adds."""
    bare, shares = np.zeros(len(watched.treated)), []
    rival = np.zeros(len(watched.treated)) if watched.competing is None else watched.competing
    for sign, rows in ((1.0, watched.arm(1)), (-1.0, watched.arm(0))):
        times = watched.times.of(rows)
        found = mean_function(times, np.maximum(times.event, rival[rows]), watched.weight_of(rows))
        shares.append(found.at(watched.horizon))
        bare[rows] = sign * found.influence(watched.horizon)
    error, df = spread(watched, bare)
    return dressed_times(watched, shares[0] - shares[1], error, df, "risk-difference")


def time_ratio(watched: Watched) -> Estimate | None:
    """How many times as long until the event: a log-normal model, adjusted as the main line, robust errors.

    ``None`` where people are weighted or clustered, come late, have several rows, or where no model can be had.
    """
    if not watched.plain or watched.person is not None or watched.times.entry is not None:
        return None
    parts = [np.ones_like(watched.treated), watched.covariates]
    if watched.strata is not None:
        parts.append(np.eye(int(watched.strata.max()) + 1)[watched.strata][:, 1:])
    whole = np.column_stack([*parts, watched.treated])
    design, kept = independent_columns(whole, tuple(str(j) for j in range(whole.shape[1])))
    if kept[-1:] != (str(whole.shape[1] - 1),):
        return None
    try:
        fit = fit_lognormal(watched.times, design)
    except (CannotFit, np.linalg.LinAlgError):
        return None
    error = float(np.sqrt(fit.robust_covariance[-1, -1]))
    return dressed_times(watched, float(fit.coefficients[-1]), error, None, "time-ratio")
