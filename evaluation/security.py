"""How far to trust a result, 0 to 5: the worst of design, size and attrition, then at most two down for threats (pure).

Source: the security classification of the Education Endowment Foundation. The three columns are quoted from
memory of its guidance and not re-checked (marked so in the rules register); the rule for threats is sourced.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.frame import ArmCounts
from evaluation.model import Check, Estimate, SecurityFact
from evaluation.power import detectable

MDES_BANDS = ((0.20, 5), (0.30, 4), (0.40, 3), (0.50, 2), (0.60, 1))
ATTRITION_BANDS = ((0.10, 5), (0.20, 4), (0.30, 3), (0.40, 2), (0.50, 1))
RED_BALANCE_CAP = 2

# Maximum differential attrition (percentage points) for overall attrition of 0, 1, 2, ... 57 %.
# Source: What Works Clearinghouse standards handbook, table II.1.
CAUTIOUS = (
    5.7,
    5.8,
    5.9,
    5.9,
    6.0,
    6.1,
    6.2,
    6.3,
    6.3,
    6.3,
    6.3,
    6.2,
    6.2,
    6.1,
    6.0,
    5.9,
    5.9,
    5.8,
    5.7,
    5.5,
    5.4,
    5.3,
    5.2,
    5.1,
    4.9,
    4.8,
    4.7,
    4.5,
    4.4,
    4.3,
    4.1,
    4.0,
    3.8,
    3.6,
    3.5,
    3.3,
    3.2,
    3.1,
    2.9,
    2.8,
    2.6,
    2.5,
    2.3,
    2.1,
    2.0,
    1.8,
    1.6,
    1.5,
    1.3,
    1.2,
    1.0,
    0.9,
    0.7,
    0.6,
    0.4,
    0.3,
    0.2,
    0.0,
)
OPTIMISTIC = (
    10,
    10.1,
    10.2,
    10.3,
    10.4,
    10.5,
    10.7,
    10.8,
    10.9,
    10.9,
    10.9,
    10.9,
    10.9,
    10.9,
    10.8,
    10.8,
    10.7,
    10.6,
    10.5,
    10.3,
    10.2,
    10,
    9.9,
    9.7,
    9.5,
    9.4,
    9.2,
    9.0,
    8.8,
    8.6,
    8.4,
    8.2,
    8.0,
    7.8,
    7.6,
    7.4,
    7.2,
    7.0,
    6.7,
    6.5,
    6.3,
    6.0,
    5.8,
    5.6,
    5.3,
    5.1,
    4.9,
    4.6,
    4.4,
    4.2,
    3.9,
    3.7,
    3.5,
    3.2,
    3.0,
    2.8,
    2.6,
    2.3,
)


def attrition_class(overall: float, differential: float) -> str:
    """``low``, ``optimistic`` (low only under optimistic assumptions) or ``high``, by the table. Shares in 0 to 1."""
    column = round(100 * overall)
    if column >= len(CAUTIOUS):
        return "high"
    if 100 * differential <= CAUTIOUS[column]:
        return "low"
    return "optimistic" if 100 * differential <= OPTIMISTIC[column] else "high"


def _band(value: float, bands: tuple[tuple[float, int], ...], *, inclusive: bool) -> int:
    return next((level for limit, level in bands if value < limit or (inclusive and value <= limit)), 0)


def security_level(
    method: str, design_level: int, estimate: Estimate, arms: ArmCounts, checks: Sequence[Check]
) -> tuple[int, tuple[SecurityFact, ...]]:
    """The level and every fact that set it, in the order in which they applied."""
    facts = [SecurityFact("design", design_level, f"{method}: {design_level} at most")]
    if estimate.std_error and estimate.outcome_sd:
        size = detectable(estimate.std_error) / estimate.outcome_sd
        level = 5 if size <= 0.20 else _band(size, MDES_BANDS, inclusive=False)
        facts.append(SecurityFact("size", level, f"could detect {size:.2f} SD four times in five"))
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
    red = any(check.name == "balance" and check.result == "fail" for check in checks)
    if red and level > RED_BALANCE_CAP:
        level = RED_BALANCE_CAP
        facts.append(SecurityFact("balance", level, "poor balance on a covariate caps the level at 2"))
    return level, tuple(facts)


def _threats(checks: Sequence[Check]) -> tuple[int, str]:
    """How far the threats bring it down: a failed check that downgrades is high, a warning that does is moderate."""
    high = [c.name for c in checks if c.consequence == "downgrade" and c.result == "fail"]
    moderate = [c.name for c in checks if c.consequence == "downgrade" and c.result == "warn"]
    named = ", ".join([*high, *moderate])
    if len(high) >= 2 or (high and len(moderate) >= 2):
        return 2, f"two down for {named}"
    if high or len(moderate) > 2:
        return 1, f"one down for {named}"
    return 0, ""
