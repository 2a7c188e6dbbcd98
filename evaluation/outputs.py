"""What a result says about people, as typed outputs for the gate, and the cells of its run for the ledger (pure).

The cells are taken while the people are at hand: who was analysed for each outcome, by arm and by group. Later
documents of the same run add nothing to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from cohorts.disclosure import is_small, publish_count
from cohorts.gate.ledger import Behind, Entry
from cohorts.gate.outputs import Cell, Chart, Dimension, Model, Output, Predicate, Table, predicate
from evaluation.arms import pick_arms
from evaluation.differences.difference import signature
from evaluation.errors import EvaluationError
from evaluation.frame import build_frame
from evaluation.methods.registry import METHODS
from evaluation.model import OutcomeResult, Result
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.study_table import StudyTable
from workspace.settings import DisclosureProfile

ARM, STEP = "arm", "step"
FLOW = "who was in it"
SIZED = 16


def cells_of_run(
    table: StudyTable,
    plan: AnalysisPlan,
    outcomes: Sequence[OutcomeResult],
    universe: str,
    profile: DisclosureProfile,
) -> tuple[Behind, ...]:
    """The cells behind a run: steps of the flow, people analysed by arm, and by arm in each group.

    Parameters
    ----------
    table, plan
        As they were given to ``gather_finding``.
    universe
        The cohort.

    Where the estimate is of fewer people than were analysed (some were not matched), both are cells; of the fewer the
    store does not know who they are.
    """
    mark = signature(plan)[:SIZED]
    found = list(_flow(outcomes, universe, mark, profile))
    method = METHODS[plan.design.method]
    if method.prepare:
        table, plan = method.prepare(table, plan)
    panel = method.reads == "panel"
    table = table if panel else pick_arms(table, plan)
    for planned, outcome in zip(plan.outcomes, outcomes, strict=True):
        entry = Entry("", outcome.measure, universe, f"{mark}:{outcome.measure}", outcome.measure, _none())
        found += [
            Behind(replace(entry, cell=cell), ids)
            for cell, ids in _analysed(table, plan, planned, profile, panel)
        ]
        fewer = replace(entry, people=f"{entry.people}:estimate")
        found += [Behind(replace(fewer, cell=cell)) for cell in _estimated(outcome, profile)]
    return tuple(found)


def _none() -> Cell:
    return Cell(Predicate(), 0, 0)


def counted(n: int, profile: DisclosureProfile, terms: dict[str, str] | None = None) -> Cell:
    """A cell as the rules of results show it."""
    where = predicate(terms)
    return Cell(where, n, publish_count(n, profile), "withheld" if is_small(n, profile) else "shown")


def _flow(
    outcomes: Sequence[OutcomeResult], universe: str, mark: str, profile: DisclosureProfile
) -> Iterator[Behind]:
    for outcome in outcomes:
        for place, step in enumerate(outcome.flow):
            cell = counted(step.n, profile, {STEP: f"{place + 1}"})
            yield Behind(Entry("", FLOW, universe, f"{mark}:{outcome.measure}:flow", outcome.measure, cell))


def _analysed(
    table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome, profile: DisclosureProfile, panel: bool
) -> Iterator[tuple[Cell, Any]]:
    """The people analysed for an outcome and each arm of them; of panels all people of the table."""
    if panel:
        people = (
            table.frame["participant"].unique() if "participant" in table.frame.columns else pl.Series([])
        )
        if people.len() and people.dtype.is_integer():
            yield counted(people.len(), profile), people.to_numpy()
        return
    try:
        data = build_frame(table, plan, outcome).data
    except EvaluationError:  # it could not be analysed, and its result says so
        return
    arms = (({}, data), *(({ARM: str(v)}, data.filter(pl.col("treated") == v)) for v in (1, 0)))
    for terms, rows in arms:
        people = rows["participant"].unique()
        yield counted(people.len(), profile, terms), people.to_numpy()


def _estimated(outcome: OutcomeResult, profile: DisclosureProfile) -> Iterator[Cell]:
    """The arms as the estimate has them, and each group of people in each arm."""
    estimate = outcome.estimate
    if outcome.units == "areas" or not estimate.n:
        return
    yield counted(estimate.n, profile)
    yield counted(estimate.n_treated, profile, {ARM: "1"})
    yield counted(estimate.n_comparison, profile, {ARM: "0"})
    for subgroup in outcome.subgroups:
        for group in subgroup.groups:
            terms = {f"group of {subgroup.by}": group.level}
            yield counted(group.estimate.n_treated, profile, {ARM: "1", **terms})
            yield counted(group.estimate.n_comparison, profile, {ARM: "0", **terms})


def outputs_of(result: Result, entries: Sequence[Entry]) -> tuple[Output, ...]:
    """The typed outputs of a result that was kept, with the cells that its run left in the ledger."""
    found: list[Output] = []
    for outcome in result.outcomes:
        if outcome.units == "areas":
            continue
        mine = [e for e in entries if e.about == outcome.measure and e.people.endswith(":estimate")]
        cells = tuple(entry.cell for entry in mine)
        if not cells:
            continue
        arms = tuple(cell for cell in cells if set(dict(cell.where.terms)) <= {ARM})
        parameters = 2 + len(outcome.balance)
        name, universe = outcome.name or outcome.measure, mine[0].universe
        found.append(Model(name, universe, arms, float(max(c.n for c in arms) - parameters), parameters))
        found += _groups(name, universe, cells)
        found += [Chart(f"{name}: {figure.name}", "lines", (name,)) for figure in outcome.figures]
    return tuple(found)


def _groups(name: str, universe: str, cells: Sequence[Cell]) -> Iterator[Table]:
    """One table a way of grouping: its groups by arm, with the arms as totals."""
    totals = tuple(cell for cell in cells if set(dict(cell.where.terms)) <= {ARM})
    ways = dict.fromkeys(key for cell in cells for key, _ in cell.where.terms if key != ARM)
    for way in ways:
        inside = tuple(cell for cell in cells if cell.where.levels(way) is not None)
        levels = tuple(dict.fromkeys(level for cell in inside for level in cell.where.levels(way) or ()))
        yield Table(
            f"{name}, {way}",
            universe,
            (*totals, *inside),
            (Dimension(ARM, ("0", "1")), Dimension(way, levels)),
        )
