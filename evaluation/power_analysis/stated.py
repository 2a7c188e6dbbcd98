"""What a power analysis assumes, each with where it came from; and what a design does to the variance (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power_analysis.assumed import Assumed

# Values taken where a plan names none, and those that a sensitivity line then runs through.
ICC, ICC_TRIED = 0.20, (0.05, 0.10, 0.15, 0.20)
LIKENESS, LIKENESS_TRIED = 0.3, (0.0, 0.3, 0.6)
CLUSTER_LIKENESS, CLUSTER_LIKENESS_TRIED = 0.8, (0.6, 0.8, 1.0)
SEPARATION, SEPARATION_TRIED = 0.5, (0.0, 0.5, 1.0)
NEAR, NEAR_TRIED = 0.5, (0.25, 0.5, 0.75)
DEFAULTS = {
    "icc": ICC, "autocorrelation": LIKENESS, "cluster_autocorrelation": CLUSTER_LIKENESS, "separation": SEPARATION,
    "within_bandwidth": NEAR, "cluster_size_cv": 0.0, "overdispersion": 1.0, "followed_up": 1.0, "unit_share": 0.0,
    "first_stage": 1.0,
}  # fmt: skip
TRIED: dict[str, tuple[float, ...]] = {
    "icc": ICC_TRIED,
    "autocorrelation": LIKENESS_TRIED,
    "cluster_autocorrelation": CLUSTER_LIKENESS_TRIED,
    "separation": SEPARATION_TRIED,
    "within_bandwidth": NEAR_TRIED,
}
WORDS = {
    "icc": "share of the variance that lies between clusters (ICC)",
    "autocorrelation": "correlation of a unit's deviations from one period to the next",
    "cluster_autocorrelation": "correlation of a cluster's level with its own a period later",
    "separation": "difference of the arms' mean logit propensity scores, in SD",
    "within_bandwidth": "share of people within the bandwidth of the cut-off",
    "cluster_size_cv": "standard deviation of cluster sizes over their mean",
    "overdispersion": "variance of a count over its mean",
    "followed_up": "share of people whose outcome will be there",
    "unit_share": "share of the variance that lies between units for good",
    "first_stage": "by how much being offered it raises taking part",
    "cluster_r2": "share of the variance between clusters that covariates explain",
    "expected_r2": "share of the variance that covariates explain",
    "expected_sd": "standard deviation of the outcome",
    "expected_rate": "rate without the programme",
    "subcluster_icc": "share of the variance that lies between groups within clusters",
}
PLAN, DEFAULT, NOT_SAID = "the plan", "default", "default, or the plan says the same"


@dataclass(frozen=True, slots=True)
class Stated:
    """One assumption: its name, its value, and where it came from."""

    name: str
    value: float
    source: str

    @property
    def words(self) -> str:
        """What it means, in words."""
        return WORDS.get(self.name, self.name)

    @property
    def doubtful(self) -> bool:
        """Say whether nobody stated it, though the answer hangs on it."""
        return self.source != PLAN and self.name in TRIED


class Gathering:
    """Takes assumptions out of a plan and remembers each with its source."""

    def __init__(self, plan: AnalysisPlan, outcome: PlannedOutcome) -> None:
        """For one outcome of a plan."""
        self.outcome = outcome
        self.assumed = plan.assumed or Assumed()
        self.settings: Any = plan.design.settings
        self.stated: list[Stated] = []
        self.notes: list[str] = []

    def take(self, name: str) -> float:
        """An assumption of [power], else its default."""
        value = getattr(self.assumed, name)
        source = DEFAULT if value is None else PLAN
        self.stated.append(Stated(name, DEFAULTS[name] if value is None else value, source))
        return self.stated[-1].value

    def left(self) -> float:
        """The share of a person's variance that covariates leave."""
        if self.outcome.expected_r2:
            self.stated.append(Stated("expected_r2", self.outcome.expected_r2, PLAN))
        return 1 - self.outcome.expected_r2

    def take_setting(self, name: str, default: float) -> float:
        """A setting of the method, whose default cannot be told from the same value written down."""
        value = float(getattr(self.settings, name, default))
        self.stated.append(Stated(name, value, NOT_SAID if value == default else PLAN))
        return value


@dataclass(frozen=True, slots=True)
class Factors:
    """What a design makes of one unit of variance: the variance of the effect is v1 ``treated`` + v0 ``comparison``.

    v1 and v0 are the variances of one person's (or unit and period's) outcome in each arm, on the effect's scale.
    ``df`` of t where clusters or units are few; ``None`` for the normal.
    """

    treated: float
    comparison: float
    df: float | None = None

    def times(self, factor: float) -> Factors:
        """Both multiplied."""
        return replace(self, treated=self.treated * factor, comparison=self.comparison * factor)
