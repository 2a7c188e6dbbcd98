"""The doubts about a jump at a cut-off: who is near it, whether they chose their side, what else jumps (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.discontinuity.bandwidths import repeated
from evaluation.discontinuity.continuity import Continuity, Seen
from evaluation.discontinuity.density import DensityJump, NearCount
from evaluation.discontinuity.jump import Jump
from evaluation.discontinuity.people import Fitted, People, within
from evaluation.discontinuity.settings import FEW_NEAR, FEWEST_NEAR, DiscontinuitySettings
from evaluation.model import Check, Units
from evaluation.trials.compliance import WEAK

FEWEST_SCORES, FEW_SCORES = 5, 10
DOUBT, SURE = 0.05, 0.001
FEWEST_SPARE = 10
SHOWN = 5


def bearing_check(problem: str = "") -> Check:
    """Where the scores near the cut-off cannot bear the fit at all."""
    note = problem or (
        "Too few different scores near the cut-off for the polynomial. Use a wider bandwidth or a lower order, a score "
        "recorded in finer units, or a design that does not need one."
    )
    return Check("scores near the cut-off", "fail", None, None, "block", note)


def near_check(jump: Jump, units: Units) -> Check:
    """How many the smaller side has within its bandwidth: they carry the answer, whoever else is in the data."""
    n = min(jump.n_left, jump.n_right)
    fewest, few = (limits[units == "areas"] for limits in (FEWEST_NEAR, FEW_NEAR))
    said = f"{units} within the bandwidth on the side that has fewer"
    if n < fewest:
        note = f"Fewer than {fewest} {said}: too few for an interval. Widen the bandwidth, or gather more."
        return Check("near the cut-off", "fail", float(n), fewest, "block", note)
    if n < few:
        note = f"Fewer than {few} {said}: everything hangs on them."
        return Check("near the cut-off", "warn", float(n), few, "downgrade", note)
    return Check("near the cut-off", "pass", float(n), few, "none", f"Enough {said}.")


def distinct_check(people: People, fitted: Fitted) -> tuple[Check, ...]:
    """How many different scores there are within the bandwidth: the fit can bend no oftener than that."""
    near = within(people, fitted)
    counts = [len(np.unique(people.x[near & side])) for side in (people.x < 0, people.x >= 0)]
    n = float(min(counts))
    if n >= FEW_SCORES:
        if not repeated(people.sorted(adjusted=False, fuzzy=False)):
            return ()
        note = "Many share a score; the bandwidths and errors take that into account."
        return (Check("different scores", "pass", n, FEW_SCORES, "none", note),)
    cure = (
        "Record the score in finer units. Clustering by the score does not cure this (Kolesár and Rothe, 2018): "
        "bounds on how far the line may bend (honest intervals) would, and this version has none."
    )
    if n < FEWEST_SCORES:
        note = (
            f"Fewer than {FEWEST_SCORES} different scores within the bandwidth on a side: a line through them is a "
            f"guess. {cure}"
        )
        return (Check("different scores", "fail", n, FEWEST_SCORES, "block", note),)
    note = f"Fewer than {FEW_SCORES} different scores within the bandwidth on a side. {cure}"
    return (Check("different scores", "warn", n, FEW_SCORES, "downgrade", note),)


def spare_people_check(fitted: Fitted, columns: int) -> tuple[Check, ...]:
    """Covariates take up people: with almost as many columns as people nothing is left to tell the error by."""
    jump, order = fitted.jump, fitted.way.recipe.order
    spare = jump.n_left + jump.n_right - 2 * (order + 2) - columns
    if not columns or spare >= FEWEST_SPARE:
        return ()
    note = "The covariates have almost as many columns as there are people within the bandwidth. Use fewer."
    return (Check("too many covariates", "fail", float(spare), FEWEST_SPARE, "block", note),)


def density_check(found: DensityJump | None, count: NearCount) -> Check:
    """Whether people bunch on one side. Two witnesses that agree block; one alone takes trust away."""
    counted = f"counted near it, {_p(count.p_value)}"
    if found is None:
        if count.p_value >= DOUBT:
            note = f"The density at the cut-off cannot be estimated; {counted}: no sign of bunching."
            return Check("density", "info", count.p_value, DOUBT, "none", note)
        note = (
            f"The density at the cut-off cannot be estimated; {counted}: people may have chosen their side."
        )
        return Check("density", "warn", count.p_value, DOUBT, "downgrade", note)
    said = f"Density of the score just below and just above the cut-off: difference with {_p(found.p_value)}; {counted}"
    if found.p_value >= DOUBT:
        return Check(
            "density", "pass", found.p_value, DOUBT, "none", f"{said}: no sign that people chose their side."
        )
    if found.p_value < SURE and count.p_value < DOUBT:
        note = (
            f"{said}: people were sorted to one side, so those just above are not like those just below. Find out how "
            "scores were given; a design that needs no cut-off is safer."
        )
        return Check("density", "fail", found.p_value, SURE, "block", note)
    note = f"{said}: people may have chosen their side. Ask who gave the scores, and who knew the cut-off."
    result = "fail" if found.p_value < SURE else "warn"
    return Check("density", result, found.p_value, DOUBT, "downgrade", note)  # type: ignore[arg-type]


def covariates_check(found: Continuity) -> tuple[Check, ...]:
    """What people were like before must not jump; a covariate the cut-off decides is no covariate."""
    if found.decided:
        note = f"Decided by the cut-off, so nothing that was known before: {_named(found.decided)}. Leave it out."
        return (Check("covariates at the cut-off", "fail", None, None, "block", note),)
    if found.p_value is None:
        return ()
    jumping = tuple(row.name for row in found.rows if row.p_value is not None and row.p_value < DOUBT)
    named = f" By itself: {_named(jumping)}." if jumping else ""
    if found.p_value >= DOUBT:
        note = f"No jump in what was known before, all together {_p(found.p_value)}.{named}"
        return (Check("covariates at the cut-off", "pass", found.p_value, DOUBT, "none", note),)
    note = f"What was known before jumps at the cut-off as well, all together {_p(found.p_value)}.{named}"
    result = "fail" if found.p_value < SURE else "warn"
    return (Check("covariates at the cut-off", result, found.p_value, DOUBT, "downgrade", note),)  # type: ignore[arg-type]


def placebo_check(rows: tuple[Seen, ...], smallest: float | None) -> tuple[Check, ...]:
    """A jump where nothing was decided says that the outcome jumps anyway."""
    if not rows:
        return ()
    if smallest is None:
        note = "No false cut-off has people enough around it to be looked at."
        return (Check("placebo cut-offs", "info", None, DOUBT, "none", note),)
    if smallest >= DOUBT:
        note = f"No jump at cut-offs that are none; the smallest p-value, adjusted for their number, is {smallest:.3f}."
        return (Check("placebo cut-offs", "pass", smallest, DOUBT, "none", note),)
    note = (
        f"The outcome jumps at a cut-off that is none ({_p(smallest)}, adjusted): it may jump anyway, or bend more "
        "than the fit allows."
    )
    return (Check("placebo cut-offs", "warn", smallest, DOUBT, "downgrade", note),)


def take_up_check(jump: Jump | None) -> tuple[Check, ...]:
    """Whether the cut-off moves what is received: a ratio over almost nothing is no number."""
    if jump is None:
        return ()
    if not jump.std_error > 0:
        note = (
            f"At the cut-off what is received jumps by {100 * jump.value:.0f} points: everybody keeps to it."
        )
        return (Check("take-up", "info", None, WEAK, "none", note),)
    strength = (jump.value / jump.std_error) ** 2
    said = (
        f"At the cut-off what is received jumps by {100 * jump.conventional:.0f} points, F = {strength:.1f}"
    )
    if strength < WEAK:
        note = f"{said}: too weak a push to divide by. Look at the effect of the cut-off itself (leave out 'fuzzy')."
        return (Check("take-up", "fail", strength, WEAK, "block", note),)
    if jump.value < 0:
        note = f"{said}: fewer receive it on the treated side. Look at treated_above, and at how 'fuzzy' is coded."
        return (Check("take-up", "fail", strength, WEAK, "block", note),)
    return (Check("take-up", "pass", strength, WEAK, "none", f"{said}."),)


def decided_check(offered: Jump | None) -> tuple[Check, ...]:
    """In a fuzzy design an outcome that the cut-off alone decides is not decided by what was received."""
    if offered is None or offered.std_error > 1e-10 * max(abs(offered.value), 1e-300):
        return ()
    note = (
        "Outcomes do not vary beyond what the cut-off decides, whoever received it: there is nothing that receiving it "
        "could have changed. Look at how the outcome was recorded."
    )
    return (Check("spread", "fail", 0.0, None, "block", note),)


def clusters_check(jump: Jump) -> tuple[Check, ...]:
    """Clusters within the bandwidths: the errors need several."""
    n = jump.clusters
    if n is None:
        return ()
    if n < 10:
        note = f"{n} clusters within the bandwidth are too few for these errors."
        consequence = "block" if n < 6 else "downgrade"
        return (Check("clusters", "fail", float(n), 10, consequence, note),)  # type: ignore[arg-type]
    result = "warn" if n < 30 else "pass"
    note = f"{n} clusters within the bandwidth" + (": errors by cluster may be too small." if n < 30 else ".")
    return (Check("clusters", result, float(n), 30, "none", note),)  # type: ignore[arg-type]


def plain_check(settings: DiscontinuitySettings) -> tuple[Check, ...]:
    """Plain regression takes its line for true."""
    if settings.inference != "plain":
        return ()
    note = (
        "Plain regression takes its line for true within the bandwidth, so its interval is too short where the outcome "
        "bends; the robust line stands beside it."
    )
    return (Check("bias of the line", "warn", None, None, "downgrade", note),)


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
