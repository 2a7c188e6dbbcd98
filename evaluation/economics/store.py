"""The files an appraisal reads: the tables that come with the program, a deflator, own unit costs, a saved result."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from cohorts.partner_files.extracts import RawTable, read_extract
from evaluation.economics.imported import COLUMNS, read_unit_costs
from evaluation.economics.keys import Priced, read_economics
from evaluation.economics.planned import PlannedEconomics
from evaluation.economics.prices import read_deflator
from evaluation.economics.tables import Tables, UnitCost, read_tables
from evaluation.economics.worth import Inputs
from evaluation.errors import PLAN_KEYS, EvaluationError
from workspace.errors import Fault
from workspace.files import sha256_of
from workspace.toml_source import read_toml, top

FOLDER = Path(__file__).parent / "tables"


@cache
def load_tables() -> Tables:
    """The tables that come with the program."""
    costs, appraisal = (
        read_toml(FOLDER / name, EvaluationError, name=f"tables/{name}")
        for name in ("unit_costs.toml", "appraisal.toml")
    )
    return read_tables(costs, appraisal)


def load_inputs(planned: PlannedEconomics, root: Path) -> Inputs:
    """What the plan names beside itself; paths are taken from ``root``."""
    own: dict[str, UnitCost] = {}
    deflator: dict[str, float] = {}
    files = []
    if planned.unit_costs:
        table = _columns(root / planned.unit_costs, COLUMNS, "LC565")
        own = read_unit_costs(table.frame.to_dicts(), table.name)
        files.append((table.name, sha256_of(root / planned.unit_costs)))
    if planned.deflator:
        table = _columns(root / planned.deflator, ("year", "index"), "LC564")
        deflator = read_deflator(
            list(zip(table.frame["year"], table.frame["index"], strict=True)), table.name
        )
        files.append((table.name, sha256_of(root / planned.deflator)))
    return Inputs(own, deflator, tuple(files))


def _columns(path: Path, wanted: tuple[str, ...], code: str) -> RawTable:
    """A small table under small-letter headings. Raises EvaluationError with ``code`` where a column is missing."""
    raw = read_extract(path)
    frame = raw.frame.rename({name: " ".join(name.lower().replace("_", " ").split()) for name in raw.columns})
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise EvaluationError(
            code,
            f"the file has no column '{missing[0]}'",
            f"Columns: {', '.join(wanted)}.",
            where=raw.name,
        )
    return replace(raw, frame=frame.select(wanted))


def load_costs(path: Path, outcome: Priced) -> PlannedEconomics:
    """``[economics]`` of a file of costs. Raises EvaluationError with every fault in it."""
    faults: list[Fault] = []
    file = top(read_toml(path, EvaluationError), faults, PLAN_KEYS)
    section = file.table("economics")
    if section is None:
        raise EvaluationError("LC566", "the file has no [economics]", "Add the table.", where=path.name)
    planned = read_economics(section, outcome, load_tables().unit_costs)
    file.finish()
    if faults or planned is None:
        raise EvaluationError.gather(faults)
    return planned
