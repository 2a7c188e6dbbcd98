"""A plan's facts as plain data, and versions and audits as JSON has them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evaluation.amending.model import Audit, Change, Version
from evaluation.model import PlanFacts


def plan_payload(facts: PlanFacts) -> dict[str, Any]:
    """The plan of a result. What is not used (versions, an audit) is left out."""
    payload = asdict(facts)
    payload["deviations"] = [{**asdict(one), "changes": list(one.changes)} for one in facts.deviations]
    for key in ("version", "as_locked", "audit"):
        del payload[key]
    if facts.version:
        payload["version"] = facts.version
    if facts.as_locked:
        payload["as_locked"] = list(facts.as_locked)
    if facts.audit is not None:
        payload["audit"] = audit_payload(facts.audit)
    return payload


def audit_payload(found: Audit) -> dict[str, Any]:
    """Planned against reported."""
    outcomes = [{**asdict(one), "changes": list(one.changes)} for one in found.outcomes]
    return {"kept": found.kept, "outcomes": outcomes, "analysis": list(found.analysis)}


def changes_payload(found: Sequence[Change]) -> list[dict[str, str]]:
    """What differs, one entry a key."""
    return [asdict(one) for one in found]


def version_payload(one: Version) -> dict[str, Any]:
    """A registered version, without its text."""
    return {
        "version": one.number,
        "kind": one.kind,
        "sha256": one.sha256,
        "data_state": one.data_state,
        "reason": one.reason,
        "waiver": one.waiver,
        "at": one.at,
        "by": one.by,
    }
