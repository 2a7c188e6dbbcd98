"""Other ways of asking that rest on all but a few of the same people: their figures are withheld (pure).

Two effects of one outcome at full precision, of samples that differ by a few people, tell about those few as two
releases would, and the gate refuses those. Of matched pairs the number left out and how they fared was told exactly
every time it was tried (``tests/evaluation/test_nearly_same.py``); of one pair left out, both outcomes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from evaluation.emptied import emptied
from evaluation.model import Check, Estimate, OutcomeResult, Sensitivity
from workspace.settings import DisclosureProfile

NEARLY = "nearly the same people"
Sizes = tuple[int, int]


def apart(outcome: OutcomeResult, profile: DisclosureProfile) -> OutcomeResult:
    """The outcome with the figures of such ways taken out; their names, and whether the answer would change, stay.

    A way is too near when either arm, or both together, is of one to ``threshold`` less one people more or fewer than
    that of the main estimate or of a way that is shown before it. Sizes must be exact still, not rounded. Ways of equal
    size are not told apart: who is in them is not known here.
    """
    shown = [_sizes(outcome.estimate)]
    ways: list[Sensitivity] = []
    gone: list[str] = []
    for way in outcome.sensitivity:
        if way.estimate.value is not None and _is_near(_sizes(way.estimate), shown, profile):
            gone.append(way.name)
            ways.append(replace(way, estimate=emptied(way.estimate)))
            continue
        shown.append(_sizes(way.estimate))
        ways.append(way)
    if not gone:
        return outcome
    return replace(outcome, sensitivity=tuple(ways), checks=(*outcome.checks, _said(gone, profile)))


def is_held(outcome: OutcomeResult, way: Sensitivity) -> bool:
    """Say whether the figures of a way were taken out here."""
    return way.estimate.value is None and any(check.name == NEARLY for check in outcome.checks)


def _sizes(estimate: Estimate) -> Sizes:
    return estimate.n_treated, estimate.n_comparison


def _is_near(sizes: Sizes, shown: Iterable[Sizes], profile: DisclosureProfile) -> bool:
    gaps = (
        gap
        for treated, comparison in shown
        for gap in (sizes[0] - treated, sizes[1] - comparison, sum(sizes) - treated - comparison)
    )
    return any(0 < abs(gap) < profile.threshold for gap in gaps)


def _said(names: list[str], profile: DisclosureProfile) -> Check:
    note = (
        f"Withheld: the figures of {'; '.join(f'“{name}”' for name in names)}. They rest on all but a few of the same "
        "people as another line, and the two together would tell about those few. Whether the answer would change "
        "is said."
    )
    return Check(NEARLY, "info", float(len(names)), float(profile.threshold), "none", note)
