"""The values of the evaluation floor. Frozen; none prints, plots or saves itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from evaluation.amending.model import Audit, Deviation
from evaluation.economics.model import Economics
from evaluation.explaining.facts import DeliveryFacts, DoseResponse, Failure, Mediation
from evaluation.explaining.facts import LinkReading as LinkReading  # read by many, beside the other values
from evaluation.figures import CellFacts, FactTable, Figure
from evaluation.missing.facts import MissingFacts

Kind = Literal["continuous", "binary", "count", "time-to-event", "ordinal"]
Role = Literal["primary", "secondary", "exploratory"]
Better = Literal["lower", "higher"]
Effect = Literal[
    "difference", "risk-difference", "risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio", "time-ratio"
]  # fmt: skip
CheckResult = Literal["pass", "warn", "fail", "info"]
Consequence = Literal["none", "downgrade", "block"]
Answer = Literal[
    "works",
    "too-small-to-matter",
    "no-meaningful-effect",
    "inconclusive",
    "harms",
    "not-assessable",
    "changed",
]

Units = Literal["people", "areas"]  # what is counted: areas are no people, and few of them are no small count

CACE = "CACE"  # another question than the plan's: a companion with this estimand never turns a verdict
EXPECTED = (
    "change against what was expected of those chosen"  # no comparison: another sentence than an effect's
)

RATIOS: frozenset[str] = frozenset({"risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio", "time-ratio"})


@dataclass(frozen=True, slots=True)
class Check:
    """A doubt about a number, or its removal: what was read, against what limit, and what follows for the verdict."""

    name: str
    result: CheckResult
    reading: float | None
    limit: float | None
    consequence: Consequence
    note: str


@dataclass(frozen=True, slots=True)
class EffectSize:
    """A standardised effect with its interval."""

    kind: str
    value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect as estimated, in the measure's own sign and unit.

    ``conf_low``/``conf_high`` are at ``conf_level``; ``narrow_low``/``narrow_high`` at ``1 - 2 alpha``
    (90 % when alpha is 5 %), the interval of the equivalence test. Everything inferential is ``None`` where
    the data cannot bear it. For a ratio ``std_error`` and ``outcome_sd`` are on the log scale.
    """

    estimand: str
    effect: Effect
    value: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None
    conf_level: float
    p_value: float | None
    df: float | None
    n_treated: int
    n_comparison: int
    n_clusters: int | None
    treated_mean: float | None
    comparison_mean: float | None
    narrow_low: float | None = None
    narrow_high: float | None = None
    p_value_adjusted: float | None = None
    outcome_sd: float | None = None
    standardised: EffectSize | None = None

    @property
    def n(self) -> int:
        """People analysed."""
        return self.n_treated + self.n_comparison


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Standardised mean difference of one covariate before and after the design did its work."""

    covariate: str
    smd_before: float | None
    smd_after: float | None
    variance_ratio: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The same question under another setting."""

    name: str
    estimate: Estimate
    flips_verdict: bool = False


@dataclass(frozen=True, slots=True)
class FlowStep:
    """How many people were left after a step, and why the others are not."""

    step: str
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class PathRow:
    """One row of a path: a curve, an event study, a placebo."""

    term: str
    value: float | None
    std_error: float | None
    conf_low: float | None
    conf_high: float | None


SubgroupAnswer = Literal["differs", "no-evidence-of-a-difference", "cannot-tell"]


@dataclass(frozen=True, slots=True)
class GroupEffect:
    """The effect within one group of people; ``note`` says why there is none, or what takes trust away."""

    level: str
    estimate: Estimate
    note: str = ""


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """The effect in one group less that in another; of a ratio the ratio of the two, with the error of its log."""

    level: str
    against: str
    value: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    df: float | None


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Whether the effect differs between groups of ``by``. ``registered``: the plan named it; else exploratory.

    ``p_value`` is of the test that all groups have the same effect; ``left_out`` counts people whose group is not
    known.
    """

    by: str
    reason: str
    registered: bool
    effect: Effect
    groups: tuple[GroupEffect, ...]
    differences: tuple[GroupDifference, ...]
    p_value: float | None
    p_value_adjusted: float | None
    answer: SubgroupAnswer
    sentence: str
    left_out: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Third:
    """People with the lowest, middle or highest predicted effect: how many, and their average effect."""

    name: str
    n: int
    value: float
    std_error: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """An exploration of how the effect varies; nothing in it is a finding, and no verdict hangs on it.

    ``slope`` of the calibration line is 1 where predicted differences are real and 0 where they are noise; its
    one-sided p-value and that of the joint test of all linear terms stand beside; ``linear`` are the terms of the best
    linear predictor, per standard deviation of a number.
    """

    slope: float | None
    slope_error: float | None
    slope_p: float | None
    joint_p: float | None
    linear: tuple[PathRow, ...]
    thirds: tuple[Third, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What a method returns: the estimate, and everything needed to doubt it.

    ``sample`` are the rows of the frame that the estimate uses, where it does not use them all.
    """

    estimate: Estimate
    checks: tuple[Check, ...]
    balance: tuple[BalanceRow, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    path: tuple[PathRow, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    heterogeneity: Heterogeneity | None = None
    figures: tuple[Figure, ...] = ()
    tables: tuple[FactTable, ...] = ()
    sample: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SecurityFact:
    """One thing that set the security level."""

    part: str
    level: int
    fact: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an outcome moved or did not: a code W0 to W8 and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and, never mixed with it, how far to trust it."""

    answer: Answer
    detail: str
    security: int
    fragile: bool
    sentence: str
    can_say: tuple[str, ...]
    cannot_say: tuple[str, ...]
    why: tuple[Reason, ...]
    next: tuple[str, ...]
    security_facts: tuple[SecurityFact, ...] = ()
    flipped_by: tuple[str, ...] = ()
    probability_benefit: float | None = None
    probability_harm: float | None = None


@dataclass(frozen=True, slots=True)
class LinkedArm:
    """How the records of a linked source were found in one arm; counts of people.

    ``own_found`` and ``own_missed`` are people whose national ids show a record of their own, ``wrong`` those whose
    ids contradict the record they were given.
    """

    arm: str
    n: int
    linked: int
    own_found: int
    own_missed: int
    wrong: int


@dataclass(frozen=True, slots=True)
class OutcomeResult:
    """Everything about one planned outcome."""

    measure: str
    name: str
    role: Role
    kind: Kind
    better: Better
    unit: str
    minimum_important_difference: float | None
    mid_source: str
    planned: bool
    estimate: Estimate
    flow: tuple[FlowStep, ...]
    verdict: Verdict
    checks: tuple[Check, ...] = ()
    balance: tuple[BalanceRow, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    path: tuple[PathRow, ...] = ()
    linkage: tuple[LinkedArm, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    heterogeneity: Heterogeneity | None = None
    missing: MissingFacts | None = None
    figures: tuple[Figure, ...] = ()
    tables: tuple[FactTable, ...] = ()
    units: Units = "people"
    cells: CellFacts | None = None
    economics: Economics | None = None
    dose_response: DoseResponse | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """Where one ladder of evidence puts an evaluation: the grade, the fact that decided it, what one step up needs."""

    ladder: str
    grade: int | str | None
    fact: str
    step_up: str


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan as the result names it.

    ``version`` is the registered text that was run, 0 for none; ``as_locked`` says, beside a run of a deviation, what
    the version locked before outcomes came to; ``audit`` compares the result with what was first locked.
    """

    id: str
    title: str
    sha256: str
    state: str
    deviations: tuple[Deviation, ...] = ()
    waiver: str = ""
    locked_at: str = ""
    locked_by: str = ""
    data_state: str = ""
    version: int = 0
    as_locked: tuple[str, ...] = ()
    audit: Audit | None = None


@dataclass(frozen=True, slots=True)
class DataFacts:
    """The data as the result names it; ``known_on`` where they were read as they were known on an earlier day."""

    rows: int
    sha256: str
    cohort: str
    known_on: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One evaluation: the shape that is saved, reported and compared."""

    evaluation: str
    plan: PlanFacts
    data: DataFacts
    method: str
    identifies: str
    settings: tuple[tuple[str, str], ...]
    flow: tuple[FlowStep, ...]
    outcomes: tuple[OutcomeResult, ...]
    links: tuple[LinkReading, ...]
    ladders: dict[str, int | str | None]
    provenance: dict[str, object] = field(default_factory=dict)
    rungs: tuple[Rung, ...] = ()
    delivery: DeliveryFacts | None = None
    failure: Failure | None = None
    mediation: tuple[Mediation, ...] = ()

    @property
    def primary(self) -> OutcomeResult:
        """The first primary outcome: the one that carries the headline."""
        return next(outcome for outcome in self.outcomes if outcome.role == "primary")
