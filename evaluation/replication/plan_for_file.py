"""A project's plan as a plan for a file: the same analysis, without the cohort, the theory and the money (pure)."""

from __future__ import annotations

import re
from typing import Any

from evaluation.plan import AnalysisPlan, PlannedOutcome
from evaluation.replication.quoting import toml_literal
from evaluation.study_table import column_of

KEPT = ("plan", "population", "design", "outcome", "subgroup", "analysis")
OF_THE_PROJECT = {"plan": ("links",), "population": ("cohort", "areas", "roll_up")}
PLANNED_WITH = ("expected_sd", "expected_rate", "expected_r2")


def file_plan(parsed: dict[str, Any], plan: AnalysisPlan) -> str:
    """The plan's TOML for file mode. What the theory says of a measure stands beside the outcome itself.

    ``parsed`` is the plan's own file, so that every setting is written as its author wrote it.
    """
    whole: dict[str, Any] = {}
    for name in KEPT:
        if name not in parsed:
            continue
        gone = OF_THE_PROJECT.get(name, ())
        part = parsed[name]
        whole[name] = {k: v for k, v in part.items() if k not in gone} if isinstance(part, dict) else part
    whole["outcome"] = [
        _outcome(written, planned) for written, planned in zip(parsed["outcome"], plan.outcomes, strict=True)
    ]
    design = dict(whole["design"])
    if not plan.design.unit:
        design["unit"] = "participant"
    whole["design"] = design
    return toml_text(whole)


def _outcome(written: dict[str, Any], planned: PlannedOutcome) -> dict[str, Any]:
    known = {
        "kind": planned.kind,
        "better": planned.better,
        "effect": planned.effect,
        "name": planned.name or planned.measure,
        "unit": planned.unit,
        "minimum_important_difference": planned.minimum_important_difference,
        "mid_source": planned.mid_source,
    }
    kept = {key: value for key, value in written.items() if key not in (*PLANNED_WITH, "wave")}
    said = {key: value for key, value in known.items() if value not in (None, "")}
    column = planned.measure if planned.timing else column_of(planned)
    if planned.timing:
        kept |= {"duration": planned.timing.duration, "event": planned.timing.event}
        said.pop("effect", None)
    return kept | said | {"measure": column}


def toml_text(whole: dict[str, Any]) -> str:
    """Tables and arrays of tables as TOML."""
    lines: list[str] = []
    for name, part in whole.items():
        if isinstance(part, list):
            for one in part:
                _table(lines, f"[[{_key(name)}]]", one, _key(name))
        else:
            _table(lines, f"[{_key(name)}]", part, _key(name))
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """A key as it is, or quoted where it holds anything but plain letters, digits, - and _."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_literal(name)


def _table(lines: list[str], head: str, part: dict[str, Any], path: str) -> None:
    lines.append(head)
    inner = {key: value for key, value in part.items() if isinstance(value, dict)}
    lines += [f"{_key(k)} = {toml_literal(v)}" for k, v in part.items() if k not in inner]
    lines.append("")
    for key, value in inner.items():
        below = f"{path}.{_key(key)}"
        _table(lines, f"[{below}]", value, below)
