"""What a result says about people, as typed outputs for the gate, and the cells of its run for the ledger (pure).

The cells are taken while the people are at hand: who was left at each step, and who stands behind each estimate, by arm
and by group. Later documents of the same run add nothing to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from cohorts.disclosure import is_small, publish_count
from cohorts.gate.ledger import Behind, Entry
from cohorts.gate.outputs import Cell, Chart, Dimension, Model, Output, Predicate, Table, predicate
from evaluation.arms import pick_arms
from evaluation.differences.difference import signature
from evaluation.errors import EvaluationError
from evaluation.finding import Finding
from evaluation.frame import AnalysisFrame, build_frame
from evaluation.methods.registry import METHODS
from evaluation.model import OutcomeResult, Result
from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.sampled import Sampled
from evaluation.study_table import StudyTable
from evaluation.subgroups.protection import shown_subgroup
from workspace.settings import DisclosureProfile

ARM, STEP = "arm", "step"
FLOW = "who was in it"
SIZED = 16


def cells_of_run(
    table: StudyTable, plan: AnalysisPlan, finding: Finding, universe: str, profile: DisclosureProfile
) -> tuple[Behind, ...]:
    """The cells behind a run: steps of the flow, people behind each estimate by arm, and by arm in each group.

    Parameters
    ----------
    table, plan
        As they were given to ``gather_finding``.
    universe
        The cohort.

    Counts of steps are held against counts of steps, estimates against estimates about the same variable.
    """
    mark = signature(plan)[:SIZED]
    found: list[Behind] = []
    method = METHODS[plan.design.method]
    if method.prepare:
        table, plan = method.prepare(table, plan)
    panel = method.reads == "panel"
    table = table if panel else pick_arms(table, plan)
    samples = finding.samples or (None,) * len(finding.outcomes)
    for planned, outcome, sample in zip(plan.outcomes, finding.outcomes, samples, strict=True):
        entry = Entry("", outcome.measure, universe, f"{mark}:{outcome.measure}", outcome.measure, _none())
        frame = None if panel else _frame(table, plan, planned)
        steps = replace(entry, output=FLOW, people=f"{entry.people}:flow", about=f"{outcome.measure}, flow")
        found += [
            Behind(replace(steps, cell=cell), ids)
            for cell, ids in _flow(outcome, table, frame, sample, profile)
        ]
        if sample is None:  # then at least who was analysed
            found += [
                Behind(replace(entry, cell=cell), ids) for cell, ids in _analysed(table, frame, profile)
            ]
        fewer = replace(entry, people=f"{entry.people}:estimate")
        found += [
            Behind(replace(fewer, cell=cell), ids) for cell, ids in _estimated(outcome, sample, profile)
        ]
    return tuple(found)


def _none() -> Cell:
    return Cell(Predicate(), 0, 0)


def counted(n: int, profile: DisclosureProfile, terms: dict[str, str] | None = None) -> Cell:
    """A cell as the rules of results show it."""
    where = predicate(terms)
    return Cell(where, n, publish_count(n, profile), "withheld" if is_small(n, profile) else "shown")


def _frame(table: StudyTable, plan: AnalysisPlan, outcome: PlannedOutcome) -> AnalysisFrame | None:
    try:
        return build_frame(table, plan, outcome)
    except EvaluationError:  # it could not be analysed, and its result says so
        return None


def _flow(
    outcome: OutcomeResult,
    table: StudyTable,
    frame: AnalysisFrame | None,
    sample: Sampled | None,
    profile: DisclosureProfile,
) -> Iterator[tuple[Cell, Any]]:
    """Each step with the people left: those of the cohort's own steps, of the frame's, and of the method's.

    Where the store does not know them, or where a step counts something else, only the count is kept.
    """
    own = () if frame is None else frame.who
    known = [*table.earlier_people, *own] if len(table.earlier_people) == len(table.earlier) else []
    last = None if sample is None else sample.people
    for place, step in enumerate(outcome.flow):
        cell = counted(step.n, profile, {STEP: f"{place + 1}"})
        people = known[place] if place < len(known) else last
        yield cell, _these(people, step.n)


def _these(people: Any, n: int) -> Any:
    """The people of a cell, where they are as many as it says and have numbers in the store."""
    if people is None:
        return None
    ids = np.unique(people.to_numpy() if isinstance(people, pl.Series) else people)
    return ids if len(ids) == n and np.issubdtype(ids.dtype, np.integer) else None


def _analysed(
    table: StudyTable, frame: AnalysisFrame | None, profile: DisclosureProfile
) -> Iterator[tuple[Cell, Any]]:
    """The people analysed for an outcome and each arm of them; of panels all people of the table."""
    if frame is None:
        people = table.frame["participant"] if "participant" in table.frame.columns else pl.Series([])
        if people.len() and people.dtype.is_integer():
            yield counted(people.n_unique(), profile), people.unique().to_numpy()
        return
    data = frame.data
    if not data["participant"].dtype.is_integer():
        return
    arms = (({}, data), *(({ARM: str(v)}, data.filter(pl.col("treated") == v)) for v in (1, 0)))
    for terms, rows in arms:
        ids = rows["participant"].unique()
        yield counted(ids.len(), profile, terms), ids.to_numpy()


def _estimated(
    outcome: OutcomeResult, sample: Sampled | None, profile: DisclosureProfile
) -> Iterator[tuple[Cell, Any]]:
    """The arms as the estimate has them, and each group of people in each arm, as far as groups are shown."""
    estimate = outcome.estimate
    if outcome.units == "areas" or not estimate.n:
        return
    yield counted(estimate.n, profile), _these(None if sample is None else sample.people, estimate.n)
    for value, n in ((1, estimate.n_treated), (0, estimate.n_comparison)):
        yield counted(n, profile, {ARM: str(value)}), _these(_in_arm(sample, value), n)
    for subgroup in outcome.subgroups:
        shown = {g.level for g in shown_subgroup(outcome.kind, subgroup, profile).groups if g.estimate}
        for group in subgroup.groups:
            inside = None if sample is None else sample.groups.get((subgroup.by, group.level))
            for value, n in ((1, group.estimate.n_treated), (0, group.estimate.n_comparison)):
                cell = counted(n, profile, {ARM: str(value), f"group of {subgroup.by}": group.level})
                if group.level not in shown and cell.state == "shown":
                    cell = replace(cell, shown=None, state="not-shown")
                yield cell, _these(_in_arm(inside, value), n)


def _in_arm(sample: Sampled | None, value: int) -> Any:
    return None if sample is None else sample.arm(value)


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
