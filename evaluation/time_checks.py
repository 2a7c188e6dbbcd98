"""What makes a comparison of times doubtful: few events, hazards that part or cross, people lost unevenly (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.cox import proportionality, robust_proportionality
from evaluation.model import Check
from evaluation.watched import HazardFit, Watched

FEWEST_EVENTS, FEW_EVENTS = 10, 30
UNLIKELY = 0.05
LOST_APART, LOST_FAR_APART = 0.05, 0.10
SOME_COMPETING = 0.05


def events_check(watched: Watched) -> Check:
    """Events in the arm that has fewest: they, not people, carry a hazard ratio."""
    counts = [int(((watched.times.event == 1) & watched.arm(which)).sum()) for which in (1, 0)]
    fewest = float(min(counts))
    if fewest < FEWEST_EVENTS:
        note = f"Fewer than {FEWEST_EVENTS} events were seen in an arm: shares only, no inference."
        return Check("events", "fail", fewest, FEWEST_EVENTS, "block", note)
    if fewest < FEW_EVENTS:
        note = f"Fewer than {FEW_EVENTS} events were seen in an arm: intervals are rough."
        return Check("events", "warn", fewest, FEW_EVENTS, "none", note)
    return Check("events", "pass", fewest, FEW_EVENTS, "none", "Enough events in each arm for an interval.")


def proportionality_check(watched: Watched, fit: HazardFit) -> Check:
    """Whether the ratio stays the same over time; where it does not, one number stands for several."""
    if watched.plain:
        p = float(proportionality(fit.model, watched.times).p_values[-1])
    else:
        groups = watched.clusters[0] if watched.clusters else None
        column = len(fit.model.coefficients) - 1
        p = robust_proportionality(fit.model, watched.times, column, groups)[1]
    if p < UNLIKELY:
        note = (
            f"The ratio changed over time (p {max(p, 0.001):.3f}): one number stands for an average that hangs on how "
            "long people were watched. Read the difference in mean time beside it, and the curves."
        )
        return Check("proportional hazards", "warn", p, UNLIKELY, "downgrade", note)
    note = "Nothing shows that the ratio changed over time."
    return Check("proportional hazards", "pass", p, UNLIKELY, "none", note)


def follow_up_check(watched: Watched) -> Check:
    """Whether sight of people was lost before the horizon as often in one arm as in the other."""
    gone = (watched.times.event != 1) & (watched.times.stop < watched.horizon)
    if watched.competing is not None:
        gone &= watched.competing != 1
    lost = [float(gone[watched.arm(which)].mean()) for which in (1, 0)]
    apart = abs(lost[0] - lost[1])
    said = (
        f"{100 * lost[0]:.1f} % of those treated and {100 * lost[1]:.1f} % of the others were lost too early"
    )
    if apart > LOST_APART:
        far = apart > LOST_FAR_APART
        return Check(
            "follow-up lost", "fail" if far else "warn", apart, LOST_APART, "downgrade",
            f"{said}: too far apart to be taken for chance.",
        )  # fmt: skip
    return Check("follow-up lost", "pass", apart, LOST_APART, "none", f"{said}.")


def competing_check(watched: Watched) -> Check | None:
    """How many left by another way, and what the ratio then means."""
    if watched.competing is None:
        return None
    share = float(watched.competing.mean())
    said = f"For {100 * share:.1f} % something else came that rules the event out"
    note = (
        f"{said}. The ratio is of the event's own (cause-specific) hazard: the rate among those still at risk. "
        "Shares by the horizon take the other way out into account; the subdistribution ratio stands beside it."
    )
    if share < SOME_COMPETING:
        return Check("competing events", "info", share, SOME_COMPETING, "none", note)
    return Check("competing events", "warn", share, SOME_COMPETING, "none", note)


def clock_checks(watched: Watched, planned: float | None) -> tuple[Check, ...]:
    """Ties, for information; and a horizon beyond what was watched."""
    hits = watched.times.stop[watched.times.event == 1]
    _, counts = np.unique(hits, return_counts=True)
    tied = float(counts[counts > 1].sum() / max(len(hits), 1))
    ties = (
        "Cox regression with Efron's ties. Many events share a time with another, as where days or weeks are counted."
        if tied > 0.5
        else "Cox regression with Efron's ties."
    )
    found = [Check("ties", "info", tied, None, "none", ties)]
    if planned is not None and planned > watched.horizon:
        note = f"Both arms were watched to {watched.horizon:g} only: mean times and shares go no further."
        found.append(Check("horizon", "warn", watched.horizon, planned, "none", note))
    else:
        note = f"Mean times and shares are worked out up to {watched.horizon:g}."
        found.append(Check("horizon", "info", watched.horizon, planned, "none", note))
    return tuple(found)
