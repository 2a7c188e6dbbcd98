"""From a study table to one outcome's analysis frame, counting who drops out at each step and why (pure).

A study table has one row a person and the plan's own column names: texts are categories, everything else
is a number. Methods never see it; they see an AnalysisFrame with canonical columns.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from cohorts.expressions import read_rule
from cohorts.follow_up import is_mature
from evaluation.errors import EvaluationError
from evaluation.linear import MOST_LEVELS
from evaluation.model import FlowStep
from evaluation.plan import AnalysisPlan, PlannedOutcome
from workspace.errors import Fault, did_you_mean

FIRST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Ripeness:
    """When an outcome is complete: follow-up and waiting months after the index date, and the data cut-off.

    With a school year, follow-up lasts to its end for a child born on the index date.
    """

    follow_up_months: float
    waiting_months: float
    cut_off: dt.date | None
    school_year: str = ""


@dataclass(frozen=True, slots=True)
class LinkedSource:
    """Whose records of a source were found by linkage: columns ``participant, linked, truth``.

    ``truth`` is what national ids say: ``same`` (the person has a record there, and it is the one linked if any),
    ``other`` (the record linked is somebody else's) or ``unknown``.
    """

    source: str
    people: pl.DataFrame

    def __repr__(self) -> str:
        """Never the data."""
        return f"LinkedSource({self.source!r}, {self.people.height} people)"


@dataclass(frozen=True, slots=True)
class StudyTable:
    """The people of a study before the plan is applied to them.

    ``frame`` has a column ``participant``; in project mode also ``index_date``. ``row_of`` is added to a row's
    index to name it in a message (2 for a CSV file: its heading is row 1); 0 hides row numbers.
    ``earlier`` are the flow steps before this table, ``clusters`` the unit the cohort's people come in, if any.
    ``linkage`` gives, for outcome columns that a linked source feeds, how its records were found.
    """

    frame: pl.DataFrame
    name: str
    row_of: int
    earlier: tuple[FlowStep, ...] = ()
    ripeness: tuple[tuple[str, Ripeness], ...] = ()
    linkage: tuple[tuple[str, LinkedSource], ...] = ()
    clusters: str = ""

    def __repr__(self) -> str:
        """Never the data."""
        return f"StudyTable({self.name!r}, {self.frame.height} rows)"


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """People of known arm before and after outcomes went missing."""

    treated: int
    comparison: int
    treated_seen: int
    comparison_seen: int

    @property
    def overall(self) -> float:
        """Share of people whose outcome is missing."""
        total = self.treated + self.comparison
        return (total - self.treated_seen - self.comparison_seen) / total if total else 0.0

    @property
    def treated_share(self) -> float:
        """Share missing among the treated."""
        return (self.treated - self.treated_seen) / self.treated if self.treated else 0.0

    @property
    def comparison_share(self) -> float:
        """Share missing in the comparison arm."""
        return (self.comparison - self.comparison_seen) / self.comparison if self.comparison else 0.0

    @property
    def differential(self) -> float:
        """Absolute difference of the two shares."""
        return abs(self.treated_share - self.comparison_share)


@dataclass(frozen=True, slots=True)
class AnalysisFrame:
    """One outcome's people: columns ``participant, treated, outcome``, then covariates, ``cluster``, ``strata``.

    ``covariates`` names the adjusters among the columns, the baseline of the outcome first if there is one.
    ``cluster_arms`` counts clusters, not people, where the plan names a cluster.
    """

    data: pl.DataFrame
    covariates: tuple[str, ...]
    exact: tuple[str, ...]
    baseline: str
    flow: tuple[FlowStep, ...]
    arms: ArmCounts
    immature: int
    cluster_arms: ArmCounts | None = None

    def __repr__(self) -> str:
        """Never the data."""
        return f"AnalysisFrame({self.data.height} rows)"


def needed_columns(plan: AnalysisPlan) -> tuple[str, ...]:
    """Every column the plan's design names, outcomes apart."""
    d = plan.design
    rule = read_rule(plan.population.where).names if plan.population.where else ()
    names = (d.treatment, *d.covariates, *d.exact, d.cluster, d.strata, d.unit, *rule)
    return tuple(dict.fromkeys(name for name in names if name))


def check_study(table: StudyTable, plan: AnalysisPlan) -> None:
    """Everything about the data that would make a run meaningless, all at once. Row numbers, never values."""
    faults = _absent(table, plan)
    if faults:
        raise EvaluationError.gather(faults)
    frame = table.frame
    faults += _rule_faults(table, plan)
    faults += _not_binary(table, plan.design.treatment, "LC451", "the treatment must be 0 or 1")
    for outcome in plan.outcomes:
        faults += _outcome_faults(table, outcome)
    for name in plan.design.covariates:
        if frame[name].dtype == pl.String and frame[name].n_unique() > MOST_LEVELS:
            faults.append(
                Fault(
                    "LC459",
                    table.name,
                    f"column '{name}' is a text with more than {MOST_LEVELS} different values",
                    "Group its values, or leave it out.",
                )
            )
    unit = plan.design.unit
    if unit and frame[unit].drop_nulls().is_duplicated().any():
        faults.append(
            Fault(
                "LC458",
                table.name,
                f"column '{unit}' holds the same person more than once",
                "Keep one row a person.",
            )
        )
    if faults:
        raise EvaluationError.gather(faults)


def _absent(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    known = table.frame.columns
    outcomes = [name for o in plan.outcomes for name in (column_of(o), o.baseline) if name]
    return [
        Fault(
            "LC453",
            table.name,
            f"there is no column '{name}'.{did_you_mean(name, known)}",
            "Correct the plan or the data.",
        )
        for name in dict.fromkeys((*needed_columns(plan), *outcomes))
        if name not in known
    ]


def _rule_faults(table: StudyTable, plan: AnalysisPlan) -> list[Fault]:
    """A rule that compares a number with a text: only the data can tell."""
    try:
        if plan.population.where:
            table.frame.head(0).select(read_rule(plan.population.where).expression())
    except pl.exceptions.PolarsError:
        return [
            Fault(
                "LC410",
                table.name,
                "where compares a number with a text, or a text with a number",
                "Texts need quotation marks in a rule, numbers have none.",
            )
        ]
    return []


def column_of(outcome: PlannedOutcome) -> str:
    """The study table's column of an outcome."""
    return (
        f"{outcome.measure}@{outcome.wave}"
        if outcome.wave and "@" not in outcome.measure
        else outcome.measure
    )


def _rows(table: StudyTable, bad: pl.Series) -> str:
    """Name the first rows that are bad, or how many there are where rows must not be named."""
    hits = bad.fill_null(value=False).arg_true().to_list()
    if not table.row_of:
        return "some people" if len(hits) > 1 else "one person"
    shown = ", ".join(str(hit + table.row_of) for hit in hits[:FIRST_ROWS])
    more = f" and {len(hits) - FIRST_ROWS} more" if len(hits) > FIRST_ROWS else ""
    return f"row{'s' if len(hits) > 1 else ''} {shown}{more}"


def _not_number(table: StudyTable, name: str) -> list[Fault]:
    series = table.frame[name]
    if series.dtype != pl.String:
        return []
    bad = series.is_not_null() & series.str.strip_chars().cast(pl.Float64, strict=False).is_null()
    if not bad.any():
        bad = series.is_not_null()
    return [
        Fault(
            "LC454",
            table.name,
            f"column '{name}' must hold numbers; not so in {_rows(table, bad)}",
            "Correct the data; leave missing values blank.",
        )
    ]


def _not_binary(table: StudyTable, name: str, code: str, said: str) -> list[Fault]:
    series = table.frame[name]
    if series.dtype == pl.String:
        bad = series.is_not_null() & ~series.is_in(["0", "1"])
    else:
        bad = series.is_not_null() & ~series.cast(pl.Float64).is_in([0.0, 1.0])
    return (
        [
            Fault(
                code,
                table.name,
                f"column '{name}': {said}; not so in {_rows(table, bad)}",
                "Recode it; leave it blank where it is not known.",
            )
        ]
        if bad.any()
        else []
    )


def _outcome_faults(table: StudyTable, outcome: PlannedOutcome) -> list[Fault]:
    name = column_of(outcome)
    if outcome.kind == "binary":
        return _not_binary(table, name, "LC456", "a binary outcome must be 0 or 1")
    faults = _not_number(table, name)
    if outcome.baseline:
        faults += _not_number(table, outcome.baseline)
    if faults:
        return faults
    low = -float("inf") if outcome.minimum is None else outcome.minimum
    high = float("inf") if outcome.maximum is None else outcome.maximum
    series = table.frame[name]
    bad = series.is_not_null() & ~series.is_between(low, high)
    if not bad.any():
        return []
    return [
        Fault(
            "LC455",
            table.name,
            f"outcome '{name}' must lie between {low:g} and {high:g}; not so in {_rows(table, bad)}",
            "Correct the data, or the range in the plan.",
        )
    ]


def build_frame(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> AnalysisFrame:
    """Apply the plan's rules in order, counting; return one outcome's canonical frame.

    Order: where, known arm, ripe outcome, seen outcome, complete covariates. People keep the arm they were
    given: nobody moves, and nobody is dropped for what they received.
    """
    steps = _Steps(table.frame, list(table.earlier))
    if not table.earlier:
        steps.keep(None, "in the data", "")
    if plan.population.where:
        steps.keep(
            read_rule(plan.population.where).expression(),
            "meets the plan's rule",
            "rule not met, or not known",
        )
    d = plan.design
    steps.keep(
        pl.col(d.treatment).is_not_null(), "arm known", "in neither arm of this comparison, or arm not known"
    )
    immature = _ripen(steps, table, outcome)
    treated, comparison = _arms(steps.frame, d.treatment)
    clusters = _clusters(steps.frame, plan)
    steps.keep(pl.col(column_of(outcome)).is_not_null(), "outcome seen", "outcome missing")
    treated_seen, comparison_seen = _arms(steps.frame, d.treatment)
    names = tuple(dict.fromkeys(n for n in (outcome.baseline, *d.adjusters) if n))
    whole = tuple(n for n in (*names, d.cluster, d.strata) if n)
    if whole:
        steps.keep(
            pl.all_horizontal(pl.col(n).is_not_null() for n in whole),
            "covariates complete",
            "a covariate is missing",
        )
    return AnalysisFrame(
        data=_canonical(steps.frame, plan, outcome, names),
        covariates=names,
        exact=d.exact,
        baseline=outcome.baseline,
        flow=tuple(steps.flow),
        arms=ArmCounts(treated, comparison, treated_seen, comparison_seen),
        immature=immature,
        cluster_arms=ArmCounts(*clusters, *_clusters(steps.frame, plan)) if d.cluster else None,
    )


def known_arms(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> pl.DataFrame:
    """Everybody of the plan's population whose arm is known: ``participant, treated, outcome`` (null if not seen)."""
    people = table.frame
    if plan.population.where:
        people = people.filter(read_rule(plan.population.where).expression())
    return people.filter(pl.col(plan.design.treatment).is_not_null()).select(
        "participant",
        pl.col(plan.design.treatment).cast(pl.Float64).alias("treated"),
        pl.col(column_of(outcome)).cast(pl.Float64).alias("outcome"),
    )


@dataclass
class _Steps:
    frame: pl.DataFrame
    flow: list[FlowStep]

    def keep(self, rule: pl.Expr | None, step: str, reason: str) -> int:
        before = self.frame.height
        if rule is not None:
            self.frame = self.frame.filter(rule)
        lost = before - self.frame.height
        self.flow.append(FlowStep(step, self.frame.height, reason if lost else ""))
        return lost


def _ripen(steps: _Steps, table: StudyTable, outcome: PlannedOutcome) -> int:
    """Drop people whose follow-up was not over at the data cut-off; only project mode knows dates."""
    ripeness = dict(table.ripeness).get(column_of(outcome))
    if ripeness is None or ripeness.cut_off is None or "index_date" not in steps.frame.columns:
        return 0
    rule = is_mature(
        pl.col("index_date"),
        ripeness.follow_up_months,
        ripeness.waiting_months,
        ripeness.cut_off,
        ripeness.school_year,
    )
    return steps.keep(rule, "follow-up complete", "follow-up was not over at the data cut-off")


def _arms(frame: pl.DataFrame, treatment: str) -> tuple[int, int]:
    treated = int(frame[treatment].cast(pl.Float64).sum() or 0)
    return treated, frame.height - treated


def _clusters(frame: pl.DataFrame, plan: AnalysisPlan) -> tuple[int, int]:
    """Clusters with anybody in each arm."""
    d = plan.design
    if not d.cluster:
        return 0, 0
    arm = pl.col(d.treatment).cast(pl.Float64)
    counts = frame.select(
        pl.col(d.cluster).filter(arm == 1).drop_nulls().n_unique().alias("treated"),
        pl.col(d.cluster).filter(arm == 0).drop_nulls().n_unique().alias("comparison"),
    )
    return int(counts["treated"].item()), int(counts["comparison"].item())


def _canonical(
    frame: pl.DataFrame, plan: AnalysisPlan, outcome: PlannedOutcome, names: tuple[str, ...]
) -> pl.DataFrame:
    d = plan.design
    picked = [
        pl.col(d.unit or "participant").alias("participant"),
        pl.col(d.treatment).cast(pl.Float64).alias("treated"),
        pl.col(column_of(outcome)).cast(pl.Float64).alias("outcome"),
        *(pl.col(n).alias(f"x:{n}") for n in names),
    ]
    if d.cluster:
        picked.append(pl.col(d.cluster).cast(pl.String).alias("cluster"))
    if d.strata:
        picked.append(pl.col(d.strata).cast(pl.String).alias("strata"))
    # A fixed order of people: whatever depends on order must not depend on how the file was sorted.
    return frame.select(picked).sort("participant", maintain_order=True)
