"""What is to be doubted about a before and after, a sentence each (pure)."""

from __future__ import annotations

from evaluation.model import Check
from evaluation.places.dispersion import Dispersion
from evaluation.places.expected import Change
from evaluation.places.prior import threshold_fall

PULL = "regression to the mean"
FEW_PERIODS = 8
MOVED = 1.959964
HARDLY = 1.05  # times chance: not worth a word


def comparison_check() -> Check:
    """What no before and after can do."""
    note = "Nothing to compare with: whatever else changed at the start is in this number."
    return Check("comparison", "fail", None, None, "downgrade", note)


def periods_check(before: int) -> Check:
    """How much of the past there is to go by."""
    note = f"{before} period{'s' if before > 1 else ''} before the start"
    if before < FEW_PERIODS:
        words = f"{note}: too few to tell a fall that was under way from one that began with the programme."
        return Check("periods before", "warn", float(before), FEW_PERIODS, "none", words)
    return Check("periods before", "pass", float(before), FEW_PERIODS, "none", f"{note}.")


def cannot_correct(*, counts: bool) -> Check:
    """Those chosen were the worst, and nothing says how far they would have come back."""
    way = (
        "Add the places that were not chosen to the file (treatment marks those chosen), or name under chosen_on the "
        "periods they were chosen on, with others before the start beside them."
    )
    if not counts:
        way = (
            "Give retest (the correlation of two readings of a person) where everybody was seen once before the start, "
            "and population_mean and population_sd where only those chosen were seen."
        )
    note = f"How far those chosen would have come back with no programme cannot be worked out. {way}"
    return Check(PULL, "fail", None, None, "block", note)


def no_events(note: str) -> Check:
    """Nothing to divide by."""
    return Check("events", "fail", 0.0, 1.0, "block", note)


def pull_check(change: Change, how: str, *, counts: bool, looked: bool) -> Check:
    """How much of the change as it looks was to be expected with no programme at all."""
    if not looked:
        note = "The plan says the choice did not look at the outcome: nothing was taken off for a return to the mean."
        return Check(PULL, "warn", None, None, "none", note)
    seen, meant = (
        _moved(change.fall, change, counts=counts),
        _moved(change.predicted_fall, change, counts=counts),
    )
    source = {
        "forecast": "from what all of them were before the start",
        "published": "from the published figures of the population",
        "other-periods": "from their own other periods before the start",
    }[how]
    note = f"From when they were chosen those chosen {seen}. With no programme at all: {meant} ({source})."
    share = change.explained
    if share is None:
        return Check(PULL, "info", None, None, "none", note)
    part = "all of the change" if share >= 1 else f"{100 * share:.0f} % of the change"
    return Check(PULL, "warn" if share >= 0.5 else "info", share, 0.5, "none", f"{note} That is {part}.")


def _moved(fall: float, change: Change, *, counts: bool) -> str:
    way = "fell by" if fall >= 0 else "rose by"
    if counts and change.chosen_at > 0:
        return f"{way} {100 * abs(fall) / change.chosen_at:.0f} %"
    return f"{way} {abs(fall):.2g}"


def threshold_check(
    threshold: float | None, known: tuple[float, float, float] | None, *, above: bool
) -> tuple[Check, ...]:
    """The fall a threshold alone brings about, from published figures of the population."""
    if threshold is None or known is None:
        return ()
    mean, sd, retest = known
    fall = threshold_fall(mean, sd, retest, threshold, above=above)
    way, side = ("fall", "or more") if above else ("rise", "or less")
    note = (
        f"Choosing those with {threshold:g} {side} (mean {mean:g}, SD {sd:g}, retest {retest:g}) makes the next "
        f"reading {way} by {fall:.1f} ({fall / sd:.2f} SD) with no programme."
    )
    return (Check("threshold", "info", fall, None, "none", note),)


def dispersion_check(noise: Dispersion) -> Check:
    """How much more than chance the counts vary."""
    if noise.raw is None:
        note = "One period before the start does not show how far counts vary beyond chance: the error is optimistic."
        return Check("over-dispersion", "warn", None, None, "downgrade", note)
    note = f"Counts of a place vary {noise.raw:.1f} times as much as chance alone would make them; the errors count it."
    if noise.raw < HARDLY:
        note = f"Counts of a place vary no more than chance makes them ({noise.raw:.2f} times)."
    return Check("over-dispersion", "info", noise.raw, 1.0, "none", note)


def not_chosen_check(others: Change, *, counts: bool) -> Check:
    """Whether those not chosen went where the same forecast put them."""
    gap = others.log_ratio if counts else others.difference
    error = others.log_error if counts else others.difference_error
    if gap is None or not error:
        return Check(
            "those not chosen", "info", None, None, "none", "Those not chosen had nothing to be held against."
        )
    far = abs(gap) / error
    by = (
        f"{100 * abs(others.after / others.expected - 1):.0f} %"
        if counts and others.expected
        else f"{abs(gap):.2g}"
    )
    if far <= MOVED:
        note = "Those not chosen came out where the same forecast put them."
        return Check("those not chosen", "pass", far, MOVED, "none", note)
    way = "below" if gap < 0 else "above"
    note = (
        f"Those not chosen came out {by} {way} their own forecast: something moved everybody, or those chosen are not "
        "the only ones that changed. They are a comparison; use it."
    )
    return Check("those not chosen", "warn", far, MOVED, "downgrade", note)
