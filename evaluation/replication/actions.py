"""A replication pack at the edge: the plan, its rows, its numbers, and the files that are written."""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from cohorts.gate.outgoing import Outgoing
from cohorts.gate.writing import write_outgoing
from cohorts.twins.file import NAMED
from evaluation.actions import PACKAGES, run_on_file
from evaluation.errors import EvaluationError
from evaluation.plan import AnalysisPlan, PlannedOutcome, canonical, fingerprint
from evaluation.replication.carried import carried_of
from evaluation.replication.codebook import codebook_of
from evaluation.replication.expected import expected_numbers
from evaluation.replication.model import DataKind, Ingredients
from evaluation.replication.packing import pack_files, zipped
from evaluation.replication.placing import places_of
from evaluation.replication.priors import prior_of
from evaluation.replication.reproduced import METHODS_IN_R
from evaluation.replication.rows import csv_bytes, pack_rows
from evaluation.replication.sections import sections_of, with_estimates
from evaluation.replication.widths import widths_of
from evaluation.store import load_plan, table_from_file
from theory_of_change.store import load_catalogue
from workspace.files import reaching
from workspace.front_door import program_version
from workspace.project import Project
from workspace.settings import DisclosureProfile

VERB = "report.replication"
# What R takes as Lifecourse has it, by method: bandwidths around a cut-off; a prior where the data show no peak.
TAKEN: dict[str, Callable[[pl.DataFrame, AnalysisPlan, PlannedOutcome], dict[str, Any]]] = {
    "regression-discontinuity": widths_of,
    "before-after": prior_of,
}


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that was made: its files as shown, and what is not repeated in R."""

    name: str
    files: tuple[str, ...]
    kind: DataKind
    outcomes: int
    in_r: int
    not_in_r: tuple[tuple[str, str], ...]
    release: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A plan with the table it is run on, and what is known of its lock.

    ``plan`` is run on the table; ``locked`` is the plan that is handed over, the same one in file mode.
    """

    name: str
    plan: AnalysisPlan
    locked: AnalysisPlan
    plan_text: str
    run_text: str
    state: str
    kind: DataKind
    table: pl.DataFrame
    profile: DisclosureProfile
    amendments: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    release: str = ""

    def __repr__(self) -> str:
        """Never the data."""
        return f"Source({self.name!r}, {self.table.height} rows)"


def pack_of_file(plan_file: Path, data: Path, folder: Path) -> Packed:
    """File mode: the plan with the rows it was run on, which whoever has them may hand over as they are permitted.

    Raises LC754 without a table, LC752 and LC753 where there is nothing to repeat in R, LC755 where the folder holds
    something, LC758 where the data give no estimate.
    """
    if str(data) in ("synthetic", "permitted") and not data.is_file():
        raise EvaluationError(
            "LC754", "in file mode --data is the table the plan was run on", "Write --data FILE."
        )
    plan = load_plan(plan_file, load_catalogue())
    refuse_method(plan)
    refuse_folder(folder)
    with reaching("the plan", "read", plan_file.name):
        text = plan_file.read_text(encoding="utf-8")
    table, _ = table_from_file(data, plan)
    kind: DataKind = "synthetic" if NAMED in data.name else "permitted"  # a twin stays marked as one
    notes = ("File mode keeps no lock: the fingerprint is that of the plan's text, whenever it was written.",)
    source = Source(
        plan.id, plan, plan, text, "", "not locked: file mode", kind, pack_rows(table.frame, plan),
        DisclosureProfile(), notes=notes,
    )  # fmt: skip
    return packed_at(None, ingredients(source), folder, (plan.id,))


def ingredients(source: Source) -> Ingredients:
    """Everything the pack is written from; its numbers are found by running the pack's own plan on its own rows."""
    plan = source.plan
    payload = _run(source)
    axis = places_of(source.table, plan)
    given = TAKEN.get(plan.design.method)
    taken = tuple(given(source.table, plan, one) if given else {} for one in plan.outcomes)
    drawn = [carried_of(source.table, plan, number) for number in range(1, len(plan.outcomes) + 1)]
    names = tuple(one[0] if one else "" for one in drawn)
    sections = with_estimates(sections_of(plan, axis.facts, taken, names), payload)
    if all(one["estimate"]["value"] is None for one in payload["outcomes"]):
        raise EvaluationError(
            "LC758", "the data of the pack give no estimate that R could be held against",
            "Make the pack in file mode from a table that may be handed over.",
        )  # fmt: skip
    if all(section.why_not for section in sections):
        reasons = "; ".join(dict.fromkeys(section.why_not for section in sections))
        raise EvaluationError(
            "LC753", f"no outcome of plan '{plan.id}' can be repeated in R: {reasons}",
            "docs/reference/replication.md says what is repeated.",
        )  # fmt: skip
    expected = expected_numbers(payload, sections)
    return Ingredients(
        name=source.name,
        title=source.locked.title,
        plan_id=source.locked.id,
        plan_text=source.plan_text,
        fingerprint=fingerprint(source.locked),
        canonical=canonical(source.locked),
        state=source.state,
        amendments=source.amendments,
        run_text=source.run_text,
        kind=source.kind,
        table=source.table,
        periods=axis.labels,
        carried=tuple(one for one in drawn if one),
        columns=codebook_of(source.table, plan, source.profile),
        sections=sections,
        expected=expected,
        seed=plan.design.seed,
        version=program_version(),
        packages={name: importlib.metadata.version(name) for name in PACKAGES},
        method=plan.design.method,
        notes=source.notes,
        release=source.release,
    )


def _run(source: Source) -> dict[str, Any]:
    """The result of the pack's plan on the pack's rows, as whoever has the pack will find it."""
    with tempfile.TemporaryDirectory() as place:
        plan, rows = Path(place) / "plan.toml", Path(place) / "data.csv"
        plan.write_text(source.run_text or source.plan_text, encoding="utf-8")
        rows.write_bytes(csv_bytes(source.table))
        return run_on_file(plan, rows, None).payload


def plan_from_text(text: str, name: str) -> AnalysisPlan:
    """The plan a text is, read as file mode reads it."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        return load_plan(path, load_catalogue())


def refuse_method(plan: AnalysisPlan) -> None:
    """LC752 for a method without a script in R."""
    if plan.design.method not in METHODS_IN_R:
        raise EvaluationError(
            "LC752", f"method '{plan.design.method}' has no replication script",
            f"Scripts are there for: {', '.join(METHODS_IN_R)}.",
        )  # fmt: skip


def refuse_folder(folder: Path) -> None:
    """LC755 where the pack's zip is there already, or its folder is a file; what a folder holds is looked at later."""
    archive = folder.with_name(f"{folder.name}.zip")
    with reaching("the folder", "read", folder.name):
        full = folder.is_file() or archive.exists()
    if full:
        raise _full(folder)


def _refuse_others(folder: Path, files: Mapping[str, bytes]) -> None:
    """LC755 where the folder holds anything but files of this very pack, left by a command that was killed."""
    with reaching("the folder", "read", folder.name):
        held = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        same = all(files.get(path.relative_to(folder).as_posix()) == path.read_bytes() for path in held)
    if not same:
        raise _full(folder)


def _full(folder: Path) -> EvaluationError:
    return EvaluationError("LC755", f"'{folder.name}' holds something already", "Name a new folder.")


def packed_at(project: Project | None, made: Ingredients, folder: Path, subjects: tuple[str, ...]) -> Packed:
    """Write the pack and its zip, all files or none, through the one door."""
    files = pack_files(made)
    _refuse_others(folder, files)
    archive = zipped(files, folder.name)
    outgoing = [Outgoing(f"{folder.name}/{name}", data, subjects) for name, data in files.items()]
    outgoing.append(Outgoing(f"{folder.name}.zip", archive, subjects))
    shown = write_outgoing(project, folder.parent, outgoing, verb=VERB)
    left = tuple((one.label, one.why_not) for one in made.sections if one.why_not)
    return Packed(made.name, shown, made.kind, len(made.sections), len(made.sections) - len(left), left)
