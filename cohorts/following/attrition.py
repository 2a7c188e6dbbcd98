"""Who was lost: the boundary for attrition, and the bias it could hide, arm against arm (pure).

Source of the table: What Works Clearinghouse standards handbook, table II.1. Source of the model behind it: Deke
and Chiang; the four correlations are refitted to the table (overall attrition of 8 to 55 %).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

# Maximum differential attrition (percentage points) for overall attrition of 0, 1, 2, ... 57 %.
CAUTIOUS = (
    5.7, 5.8, 5.9, 5.9, 6.0, 6.1, 6.2, 6.3, 6.3, 6.3,
    6.3, 6.2, 6.2, 6.1, 6.0, 5.9, 5.9, 5.8, 5.7, 5.5,
    5.4, 5.3, 5.2, 5.1, 4.9, 4.8, 4.7, 4.5, 4.4, 4.3,
    4.1, 4.0, 3.8, 3.6, 3.5, 3.3, 3.2, 3.1, 2.9, 2.8,
    2.6, 2.5, 2.3, 2.1, 2.0, 1.8, 1.6, 1.5, 1.3, 1.2,
    1.0, 0.9, 0.7, 0.6, 0.4, 0.3, 0.2, 0.0,
)  # fmt: skip
OPTIMISTIC = (
    10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.7, 10.8, 10.9, 10.9,
    10.9, 10.9, 10.9, 10.9, 10.8, 10.8, 10.7, 10.6, 10.5, 10.3,
    10.2, 10.0, 9.9, 9.7, 9.5, 9.4, 9.2, 9.0, 8.8, 8.6,
    8.4, 8.2, 8.0, 7.8, 7.6, 7.4, 7.2, 7.0, 6.7, 6.5,
    6.3, 6.0, 5.8, 5.6, 5.3, 5.1, 4.9, 4.6, 4.4, 4.2,
    3.9, 3.7, 3.5, 3.2, 3.0, 2.8, 2.6, 2.3,
)  # fmt: skip
CAUTIOUS_RHO = (0.408, 0.354)
OPTIMISTIC_RHO = (0.249, 0.204)
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class ArmLoss:
    """How many people of each arm were due, and how many of them were not seen."""

    due_treated: int
    due_comparison: int
    lost_treated: int
    lost_comparison: int

    def __post_init__(self) -> None:
        arms = ((self.lost_treated, self.due_treated), (self.lost_comparison, self.due_comparison))
        if any(not 0 <= lost <= due for lost, due in arms):
            raise ValueError("an arm cannot lose more people than were due")

    @property
    def treated(self) -> float:
        """The share of the treated lost, 0 to 1; 0 where nobody was due."""
        return self.lost_treated / self.due_treated if self.due_treated else 0.0

    @property
    def comparison(self) -> float:
        """The share of the comparison lost, 0 to 1; 0 where nobody was due."""
        return self.lost_comparison / self.due_comparison if self.due_comparison else 0.0

    @property
    def overall(self) -> float:
        """The share of both arms together that was lost, 0 to 1."""
        due = self.due_treated + self.due_comparison
        return (self.lost_treated + self.lost_comparison) / due if due else 0.0

    @property
    def differential(self) -> float:
        """How far the arms' shares lost are apart, 0 to 1."""
        return abs(self.treated - self.comparison)


def attrition_class(overall: float, differential: float) -> str:
    """``low``, ``optimistic`` (low only under optimistic assumptions) or ``high``, by the table. Shares in 0 to 1."""
    column = round(100 * overall)
    if column >= len(CAUTIOUS):
        return "high"
    if 100 * differential <= CAUTIOUS[column]:
        return "low"
    return "optimistic" if 100 * differential <= OPTIMISTIC[column] else "high"


def implied_bias(
    attrition_treated: float,
    attrition_comparison: float,
    *,
    rho_treated: float = CAUTIOUS_RHO[0],
    rho_comparison: float = CAUTIOUS_RHO[1],
) -> float:
    """The bias that attrition implies for a difference of means, in SDs of the outcome.

    Outcome y ~ N(0, 1); a latent response z with corr(z, y) = rho of the arm; a person responds where z lies
    above the arm's attrition quantile. Expected bias = rho_t lam(a_t) - rho_c lam(a_c) with
    lam(a) = phi(PhiInv(a)) / (1 - a). Source: Deke and Chiang, the model behind the boundary of the What Works
    Clearinghouse, which tolerates 0.05.

    Parameters
    ----------
    attrition_treated, attrition_comparison : float
        Shares lost, from 0 to below 1: an arm of which nobody is left has no mean to be biased.
    rho_treated, rho_comparison : float
        Correlation of responding with the outcome; the defaults are the cautious ones.
    """
    return rho_treated * _lift(attrition_treated) - rho_comparison * _lift(attrition_comparison)


def worst_bias(attrition_treated: float, attrition_comparison: float) -> float:
    """The larger implied bias, without its sign, by the cautious correlations: either arm may hold the higher one."""
    high, low = CAUTIOUS_RHO
    either = (
        implied_bias(attrition_treated, attrition_comparison, rho_treated=high, rho_comparison=low),
        implied_bias(attrition_treated, attrition_comparison, rho_treated=low, rho_comparison=high),
    )
    return max(abs(bias) for bias in either)


def _lift(share: float) -> float:
    """The mean of a standard normal z among those above its ``share`` quantile."""
    if not 0 <= share < 1:
        raise ValueError("a share lost lies from 0 to below 1")
    return _NORMAL.pdf(_NORMAL.inv_cdf(share)) / (1 - share) if share else 0.0
