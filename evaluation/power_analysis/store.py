"""What a plan could show when it was locked, as the audit log keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session, col, select

from evaluation.finding import Finding
from evaluation.power_analysis.snapshots import with_planned
from workspace.records import AuditEntry


def locked_power(session: Session, plan_id: str) -> Mapping[str, Any]:
    """By outcome what the lock stored; nothing for a plan that is not locked, or states too little."""
    query = select(AuditEntry).where(AuditEntry.action == "plan.lock", AuditEntry.subject == plan_id)
    entry = session.exec(query.order_by(col(AuditEntry.sequence).desc()).limit(1)).first()
    found = json.loads(entry.details).get("power") if entry else None
    return found if isinstance(found, dict) else {}


def as_locked(finding: Finding, stored: Mapping[str, Any]) -> Finding:
    """The finding with what was planned as the lock stored it."""
    return replace(finding, outcomes=tuple(with_planned(one, stored) for one in finding.outcomes))
