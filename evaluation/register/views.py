"""How the register looks in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluation.register.actions import Noted
from evaluation.register.model import Entry, Note, Register, RunLine, Tally
from evaluation.register.states import open_disputes
from evaluation.wording import ANSWER_WORDS
from workspace.console import say, table

STATE_WORDS = {
    "registered": "registered",
    "running": "running",
    "overdue": "overdue",
    "stopped": "stopped",
    "reported": "reported",
    "published": "published",
    "disputed": "disputed",
    "exploratory": "exploratory, no lock",
}


def register(found: Register) -> None:
    """Every planned evaluation, newest first, and what is missing."""
    if not found.entries:
        say(
            "No evaluation is planned yet: the register begins with the first lock (lifecourse plan lock PLAN)."
        )
        return
    table(
        ["Plan", "State", "Due", "Outcome", "Security", "Evaluation", "Run"],
        [row for entry in found.entries for row in _rows(entry)],
    )
    say()
    for line in tally_lines(found.tally):
        say(line)


def _rows(entry: Entry) -> list[list[str]]:
    """One line a run, newest first; one line where there is none."""
    state = STATE_WORDS[entry.state] + (", overdue" if entry.overdue and entry.state != "overdue" else "")
    due = entry.plan.reported_by or "no date"
    if not entry.runs:
        return [[entry.plan.plan_id, state, due, _ahead(entry), "", "", ""]]
    rows = []
    for place, run in enumerate(entry.runs):
        first = [entry.plan.plan_id, state, due] if not place else ["", "", ""]
        rows.append([*first, _answer(run), str(run.security), run.evaluation_id, run.run_at[:10]])
    return rows


def _answer(run: RunLine) -> str:
    words = ANSWER_WORDS.get(run.answer, run.answer)
    said = f"exploratory: {words}" if run.is_exploratory else str(words)
    return f"{said} (file {run.file})" if run.file != "there" else said


def _ahead(entry: Entry) -> str:
    come = "collected" if entry.findings else "outcomes come in"
    collected = {True: come, False: "no outcomes yet", None: "not known how far"}
    ripe = f", ripe in {entry.collected.ripe_in}" if entry.collected.ripe_in else ""
    return collected[entry.collected.outcomes] + ripe


def tally_lines(tally: Tally) -> list[str]:
    """The register in sentences."""
    share = f" ({100 * tally.share_reported:.0f} %)" if tally.share_reported is not None else ""
    lines = [
        f"{tally.planned} planned; {tally.reported} with a finding{share}; {tally.published} published; "
        f"{tally.stopped} stopped; {tally.overdue} overdue; {tally.disputed} disputed."
    ]
    if tally.due:
        lines.append(f"Of {tally.due} whose report was due, {tally.due_reported} have a finding.")
    if tally.months_to_finding is not None:
        lines.append(
            f"From the last ripe outcome to the finding: {tally.months_to_finding:g} months (median)."
        )
    lines += [
        f"evidence/{name}.json {'is missing' if state == 'missing' else 'was changed since it was written'}; "
        f"fingerprint of what was written: {sha}"
        for name, state, sha in tally.missing
    ]
    return lines


def entry(found: Entry, sentences: dict[str, dict[str, Any]], belongs: Sequence[str] = ()) -> None:
    """One planned evaluation with all that became of it; ``belongs`` says where it stands in the theory."""
    plan = found.plan
    say(f"{plan.plan_id}: {plan.title}" if plan.title else plan.plan_id)
    say(f"  state        {STATE_WORDS[found.state]}{', overdue' if found.overdue else ''}")
    if found.is_planned:
        say(f"  locked       {plan.locked_at[:10]} by {plan.locked_by}; data then: {plan.data_state}")
        say(f"  fingerprint  {plan.sha256}")
        say(f"  report due   {plan.reported_by or 'no date in the plan'}")
        if not plan.file_there:
            say(f"  plan file    plans/{plan.plan_id}.toml is missing; its locked text is in the database")
    if plan.waiver:
        say(f"  waived       {plan.waiver}")
    say(f"  outcomes     {_ahead(found)}")
    for line in belongs:
        say(f"  {line}")
    for run in found.runs:
        _run(run, sentences.get(run.evaluation_id, {}))
    for note in found.notes:
        say(f"  {note_words(note)}")
    for note in open_disputes(found.notes):
        say(
            f"  Dispute {note.number} is open: lifecourse finding resolve {note.about} --ruled … --reason … --by …"
        )


def _run(run: RunLine, said: dict[str, Any]) -> None:
    lock = f"plan {run.plan_state}"
    say(f"  {run.evaluation_id}  {run.run_at[:10]}  {_answer(run)}, security {run.security} of 5 ({lock})")
    for line in said.get("sentences", ()):
        say(f"    {line}")
    if run.file != "there":
        what = "is missing" if run.file == "missing" else "was changed since it was written"
        say(f"    evidence/{run.evaluation_id}.json {what}. Fingerprint of what was written:")
        say(f"    {run.sha256}")


def note_words(note: Note) -> str:
    """A note as a line."""
    day = note.noted_at[:10]
    if note.kind == "stop":
        return f"{day}  stopped: {note.said} (data then: {note.data_state}; noted by {note.noted_by})"
    if note.kind == "publish":
        return f"{note.day}  {note.about} published: {note.said}"
    if note.kind == "dispute":
        return f"{day}  dispute {note.number} of {note.about} by {note.by_whom}: {note.said}"
    return f"{day}  dispute {note.answers} {note.outcome.replace('-', ' ')}, says {note.by_whom}: {note.said}"


def noted(done: Noted, words: str) -> None:
    """What was added."""
    say(words if done.number else f"Nothing was written. It would say:\n  {words}")
