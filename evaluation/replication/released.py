"""A pack of an evaluation with people's rows: a row release, through every gate of one, its file the pack's zip."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from cohorts.releases.actions import ZIP, Released, preview, release_rows
from cohorts.releases.people import Prepared, Wanted, refuse_standing_out
from cohorts.releases.rows import PSEUDONYM
from cohorts.releases.targets import Delivery
from cohorts.store import find_cohort, list_variables
from evaluation.errors import EvaluationError
from evaluation.model import Result
from evaluation.replication.actions import Packed, ingredients
from evaluation.replication.model import Expected, Ingredients
from evaluation.replication.packing import pack_files, zipped
from evaluation.replication.project_mode import Facts, facts_of
from evaluation.replication.rows import pack_rows
from evaluation.study import Resolved, resolve
from workspace.database import reading
from workspace.project import Project

SAME = "Its numbers are those of the report: these rows give what was found in the project."
OTHER = (
    "Its numbers are not all those of the report: people whose follow-up was not over then, values loaded since, "
    "people withdrawn since, or the order of the rows make the difference. expected.json holds what these rows give."
)
CLOSE = 5e-7
COMPARED = ("value", "std_error")


@dataclass(frozen=True, slots=True)
class Handed:
    """To which safe setting, to whom and how well protected people's rows go."""

    setting: str
    recipient: str
    folder: Path
    keys: tuple[str, ...] = ()
    plain: bool = False
    reason: str = ""

    @property
    def delivery(self) -> Delivery:
        """The same as a release has it: one zip."""
        out = self.folder.with_name(f"{self.folder.name}.zip")
        return Delivery(self.recipient, out, self.keys, self.plain, self.reason)


def refuse_stray(name: str, data: str, setting: str) -> None:
    """LC754 where a safe setting is named and no rows of an evaluation are asked for."""
    if setting and (name.endswith(".toml") or data != "permitted"):
        raise EvaluationError(
            "LC754", "--to names a safe setting, which goes with the rows of an evaluation",
            "Write --data permitted with EVAL-…, or leave --to out.",
        )  # fmt: skip


def pack_of_rows(
    project: Project, name: str, handed: Handed, ask: Callable[[Prepared], None] | None = None
) -> Packed:
    """Release the rows of an evaluation's plan as a pack. ``ask`` is shown the k-report, and may refuse.

    The rows are those of the plan's own columns, nothing made coarser, under pseudonyms of this release alone. Raises
    what a row release raises (LC859, LC873 to LC877, LC960 to LC966), and LC750 to LC753, LC757 and LC758 as any pack.
    """
    facts = facts_of(project, name)
    columns = _columns(project, facts)
    wanted = Wanted(
        facts.plan.population.cohort, handed.setting,
        tuple(dict.fromkeys(f"{one.variable}@{one.wave}" for one in columns)),
        facts.plan.id, merges=("index_date=none",),
    )  # fmt: skip
    if ask is not None:
        prepared = preview(project, wanted, handed.delivery, (ZIP,))
        refuse_standing_out(prepared)
        ask(prepared)
    made: list[Ingredients] = []

    def filled(rows: pl.DataFrame, release: str, expires: dt.date) -> bytes:
        made.append(_ingredients(facts, columns, rows, release, expires))
        return zipped(pack_files(made[0]), handed.folder.name)

    done: Released = release_rows(project, wanted, handed.delivery, filled)
    return _packed(made[0], done)


def _packed(made: Ingredients, done: Released) -> Packed:
    """What was packed, and until when it may be kept."""
    left = tuple((one.label, one.why_not) for one in made.sections if one.why_not)
    in_r, until = len(made.sections) - len(left), done.release.expires.isoformat()
    return Packed(made.name, done.files, made.kind, len(made.sections), in_r, left, made.release, until)


def _columns(project: Project, facts: Facts) -> tuple[Resolved, ...]:
    """The plan's columns, and the variable and wave that each stands for."""
    with reading(project) as session:
        stored = find_cohort(session, facts.plan.population.cohort)
        variables = {v.name: v for v in list_variables(session, stored.cohort_id)}
    design, outcomes = resolve(facts.plan, variables, facts.measures)
    return tuple({one.column: one for one in (*design, *outcomes)}.values())


def _ingredients(
    facts: Facts, columns: tuple[Resolved, ...], rows: pl.DataFrame, release: str, expires: dt.date
) -> Ingredients:
    """The pack of the rows under their pseudonyms, under the names by which the plan calls its columns."""
    named = [rows[_heading(one, rows)].alias(one.column) for one in columns]
    table = pl.DataFrame([rows[PSEUDONYM].alias("participant"), *named])
    table = pack_rows(table, facts.run_plan, own_names=True)
    until = f"The rows left as {release} and are destroyed by {expires.isoformat()}, this pack with them."

    made = ingredients(facts.source(table, "permitted", (until, SAME), release))
    return made if same_numbers(made.expected, facts.whole.result) else replace(made, notes=(until, OTHER))


def _heading(one: Resolved, rows: pl.DataFrame) -> str:
    """A release calls a variable by its name, and by its wave too where several of its waves leave."""
    return one.variable if one.variable in rows.columns else f"{one.variable}@{one.wave}"


def same_numbers(expected: tuple[Expected, ...], result: Result) -> bool:
    """Whether effects and standard errors are those of the report, to six digits."""
    held = {(one.outcome, one.number): one.value for one in expected}
    for number, outcome in enumerate(result.outcomes, start=1):
        for name in COMPARED:
            own, other = getattr(outcome.estimate, name), held.get((number, name))
            if own is None or other is None:
                if own is not other:
                    return False
            elif not math.isclose(own, other, rel_tol=CLOSE, abs_tol=1e-12):
                return False
    return True
