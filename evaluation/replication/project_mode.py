"""A pack of an evaluation of the project: its locked plan, and made-up rows in the place of people's."""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cohorts.store import find_cohort, list_variables
from cohorts.twins.store import Wish, column_facts, make_twin
from evaluation.amending.shown import version_payload
from evaluation.amending.store import versions_of
from evaluation.errors import EvaluationError
from evaluation.lock_states import UNLOCKED, outside_lock
from evaluation.locking import open_plan
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.replication.actions import (
    Packed,
    Source,
    ingredients,
    packed_at,
    plan_from_text,
    refuse_folder,
    refuse_method,
)
from evaluation.replication.model import DataKind
from evaluation.replication.plan_for_file import file_plan
from evaluation.replication.rows import pack_rows
from evaluation.saved.model import Whole
from evaluation.saved.store import whole_result
from evaluation.store import plan_path
from evaluation.study import resolve
from theory_of_change.model import Measure
from workspace import console
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project

KINDS = ("synthetic", "permitted")
NOTES = (
    "The rows are made up, so nothing here is the report's number; the report's own are in its annexes.",
    "Synthetic rows have no follow-up that was still running: nobody is left out for that.",
)


def pack_of_evaluation(project: Project, name: str, kind: str, folder: Path) -> Packed:
    """Project mode: an evaluation that was kept, of a plan that was locked, with synthetic rows.

    Raises
    ------
    EvaluationError
        LC750 no such evaluation, LC752 and LC753 nothing to repeat in R, LC754 another kind of data, LC755 the folder
        holds something, LC756 people's rows without a release, LC757 data that no such rows can stand for.
    GateNotMet
        LC751: the plan was not locked, or its file is no longer the text that was run.
    """
    if kind not in KINDS:
        raise EvaluationError(
            "LC754", "for an evaluation --data is synthetic or permitted", "Leave it out for synthetic data."
        )
    if kind == "permitted":
        _kept(project, name)
        raise EvaluationError(
            "LC756", "nobody is named to whom people's rows would go, and no safe setting",
            "Add --to SETTING --recipient NAME and a key; or take --data synthetic.",
        )  # fmt: skip
    facts = facts_of(project, name)
    refuse_folder(folder)
    if console.current().dry_run:
        n = len(facts.plan.outcomes)
        return Packed(name, (project.shown(folder),), "synthetic", n, n, ())
    with tempfile.TemporaryDirectory() as place:
        table = _made_up(project, facts.plan, facts.measures, Path(place))
    source = facts.source(pack_rows(table, facts.run_plan), "synthetic", NOTES)
    return packed_at(project, ingredients(source), folder, (name, facts.cohort))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an evaluation before its rows: the plan locked, the same for a file, its changes."""

    name: str
    whole: Whole
    plan: AnalysisPlan
    measures: dict[str, Measure]
    text: str
    run_text: str
    run_plan: AnalysisPlan
    amendments: tuple[dict[str, Any], ...]
    cohort: str

    def source(
        self, table: pl.DataFrame, kind: DataKind, notes: tuple[str, ...], release: str = ""
    ) -> Source:
        """The plan with rows."""
        facts = self.whole.result.plan
        state = f"{facts.state}; locked at {facts.locked_at}" if facts.locked_at else facts.state
        return Source(
            self.name, self.run_plan, self.plan, self.text, self.run_text, state, kind, table, self.whole.profile,
            self.amendments, notes, release,
        )  # fmt: skip


def facts_of(project: Project, name: str) -> Facts:
    """The facts of an evaluation that can be packed. Raises LC750 to LC752 and LC757."""
    whole = _kept(project, name)
    plan, measures, text = _locked(project, whole)
    refuse_method(plan)
    refuse_data(plan)
    run_text = file_plan(tomllib.loads(text), plan)
    with reading(project) as session:
        amendments = tuple(
            {key: value for key, value in version_payload(one).items() if key != "by"}
            for one in versions_of(session, plan.id)
            if one.number > 1
        )
        cohort = find_cohort(session, plan.population.cohort).cohort_id
    return Facts(
        name, whole, plan, measures, text, run_text, plan_from_text(run_text, plan.id), amendments, cohort
    )


def _kept(project: Project, name: str) -> Whole:
    """The kept result, LC750 where there is none of that name."""
    try:
        return whole_result(project, name)
    except EvaluationError as problem:
        if problem.code != "LC426":
            raise
        raise EvaluationError(
            "LC750",
            problem.faults[0].problem,
            "lifecourse finding list; in file mode: PLAN.toml --data FILE.",
        ) from None


def _locked(project: Project, whole: Whole) -> tuple[AnalysisPlan, dict[str, Measure], str]:
    """The plan that was run, as its file has it."""
    facts = whole.result.plan
    if outside_lock(facts.state):
        hint = f"lifecourse {'plan lock' if facts.state == UNLOCKED else 'evaluate run'} {facts.id}"
        raise GateNotMet("LC751", f"{whole.result.evaluation} was run outside a lock", hint)
    plan, _, measures = open_plan(project, facts.id)
    if fingerprint(plan) != facts.sha256:
        raise GateNotMet(
            "LC751", f"the file of plan '{facts.id}' is not the text that {whole.result.evaluation} was run with",
            "Restore that text, or run the plan again as it is now and make the pack of that run.",
        )  # fmt: skip
    return plan, measures, plan_path(project, facts.id).read_text(encoding="utf-8")


def refuse_data(plan: AnalysisPlan) -> None:
    """LC757 where a row is not a person of a cohort."""
    drawn = any(outcome.drawn or outcome.waves for outcome in plan.outcomes)
    if plan.population.areas or plan.design.time or drawn:
        raise EvaluationError(
            "LC757", f"the data of plan '{plan.id}' are not one row a person of a cohort",
            "In file mode: lifecourse report replication PLAN.toml --data FILE --out FOLDER",
        )  # fmt: skip


def _made_up(project: Project, plan: AnalysisPlan, measures: dict[str, Measure], place: Path) -> pl.DataFrame:
    """The cohort's synthetic twin, under the names by which the plan calls its columns."""
    twin = make_twin(project, Wish(plan.population.cohort, place / "SYNTHETIC-twin.csv", seed=1))
    rows = pl.read_csv(place / "SYNTHETIC-twin.csv", infer_schema_length=None)
    assert twin.written
    with reading(project) as session:
        stored = find_cohort(session, plan.population.cohort)
        variables = list_variables(session, stored.cohort_id)
    headings = {(f.variable, f.wave): f.heading for f in column_facts(project, stored, variables)}
    design, outcomes = resolve(plan, {v.name: v for v in variables}, measures)
    picked = {one.column: rows[headings[one.variable, one.wave]] for one in (*design, *outcomes)}
    named: dict[str, Any] = {"synthetic": rows["synthetic"], "participant": rows["participant"]} | picked
    return pl.DataFrame([series.alias(name) for name, series in named.items()])
