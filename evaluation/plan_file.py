"""plan.toml to a valid AnalysisPlan, every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import cast

from cohorts.expressions import RuleFault, read_rule
from evaluation.economics.keys import priced_of, read_economics
from evaluation.errors import PLAN_KEYS, EvaluationError
from evaluation.explaining.keys import know, read_delivery, read_selection
from evaluation.families.keys import read_domain
from evaluation.methods.registry import METHODS
from evaluation.missing.keys import read_rules, read_waves, waves_unfit
from evaluation.model import Better, Effect, Kind, Role, Units
from evaluation.panels.keys import waves_of_cohort
from evaluation.plan import AnalysisPlan, AnalysisRules, Design, PlannedOutcome, PlannedSubgroup, Population
from evaluation.power_analysis.assumed import read_assumed
from evaluation.subgroups.keys import read_groups
from evaluation.times.interval_rows import rows_fault
from evaluation.times.timing import check_margin, read_timing
from theory_of_change.model import Measure
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section, TomlSource, top

KINDS = ("continuous", "binary", "count", "time-to-event", "ordinal")
ROLES = ("primary", "secondary", "exploratory")
EFFECTS = ("difference", "risk-difference", "risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio")
DEFAULT_EFFECT = {
    "continuous": "difference",
    "ordinal": "difference",
    "binary": "risk-difference",
    "count": "rate-ratio",
    "time-to-event": "hazard-ratio",
    "recurrent": "rate-ratio",
}
FITTING = {
    "continuous": ("difference",),
    "ordinal": ("difference", "odds-ratio"),
    "binary": ("risk-difference", "risk-ratio", "odds-ratio"),
    "count": ("rate-ratio", "difference"),
    "time-to-event": ("hazard-ratio",),
    "recurrent": ("rate-ratio",),
}
NOT_YET_OUTCOME: tuple[str, ...] = ()
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def read_plan(
    source: TomlSource,
    measures: Mapping[str, Measure] | None = None,
    unit_costs: Collection[str] | None = None,
) -> AnalysisPlan:
    """Read a plan. ``measures`` (the theory's, then the catalogue's) fill what an outcome leaves out.

    ``unit_costs`` are the names a value may have; without them a name is looked up when it is used.
    """
    faults: list[Fault] = []
    file = top(source, faults, PLAN_KEYS)
    plan_id, title, links, reason = _head(file.table("plan", required=True))
    population = _population(file.table("population"))
    design = _design(file.table("design", required=True))
    method = METHODS.get(design.method)
    panel = method is not None and method.reads == "panel"
    outcomes = tuple(_outcome(section, measures or {}, panel=panel) for section in file.tables("outcome"))
    _whole(file, outcomes, design, reason)
    groups = read_groups(file.tables("subgroup"), design, outcomes)
    delivery = read_delivery(file.table("delivery"), design, outcomes, panel=panel)
    selection = read_selection(file.table("population"), outcomes, measures or {}, panel=panel)
    analysis = read_rules(file.table("analysis"), design, outcomes)
    _areas(file, population, design, groups, analysis)
    waves_of_cohort(file, population, design, outcomes, panel=panel)
    priced = priced_of(outcomes, design, population.units)
    economics = read_economics(file.table("economics"), priced, unit_costs)
    assumed = read_assumed(file.table("power"), design.method)
    reporting = file.table("reporting")
    reported_by = None
    if reporting:
        reported_by = reporting.date("reported_by")
        reporting.finish()
    file.finish()
    if faults:
        raise EvaluationError.gather(sorted(faults, key=_line_of))
    return AnalysisPlan(
        plan_id, title, links, population, design, outcomes, analysis, reported_by, reason, groups, economics,
        delivery, selection, assumed,
    )  # fmt: skip


def _line_of(fault: Fault) -> int:
    tail = fault.where.rsplit(":", 1)[-1]
    return int(tail) if tail.isdigit() else 0


def _head(section: Section | None) -> tuple[str, str, tuple[str, ...], str]:
    if section is None:
        return "", "", (), ""
    plan_id = section.text("id", required=True)
    if plan_id and not ID.fullmatch(plan_id):
        section.fault("LC403", "id", "'id' must be small letters, digits and hyphens")
    title = section.text("title", required=True)
    links = section.texts("links")
    reason = section.text("reason")
    section.finish()
    return plan_id, title, links, reason


def _population(section: Section | None) -> Population:
    if section is None:
        return Population()
    population = Population(
        cohort=section.text("cohort"),
        where=section.text("where"),
        areas=section.text("areas"),
        units=cast(Units, section.text("units", "people", one_of=("people", "areas"))),
        definition=section.text("definition"),
        complete=section.text("complete"),
        roll_up=section.boolean("roll_up"),
    )
    if population.areas and population.cohort:
        section.fault(
            "LC406", "areas", "a plan is about a cohort or about areas, not both", "Remove one of them."
        )
    elif (
        population.cohort and population.units == "areas"
    ):  # else few people would be shown as if they were areas
        section.fault(
            "LC406", "units", "a cohort holds people: their numbers are protected", "Remove 'units'."
        )
    if population.areas:
        population = replace(population, units="areas")
    elif population.roll_up:
        section.fault("LC406", "roll_up", "'roll_up' needs 'areas'", 'Add areas = "…", or remove it.')
    if population.where:
        try:
            read_rule(population.where)
        except RuleFault as problem:
            section.fault("LC410", "where", str(problem))
    know(section)
    section.finish()
    return population


def _design(section: Section | None) -> Design:
    empty = Design("", "", "ATE", (), (), "", "", "", 0, None)
    if section is None:
        return empty
    name = section.text("method", required=True)
    method = METHODS.get(name)
    if name and method is None:
        said = f"there is no method '{name}'.{did_you_mean(name, METHODS)}"
        section.fault("LC404", "method", said, "lifecourse evaluate methods")
    estimands = method.estimands if method else ("ATE", "ATT", "ATO")
    panel = method is not None and method.reads == "panel"
    takes_time = panel or name == "cluster-randomised"
    design = Design(
        method=name,
        treatment=section.text("treatment", required=method is None or method.needs_treatment),
        estimand=section.text("estimand", estimands[0], one_of=estimands),
        covariates=section.texts("covariates"),
        exact=section.texts("exact"),
        cluster=section.text("cluster"),
        strata=section.text("strata"),
        unit=section.text("unit"),
        seed=section.integer("seed", 0, low=0) or 0,
        settings=None,
        arm=section.text("arm"),
        comparison=section.text("comparison"),
        time=section.text("time") if takes_time else "",
        weights=section.text("weights") if panel else "",
    )
    _two_arms(design, section)
    for key, taken in (("weights", panel), ("time", takes_time)):
        if section.has(key) and not taken:
            section.fault("LC406", key, f"'{key}' is not used by method '{name}'", "Remove it.")
    settings = None
    if panel and not design.time:
        section.fault(
            "LC402", "time", f"method '{name}' needs 'time': the column of periods", 'Add time = "…".'
        )
    if method:
        settings = method.read_settings(section.table(name))
        method.check_design(replace(design, settings=settings), section)
    section.finish()
    return replace(design, settings=settings)


def _two_arms(design: Design, section: Section) -> None:
    """Of several arms a plan compares two, and names both."""
    if bool(design.arm) != bool(design.comparison):
        there, missing = ("arm", "comparison") if design.arm else ("comparison", "arm")
        section.fault("LC402", there, f"'{there}' needs '{missing}' beside it", "Name both arms, or neither.")
    elif design.arm and design.arm == design.comparison:
        section.fault("LC403", "arm", "'arm' and 'comparison' are the same", "Name two arms.")


def _outcome(section: Section, measures: Mapping[str, Measure], *, panel: bool) -> PlannedOutcome:
    measure_id = section.text("measure", required=True)
    known = measures.get(measure_id)
    kind = section.text("kind", known.kind if known else "", required=known is None, one_of=KINDS)
    sort = "recurrent" if kind == "time-to-event" and section.boolean("recurrent") else kind
    effect = section.text("effect", DEFAULT_EFFECT.get(sort, "difference"), one_of=EFFECTS)
    if sort in FITTING and effect not in FITTING[sort]:
        section.fault(
            "LC406",
            "effect",
            f"effect '{effect}' of a {sort} outcome is not in this version",
            f"Use {FITTING[sort][0]}.",
        )
    for key in NOT_YET_OUTCOME:
        if section.has(key):
            section.fault("LC406", key, f"'{key}' is not used by this version", "Remove it.")
    exposure = section.text("exposure")
    if exposure and kind != "count":
        section.fault("LC406", "exposure", f"'exposure' does not go with a {kind} outcome", "Remove it.")
    mid, mid_source = _mid(section, effect, known)
    check_margin(section, effect, mid)
    outcome = PlannedOutcome(
        measure=measure_id,
        role=cast(Role, section.text("role", "secondary", required=True, one_of=ROLES)),
        kind=cast(Kind, kind or "continuous"),
        better=cast(
            Better,
            section.text(
                "better",
                known.better if known else "higher",
                required=known is None,
                one_of=("lower", "higher"),
            ),
        ),
        effect=cast(Effect, effect),
        wave=section.text("wave"),
        name=section.text("name", known.name if known else ""),
        unit=section.text("unit", known.unit if known else ""),
        baseline=section.text("baseline"),
        minimum=section.number("minimum", known.minimum if known else None),
        maximum=section.number("maximum", known.maximum if known else None),
        minimum_important_difference=mid,
        mid_source=mid_source,
        expected_sd=section.number("expected_sd", above=0),
        expected_rate=section.number(
            "expected_rate", above=0, high=None if sort in ("count", "recurrent") else 1
        ),
        expected_r2=section.number("expected_r2", 0.0, low=0, high=0.99) or 0.0,
        timing=read_timing(section, kind, measure_id),
        exposure=exposure,
        domain=read_domain(section),
    )
    outcome = read_waves(section, outcome, panel=panel)
    section.finish()
    return outcome


def _mid(section: Section, effect: str, known: Measure | None) -> tuple[float | None, str]:
    """The smallest difference that matters: from the plan, else from the measure when it is on the same scale."""
    mid = section.number("minimum_important_difference", above=0)
    source = section.text("mid_source")
    if mid is not None and not source:
        section.fault(
            "LC408",
            "minimum_important_difference",
            "the minimum important difference has no source",
            'Add mid_source = "…".',
        )
    if (
        mid is None
        and known
        and known.minimum_important_difference is not None
        and known.mid_effect == effect
    ):
        return known.minimum_important_difference, known.mid_source
    return mid, source


def _areas(
    file: Section,
    population: Population,
    design: Design,
    groups: tuple[PlannedSubgroup, ...],
    analysis: AnalysisRules,
) -> None:
    """What goes with places and periods, and what does not."""
    method = METHODS.get(design.method)
    if method is None:
        return
    panel = method.reads == "panel"
    mixed = population.units == "areas" and not panel and method.prepare is None
    gaps = panel and (analysis.missing != "complete-case" or bool(analysis.auxiliary))
    rules = [
        (mixed, "population", "units", f"method '{design.method}' compares people, not areas", "Remove it."),
        (bool(population.areas) and not panel, "population", "areas", f"method '{design.method}' needs a row a person",
         "Name a cohort, or use a method of panels: lifecourse evaluate methods"),
        (bool(population.definition) and not panel, "population", "definition", "'definition' belongs to panels",
         "Remove it."),
        (bool(population.complete) and not panel, "population", "complete", "'complete' belongs to panels",
         "Remove it."),
        (bool(groups) and panel, "subgroup", "", f"subgroups are not in this version of method '{design.method}'",
         "Plan each group on its own: where = \"…\"."),
        (gaps, "analysis", "missing", f"method '{design.method}' analyses the cells that were seen", "Remove it."),
    ]  # fmt: skip
    for wrong, table, key, said, hint in rules:
        if wrong:
            where = file.source.where((table, key) if key else (table, 0))
            file.faults.append(Fault("LC406", where, said, hint))


def _whole(file: Section, outcomes: tuple[PlannedOutcome, ...], design: Design, reason: str) -> None:
    """Rules over the plan as a whole."""
    if not outcomes:
        file.fault("LC402", "", "the plan has no [[outcome]]", 'Add one with role = "primary".')
        return
    primaries = [number for number, o in enumerate(outcomes) if o.role == "primary"]
    if len(primaries) != 1 and not (len(primaries) == 2 and reason):
        said = f"{len(primaries)} are primary" if primaries else "none is primary"
        where = file.source.where(("outcome", primaries[1] if primaries else 0))
        problem = f"a plan has exactly one primary outcome; {said}"
        file.faults.append(Fault("LC405", where, problem, "Two need a reason in [plan]."))
    seen: set[tuple[str, str]] = set()
    method = METHODS.get(design.method)
    for number, outcome in enumerate(outcomes):
        where = file.source.where(("outcome", number))
        key = (outcome.measure, outcome.wave)
        if key in seen:
            file.faults.append(
                Fault("LC409", where, f"outcome '{outcome.measure}' is listed twice", "Keep one.")
            )
        seen.add(key)
        if method and outcome.kind not in method.kinds:
            file.faults.append(
                Fault(
                    "LC407",
                    where,
                    (
                        f"method '{design.method}' analyses {' and '.join(method.kinds)} outcomes, not "
                        f"{outcome.kind}"
                    ),
                    "lifecourse evaluate methods",
                )
            )
        people = method is None or method.reads == "people"
        unfit = (waves_unfit(design, outcome) if people else "") or (
            method.check_outcome(design, outcome) if method else ""
        )
        unfit = unfit or rows_fault(design, outcome)
        if method and method.reads == "people" and (outcome.kind, outcome.effect) == ("count", "difference"):
            unfit = "effect 'difference' of a count outcome is not in this version; use rate-ratio"
        if unfit and method and outcome.kind in method.kinds:
            file.faults.append(Fault("LC406", where, unfit, "lifecourse evaluate methods"))
        spoilt = (
            {c.split("@")[0] for c in design.adjusters} & {outcome.measure}
            if "@" not in outcome.measure
            else set()
        )
        if spoilt and outcome.measure in design.adjusters:
            file.faults.append(
                Fault(
                    "LC412",
                    where,
                    f"'{outcome.measure}' is an outcome and a covariate at once",
                    "Use baseline for the outcome before the programme.",
                )
            )
