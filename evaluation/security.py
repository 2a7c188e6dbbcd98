"""How far to trust a result, 0 to 5: the worst of design, size and attrition, then at most two down for threats (pure).

Source: the security classification of the Education Endowment Foundation. The three columns are quoted from
memory of its guidance and not re-checked (marked so in the rules register); the rule for threats is sourced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evaluation.frame import ArmCounts
from evaluation.model import RATIOS, Check, Estimate, SecurityFact
from evaluation.power import detectable

MDES_BANDS = ((0.20, 5), (0.30, 4), (0.40, 3), (0.50, 2), (0.60, 1))
ATTRITION_BANDS = ((0.10, 5), (0.20, 4), (0.30, 3), (0.40, 2), (0.50, 1))
RED_BALANCE_CAP = 2
CAPPED = 2
BY_CHANCE, AS_A_COMPARISON = 5, 3
LOST = ("attrition", "cluster attrition")
LOSS = (*LOST, "attrition bias")  # one threat between them: the same people, counted once
NO_THREATS = ("funnel",)  # it caps; what it is made of (ripeness, gaps, matches) is weighed already
CAPS = {
    "balance": (RED_BALANCE_CAP, "poor balance on a covariate caps the level at 2"),
    "common support": (CAPPED, "few of the treated had anybody like them: this caps the level at 2"),
    "funnel": (CAPPED, "fewer than half of those the plan is about were analysed: this caps the level at 2"),
}
MARGIN_BANDS = ((1.0, 5), (1.25, 4), (1.5, 3), (2.0, 2), (3.0, 1))


def _band(value: float, bands: tuple[tuple[float, int], ...], *, inclusive: bool) -> int:
    return next((level for limit, level in bands if value < limit or (inclusive and value <= limit)), 0)


def security_level(
    method: str,
    design_level: int,
    estimate: Estimate,
    arms: ArmCounts,
    checks: Sequence[Check],
    margin: float | None = None,
) -> tuple[int, tuple[SecurityFact, ...]]:
    """The level and every fact that set it, in the order in which they applied.

    ``margin``: of areas, whose spread says nothing of people's, the difference that matters; what could be detected is
    then held against it.
    """
    facts = [SecurityFact("design", design_level, f"{method}: {design_level} at most")]
    if design_level == BY_CHANCE and lost_beyond(checks):
        said = "so many were lost that chance no longer vouches for those left"
        facts = [SecurityFact("design", AS_A_COMPARISON, f"{method}: {AS_A_COMPARISON} at most, for {said}")]
    if margin and estimate.std_error:
        facts.append(_against(margin, estimate))
    elif estimate.std_error and estimate.outcome_sd:
        few = (
            estimate.df if estimate.n_clusters else None
        )  # with few clusters t, not the normal, says what shows
        size = detectable(estimate.std_error, df=few) / estimate.outcome_sd
        level = 5 if size <= 0.20 else _band(size, MDES_BANDS, inclusive=False)
        facts.append(SecurityFact("size", level, f"could detect {size:.2f} SD four times in five"))
    elif estimate.std_error and estimate.effect == "hazard-ratio":
        facts.append(_ratio_size(estimate.std_error))
    else:
        facts.append(SecurityFact("size", 0, "nothing could be estimated"))
    facts.append(
        SecurityFact(
            "attrition",
            _band(arms.overall, ATTRITION_BANDS, inclusive=True),
            f"{100 * arms.overall:.0f} % of outcomes missing",
        )
    )
    level = min(fact.level for fact in facts)
    down, said = _threats(checks)
    if down:
        level = max(0, level - down)
        facts.append(SecurityFact("threats", level, said))
    for name, (cap, said) in CAPS.items():
        if level > cap and any(check.name == name and check.result == "fail" for check in checks):
            level = cap
            facts.append(SecurityFact(name, level, said))
    return level, tuple(facts)


def lost_beyond(checks: Sequence[Check]) -> bool:
    """Say whether a trial lost people, or clusters, beyond the optimistic boundary: it is judged as a comparison."""
    return any(check.name in LOST and check.result == "fail" for check in checks)


def _against(margin: float, estimate: Estimate) -> SecurityFact:
    """Bands of our own: the published ones are for people's standard deviations, which areas do not have."""
    shown = detectable(estimate.std_error or 0.0, df=estimate.df if estimate.n_clusters else None)
    wanted = abs(math.log(margin)) if estimate.effect in RATIOS else margin
    times = shown / wanted
    level = next((level for limit, level in MARGIN_BANDS if times <= limit), 0)
    return SecurityFact(
        "size", level, f"could detect {times:.2f} times the difference that matters four times in five"
    )


def _ratio_size(std_error: float) -> SecurityFact:
    """A log hazard ratio over the spread of log times, pi / root 6 under constant hazards, is a difference in SD."""
    shown = detectable(std_error)
    size = shown * math.sqrt(6) / math.pi
    level = 5 if size <= 0.20 else _band(size, MDES_BANDS, inclusive=False)
    said = f"could detect a hazard ratio of {math.exp(-shown):.2f} four times in five ({size:.2f} SD of log time)"
    return SecurityFact("size", level, said)


def _threats(checks: Sequence[Check]) -> tuple[int, str]:
    """How far the threats bring it down: a failed check that downgrades is high, a warning that does is moderate."""
    found = [c for c in checks if c.consequence == "downgrade" and c.name not in NO_THREATS]
    one = [c for c in found if c.name in LOSS]
    worst = next((c for c in one if c.result == "fail"), one[0]) if one else None
    found = [c for c in found if c.name not in LOSS or c is worst]
    high = [c.name for c in found if c.result == "fail"]
    moderate = [c.name for c in found if c.result == "warn"]
    named = ", ".join([*high, *moderate])
    if len(high) >= 2 or (high and len(moderate) >= 2):
        return 2, f"two down for {named}"
    if high or len(moderate) > 2:
        return 1, f"one down for {named}"
    return 0, ""
