"""What runs rested on, and how re-runs differ, in the store; see ``difference.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from cohorts.requests.store import changes_since, last_change
from evaluation.differences.difference import Difference, Footing, differences, signature
from evaluation.errors import Withheld
from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan
from evaluation.protection import may_show
from evaluation.records import DifferenceRecord, EvaluationFooting
from workspace.audit import record
from workspace.clock import now
from workspace.settings import DisclosureProfile


@dataclass(frozen=True, slots=True)
class Statement:
    """A difference statement as it was kept."""

    statement_id: int
    evaluation: str
    plan: str
    measure: str
    made_at: str
    text: str
    held: bool


def hold_back(
    session: Session,
    plan: AnalysisPlan,
    outcomes: Sequence[OutcomeResult],
    profile: DisclosureProfile,
    seen: int,
) -> Withheld | None:
    """Keep how this run differs from earlier ones, and say by an error whether its result must be held.

    ``seen`` is the newest change of rights when the run read its people.
    """
    mark = signature(plan)
    rows = session.exec(select(EvaluationFooting).where(EvaluationFooting.signature == mark)).all()
    earlier = [Footing(r.evaluation_id, r.measure, r.analysed, r.effect, r.last_change) for r in rows]
    marks = {old.evaluation: changes_since(session, old.last_change) for old in earlier}
    found = differences(earlier, _footings("", outcomes, profile, seen), marks, profile.threshold)
    _keep(session, plan, found)
    held = sorted({difference.earlier for difference in found if difference.held})
    if not held:
        return None
    record(session, "evaluate.hold", plan.id, {"against": held[-1]})
    return Withheld(
        "LC901",
        f"the result is held: it differs from {held[-1]} by fewer than {profile.threshold} people, "
        "some of whom withdrew or were erased in between",
        f"{held[-1]} stands. Run the plan again after the next delivery. Such runs: "
        "lifecourse evaluate differences",
    )


def _footings(
    evaluation: str, outcomes: Sequence[OutcomeResult], profile: DisclosureProfile, seen: int
) -> list[Footing]:
    return [
        Footing(
            evaluation,
            outcome.measure,
            outcome.estimate.n,
            outcome.estimate.value if may_show(outcome.kind, outcome.estimate, profile) else None,
            seen,
        )
        for outcome in outcomes
    ]


def add_footings(
    session: Session,
    evaluation: str,
    plan: AnalysisPlan,
    outcomes: Sequence[OutcomeResult],
    profile: DisclosureProfile,
    seen: int,
) -> None:
    """Keep what a run rested on, beside its entry in the register."""
    mark = signature(plan)
    for footing in _footings(evaluation, outcomes, profile, seen):
        session.add(
            EvaluationFooting(
                evaluation_id=evaluation,
                measure=footing.measure,
                signature=mark,
                analysed=footing.analysed,
                effect=footing.effect,
                last_change=seen,
            )
        )
    session.flush()


def change_seen(session: Session) -> int:
    """The newest change of rights, read in the session that reads the people."""
    return last_change(session)


def _keep(session: Session, plan: AnalysisPlan, found: Sequence[Difference]) -> None:
    number = int(session.exec(select(func.max(DifferenceRecord.statement_id))).first() or 0)
    for place, difference in enumerate(found, start=number + 1):
        session.add(
            DifferenceRecord(
                statement_id=place,
                evaluation_id=difference.earlier,
                plan_id=plan.id,
                measure=difference.measure,
                made_at=now(),
                statement=difference.statement,
                held=int(difference.held),
            )
        )
    session.flush()


def list_statements(session: Session) -> list[Statement]:
    """All difference statements, oldest first."""
    rows = session.exec(select(DifferenceRecord).order_by(col(DifferenceRecord.statement_id))).all()
    return [
        Statement(r.statement_id, r.evaluation_id, r.plan_id, r.measure, r.made_at, r.statement, bool(r.held))
        for r in rows
    ]
