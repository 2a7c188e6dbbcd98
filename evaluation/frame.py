"""From a study table to one outcome's analysis frame, counting who drops out at each step and why (pure).

A study table has one row a person and the plan's own column names: texts are categories, everything else
is a number. Methods never see it; they see an AnalysisFrame with canonical columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from cohorts.expressions import read_rule
from cohorts.follow_up import is_mature
from evaluation.arms import arm_labels
from evaluation.model import FlowStep
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable, column_of, wave_columns
from evaluation.times.interval_rows import people_and_rows, rows_of
from evaluation.times.timing import Timing

TIMES = ("duration", "competing", "entry", "off_clock")


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

    Where the plan names them also ``exposure`` (above 0) and ``received`` (what was taken up, 0 or 1, or not known).
    For a time-to-event outcome ``outcome`` is 1 where the event was seen, beside ``duration`` and, where the plan names
    them, ``competing`` and ``entry``; ``off_clock`` is what has been taken off ``duration`` already.

    A trial of clusters may have ``period``, ``subcluster`` and ``time`` beside them; with ``time`` a row is a person at
    one time.

    ``covariates`` names the adjusters among the columns, the baseline of the outcome first if there is one.
    ``cluster_arms`` counts clusters, not people, where the plan names a cluster. ``intervals`` are the rows of time at
    risk, where people have several: ``person`` (row of ``data``), ``start, stop, event`` (see ``interval_rows``).
    ``bare`` asks a method for its main number alone, without the same question asked in other ways. ``who`` are the
    people left after each of the last steps of ``flow``, for the gate's ledger.
    """

    data: pl.DataFrame
    covariates: tuple[str, ...]
    exact: tuple[str, ...]
    baseline: str
    flow: tuple[FlowStep, ...]
    arms: ArmCounts
    immature: int
    cluster_arms: ArmCounts | None = None
    intervals: pl.DataFrame | None = None
    bare: bool = False
    who: tuple[pl.Series, ...] = field(default=(), repr=False, compare=False)

    def __repr__(self) -> str:
        """Never the data."""
        return f"AnalysisFrame({self.data.height} rows)"


def build_frame(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, *, gaps: bool = False
) -> AnalysisFrame:
    """Apply the plan's rules in order, counting; return one outcome's canonical frame.

    Order: where, known arm, ripe outcome, seen outcome, complete covariates. People keep the arm they were
    given: nobody moves, and nobody is dropped for what they received. With ``gaps`` people whose outcome or covariates
    are missing stay, and auxiliary variables (``a:``) and other waves (``w:``) stand beside them.
    """
    table, rows = people_and_rows(table, plan, outcome)
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
    if outcome.timing and outcome.timing.drawn:
        steps.keep(pl.col(outcome.timing.at_liberty), "at risk at some time", "off the clock the whole time")
    immature = _ripen(steps, table, outcome)
    treated, comparison = _arms(steps.frame, d.treatment)
    clusters = _clusters(steps.frame, plan)
    timed = outcome.timing.columns if outcome.timing else ()
    wanted = [name for name in (column_of(outcome), outcome.exposure, *timed) if name]
    seen = pl.all_horizontal(pl.col(name).is_not_null() for name in wanted)
    if gaps:
        treated_seen, comparison_seen = _arms(steps.frame.filter(seen), d.treatment)
        if outcome.exposure:
            steps.keep(pl.col(outcome.exposure).is_not_null(), "exposure known", "exposure missing")
    else:
        steps.keep(seen, "outcome seen", "outcome missing")
        treated_seen, comparison_seen = _arms(steps.frame, d.treatment)
    if outcome.timing and outcome.timing.off_clock:
        steps.keep(_at_risk(outcome.timing), "at risk at some time", "off the clock the whole time")
    names = tuple(dict.fromkeys(n for n in (outcome.baseline, *d.adjusters) if n))
    levels = tuple(column for _, column in d.levels)
    whole = tuple(n for n in (*(() if gaps else names), d.cluster, d.strata, *levels) if n)
    if whole:
        steps.keep(
            pl.all_horizontal(pl.col(n).is_not_null() for n in whole),
            "covariates complete",
            "a covariate is missing",
        )
    data = _canonical(steps.frame, plan, outcome, names, gaps=gaps)
    return AnalysisFrame(
        data=data,
        intervals=rows_of(rows, data),
        covariates=names,
        exact=d.exact,
        baseline=outcome.baseline,
        flow=tuple(steps.flow),
        arms=ArmCounts(treated, comparison, treated_seen, comparison_seen),
        immature=immature,
        cluster_arms=ArmCounts(*clusters, *_clusters(steps.frame, plan)) if d.cluster else None,
        who=tuple(steps.who),
    )


def known_arms(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> pl.DataFrame:
    """Everybody of the plan's population whose arm is known: ``participant, treated, outcome`` (null if not seen)."""
    people = _of_known_arm(table, plan, outcome)
    return people.select(
        "participant", _arm(plan), pl.col(column_of(outcome)).cast(pl.Float64).alias("outcome")
    )


def due_people(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> pl.DataFrame | None:
    """Those same people with what is known of them before: ``participant, treated`` and the adjusters by their names.

    ``None`` where the people analysed are not meant to be all of them: near a cut-off, or a row a person and time.
    """
    d = plan.design
    if getattr(d.settings, "running", "") or d.time:
        return None
    names = dict.fromkeys(name for name in (outcome.baseline, *d.adjusters) if name)
    people = _of_known_arm(table, plan, outcome)
    known = [pl.col(name) for name in names if name not in ("participant", "treated")]
    return people.select(pl.col(d.unit or "participant").alias("participant"), _arm(plan), *known)


def _of_known_arm(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> pl.DataFrame:
    people = people_and_rows(table, plan, outcome)[0].frame
    if plan.population.where:
        people = people.filter(read_rule(plan.population.where).expression())
    return people.filter(pl.col(plan.design.treatment).is_not_null())


def _arm(plan: AnalysisPlan) -> pl.Expr:
    return pl.col(plan.design.treatment).cast(pl.Float64).alias("treated")


@dataclass
class _Steps:
    frame: pl.DataFrame
    flow: list[FlowStep]
    who: list[pl.Series] = field(default_factory=list)

    def keep(self, rule: pl.Expr | None, step: str, reason: str) -> int:
        before = self.frame.height
        if rule is not None:
            self.frame = self.frame.filter(rule)
        lost = before - self.frame.height
        self.flow.append(FlowStep(step, self.frame.height, reason if lost else ""))
        if "participant" in self.frame.columns:
            self.who.append(self.frame["participant"])
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
    if ripeness.watched:
        return steps.keep(rule, "follow-up begun", "records were not complete for a single day")
    return steps.keep(rule, "follow-up complete", "follow-up was not over at the data cut-off")


def _at_risk(timing: Timing) -> pl.Expr:
    """People of whose time something is left on the clock."""
    number = {name: pl.col(name).cast(pl.Float64) for name in timing.columns}
    start = number[timing.entry] if timing.entry else pl.lit(0.0)
    return number[timing.duration] - number[timing.off_clock] > start


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
    frame: pl.DataFrame, plan: AnalysisPlan, outcome: PlannedOutcome, names: tuple[str, ...], *, gaps: bool
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
    named = {"exposure": outcome.exposure, "received": getattr(d.settings, "compliance", "")}
    for name, column in (*named.items(), ("running", getattr(d.settings, "running", ""))):
        if column:
            picked.append(pl.col(column).cast(pl.Float64).alias(name))
    picked += [pl.lit(arm_labels(frame[one.by])).alias(f"group:{one.by}") for one in plan.subgroups]
    for name, column in d.levels:
        kind = pl.String if name == "subcluster" else pl.Float64
        picked.append(pl.col(column).cast(kind).alias(name))
    if d.strata:
        picked.append(pl.col(d.strata).cast(pl.String).alias("strata"))
    clocks = {name: getattr(outcome.timing, name) for name in TIMES} if outcome.timing else {}
    picked += [pl.col(column).cast(pl.Float64).alias(name) for name, column in clocks.items() if column]
    if gaps:
        picked += [pl.col(name).alias(f"a:{name}") for name in plan.analysis.auxiliary if name not in names]
        picked += [
            pl.col(c).cast(pl.Float64).alias(f"w:{w}")
            for w, c in zip(outcome.waves, wave_columns(outcome), strict=True)
        ]
    # A fixed order of people: whatever depends on order must not depend on how the file was sorted.
    order = ["participant", "time"] if d.time else ["participant"]
    people = frame.select(picked).sort(order, maintain_order=True)
    return (
        people.with_columns(pl.col("duration") - pl.col("off_clock")) if clocks.get("off_clock") else people
    )
