"""Planned against reported: what became of every outcome that was first locked (pure).

The comparison of trial reports with their registry entries, made by machine: outcomes kept, dropped, added, promoted,
demoted or redefined. Source: COMPare (Goldacre and others, 2019); field standards R40.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from evaluation.amending.changes import Table, analysis_changes, moved_to, outcome_changes, pairs
from evaluation.amending.model import Audit, Planned, Standing
from evaluation.model import OutcomeResult


def audit(first: str, run: str, reported: Sequence[OutcomeResult] | None = None) -> Audit:
    """Compare the first locked text with what a run of the text ``run`` reports.

    Parameters
    ----------
    first, run
        Canonical texts of two registered versions; a run reports every outcome of the text it followed.
    reported
        The outcomes of the result, where it is at hand: one that is not among them counts as dropped, one with
        another role as promoted or demoted, and one that could not be analysed says why.
    """
    before, after = json.loads(first), json.loads(run)
    shown = None if reported is None else {one.measure: one for one in reported}
    found = [_standing(one, other, shown) for one, other in pairs(before["outcomes"], after["outcomes"])]
    covered = {reported_name(other) for other in after["outcomes"]}
    found += [_unplanned(one) for one in reported or () if one.measure not in covered]
    moved = [change.text for change in analysis_changes(before, after) if change.what == "changed"]
    return Audit(tuple(found), tuple(moved))


def _standing(one: Table | None, other: Table | None, shown: dict[str, OutcomeResult] | None) -> Planned:
    there = one or other or {}
    name = str(there.get("name") or there["measure"])
    result = None if other is None or shown is None else shown.get(reported_name(other))
    note = _why_not_analysed(result)
    if other is None or (shown is not None and result is None and one is not None):
        missing = "" if other is None else "It is in the version that was run and not in its result."
        return Planned(reported_name(there), name, str(there["role"]), "not reported", "dropped", (), missing)
    role = result.role if result else str(other["role"])
    if one is None:
        return Planned(reported_name(other), name, "not planned", role, "added", (), note)
    changed = tuple(_definition(one, {**other, "role": one["role"]}))
    standing: Standing = "redefined" if changed else "kept"
    if role != one["role"]:
        moved = moved_to(str(one["role"]), role)
        standing = "promoted" if moved == "promoted" else "demoted"
    return Planned(reported_name(one), name, str(one["role"]), role, standing, changed, note)


def _unplanned(result: OutcomeResult) -> Planned:
    """An outcome of a result that the text it followed does not have."""
    return Planned(result.measure, result.name, "not planned", result.role, "added")


def _definition(one: Table, other: Table) -> list[str]:
    """What was changed of an outcome's own definition, without its name before each."""
    found = outcome_changes({"outcomes": [one]}, {"outcomes": [other]})
    return [change.text.partition(": redefined, ")[2] for change in found if change.what == "redefined"]


def reported_name(outcome: Any) -> str:
    """The name an outcome of a plan has in a result."""
    measure, wave = str(outcome["measure"]), str(outcome.get("wave") or "")
    if not wave:
        return measure
    timing = outcome.get("timing")
    if timing:
        return str(timing["event"])
    return measure if "@" in measure else f"{measure}@{wave}"


def _why_not_analysed(result: OutcomeResult | None) -> str:
    if result is None or result.verdict.answer != "not-assessable":
        return ""
    blocking = [check.name for check in result.checks if check.consequence == "block"]
    return f"It could not be analysed: {', '.join(blocking) or result.verdict.detail}."
