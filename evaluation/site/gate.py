"""What must be there before a site may be built: every plan that was locked, every finding, good or bad (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation.register.model import Entry
from evaluation.site.model import Held
from workspace.errors import Fault, GateNotMet


def refuse_hidden(held: Held) -> None:
    """Refuse a site that would leave something out; everything that is missing is named at once.

    Raises
    ------
    GateNotMet
        LC735 to LC737 (exit 4).
    """
    faults = [*_plans(held), *(fault for entry in held.register.entries for fault in _entry(held, entry))]
    if faults:
        raise GateNotMet.gather(faults)


def _plans(held: Held) -> Iterator[Fault]:
    known = {entry.plan.plan_id for entry in held.register.entries if entry.is_planned}
    for plan in held.once_locked:
        if plan not in known:
            yield Fault(
                "LC737",
                plan,
                "the audit log tells of its lock, and the register does not hold it",
                "Restore the store from a backup; lifecourse audit verify",
            )


def _entry(held: Held, entry: Entry) -> Iterator[Fault]:
    plan = entry.plan
    if entry.is_planned and not plan.file_there:
        hint = f"Restore plans/{plan.plan_id}.toml from git."
        yield Fault("LC737", plan.plan_id, "the plan is locked and its file is gone", hint)
    if entry.overdue:
        hint = f"Good or bad: lifecourse evaluate run {plan.plan_id}"
        said = f"the report was due on {plan.reported_by} and there is no finding"
        yield Fault("LC735", plan.plan_id, said, hint)
    for run in entry.runs:
        if run.file != "there":
            said = (
                f"its finding {'is missing' if run.file == 'missing' else 'was changed since it was written'}"
            )
            hint = f"Restore evidence/{run.evaluation_id}.json from git or a backup."
            yield Fault("LC736", run.evaluation_id, said, hint)
    for newest in entry.findings[:1]:
        if newest.evaluation_id not in held.wholes:
            said = "an older version of the program ran it and kept too little to make a page of"
            yield Fault("LC736", newest.evaluation_id, said, f"lifecourse evaluate run {plan.plan_id}")
