"""Checks of what is counted: empty cells, few events, more variation than chance, time at risk (pure)."""

from __future__ import annotations

import polars as pl

from evaluation.model import Check
from evaluation.plan import PlannedOutcome

FEWEST_EVENTS = 5
OVERDISPERSED = 1.5


def event_checks(data: pl.DataFrame, outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Whether a ratio can be formed at all, and how far its interval can be trusted; nothing for differences."""
    if not outcome.is_ratio:
        return ()
    totals = data.group_by("treated").agg(pl.col("outcome").sum().alias("with"), pl.len().alias("n"))
    cells = totals["with"].to_list()
    if outcome.kind == "binary":
        cells += (totals["n"] - totals["with"]).to_list()
    fewest = float(min(cells))
    what = "people with and without the outcome" if outcome.kind == "binary" else "events"
    if fewest == 0:
        note = f"An arm has no {what.replace(' and ', ' or no ')}: a ratio cannot be formed. Plan a difference instead."
        return (Check("events", "fail", 0.0, 1, "block", note),)
    if fewest < FEWEST_EVENTS:
        note = f"Fewer than {FEWEST_EVENTS} {what} in an arm: the interval of the ratio is rough."
        return (Check("events", "warn", fewest, FEWEST_EVENTS, "downgrade", note),)
    return (
        Check("events", "pass", fewest, FEWEST_EVENTS, "none", f"Enough {what} in each arm for a ratio."),
    )


def dispersion_check(dispersion: float) -> Check:
    """Counts that vary more than a Poisson model says; the robust errors allow for it, so nothing follows."""
    if dispersion > OVERDISPERSED:
        note = (
            f"Counts vary {dispersion:.1f} times as much as chance alone would make them: a few people have many. The "
            "robust errors allow for it; the negative binomial line shows another way."
        )
    else:
        note = "Counts vary about as much as a Poisson model says."
    return Check("over-dispersion", "info", dispersion, OVERDISPERSED, "none", note)


def exposure_check(data: pl.DataFrame, outcome: PlannedOutcome) -> tuple[Check, ...]:
    """Average exposure in each arm: a programme may change how long people are at risk, which a rate hides."""
    if "exposure" not in data.columns:
        return ()
    treated, other = (
        float(str(data.filter(pl.col("treated") == arm)["exposure"].mean())) for arm in (1.0, 0.0)
    )
    note = (
        f"Average {outcome.exposure} a person: {treated:.3g} with the programme, {other:.3g} without. A rate is for "
        "each unit of it, and hides a difference in it."
    )
    return (Check("exposure", "info", treated / other, None, "none", note),)


def separated() -> Check:
    """The model has no finite answer: in some group of people everybody, or nobody, has the outcome."""
    note = (
        "The covariates or strata tell some people's outcome completely (a stratum where nobody has it, say), so that "
        'the model has no answer. Use fewer or broader ones, or adjust = "none".'
    )
    return Check("separation", "fail", None, None, "block", note)
