"""What makes a comparison of times doubtful: few events, hazards that part or cross, people lost unevenly (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.frame import AnalysisFrame
from evaluation.model import Check, CheckResult
from evaluation.plan import PlannedOutcome
from evaluation.times.cox import proportionality, robust_proportionality
from evaluation.times.gray import gray_test
from evaluation.times.rows import time_at_risk
from evaluation.times.watched import HazardFit, Watched

FEWEST_EVENTS, FEW_EVENTS = 10, 30
UNLIKELY = 0.05
LOST_APART, LOST_FAR_APART = 0.05, 0.10
SOME_COMPETING = 0.05
OFF_APART = 0.05
NO_FIT = (
    "No hazard ratio can be worked out: a covariate parts those with the event from the others, or says what another "
    "one says. Use fewer or broader covariates."
)
NO_ARM = "The covariates leave nothing of the treatment to be estimated: an arm is empty or is one of the covariates."


def events_check(watched: Watched) -> Check:
    """People with the event in the arm that has fewest: they, not people watched, carry a ratio of rates."""
    had = watched.summed((watched.times.event == 1).astype(np.float64)) > 0
    arm = watched.treated[watched.first]
    fewest = float(min(int((had & (arm == which)).sum()) for which in (1, 0)))
    what = "people with the event" if watched.recurrent else "events"
    left = "means" if watched.recurrent else "shares"
    if fewest < FEWEST_EVENTS:
        note = f"Fewer than {FEWEST_EVENTS} {what} were seen in an arm: {left} only, no inference."
        return Check("events", "fail", fewest, FEWEST_EVENTS, "block", note)
    if fewest < FEW_EVENTS:
        note = f"Fewer than {FEW_EVENTS} {what} were seen in an arm: intervals are rough."
        return Check("events", "warn", fewest, FEW_EVENTS, "none", note)
    return Check("events", "pass", fewest, FEW_EVENTS, "none", f"Enough {what} in each arm for an interval.")


def proportionality_check(watched: Watched, fit: HazardFit) -> Check:
    """Whether the ratio stays the same over time; where it does not, one number stands for several."""
    if watched.plain and not watched.recurrent:
        p = float(proportionality(fit.model, watched.times).p_values[-1])
    else:
        groups = watched.clusters[0] if watched.clusters else watched.person
        column = len(fit.model.coefficients) - 1
        p = robust_proportionality(fit.model, watched.times, column, groups)[1]
    beside = "mean number" if watched.recurrent else "mean time"
    if p < UNLIKELY:
        note = (
            f"The ratio changed over time (p {max(p, 0.001):.3f}): one number stands for an average that hangs on how "
            f"long people were watched. Read the difference in {beside} beside it, and the curves."
        )
        return Check("proportional hazards", "warn", p, UNLIKELY, "downgrade", note)
    note = "Nothing shows that the ratio changed over time."
    return Check("proportional hazards", "pass", p, UNLIKELY, "none", note)


def follow_up_check(watched: Watched) -> Check:
    """Whether sight of people was lost before the horizon as often in one arm as in the other."""
    last = watched.last
    gone = watched.times.stop[last] < watched.horizon
    if not watched.recurrent:
        gone &= watched.times.event[last] != 1
    if watched.competing is not None:
        gone &= watched.competing[last] != 1
    lost = [float(gone[watched.treated[last] == which].mean()) for which in (1, 0)]
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
    share = float(watched.competing[watched.last].mean())
    said = f"For {100 * share:.1f} % something else came that rules the event out"
    note = (
        f"{said}. The ratio is of the event's own (cause-specific) hazard: the rate among those still at risk. "
        "Shares by the horizon take the other way out into account; the subdistribution ratio stands beside it."
    )
    if share < SOME_COMPETING:
        return Check("competing events", "info", share, SOME_COMPETING, "none", note)
    return Check("competing events", "warn", share, SOME_COMPETING, "none", note)


def clock_checks(watched: Watched, planned: float | None) -> tuple[Check, ...]:
    """Ties, which block where all events share one time; and a horizon beyond what was watched."""
    hits = watched.times.stop[watched.times.event == 1]
    _, counts = np.unique(hits, return_counts=True)
    if len(counts) == 1 < len(hits):
        note = (
            "All events have the same time: nothing says whose came sooner. Plan a yes-or-no outcome instead."
        )
        return (Check("ties", "fail", 1.0, None, "block", note),)
    tied = float(counts[counts > 1].sum() / max(len(hits), 1))
    ties = (
        "Cox regression with Efron's ties. Many events share a time with another, as where days or weeks are counted."
        if tied > 0.5
        else "Cox regression with Efron's ties."
    )
    what = "mean numbers" if watched.recurrent else "mean times and shares"
    found = [Check("ties", "info", tied, None, "none", ties)]
    if planned is not None and planned > watched.horizon:
        note = f"Both arms were watched to {watched.horizon:g} only: {what} go no further."
        found.append(Check("horizon", "warn", watched.horizon, planned, "none", note))
    else:
        note = f"{what.capitalize()} are worked out up to {watched.horizon:g}."
        found.append(Check("horizon", "info", watched.horizon, planned, "none", note))
    return tuple(found)


def gray_check(watched: Watched) -> tuple[Check, ...]:
    """Gray's test of the two curves of shares, where everybody counts once and from the start."""
    if watched.competing is None or not watched.plain or watched.times.entry is not None:
        return ()
    chi2, p = gray_test(watched.times, watched.competing, watched.treated)
    said = f"p {p:.3f}" if p >= 0.001 else "p below 0.001"
    found = "differ" if p < UNLIKELY else "do not show a difference"
    note = (
        f"Gray's test of the shares who came to it, over the whole time watched: chi-square {chi2:.2f}, {said}. The "
        f"curves {found}; the ratio asks of those still at risk, and may say otherwise."
    )
    return (Check("Gray's test", "info", p, UNLIKELY, "none", note),)


def repeats_check(watched: Watched) -> tuple[Check, ...]:
    """How many had the event more than once: without them this is a time to a first event."""
    number = watched.summed((watched.times.event == 1).astype(np.float64))
    share, most = float((number > 1).mean()), float(number.max())
    note = (
        f"{100 * share:.1f} % of people had the event more than once. Errors take each person's events together, so "
        "that a few people with many do not pass for many people."
    )
    if most <= 1:
        note = (
            "Nobody had the event more than once: this is a time to a first event, and may be planned as one."
        )
    return (Check("repeated events", "info", share, None, "none", note),)


def end_check(watched: Watched) -> tuple[Check, ...]:
    """How many came to an end that rules out further events, and what the numbers then mean."""
    if watched.competing is None:
        return ()
    share = float(watched.competing[watched.last].mean())
    note = (
        f"For {100 * share:.1f} % something came that rules out any further event. The ratio is of rates among those "
        "still there; the mean numbers count everybody, with no more events after that end."
    )
    result: CheckResult = "info" if share < SOME_COMPETING else "warn"
    return (Check("competing events", result, share, SOME_COMPETING, "none", note),)


def time_off_check(frame: AnalysisFrame) -> tuple[Check, ...]:
    """How much time was taken off the clock in each arm; where the arms differ, so do the times compared."""
    at_risk, off = time_at_risk(frame)
    if not (off > 0).any():
        return ()
    treated = frame.data["treated"].to_numpy()
    means = [float(off[treated == which].mean()) for which in (1, 0)]
    parts = [off[treated == w].sum() / (off + at_risk)[treated == w].sum() for w in (1, 0)]
    apart = abs(float(parts[0] - parts[1]))
    said = (
        f"Time off the clock (days in custody, say): on average {means[0]:.3g} a person with the programme, "
        f"{100 * parts[0]:.0f} % of their time; {means[1]:.3g} without it, {100 * parts[1]:.0f} %"
    )
    if apart > OFF_APART:
        note = f"{said}. The arms are far apart: what kept people off the clock may be a result of the programme."
        return (Check("time off the clock", "warn", apart, OFF_APART, "downgrade", note),)
    return (Check("time off the clock", "info", apart, OFF_APART, "none", f"{said}."),)


def changing_check(outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Covariates that change may be changed by the programme: adjusting for them can take away what it did."""
    if not (outcome.timing and outcome.timing.changing):
        return ()
    named = ", ".join(outcome.timing.changing[:5])
    note = (
        f"Adjusted for what changed after the start: {named}. What the programme changed through it is not in the "
        "ratio; the line without such covariates stands beside it."
    )
    return (Check("changing covariates", "warn", None, None, "downgrade", note),)


def dropped_check(names: tuple[str, ...]) -> tuple[Check, ...]:
    """Covariates that say nothing the others do not."""
    if not names:
        return ()
    shown = ", ".join(name.removeprefix("x:") for name in names[:5])
    note = f"Left out because they add nothing to the others: {shown}."
    return (Check("covariates", "info", float(len(names)), None, "none", note),)
