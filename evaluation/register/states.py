"""What state each planned evaluation is in, worked out from what is on record (pure)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence

from evaluation.register.model import Collected, Entry, Note, Planned, Register, RunLine, State, Tally

NOTHING_COLLECTED, COLLECTED, NOT_KNOWN = "nothing collected", "outcomes collected", "not known"


def build_register(
    plans: Sequence[Planned],
    runs: Sequence[RunLine],
    notes: Sequence[Note],
    collected: Mapping[str, Collected],
    today: str,
) -> Register:
    """The whole register on a day (as ISO text), newest first.

    A plan that was locked is in it for good. Runs of plans that never were are in it too, as exploratory.
    """
    locked = {plan.plan_id for plan in plans}
    loose = dict.fromkeys(run.plan_id for run in runs if run.plan_id not in locked)
    known = [*plans, *(Planned(plan_id, "", "", "", "", "", "", "") for plan_id in loose)]
    entries = [_entry(plan, runs, notes, collected.get(plan.plan_id, Collected()), today) for plan in known]
    entries.sort(key=_newest, reverse=True)
    return Register(tuple(entries), _tally(entries, today))


def only(entries: Sequence[Entry], today: str) -> Register:
    """Some of the entries as a register of their own, counted anew."""
    return Register(tuple(entries), _tally(list(entries), today))


def _newest(entry: Entry) -> tuple[str, str]:
    return entry.plan.locked_at or min(run.run_at for run in entry.runs), entry.plan.plan_id


def _entry(
    plan: Planned, runs: Sequence[RunLine], notes: Sequence[Note], collected: Collected, today: str
) -> Entry:
    own = tuple(
        sorted(
            (run for run in runs if run.plan_id == plan.plan_id), key=lambda r: r.evaluation_id, reverse=True
        )
    )
    about = {plan.plan_id, *(run.evaluation_id for run in own)}
    said = tuple(note for note in notes if note.about in about)
    findings = [run for run in own if not run.is_exploratory]
    late = _is_overdue(plan, findings, said, collected, today)
    return Entry(
        plan=plan,
        state=_state(plan, findings, said, collected, late=late),
        overdue=late,
        runs=own,
        notes=said,
        collected=collected,
        months_to_finding=_months(collected.ripe_in, findings[-1].run_at) if findings else None,
    )


def _is_overdue(
    plan: Planned, findings: Sequence[RunLine], notes: Sequence[Note], collected: Collected, today: str
) -> bool:
    """A stop ends the duty to report only where nothing was collected, then or later: else it would hide nulls."""
    if findings or not plan.reported_by or plan.reported_by >= today:
        return False
    stop = next((note for note in notes if note.kind == "stop"), None)
    return stop is None or stop.data_state != NOTHING_COLLECTED or collected.outcomes is not False


def data_state(collected: Collected) -> str:
    """What a stop says of the data."""
    if collected.outcomes is None:
        return NOT_KNOWN
    return COLLECTED if collected.outcomes else NOTHING_COLLECTED


def _state(
    plan: Planned, findings: Sequence[RunLine], notes: Sequence[Note], collected: Collected, *, late: bool
) -> State:
    if not plan.locked_at:
        return "exploratory"
    kinds = {note.kind for note in notes}
    if findings:
        if open_disputes(notes):
            return "disputed"
        return "published" if is_published(plan, findings, notes) else "reported"
    if "stop" in kinds:
        return "stopped"
    if late:
        return "overdue"
    return "running" if collected.outcomes else "registered"


def is_published(plan: Planned, findings: Sequence[RunLine], notes: Sequence[Note]) -> bool:
    """Say whether a finding was published: to publish an exploration beside it does not count."""
    about = {plan.plan_id, *(run.evaluation_id for run in findings)}
    return any(note.kind == "publish" and note.about in about for note in notes)


def open_disputes(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Disputes that nobody has answered yet."""
    answered = {note.answers for note in notes if note.kind == "resolve"}
    return tuple(note for note in notes if note.kind == "dispute" and note.number not in answered)


def upheld(notes: Sequence[Note], evaluation: str) -> bool:
    """Say whether a dispute of an evaluation was found to be right."""
    return any(n.kind == "resolve" and n.outcome == "upheld" and n.about == evaluation for n in notes)


def _months(ripe_in: str, run_at: str) -> int | None:
    if not ripe_in:
        return None
    return (int(run_at[:4]) - int(ripe_in[:4])) * 12 + int(run_at[5:7]) - int(ripe_in[5:7])


def _tally(entries: Sequence[Entry], today: str) -> Tally:
    planned = [entry for entry in entries if entry.is_planned]
    reported = [entry for entry in planned if entry.findings]
    due = [entry for entry in planned if entry.plan.reported_by and entry.plan.reported_by < today]
    waits = [entry.months_to_finding for entry in reported if entry.months_to_finding is not None]
    newest = Counter(entry.findings[0].answer for entry in reported)
    return Tally(
        planned=len(planned),
        reported=len(reported),
        published=sum(is_published(entry.plan, entry.findings, entry.notes) for entry in reported),
        stopped=sum(any(note.kind == "stop" for note in entry.notes) for entry in planned),
        overdue=sum(entry.overdue for entry in planned),
        disputed=sum(bool(open_disputes(entry.notes)) for entry in entries),
        due=len(due),
        due_reported=sum(bool(entry.findings) for entry in due),
        missing=tuple(
            (run.evaluation_id, run.file, run.sha256)
            for entry in entries
            for run in entry.runs
            if run.file != "there"
        ),
        answers=tuple(sorted(newest.items())),
        months_to_finding=float(statistics.median(waits)) if waits else None,
    )
