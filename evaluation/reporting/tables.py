"""The tables of a report: captions, headings and cells, every count passed through disclosure (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cohorts.disclosure import is_small, publish_share, shown_count
from evaluation.balance import balance_band
from evaluation.model import BalanceRow, Check, Estimate, FlowStep, OutcomeResult, Result, Sensitivity
from evaluation.nearly_same import is_held
from evaluation.nouns import nouns_of
from evaluation.protection import (
    LINKAGE,
    PEOPLE_READINGS,
    SHARE_READINGS,
    WITHHELD,
    linkage_may_show,
    may_show,
    stands_for_few,
)
from evaluation.reporting.numbers import (
    NEARLY_ALL,
    NOT_ESTIMATED,
    TOO_FEW,
    chance_text,
    effect_text,
    margin_text,
    mean_text,
    number,
    p_text,
    plain,
    standardised_text,
)
from evaluation.reporting.signs import Mark, capital, is_exploratory, mark_of
from evaluation.rules import brief, of_check, of_fact
from workspace.settings import DisclosureProfile

Cell = str | Mark
RESULTS = {"pass": "passed", "warn": "a warning", "fail": "failed", "info": "for information"}
FOLLOWS = {"none": "nothing", "downgrade": "less trust", "block": "no answer can be given"}
FIGURE = re.compile(r"\d+(?:\.\d+)? %")
EVEN_SPREAD = (0.5, 2.0)
BANDS = {"green": "Green: alike", "amber": "Amber: somewhat apart", "red": "Red: far apart"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row is that row's heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def shown(count: int | None, profile: DisclosureProfile) -> str:
    """A count that may be read, or that there is none."""
    return shown_count(count, profile) or "not recorded"


def people(estimate: Estimate, profile: DisclosureProfile) -> str:
    """How many people stand behind an estimate, arm by arm."""
    return f"{shown(estimate.n_treated, profile)} with, {shown(estimate.n_comparison, profile)} without"


def effect_cell(outcome: OutcomeResult, estimate: Estimate, profile: DisclosureProfile) -> str:
    """The effect with its interval, or that too few people stand behind it."""
    if estimate.value is None:
        return NOT_ESTIMATED
    return effect_text(estimate, outcome.unit) if may_show(outcome.kind, estimate, profile) else TOO_FEW


def outcome_table(
    result: Result, outcomes: Iterable[OutcomeResult], profile: DisclosureProfile, caption: str
) -> Table:
    """Every outcome with its numbers."""
    head = (
        "Outcome",
        "Role",
        "With",
        "Without",
        "Difference (95 % interval)",
        "Standardised",
        "Smallest difference that matters",
        "Answer",
        capital(nouns_of(result.primary.units).many),
    )
    levels = {round(100 * o.estimate.conf_level) for o in result.outcomes}
    if levels != {95}:
        head = (*head[:4], "Difference (interval)", *head[5:])
    return Table(caption, head, tuple(_outcome_row(result, o, profile) for o in outcomes))


def _outcome_row(result: Result, outcome: OutcomeResult, profile: DisclosureProfile) -> tuple[Cell, ...]:
    e = outcome.estimate
    safe = may_show(outcome.kind, e, profile)
    source = f"; {outcome.mid_source}" if outcome.mid_source else ""
    return (
        outcome.name,
        outcome.role,
        mean_text(outcome, e.treated_mean) if safe else TOO_FEW,
        mean_text(outcome, e.comparison_mean) if safe else TOO_FEW,
        effect_cell(outcome, e, profile),
        standardised_text(e.standardised) if safe else TOO_FEW,
        f"{margin_text(outcome)}{source}",
        mark_of(outcome, exploratory=is_exploratory(result.plan)),
        people(e, profile),
    )


def chances_table(result: Result, profile: DisclosureProfile) -> Table | None:
    """How likely a benefit or a harm that matters is; nothing when none was worked out."""
    rows = tuple(
        (o.name, chance_text(o.verdict.probability_benefit), chance_text(o.verdict.probability_harm))
        for o in result.outcomes
        if o.verdict.probability_benefit is not None and may_show(o.kind, o.estimate, profile)
    )
    head = ("Outcome", "Chance of a benefit that matters", "Chance of a harm that matters")
    return Table("How likely it is, from a weak starting belief around zero", head, rows) if rows else None


def flow_table(
    flow: Sequence[FlowStep], profile: DisclosureProfile, caption: str, rows_are: str = "people"
) -> Table:
    """How many people (or rows) were left after each step, and why the others are not."""
    nobody = "no one dropped out here" if rows_are == "people" else "nothing dropped out here"
    rows = tuple((step.step, shown(step.n, profile), step.reason or nobody) for step in flow)
    return Table(caption, ("Step", f"{capital(rows_are)} left", "Why others are not"), rows)


def check_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table:
    """Every check of one outcome and what follows from it."""
    head = ("Check", "Result", "Reading", "Limit", "What follows", "Note")
    rows = tuple(_check_row(check, outcome, profile) for check in outcome.checks)
    return Table(f"Checks: {outcome.name}", head, rows)


def _check_row(check: Check, outcome: OutcomeResult, profile: DisclosureProfile) -> tuple[str, ...]:
    estimate = outcome.estimate
    reading, note = number(check.reading) if check.reading is not None else "none", check.note
    if check.name in PEOPLE_READINGS and check.reading is not None:
        reading = shown(round(check.reading), profile)
    elif check.name in SHARE_READINGS and check.reading and stands_for_few(check.reading, estimate, profile):
        reading, note = TOO_FEW, FIGURE.sub("(withheld)", check.note)
    if check.name == LINKAGE and not linkage_may_show(outcome, profile):
        reading, note = TOO_FEW, WITHHELD
    limit = number(check.limit) if check.limit is not None else "none"
    if check.limit is not None and (said := of_check(check)):
        limit = f"{limit} ({brief(said)})"
    return (check.name, RESULTS[check.result], reading, limit, FOLLOWS[check.consequence], note)


def linkage_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table:
    """How the records of a linked source were found in each arm; shares are worked out from published counts."""
    head = (
        "People",
        "Records sought for",
        "Any record found",
        "Found, of records that ids show",
        "Right, of links that ids speak of",
    )
    rows = tuple(
        (
            f"{arm.arm} the programme",
            shown(arm.n, profile),
            _share(arm.linked, arm.n, profile),
            _share(arm.own_found, arm.own_found + arm.own_missed, profile),
            _share(arm.own_found, arm.own_found + arm.wrong, profile),
        )
        for arm in outcome.linkage
    )
    return Table(f"How records were found: {outcome.name}", head, rows)


def _share(part: int, whole: int, profile: DisclosureProfile) -> str:
    if not whole:
        return "not known"
    share = publish_share(part, whole, profile)
    return TOO_FEW if share is None else f"{100 * share:.0f} %"


def balance_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table:
    """How alike the groups were, before and after the design did its work."""
    e = outcome.estimate
    hidden = is_small(e.n_treated, profile) or is_small(e.n_comparison, profile)
    head = ("Covariate", "Apart before (SD)", "Apart after (SD)", "Ratio of variances", "Reading")
    return Table(
        f"Balance: {outcome.name}", head, tuple(_balance_row(row, hidden=hidden) for row in outcome.balance)
    )


def _balance_row(row: BalanceRow, *, hidden: bool) -> tuple[str, ...]:
    if hidden:
        return (row.covariate, *(TOO_FEW,) * 4)
    before, after, ratio = (
        NOT_ESTIMATED if value is None else plain(value, 2)
        for value in (row.smd_before, row.smd_after, row.variance_ratio)
    )
    return (row.covariate, before, after, ratio, balance_words(row))


def balance_words(row: BalanceRow) -> str:
    """Green, amber or red, said in words; arms drawn by chance differ by chance and earn no colour."""
    smd = row.smd_after
    if smd is None:
        return "by chance: see the check" if row.smd_before is not None else NOT_ESTIMATED
    colour = BANDS[balance_band(row)]
    low, high = EVEN_SPREAD
    uneven = row.variance_ratio is not None and not low <= row.variance_ratio <= high
    return f"{colour}{'; spread differs' if uneven else ''}"


def sensitivity_table(outcome: OutcomeResult, profile: DisclosureProfile) -> Table:
    """The same question asked another way, and whether the answer would change."""
    main_safe = may_show(outcome.kind, outcome.estimate, profile)
    rows = tuple(
        (
            way.name,
            _way_cell(outcome, way, profile) if main_safe else TOO_FEW,
            people(way.estimate, profile),
            "yes, the answer would change" if way.flips_verdict else "no",
        )
        for way in outcome.sensitivity
    )
    units = capital(nouns_of(outcome.units).many)
    head = ("Asked another way", "Difference (interval)", units, "Would the answer change?")
    return Table(f"Other ways of asking: {outcome.name}", head, rows)


def _way_cell(outcome: OutcomeResult, way: Sensitivity, profile: DisclosureProfile) -> str:
    return NEARLY_ALL if is_held(outcome, way) else effect_cell(outcome, way.estimate, profile)


def security_table(result: Result) -> Table:
    """Every fact that set how far to trust each outcome."""
    rows = tuple(
        (o.name, fact.part, f"{fact.level} of 5", _with_mark(fact.fact, of_fact(fact, o)))
        for o in result.outcomes
        for fact in o.verdict.security_facts
    )
    return Table("What set the level of trust", ("Outcome", "Part", "Level", "Fact"), rows)


def _with_mark(words: str, said: str) -> str:
    return f"{words} (levels {brief(said)})" if said else words


def analyst_table(result: Result, profile: DisclosureProfile) -> Table:
    """The statistics that only analysts ask for."""
    head = (
        "Outcome",
        "Effect",
        "Standard error",
        "Degrees of freedom",
        "p-value",
        "p-value, adjusted",
        "Interval of the equivalence test",
        "Outcome SD",
        "Clusters or sets",
    )
    caption = "Statistics, on the effect’s own scale (shares from 0 to 1, not per 100)"
    return Table(caption, head, tuple(_analyst_row(o, profile) for o in result.outcomes))


def _analyst_row(outcome: OutcomeResult, profile: DisclosureProfile) -> tuple[str, ...]:
    e = outcome.estimate
    if not may_show(outcome.kind, e, profile):
        return (outcome.name, *(TOO_FEW,) * 8)
    freedom = "none: normal" if e.p_value is not None else NOT_ESTIMATED
    if e.df is not None:
        freedom = shown(round(e.df), profile)
    narrow = NOT_ESTIMATED
    if e.narrow_low is not None and e.narrow_high is not None:
        narrow = f"{number(e.narrow_low)} to {number(e.narrow_high)}"
    return (
        outcome.name,
        number(e.value),
        number(e.std_error),
        freedom,
        p_text(e.p_value),
        p_text(e.p_value_adjusted),
        narrow,
        number(e.outcome_sd),
        "none" if e.n_clusters is None else shown(e.n_clusters, profile),
    )
