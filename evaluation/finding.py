"""Run a plan on a study table: method, checks, sensitivity, security, verdict, for every planned outcome (pure)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from evaluation.arms import arms_check, pick_arms
from evaluation.clusters.interaction import joint_effects
from evaluation.column_checks import extremes_check, spare_check
from evaluation.detection.closer_watching import watching_check
from evaluation.errors import EvaluationError
from evaluation.explaining.explained import Explained, explained
from evaluation.explaining.facts import DeliveryFacts, Failure, Mediation
from evaluation.families.adjusting import adjust_p
from evaluation.frame import AnalysisFrame, build_frame, due_people, known_arms
from evaluation.gates import LOCKED_BEFORE, SOME_MISSING, error_check, gate_checks
from evaluation.inference import moved_by
from evaluation.judged import Judged, borne, flips, ruled
from evaluation.linked.error import CORRECTED, correct, linkage_check
from evaluation.linked.facts import linkage_facts
from evaluation.methods.nothing import no_estimate, without_inference
from evaluation.methods.registry import METHODS, by_chance
from evaluation.missing.facts import MissingFacts
from evaluation.missing.keys import IMPUTED, WEIGHTED
from evaluation.missing.rules import Answered, Case, answer, asked_beside, tipped
from evaluation.model import (
    Check,
    Estimate,
    LinkedArm,
    LinkReading,
    MethodResult,
    OutcomeResult,
    Sensitivity,
    Verdict,
)
from evaluation.panels.judging import judge_panel
from evaluation.people_lost import who_was_lost
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.power_analysis.snapshots import allocated_size, looks_table
from evaluation.sampled import GroupKey, Sampled, sampled
from evaluation.security import security_level
from evaluation.study_checks import check_study
from evaluation.study_table import StudyTable, column_of
from evaluation.subgroups.comparison import Asked, answered, read_subgroups
from evaluation.times.interval_rows import check_intervals
from evaluation.verdict import NO_COMPARISON, beyond_margin, orient, rule, under_ceiling
from evaluation.why import reasons
from evaluation.wording import Scene, can_say, cannot_say, next_steps, sentence
from theory_of_change.model import Theory

DELTA = 0.2
NO_INFERENCE = ("people", "people seen", "clusters", "events in all")


@dataclass(frozen=True, slots=True)
class Finding:
    """All outcomes of one run, with the readings of the theory's links, and what else says why.

    ``samples`` say of each outcome who stands behind its estimate: they are for the gate's ledger alone.
    """

    outcomes: tuple[OutcomeResult, ...]
    links: tuple[LinkReading, ...]
    delivery: DeliveryFacts | None = None
    failure: Failure | None = None
    mediation: tuple[Mediation, ...] = ()
    samples: tuple[Sampled | None, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class _Linkage:
    """What linkage adds to an outcome; nothing where no linked source feeds it."""

    checks: tuple[Check, ...] = ()
    ways: tuple[Sensitivity, ...] = ()
    arms: tuple[LinkedArm, ...] = ()


def gather_finding(
    table: StudyTable, plan: AnalysisPlan, state: str, theory: Theory | None = None
) -> Finding:
    """Run every planned outcome. None is left out: one that cannot be analysed says why."""
    method = METHODS[plan.design.method]
    if method.prepare:
        table, plan = method.prepare(table, plan)
    panel = method.reads == "panel"
    table = table if panel else pick_arms(table, plan)
    check_study(table, plan, panel=panel)
    check_intervals(table, plan)
    judge = _judge_panel if panel else _judge
    judged = adjust_p([judge(table, plan, outcome, state) for outcome in plan.outcomes], plan, table)
    judged = _answer_subgroups(judged, plan)
    why, judged = explained(table, plan, judged, theory, panel=panel)
    results = tuple(_result(item, plan, state, why) for item in judged)
    samples = tuple(item.sample for item in judged)
    return Finding(results, why.links, why.delivery, why.failure, why.mediation, samples)


def _judge(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, state: str) -> Judged:
    method, units = METHODS[plan.design.method], plan.population.units
    if outcome.role == "primary" and len(plan.primaries) > 1:
        plan = _shared_error(plan)
    frame = build_frame(table, plan, outcome)
    if not frame.arms.treated and not frame.arms.comparison:
        raise EvaluationError(
            "LC457",
            "after the plan's rules nobody is left",
            "Look at where, at the treatment column and at the data cut-off.",
            where=table.name,
        )
    arms = int(frame.data["treated"].sum())
    if not frame.arms.treated or not frame.arms.comparison:
        raise EvaluationError(
            "LC452",
            "after the plan's rules everybody is in one arm",
            "Look at where, and at the treatment column.",
            where=table.name,
        )
    if min(arms, frame.data.height - arms) < 2 and plan.analysis.missing != IMPUTED:
        note = "Fewer than two people with this outcome are left in an arm."
        result = MethodResult(
            no_estimate(frame, plan, outcome),
            (Check("identification", "fail", float(min(arms, frame.data.height - arms)), 2, "block", note),),
        )
        found = Answered(result, MissingFacts(plan.analysis.missing))
    else:
        found = answer(table, plan, outcome, frame, method.estimate)
    case = Case(plan, outcome, frame, method.estimate)
    beside, result = asked_beside(table, case, found), found.result
    sample = _sample(table, plan, outcome, frame, result)
    due = due_people(table, plan, outcome)
    gates = gate_checks(
        frame,
        result.estimate,
        table,
        outcome,
        state,
        found.facts.rule,
        units,
        by_chance=by_chance(plan.design),
        adjusted=getattr(plan.design.settings, "adjust", "") != "none",
        due=due,
    )
    checks = (*gates, *arms_check(plan), *watching_check(plan, outcome), *result.checks, *beside.checks)
    checks = (*checks, *extremes_check(frame, outcome), *spare_check(frame, checks))
    checks = (*checks, *error_check(result.estimate, checks))
    blocked = any(check.name in NO_INFERENCE and check.consequence == "block" for check in checks)
    lost = who_was_lost(due, frame) if due is not None else ()
    result = replace(result, tables=(*result.tables, *lost))
    if blocked:
        bare = without_inference(result.estimate)
        result = replace(result, estimate=bare, sensitivity=(), figures=())
    margin = outcome.minimum_important_difference
    view = orient(result.estimate, outcome.better, margin, is_ratio=outcome.is_ratio)
    ruling = under_ceiling(rule(view, checks), method.design_level)

    def turns(estimate: Estimate) -> bool:
        return flips(estimate, outcome, checks, ruling, method.design_level)

    def becomes(estimate: Estimate) -> str:
        return ruled(estimate, outcome, checks, method.design_level) or ruling.answer

    tipping, missing = tipped(result.estimate, case, beside.facts, ruling.answer, becomes)
    linked = _linkage(table, plan, outcome, result.estimate, turns)
    ways = (
        *(borne(way, units) for way in (*result.sensitivity, *beside.ways)),
        *_missing_ways(result.estimate, frame, outcome),
    )
    ways = (*ways, *linked.ways)
    tested = tuple(replace(way, flips_verdict=turns(way.estimate)) for way in ways)
    checks = (*checks, *tipping, *linked.checks)
    level, facts = security_level(
        plan.design.method,
        method.design_level,
        result.estimate,
        frame.arms,
        checks,
        margin if units == "areas" else None,
    )
    within: dict[GroupKey, Sampled] = {}
    groups = read_subgroups(frame, plan, outcome, method.estimate, joint_effects, within)
    return Judged(
        outcome,
        frame.flow,
        result,
        checks,
        view,
        ruling,
        tested,
        level,
        facts,
        linked.arms,
        missing,
        groups,
        units,
        allocated=allocated_size(frame),
        sample=replace(sample, groups=within) if sample else None,
    )


def _sample(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, frame: AnalysisFrame, result: MethodResult
) -> Sampled | None:
    """Who the estimate rests on: of those with everything known, or where gaps are filled or weighed, of all."""
    found = sampled(frame, result)
    if found is None and (outcome.waves or plan.analysis.missing in (IMPUTED, WEIGHTED)):
        return sampled(build_frame(table, plan, outcome, gaps=True), result)
    return found


def _judge_panel(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, state: str) -> Judged:
    method = METHODS[plan.design.method]
    if outcome.role == "primary" and len(plan.primaries) > 1:
        plan = _shared_error(plan)
    return judge_panel(
        table,
        plan,
        outcome,
        state,
        estimate=method.estimate,
        design_level=method.levels_of(plan.design)[0],
    )


def _linkage(
    table: StudyTable,
    plan: AnalysisPlan,
    outcome: PlannedOutcome,
    estimate: Estimate,
    turns: Callable[[Estimate], bool],
) -> _Linkage:
    source = dict(table.linkage).get(column_of(outcome))
    facts = linkage_facts(known_arms(table, plan, outcome), source) if source else None
    if facts is None:
        return _Linkage()
    found = correct(estimate, facts)
    ways = () if isinstance(found, str) else (Sensitivity(CORRECTED, found.estimate),)
    return _Linkage((linkage_check(facts, found, turns),), ways, (facts.treated, facts.comparison))


def _shared_error(plan: AnalysisPlan) -> AnalysisPlan:
    """Two primary outcomes share the plan's error rate: each gets half, in its intervals and so in its verdict."""
    shared = plan.analysis.alpha / len(plan.primaries)
    return replace(plan, analysis=replace(plan.analysis, alpha=shared))


def _missing_ways(
    estimate: Estimate, frame: AnalysisFrame, outcome: PlannedOutcome
) -> tuple[Sensitivity, ...]:
    """If missing outcomes were 0.2 SD worse for the treated and better for the others, and the other way round."""
    arms = frame.arms
    if arms.overall <= SOME_MISSING or estimate.value is None or not estimate.outcome_sd:
        return ()
    shift = DELTA * estimate.outcome_sd * (arms.treated_share + arms.comparison_share)
    worse = 1.0 if outcome.better == "lower" else -1.0
    return tuple(
        Sensitivity(
            f"missing outcomes {DELTA} SD {said}",
            moved_by(estimate, sign * worse * shift, is_ratio=outcome.is_ratio),
        )
        for said, sign in (("against the programme", 1.0), ("in the programme's favour", -1.0))
    )


def _answer_subgroups(judged: list[Judged], plan: AnalysisPlan) -> list[Judged]:
    """Subgroup analyses of all outcomes as families: whether the effect differs, never a verdict."""
    asked = [
        Asked(item.subgroups, item.outcome.role == "primary", item.outcome.minimum_important_difference)
        for item in judged
    ]
    found = answered(asked, plan.analysis.alpha)
    return [replace(item, subgroups=groups) for item, groups in zip(judged, found, strict=True)]


def _result(item: Judged, plan: AnalysisPlan, state: str, why: Explained) -> OutcomeResult:
    outcome, estimate = item.outcome, item.result.estimate
    return OutcomeResult(
        measure=outcome.measure if not outcome.wave else column_of(outcome),
        name=outcome.label,
        role=outcome.role,
        kind="count" if outcome.counts else outcome.kind,
        better=outcome.better,
        unit=outcome.unit,
        minimum_important_difference=outcome.minimum_important_difference,
        mid_source=outcome.mid_source,
        planned=True,
        estimate=estimate,
        flow=(*item.flow, *item.result.flow),
        verdict=_verdict(item, plan, state, why),
        checks=item.checks,
        balance=item.result.balance,
        sensitivity=item.sensitivity,
        path=item.result.path,
        linkage=item.linkage,
        subgroups=item.subgroups,
        heterogeneity=item.result.heterogeneity,
        missing=item.missing,
        figures=item.result.figures,
        tables=(*item.result.tables, *looks_table(plan, outcome, item.allocated, estimate)),
        units=item.units,
        cells=item.cells,
        dose_response=why.doses.get(column_of(outcome)),
    )


def _verdict(item: Judged, plan: AnalysisPlan, state: str, why: Explained) -> Verdict:
    scene = Scene(
        item.outcome,
        item.result.estimate,
        item.view,
        item.ruling,
        item.security,
        state == LOCKED_BEFORE,
        item.units,
        plan.design.method,
    )
    spread = 0.5 if item.outcome.is_ratio else 0.5 * (item.result.estimate.outcome_sd or 0.0)
    alone = item.ruling.answer == "changed" or item.ruling.detail == NO_COMPARISON
    chances = beyond_margin(item.view, spread) if item.view and not alone else None
    randomised = by_chance(plan.design)
    own = list(reasons(item.ruling, item.view, item.checks, randomised=randomised, nouns=scene.nouns))
    flipped = tuple(way.name for way in item.sensitivity if way.flips_verdict)
    return Verdict(
        answer=item.ruling.answer,
        detail=item.ruling.detail,
        security=item.security,
        fragile=bool(flipped),
        sentence=sentence(scene),
        can_say=can_say(scene),
        cannot_say=(*cannot_say(scene), *why.cannot_say(item.ruling.answer)),
        why=why.reasons(own, primary=item.outcome.role == "primary"),
        next=(*why.steps(item.ruling.answer), *next_steps(scene, chances)),
        security_facts=item.facts,
        flipped_by=flipped,
        probability_benefit=chances[0] if chances else None,
        probability_harm=chances[1] if chances else None,
    )
