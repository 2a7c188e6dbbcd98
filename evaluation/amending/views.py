"""How versions of plans, what changed and the audit look in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.amending.actions import Amended, AuditedRun, Compared, PlanAudit, PlanLine
from evaluation.amending.model import Audit, Change
from evaluation.amending.store import INTACT
from evaluation.amending.versions import KIND_WORDS, standing_words
from evaluation.lock_states import EXPLORED, UNLOCKED
from evaluation.wording import ANSWER_WORDS
from workspace.console import say, table

OUTSIDE_WORDS = {UNLOCKED: "it was run before the lock", EXPLORED: "it was run outside the lock"}
START = 12  # signs of a fingerprint that are shown


def amended(done: Amended) -> None:
    """What was registered, or would be."""
    one = done.version
    verb = "Registered" if done.written else "Would register"
    say(f"{verb} version {one.number} of {one.plan_id}: {KIND_WORDS[one.kind]}.")
    say(f"  Data then: {one.data_state}. Fingerprint {one.sha256[:16]}…")
    say(f"  Reason, printed in every report: {one.reason}")
    if one.waiver:
        say(f"  Waived, and printed too: {one.waiver}")
    changed(done.changes)
    if one.kind == "deviation" and done.written:
        say("Runs of this version are stamped: locked after outcomes.")
        say(f"As it was before: lifecourse evaluate run {one.plan_id} --version {one.number - 1}")


def changed(found: Sequence[Change]) -> None:
    """What differs, a line each."""
    for one in found:
        say(f"  {one.text}")


def compared(found: Compared) -> None:
    """Two texts of a plan side by side."""
    say(f"{found.plan_id}: version {found.base} against {found.to}")
    if not found.changes:
        say("  nothing differs")
    changed(found.changes)
    if found.to == "the file" and found.changes:
        say(f'Next: lifecourse plan amend {found.plan_id} --reason "…", or restore the text')
    say(f"Registered: {standing_words(found.versions)}.")
    table(
        ["Version", "Kind", "Registered", "By", "Data then", "Reason"],
        [[str(v.number), v.kind, v.at, v.by, v.data_state, v.reason] for v in found.versions],
    )


def audited(found: PlanAudit) -> None:
    """Every run against what was first locked."""
    say(f"{found.plan_id}: {standing_words(found.versions)}")
    if found.problem:
        say(f"  look: {found.problem}")
    if not found.runs:
        say("  It has not been run. Nothing is reported yet.")
    for one in found.runs:
        _run(one)
    if found.in_order and any(one.audit for one in found.runs):
        say("Every outcome is reported as it was first locked.")


def _run(one: AuditedRun) -> None:
    run = one.run
    answer = ANSWER_WORDS.get(run.answer, run.answer)
    followed = f"version {one.version}" if one.version else "a text that is not registered"
    say()
    say(f"{run.evaluation}  {run.at}  {followed}  {run.state}: {answer}, security {run.security} of 5")
    if run.evidence != INTACT:
        say(f"  look: evidence/{run.evaluation}.json is {run.evidence}; the register stands")
    if one.audit is None:
        said = OUTSIDE_WORDS.get(run.state, "its text is not in the register")
        say(f"  look: {said}, so it is held to nothing")
        return
    _outcomes(one.audit)
    for line in one.audit.analysis:
        say(f"  analysis changed: {line}")


def _outcomes(found: Audit) -> None:
    table(
        ["Outcome", "Planned as", "Reported as", "What became of it", "What was changed"],
        [
            [
                o.measure,
                o.planned_role,
                o.reported_role,
                o.standing,
                "; ".join((*o.changes, *filter(None, [o.note]))),
            ]
            for o in found.outcomes
        ],
    )


def listed(found: Sequence[PlanLine]) -> None:
    """All plans."""
    if not found:
        say("There are no plans yet. Make one: lifecourse plan new ID")
        return
    table(
        ["Plan", "Question", "State", "Runs", "Fingerprint", "Note"],
        [
            [one.plan_id, one.title, one.state, str(len(one.runs)), one.sha256[:START], one.note]
            for one in found
        ],
    )
