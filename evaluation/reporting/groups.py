"""Whether the effect differs between groups, and what was only explored: words and tables of a report (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.model import RATIOS, Effect, GroupDifference, Heterogeneity, OutcomeResult, PathRow, Result
from evaluation.protection import may_show
from evaluation.reporting.numbers import (
    TOO_FEW,
    decimals_for,
    effect_text,
    mean_text,
    number,
    p_text,
    plain,
    scale_of,
    span,
)
from evaluation.reporting.tables import Table, people, shown
from evaluation.subgroups.protection import ShownSubgroup, shown_heterogeneity, shown_subgroup
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class GroupReading:
    """One subgroup analysis in words, with its tables; ``registered`` is false where no plan named it."""

    name: str
    by: str
    registered: bool
    sentence: str
    lines: tuple[str, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Exploration:
    """What was explored of one outcome."""

    name: str
    sentence: str
    tables: tuple[Table, ...]


def group_readings(result: Result, profile: DisclosureProfile) -> tuple[GroupReading, ...]:
    """Every subgroup analysis of every outcome whose figures may be shown."""
    return tuple(
        _reading(outcome, shown_subgroup(outcome.kind, one, profile), profile)
        for outcome in result.outcomes
        for one in outcome.subgroups
        if may_show(outcome.kind, outcome.estimate, profile)
    )


def _reading(outcome: OutcomeResult, found: ShownSubgroup, profile: DisclosureProfile) -> GroupReading:
    facts = found.facts
    lines = [f"Why it was asked: {facts.reason}"] if facts.reason else []
    if facts.left_out:
        lines.append(f"Left out because their group is not known: {shown(facts.left_out, profile)}.")
    lines += [facts.note] if facts.note else []
    tables = [_groups_table(outcome, found, profile)]
    if facts.differences:
        tables.append(_differences_table(outcome, found))
    return GroupReading(outcome.name, facts.by, facts.registered, facts.sentence, tuple(lines), tuple(tables))


def _groups_table(outcome: OutcomeResult, found: ShownSubgroup, profile: DisclosureProfile) -> Table:
    head = ("Group", "With", "Without", "Effect (interval)", "People", "Note")
    rows = []
    for group in found.groups:
        e = group.estimate
        if e is None:
            rows.append((group.level, *(TOO_FEW,) * 4, group.note))
            continue
        means = (mean_text(outcome, e.treated_mean), mean_text(outcome, e.comparison_mean))
        rows.append(
            (group.level, *means, effect_text(e, outcome.unit), people(e, profile), group.note or "none")
        )
    caption = f"{_stamp(found)}Effect within groups of {found.facts.by}: {outcome.name}"
    return Table(caption, head, tuple(rows))


def _stamp(found: ShownSubgroup) -> str:
    """What stands before the caption of a table that no plan asked for."""
    return "" if found.facts.registered else "Exploratory, not in the plan: "


def _differences_table(outcome: OutcomeResult, found: ShownSubgroup) -> Table:
    ratio = found.facts.effect in RATIOS
    what = "One effect over the other (interval)" if ratio else "Difference of effects (interval)"
    rows = tuple(
        (one.level, one.against, difference_text(one, found.facts.effect, outcome.unit))
        for one in found.facts.differences
    )
    caption = f"{_stamp(found)}Effects of groups of {found.facts.by} against one another: {outcome.name}"
    return Table(caption, ("Group", "Against", what), rows)


def tests_of_groups(result: Result, profile: DisclosureProfile) -> Table | None:
    """For analysts: the tests behind what is said of groups and of what was explored; none where there are none."""
    rows: list[tuple[str, ...]] = []
    for outcome in result.outcomes:
        if not may_show(outcome.kind, outcome.estimate, profile):
            continue
        for one in outcome.subgroups:
            facts = shown_subgroup(outcome.kind, one, profile).facts
            what = f"{outcome.name}, by {facts.by}"
            rows.append((what, "all groups alike", p_text(facts.p_value), p_text(facts.p_value_adjusted)))
            rows += [
                (what, f"{pair.level} against {pair.against}", p_text(pair.p_value), "not adjusted")
                for pair in facts.differences
            ]
        seen = outcome.heterogeneity
        if seen is not None:
            rows.append(
                (outcome.name, "explored: calibration, one-sided", p_text(seen.slope_p), "not adjusted")
            )
            rows.append((outcome.name, "explored: all linear terms", p_text(seen.joint_p), "not adjusted"))
    head = ("Outcome", "Test", "p-value", "p-value, adjusted")
    return Table("Tests of groups, and of what was explored", head, tuple(rows)) if rows else None


def difference_text(one: GroupDifference, effect: Effect, unit: str) -> str:
    """The difference of two effects with its interval, in the measure's unit; of ratios the ratio of the two."""
    scale = scale_of(effect, unit)
    parts = [part * scale.factor for part in (one.value, one.conf_low, one.conf_high)]
    decimals = decimals_for(*parts) if scale.decimals is None else scale.decimals
    ending = " times" if effect in RATIOS else scale.unit
    return f"{plain(parts[0], decimals)} ({span(parts[1], parts[2], decimals)}){ending}"


def explorations(result: Result, profile: DisclosureProfile) -> tuple[Exploration, ...]:
    """What was explored of how the effect varies, outcome by outcome."""
    found = []
    for outcome in result.outcomes:
        seen = shown_heterogeneity(outcome.heterogeneity, profile)
        if seen is not None and may_show(outcome.kind, outcome.estimate, profile):
            found.append(Exploration(outcome.name, seen.sentence, _explored(outcome, seen, profile)))
    return tuple(found)


def _explored(outcome: OutcomeResult, seen: Heterogeneity, profile: DisclosureProfile) -> tuple[Table, ...]:
    slope = "Slope of measured on predicted effects (1: the predicted differences are real; 0: noise)"
    tests = ((slope, number(seen.slope)), ("Its standard error", number(seen.slope_error)))
    tables = [
        Table(f"Explored: does the effect vary at all: {outcome.name}", ("Calibration", "Reading"), tests)
    ]
    if seen.thirds:
        rows = tuple(
            (third.name, shown(third.n, profile), _ends(third.value, third.conf_low, third.conf_high))
            for third in seen.thirds
        )
        head = ("People by predicted effect", "People", "Average effect (interval)")
        tables.append(Table(f"Explored: people by predicted effect: {outcome.name}", head, rows))
    if seen.linear:
        lines = tuple((row.term, _term(row)) for row in seen.linear)
        head_linear = ("Covariate", "Change of the effect (interval), a number per SD")
        tables.append(Table(f"Explored: best linear predictor: {outcome.name}", head_linear, lines))
    return tuple(tables)


def _term(row: PathRow) -> str:
    if row.value is None or row.conf_low is None or row.conf_high is None:
        return TOO_FEW
    return _ends(row.value, row.conf_low, row.conf_high)


def _ends(value: float, low: float, high: float) -> str:
    decimals = decimals_for(value, low, high)
    return f"{plain(value, decimals)} ({span(low, high, decimals)})"
