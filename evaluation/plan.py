"""The analysis plan: what will be compared, how, and which difference matters. Frozen and canonical."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from evaluation.economics.planned import PlannedEconomics
from evaluation.explaining.planned import Delivery, Selection
from evaluation.model import RATIOS, Better, Effect, Kind, Role, Units
from evaluation.power_analysis.assumed import Assumed
from evaluation.times.drawn import Drawn
from evaluation.times.timing import Timing


@dataclass(frozen=True, slots=True)
class Population:
    """Whom the plan is about: a cohort or areas (project mode) and a rule.

    ``units`` says what a row's unit is; ``definition`` and ``complete`` are columns of a panel that say under which
    definition a value was counted, and for which share of its period. ``roll_up``: the values of areas are added up to
    those they are part of.
    """

    cohort: str = ""
    where: str = ""
    areas: str = ""
    units: Units = "people"
    definition: str = ""
    complete: str = ""
    roll_up: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """How the effect is identified. ``settings`` is the method's own spec."""

    method: str
    treatment: str
    estimand: str
    covariates: tuple[str, ...]
    exact: tuple[str, ...]
    cluster: str
    strata: str
    unit: str
    seed: int
    settings: Any
    arm: str = ""
    comparison: str = ""
    time: str = ""
    weights: str = ""

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """Canonical names and columns of what a trial of clusters has beside its clusters, where there are any."""
        named = [(name, str(getattr(self.settings, name, ""))) for name in ("period", "subcluster")]
        return tuple((name, column) for name, column in (*named, ("time", self.time)) if column)

    @property
    def adjusters(self) -> tuple[str, ...]:
        """Covariates and the variables matched exactly on: what must be known of everyone."""
        return tuple(dict.fromkeys((*self.covariates, *self.exact)))


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """One outcome: what it is, which way is better, and the smallest difference that matters."""

    measure: str
    role: Role
    kind: Kind
    better: Better
    effect: Effect
    wave: str = ""
    name: str = ""
    unit: str = ""
    baseline: str = ""
    minimum: float | None = None
    maximum: float | None = None
    minimum_important_difference: float | None = None
    mid_source: str = ""
    expected_sd: float | None = None
    expected_rate: float | None = None
    expected_r2: float = 0.0
    timing: Timing | None = None
    exposure: str = ""
    waves: tuple[str, ...] = ()
    domain: str = ""

    @property
    def label(self) -> str:
        """The name people read."""
        return self.name or self.measure

    @property
    def counts(self) -> bool:
        """Say whether a person's outcome is how often something happened."""
        return self.kind == "count" or (self.timing is not None and self.timing.recurrent)

    @property
    def drawn(self) -> Drawn | None:
        """Which events are drawn from a cohort's lives, where the outcome is made of them."""
        return self.timing.drawn if self.timing else None

    @property
    def is_ratio(self) -> bool:
        """Say whether the effect is a ratio, whose neutral value is 1."""
        return self.effect in RATIOS


@dataclass(frozen=True, slots=True)
class PlannedSubgroup:
    """A question whether the effect differs between groups of ``by``, and why; ``registered`` in the plan itself."""

    by: str
    reason: str
    registered: bool = True


@dataclass(frozen=True, slots=True)
class AnalysisRules:
    """Error rate, missing data and multiplicity."""

    alpha: float = 0.05
    missing: str = "complete-case"
    multiplicity: str = "holm"
    auxiliary: tuple[str, ...] = ()
    imputations: int = 20
    truncate: float = 0.99
    secondaries: str = "benjamini-hochberg"


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """A whole plan. Two plans with the same content have the same fingerprint, however they were typed."""

    id: str
    title: str
    links: tuple[str, ...]
    population: Population
    design: Design
    outcomes: tuple[PlannedOutcome, ...]
    analysis: AnalysisRules
    reported_by: dt.date | None
    reason: str = ""
    subgroups: tuple[PlannedSubgroup, ...] = ()
    economics: PlannedEconomics | None = None
    delivery: Delivery | None = None
    selection: Selection | None = None
    assumed: Assumed | None = None

    @property
    def is_long(self) -> bool:
        """Say whether the plan's data have a row an interval of time at risk, not a row a person."""
        return any(outcome.timing is not None and outcome.timing.intervals for outcome in self.outcomes)

    @property
    def primaries(self) -> tuple[PlannedOutcome, ...]:
        """The primary outcome, or the two of them."""
        return tuple(outcome for outcome in self.outcomes if outcome.role == "primary")


# Keys that came later, and what they are where a plan does not use them: a plan locked before keeps its fingerprint.
ADDED = {
    "arm": "", "comparison": "", "exposure": "", "compliance": "", "randomisation_p": False, "model": "linear",
    "df": "satterthwaite", "timing": None, "time": "", "layout": "parallel", "period": "", "subcluster": "",
    "growth": "slope", "ratio_model": "cluster-means", "recurrent": False, "intervals": False, "changing": (),
    "off_clock": "", "drawn": None, "waves": (), "auxiliary": (), "imputations": 20, "truncate": 0.99,
    "weights": "", "areas": "", "units": "people", "definition": "", "complete": "", "roll_up": False,
    "secondaries": "benjamini-hochberg", "domain": "",
}  # fmt: skip
ADDED_SETTINGS: dict[str, dict[str, object]] = {
    "doubly-robust": {"repeats": 5, "trim": 0.0, "explore": False},
    "matching": {"kind": "nearest", "mahalanobis": (), "errors": "cluster", "subclasses": 5, "cutpoints": ()},
}


def canonical(plan: AnalysisPlan) -> str:
    """The plan as JSON with sorted keys: comments, order of keys and spacing do not change it."""
    whole = dataclasses.asdict(plan)
    for name in ("subgroups", "economics", "delivery", "selection", "assumed"):
        if not getattr(plan, name):
            del whole[name]
    times = [outcome["timing"] for outcome in whole["outcomes"] if outcome["timing"]]
    settings = whole["design"]["settings"] or {}
    for part in (
        whole["population"],
        whole["design"],
        settings,
        whole["analysis"],
        *whole["outcomes"],
        *times,
    ):
        for key in [key for key, unused in ADDED.items() if key in part and part[key] == unused]:
            del part[key]
    for key, unused in ADDED_SETTINGS.get(plan.design.method, {}).items():
        if whole["design"]["settings"] and whole["design"]["settings"][key] == unused:
            del whole["design"]["settings"][key]
    return json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def fingerprint(plan: AnalysisPlan) -> str:
    """SHA-256 of the canonical plan."""
    return hashlib.sha256(canonical(plan).encode("utf-8")).hexdigest()
