"""What stands from page two on: nine numbered sections, none of which can be empty, and up to two more (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.ladders import row_of
from evaluation.model import RATIOS, Answer, OutcomeResult, Result
from evaluation.nouns import nouns_of
from evaluation.protection import may_show
from evaluation.reporting.charts import ForestRow, forest_svg, multiples, reach
from evaluation.reporting.curves import CURVED, curve_chart, curve_table
from evaluation.reporting.groups import (
    Exploration,
    GroupReading,
    explorations,
    group_readings,
    tests_of_groups,
)
from evaluation.reporting.hidden_causes import hidden_table
from evaluation.reporting.love import Chart, love_plot
from evaluation.reporting.missing_tables import bounds_table, tipping_table, wave_table
from evaluation.reporting.money import MoneyReading, money_reading
from evaluation.reporting.planned_reported import deviation_lines, planned_table
from evaluation.reporting.rests_on import grounds_table, rests_on
from evaluation.reporting.shown_figures import Drawn, drawn_outcomes
from evaluation.reporting.signs import Mark, capital, is_exploratory, mark_of
from evaluation.reporting.tables import (
    Table,
    analyst_table,
    balance_table,
    chances_table,
    check_table,
    flow_table,
    linkage_table,
    outcome_table,
    security_table,
    sensitivity_table,
    shown,
)
from evaluation.reporting.why_tables import ExploredWhy, explored_why
from evaluation.verdict import orient
from workspace.settings import DisclosureProfile

WITHOUT_BENEFIT: frozenset[Answer] = frozenset(
    {"no-meaningful-effect", "too-small-to-matter", "inconclusive", "not-assessable", "changed"}
)
HARM_POSSIBLE = frozenset({"benefit-ruled-out", "uninformative", "no-comparison"})
ESTIMANDS = {
    "ATT": "The average effect on those who took part (ATT)",
    "ATT among the matched": "The average effect on those who took part and found a match (matched ATT)",
    "feasible ATT": "The average effect on those who took part and had somebody alike (feasible sample ATT)",
    "ATE": "The average effect on everyone in the study (ATE)",
    "ATO": "The average effect where the two groups overlap (ATO)",
    "CACE": "The average effect on those who took the programme up because they were offered it (CACE)",
    "ITT": "The average effect of being offered the programme, taken up or not (intention to treat, ITT)",
}
AREA_ESTIMANDS = {
    "ATT": "The average effect on areas with the programme, while they had it (ATT)",
    "ATE": "The average effect on all areas in the study (ATE)",
}


@dataclass(frozen=True, slots=True)
class Forest:
    """The forest chart with what could not be drawn in it."""

    svg: str
    left_out: tuple[tuple[str, str], ...]
    cut: bool
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Doubts:
    """One outcome's checks, balance and other ways of asking; without a table, the words instead."""

    name: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[tuple[str, Table | None, str], ...]
    drawn: Drawn
    grounds: Table | None = None
    charts: tuple[tuple[str, Chart], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """An outcome listed with its answer."""

    name: str
    mark: Mark
    sentence: str


@dataclass(frozen=True, slots=True)
class Sections:
    """Everything after page one."""

    forest: Forest
    outcomes: Table
    unplanned: Table | None
    chances: Table | None
    without_benefit: tuple[Finding, ...]
    harms: tuple[Finding, ...]
    harm_possible: tuple[str, ...]
    flow: Table | None
    outcome_flows: tuple[Table, ...]
    doubts: tuple[Doubts, ...]
    security: Table | None
    ladders: Table | None
    plan: tuple[tuple[str, str], ...]
    deviations: tuple[tuple[str, tuple[str, ...]], ...]
    method: tuple[tuple[str, str], ...]
    provenance: tuple[tuple[str, str], ...]
    analysts: Table
    coloured: bool = True
    groups: tuple[GroupReading, ...] = ()
    explored: tuple[Exploration, ...] = ()
    group_tests: Table | None = None
    drawn: tuple[Drawn, ...] = ()
    money: MoneyReading | None = None
    explored_why: tuple[ExploredWhy, ...] = ()
    planned: Table | None = None


def sections(result: Result, profile: DisclosureProfile) -> Sections:
    """Gather the sections in the order in which they are read."""
    planned = [o for o in result.outcomes if o.planned]
    unplanned = [o for o in result.outcomes if not o.planned]
    numbers = "The same numbers, outcome by outcome"
    drawn = drawn_outcomes(result, profile)
    rows = nouns_of(result.primary.units, result.method).rows
    return Sections(
        forest=_forest(result, profile),
        outcomes=outcome_table(result, planned, profile, numbers),
        unplanned=outcome_table(result, unplanned, profile, "Outcomes that were not planned")
        if unplanned
        else None,
        chances=chances_table(result, profile),
        without_benefit=_findings(result, WITHOUT_BENEFIT, profile),
        harms=_findings(result, {"harms"}, profile),
        harm_possible=tuple(o.name for o in result.outcomes if _harm_open(o)),
        flow=flow_table(result.flow, profile, f"How many {rows} were left, step by step", rows.split(",")[0])
        if result.flow
        else None,
        outcome_flows=tuple(
            flow_table(o.flow, profile, f"{capital(rows.split(',')[0])} for: {o.name}", rows.split(",")[0])
            for o in result.outcomes
            if o.flow and o.flow != result.flow
        ),
        doubts=_doubts(result, profile, drawn),
        security=security_table(result) if any(o.verdict.security_facts for o in result.outcomes) else None,
        ladders=_ladders(result),
        plan=_plan(result),
        deviations=deviation_lines(result),
        method=_method(result),
        provenance=_provenance(result, profile),
        analysts=analyst_table(result, profile),
        coloured=any(row.smd_after is not None for o in result.outcomes for row in o.balance),
        groups=group_readings(result, profile),
        explored=explorations(result, profile),
        group_tests=tests_of_groups(result, profile),
        drawn=drawn,
        money=money_reading(result, profile),
        explored_why=explored_why(result, profile),
        planned=planned_table(result),
    )


def _harm_open(outcome: OutcomeResult) -> bool:
    verdict = outcome.verdict
    return verdict.answer == "not-assessable" or (
        verdict.answer == "inconclusive" and verdict.detail in HARM_POSSIBLE
    )


def _findings(result: Result, answers: Iterable[Answer], profile: DisclosureProfile) -> tuple[Finding, ...]:
    exploratory = is_exploratory(result.plan)
    wanted = frozenset(answers)
    return tuple(
        Finding(
            o.name,
            mark_of(o, exploratory=exploratory),
            o.verdict.sentence if may_show(o.kind, o.estimate, profile) else "",
        )
        for o in result.outcomes
        if o.verdict.answer in wanted
    )


def _forest(result: Result, profile: DisclosureProfile) -> Forest:
    rows: list[ForestRow] = []
    left_out: list[tuple[str, str]] = []
    for outcome in result.outcomes:
        row = _forest_row(outcome, profile, exploratory=is_exploratory(result.plan))
        if isinstance(row, str):
            left_out.append((outcome.name, row))
        else:
            rows.append(row)
    if not rows:
        return Forest("", tuple(left_out), cut=False)
    stamp = "Exploratory. " if is_exploratory(result.plan) else ""
    title = f"{stamp}Every outcome in multiples of its smallest difference that matters; right is better"
    limit = reach(rows)
    cut = any(max(abs(row.low), abs(row.high)) > limit for row in rows)
    numbers = tuple((row.name, *multiples(row)) for row in rows)
    head = ("Outcome", "Estimate", "Interval")
    table = Table("In multiples of the smallest difference that matters; above 0 is better", head, numbers)
    return Forest(forest_svg(rows, title=title), tuple(left_out), cut=cut, table=table)


def _forest_row(outcome: OutcomeResult, profile: DisclosureProfile, *, exploratory: bool) -> ForestRow | str:
    """A row of the chart, or why there is none."""
    e = outcome.estimate
    view = orient(e, outcome.better, outcome.minimum_important_difference, is_ratio=e.effect in RATIOS)
    if view is None:
        return "not estimated"
    if not may_show(outcome.kind, e, profile):
        return "too few people to show"
    if not view.margin:
        return "no smallest difference that matters was set"
    m = view.margin
    return ForestRow(
        outcome.name, view.value / m, view.low / m, view.high / m, mark_of(outcome, exploratory=exploratory)
    )


def _doubts(result: Result, profile: DisclosureProfile, drawn: tuple[Drawn, ...]) -> tuple[Doubts, ...]:
    return tuple(
        Doubts(
            o.name,
            rests_on(result, o, profile),
            (
                ("checks", check_table(o, profile) if o.checks else None, ""),
                *((("records found", linkage_table(o, profile), ""),) if o.linkage else ()),
                *((("curves", curve_table(o, profile), ""),) if o.kind in CURVED and o.path else ()),
                *_missing(o, profile),
                ("balance", *_balance(result, o, profile)),
                *((("hidden causes", hidden, ""),) if (hidden := hidden_table(o, profile)) else ()),
                ("other ways of asking", sensitivity_table(o, profile) if o.sensitivity else None, ""),
            ),
            shown,
            grounds_table(result, o),
            tuple(_charts(result, o, i, profile)),
        )
        for i, (o, shown) in enumerate(zip(result.outcomes, drawn, strict=True))
    )


def _missing(outcome: OutcomeResult, profile: DisclosureProfile) -> Iterable[tuple[str, Table | None, str]]:
    """Waves, tipping points and bounds, where there are any."""
    named = (
        ("waves", wave_table(outcome, profile)),
        ("tipping points", tipping_table(outcome, profile)),
        ("bounds", bounds_table(outcome, profile)),
    )
    return [(name, found, "") for name, found in named if found is not None]


def _balance(result: Result, outcome: OutcomeResult, profile: DisclosureProfile) -> tuple[Table | None, str]:
    """The balance table, or that it is the one already shown for the main outcome."""
    primary = result.primary
    if outcome is not primary and outcome.balance and outcome.balance == primary.balance:
        return None, f"Balance: as for {primary.name}."
    return (balance_table(outcome, profile) if outcome.balance else None), ""


def _charts(
    result: Result, outcome: OutcomeResult, place: int, profile: DisclosureProfile
) -> Iterable[tuple[str, Chart]]:
    """Drawings that stand before a table of the same numbers, by that table's name."""
    stamp = "Exploratory. " if is_exploratory(result.plan) else ""
    table, _ = _balance(result, outcome, profile)
    love = love_plot(outcome, profile, stamp=stamp, prefix=f"love-{place}") if table else None
    curves = curve_chart(outcome, profile, stamp=stamp, prefix=f"curves-{place}")
    return [(name, chart) for name, chart in (("balance", love), ("curves", curves)) if chart]


def _ladders(result: Result) -> Table | None:
    rows = tuple(row_of(rung) for rung in result.rungs)
    heads = ("Scale", "Level", "Because", "One step up needs")
    return Table("The same facts on other scales", heads, rows) if rows else None


def _plan(result: Result) -> tuple[tuple[str, str], ...]:
    plan = result.plan
    return (
        ("Plan", plan.id),
        ("Evaluation", result.evaluation or "none: run on a file, outside a project"),
        ("Fingerprint (SHA-256)", plan.sha256 or "not recorded"),
        *((("Version of the plan", str(plan.version)),) if plan.version else ()),
        ("State", plan.state),
        ("Locked", plan.locked_at or "not locked, or not recorded"),
        ("Locked by", plan.locked_by or "not recorded"),
        ("What could be known of the data at the lock", plan.data_state or "not recorded"),
        ("Waiver", plan.waiver or "none"),
    )


def _method(result: Result) -> tuple[tuple[str, str], ...]:
    named = dict.fromkeys(o.estimate.estimand for o in result.outcomes)
    words = ESTIMANDS if result.primary.units == "people" else AREA_ESTIMANDS
    estimands = "; ".join(words.get(name, name) for name in named)
    return (
        ("Method", result.method),
        ("What makes the comparison fair", result.identifies),
        ("What is estimated", estimands),
        *result.settings,
    )


def _provenance(result: Result, profile: DisclosureProfile) -> tuple[tuple[str, str], ...]:
    data = (
        ("Rows in the data", shown(result.data.rows, profile)),
        ("Data fingerprint (SHA-256)", result.data.sha256 or "not recorded"),
    )
    return (*data, *((str(name), _said(value)) for name, value in result.provenance.items()))


def _said(value: object) -> str:
    if value is None or value in ("", {}):
        return "not recorded"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(part) for part in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
