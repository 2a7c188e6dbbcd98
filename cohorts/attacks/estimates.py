"""Estimates: a mean at full precision gives its denominator away, and with it the count that was rounded (pure).

Then differencing: two results over nearly the same people tell about the few who are in one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from cohorts.attacks.model import Trial, judged
from workspace.settings import DisclosureProfile

NEAR = 1e-7
PRINTED_IN_FULL = 8
ARMS = ("treated", "comparison")
Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of one outcome of one result: what can be told of its size and, if it is yes-or-no, of its events."""

    result: str
    cohort: str
    outcome: str
    arm: str
    size: Extent
    events: int | None

    @property
    def is_exact(self) -> bool:
        """Say whether the size is known to the person."""
        return self.size[0] == self.size[1]


def of_areas(result: Mapping[str, Any]) -> bool:
    """Say whether a result compares places: how many there are of them is no secret, and they are no people."""
    outcomes = result.get("outcomes", [])
    return bool(outcomes) and all(outcome.get("units") == "areas" for outcome in outcomes)


def arms_of(name: str, result: Mapping[str, Any], profile: DisclosureProfile) -> list[Arm]:
    """Both arms of every outcome of a result, as an outsider can work them out."""
    cohort = str(result.get("data", {}).get("cohort", ""))
    return [
        arm
        for outcome in result.get("outcomes", [])
        for side in ARMS
        if (arm := _arm(name, cohort, outcome, side, profile)) is not None
    ]


def _arm(
    name: str, cohort: str, outcome: Mapping[str, Any], side: str, profile: DisclosureProfile
) -> Arm | None:
    estimate = outcome.get("estimate", {})
    shown, mean = estimate.get(f"n_{side}"), estimate.get(f"{side}_mean")
    if not isinstance(shown, int) or shown == 0:
        return None
    half = profile.rounding // 2 if shown % profile.rounding == 0 else 0
    sizes = range(max(shown - half, 1), shown + half + 1)
    fitting = [] if mean is None or _from_released(mean, shown, profile) else _fitting(mean, sizes)
    told = [
        int(c["reading"]) for c in outcome.get("checks", []) if c.get("name") == "people" and c.get("reading")
    ]
    if side == "treated" and told and told[0] in sizes and told[0] % profile.rounding:
        fitting = [told[0]]
    size = (min(fitting), max(fitting)) if fitting else (sizes[0], sizes[-1])
    exact = size[0] == size[1] and mean is not None
    events = round(mean * size[0]) if exact and outcome.get("kind") == "binary" else None
    return Arm(name, cohort, str(outcome.get("measure", "")), side, size, events)


def _fitting(mean: float, sizes: Iterable[int]) -> list[int]:
    """Numbers of people over which the mean, as printed, can be a whole number's share."""
    decimals = max(-int(Decimal(repr(mean)).normalize().as_tuple().exponent), 0)
    near = NEAR if decimals > PRINTED_IN_FULL else 0.5 * 10.0**-decimals
    return [n for n in sizes if abs(mean * n - round(mean * n)) <= near * n]


def _from_released(mean: float, shown: int, profile: DisclosureProfile) -> bool:
    """Say whether a share is one of rounded events over rounded people: then nothing follows from it."""
    steps = range(0, shown + profile.rounding, profile.rounding)
    return any(round(min(events / shown, 1.0), 3) == mean for events in steps)


def reconstruction(arms: Sequence[Arm], threshold: int) -> Trial:
    """Small numbers of events, or of people without one, out of shares at full precision."""
    exact = [arm for arm in arms if arm.is_exact]
    small = [
        arm
        for arm in exact
        if 0 < arm.size[0] < threshold
        or (
            arm.events is not None
            and (0 < arm.events < threshold or 0 < arm.size[0] - arm.events < threshold)
        )
    ]
    found = [f"{a.result}, {a.outcome}, {a.arm}: a count below {threshold} can be worked out" for a in small]
    found.append(
        f"the exact size, undone of its rounding, of {len(exact)} of {len(arms)} arms can be worked out"
    )
    return Trial(
        "reconstruction",
        "Exact counts out of estimates",
        "The published results (JSON).",
        f"readings, and sizes within the rounding of {len(arms)} arms: which of them make the published mean a whole "
        "number over it.",
        tuple(found),
        "Results of which a cell is small are withheld whole; means are worked out from rounded counts.",
        judged(bool(small)) if arms else "not-applicable",
        "Exact counts of the threshold or more are reported but do not fail by themselves: they matter to the margins "
        "and differencing attacks, which use them. Effects and standard errors stay at full precision and are not "
        "searched: a plain difference of two shares fits hardly more than one pair of arms within their rounding.",
    )


def differencing(arms: Sequence[Arm], others: Sequence[tuple[str, str, Extent]], threshold: int) -> Trial:
    """All pairs of results over one cohort: the difference of their people must not be known to be a few.

    ``others`` are earlier published counts of whole populations: (output, cohort, extent).
    """
    found, pairs = set[str](), 0
    for left, right in combinations(arms, 2):
        alike = (left.cohort, left.arm) == (right.cohort, right.arm) and left.result != right.result
        if alike and left.cohort:
            pairs += 1
            if _few(left.size, right.size, threshold):
                found.add(
                    f"{left.result} and {right.result}, {left.arm}: they differ by fewer than {threshold} people"
                )
    for (one, cohort, first), (two, again, second) in combinations(others, 2):
        if cohort == again and one != two:
            pairs += 1
            if _few(first, second, threshold):
                found.add(f"{one} and {two}: they differ by fewer than {threshold} people")
    return Trial(
        "differencing",
        "Subtracting one release from another",
        "All published results, kept over time.",
        f"{pairs:,} pairs of populations of one cohort, taken to be nested.",
        tuple(sorted(found)) or ("no pair is known to differ by a few people",),
        "Counts are rounded; whoever publishes compares with what is out already.",
        judged(bool(found)) if pairs else "not-applicable",
        "Nesting is assumed, not proved. Releases outside the project folder are not known to this program.",
    )


def _few(one: Extent, two: Extent, threshold: int) -> bool:
    """Say whether the difference certainly lies from 1 to the threshold less one."""
    low = max(one[0] - two[1], two[0] - one[1])
    high = max(one[1] - two[0], two[1] - one[0])
    return low >= 1 and high < threshold


def populations(
    name: str, result: Mapping[str, Any], profile: DisclosureProfile
) -> Iterable[tuple[str, str, Extent]]:
    """The whole population of a result, from its first step."""
    rows, cohort = result.get("data", {}).get("rows"), str(result.get("data", {}).get("cohort", ""))
    if isinstance(rows, int) and rows and cohort:
        half = profile.rounding // 2 if rows % profile.rounding == 0 else 0
        yield name, cohort, (rows - half, rows + half)


def sizes_of(arms: Iterable[Arm]) -> dict[str, tuple[Extent, Extent]]:
    """For each result the sizes of its two arms, from the first outcome that has both."""
    found: dict[str, dict[tuple[str, str], Extent]] = {}
    for arm in arms:
        found.setdefault(arm.result, {})[(arm.outcome, arm.arm)] = arm.size
    both: dict[str, tuple[Extent, Extent]] = {}
    for name, sides in found.items():
        outcome = next(iter(sides))[0]
        if all((outcome, side) in sides for side in ARMS):
            both[name] = (sides[(outcome, "treated")], sides[(outcome, "comparison")])
    return both
