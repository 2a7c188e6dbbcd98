"""What to doubt in a stepped wedge or a crossover: layout, clusters, time, anticipation, carry-over (pure)."""

from __future__ import annotations

import numpy as np

from evaluation.clusters.rollout import Rollout
from evaluation.clusters.stepped_wedge import ByExposure
from evaluation.inference import critical, two_sided_p
from evaluation.model import Check, PathRow
from evaluation.regression.linear import Fit

FEWEST_TO_INFER = 4
RED_CLUSTERS = 8
FEWEST_CLUSTERS = 12
FEWEST_SEQUENCES = 3
NOTICED = 0.05


def mixed_arms() -> Check:
    """A cluster holds both arms in one period: clusters did not change arms as a whole."""
    note = (
        "In some period a cluster holds people of both arms: the treatment must be one value for a cluster in a period."
        " Leave out the periods in which clusters changed, or give them a period of their own."
    )
    return Check("allocation", "fail", None, None, "block", note)


def layout_checks(rollout: Rollout, *, stepped: bool) -> tuple[Check, ...]:
    """Whether the arms follow the layout, and whether the treatment can be told from time."""
    back, both = rollout.goes_back, rollout.both_arms
    if stepped and back:
        note = (
            "In a stepped wedge the programme, once begun in a cluster, goes on; some clusters stopped. If they were "
            'meant to, say layout = "crossover".'
        )
        return (Check("allocation", "fail", back / rollout.clusters, 0, "block", note),)
    switched = ((rollout.arms == 1).any(axis=1) & (rollout.arms == 0).any(axis=1)).sum()
    if not switched:
        note = 'No cluster was seen in both arms: nothing was crossed or stepped. Say layout = "parallel".'
        return (Check("allocation", "fail", 0.0, 1, "block", note),)
    if not both.any():
        note = (
            "In no period were there clusters with and clusters without the programme: what it did cannot be told from "
            "what time did."
        )
        return (Check("periods", "fail", 0.0, 1, "block", note),)
    share = float(both.mean())
    note = (
        f"In {100 * share:.0f} % of the periods some clusters had the programme and some had not; only these compare "
        "like with like in time, the others lend the model their clusters' own levels."
    )
    return (Check("periods", "pass" if share >= 0.5 else "warn", share, 0.5, "none", note),)


def cluster_checks(rollout: Rollout, *, stepped: bool) -> tuple[Check, ...]:
    """Clusters in all, and sequences they were allocated to."""
    total, sequences = rollout.clusters, _sequences(rollout, stepped=stepped)
    return (_count(total), *_sequence_check(sequences, stepped=stepped))


def _count(total: int) -> Check:
    if total < FEWEST_TO_INFER:
        note = "Fewer than four clusters: no interval can be trusted."
        return Check("clusters", "fail", float(total), FEWEST_TO_INFER, "block", note)
    if total < RED_CLUSTERS:
        note = "Fewer than eight clusters in all: this interval hardly deserves trust."
        return Check("clusters", "fail", float(total), RED_CLUSTERS, "downgrade", note)
    if total < FEWEST_CLUSTERS:
        note = "Fewer than twelve clusters: look at the test of the order of clusters beside it."
        return Check("clusters", "warn", float(total), FEWEST_CLUSTERS, "downgrade", note)
    return Check("clusters", "pass", float(total), FEWEST_CLUSTERS, "none", "Enough clusters.")


def _sequences(rollout: Rollout, *, stepped: bool) -> int:
    if stepped:
        return len(np.unique(rollout.first_treated))
    return len({tuple(row) for row in np.nan_to_num(rollout.arms, nan=-1.0).tolist()})


def _sequence_check(count: int, *, stepped: bool) -> tuple[Check, ...]:
    least = FEWEST_SEQUENCES if stepped else 2
    if count >= least:
        note = f"Clusters followed {count} different sequences."
        return (Check("sequences", "pass", float(count), float(least), "none", note),)
    note = (
        f"Clusters followed {count} different sequence{'s' if count != 1 else ''}: with so few, one step stands for "
        "all, and whatever else came with it counts as the programme."
    )
    return (Check("sequences", "warn", float(count), float(least), "downgrade", note),)


def averaged_check(*, stepped: bool) -> Check:
    """What the one number is an average of."""
    note = (
        "The estimate averages over clusters and periods with the weights of the model, most to periods in which both "
        "arms were seen; it means what it says if the effect is the same in every period and cluster"
    )
    note += " and at every time since it began." if stepped else ", and ends with the programme."
    return Check("what is averaged", "info", None, None, "none", note)


def noticed(fit: Fit) -> float:
    """p-value of a coefficient."""
    return two_sided_p(fit.value, fit.std_error, fit.df, "t") if fit.std_error > 0 else 1.0


def before_or_after_check(found: Fit, *, stepped: bool) -> Check:
    """Whether anything moved in the period before the programme began, or after it ended."""
    p = noticed(found)
    name = "anticipation" if stepped else "carry-over"
    when = "the period before the programme began" if stepped else "the period after the programme ended"
    said = f"In {when} the outcome was {found.value:+.3g} off what it should be (standard error {found.std_error:.2g})"
    if p < NOTICED:
        note = (
            f"{said}: the effect does not keep to the programme's time. Look at the line that allows for it."
        )
        return Check(name, "warn", p, NOTICED, "downgrade", note)
    return Check(name, "pass", p, NOTICED, "none", f"{said}: no more than chance does.")


def exposure_check(found: ByExposure) -> Check:
    """Whether the effect grows or fades with the time since it began."""
    shown = ", ".join(
        f"{fit.value:.3g} in period {time}" for time, fit in zip(found.times, found.effects, strict=True)
    )
    note = f"Effect by time since it began: {shown}."
    if found.slope is None:
        return Check("time on treatment", "info", None, None, "none", note)
    p = noticed(found.slope)
    if p < NOTICED:
        note += " It changes with time, so that one number for all of it misleads: look at the line that averages them."
        return Check("time on treatment", "warn", p, NOTICED, "downgrade", note)
    return Check(
        "time on treatment", "pass", p, NOTICED, "none", note + " It changes no more than chance does."
    )


def exposure_path(found: ByExposure, alpha: float) -> tuple[PathRow, ...]:
    """The effects by time since the programme began, as rows."""
    rows = []
    for time, fit in zip(found.times, found.effects, strict=True):
        half = critical(1 - alpha, fit.df, "t") * fit.std_error
        rows.append(
            PathRow(
                f"period {time} of the programme",
                fit.value,
                fit.std_error,
                fit.value - half,
                fit.value + half,
            )
        )
    return tuple(rows)
