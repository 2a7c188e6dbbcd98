"""The files an appraisal reads: the tables that come with the program, a deflator, own unit costs, a saved result."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from cohorts.partner_files.extracts import RawTable, read_extract
from evaluation.economics.found import Found, found_in_json
from evaluation.economics.imported import COLUMNS, read_unit_costs
from evaluation.economics.keys import NOT_BY_UNIT, Priced, read_economics
from evaluation.economics.planned import PlannedEconomics
from evaluation.economics.prices import read_deflator
from evaluation.economics.tables import Tables, UnitCost, read_tables
from evaluation.economics.worth import Inputs
from evaluation.errors import PLAN_KEYS, EvaluationError
from evaluation.nouns import OVER_TIME
from workspace.errors import Fault, did_you_mean
from workspace.files import reaching, sha256_of
from workspace.project import Project
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


def load_result(project: Project | None, name: str) -> tuple[dict[str, Any], Found, Priced]:
    """A saved result's primary outcome, as an appraisal sees it: an evaluation of the project, or a result's JSON."""
    path = Path(name) if project is None else project.evidence / f"{name}.json"
    hint = "lifecourse status names the evaluations; or give the path of a result's JSON."
    if project is not None and not path.is_file():
        known = sorted(file.stem for file in project.evidence.glob("EVAL-*.json"))
        raise EvaluationError("LC426", f"there is no evaluation '{name}'.{did_you_mean(name, known)}", hint)
    with reaching("the result", "read", path.name, hint, EvaluationError):
        text = path.read_text(encoding="utf-8")
    try:
        payload = json.loads(text)
        primaries = [one for one in payload["outcomes"] if one["role"] == "primary"]
        found = found_in_json(payload, primaries[0])
        outcome = Priced(
            kind=found.kind,
            effect="sum over places" if payload["method"] == NOT_BY_UNIT else found.effect,
            of_areas=primaries[0]["units"] == "areas",
            over_time=payload["method"] in OVER_TIME,
            primaries=len(primaries),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        raise EvaluationError(
            "LC427",
            "the file is no result of this version: its primary outcome cannot be read",
            "Run the plan again: lifecourse evaluate run PLAN",
            where=path.name,
        ) from None
    return payload, found, outcome


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
