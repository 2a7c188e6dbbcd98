"""The command that shows difference statements to the custodian."""

from __future__ import annotations

from workspace import console
from workspace.project import find_project


def evaluate_differences() -> None:
    """How re-runs differ from earlier runs since people left. For the custodian: never publish it; looks are logged."""
    from evaluation.differences.store import list_statements
    from workspace.audit import record
    from workspace.database import reading, writing

    project = find_project()
    with reading(project) as session:
        found = list_statements(session)
    if console.current().dry_run:
        console.present(
            {"statements": len(found)}, lambda: console.say(f"{len(found)} statements; none was read.")
        )
        return
    if found:
        with writing(project) as session:
            record(session, "evaluate.differences", "all")
    payload = {
        "statements": [
            {"plan": s.plan, "measure": s.measure, "at": s.made_at, "text": s.text, "held": s.held}
            for s in found
        ]
    }
    rows = [[s.made_at[:10], s.plan, s.measure, s.text, "held" if s.held else "shown"] for s in found]

    def view() -> None:
        if not rows:
            console.say("No result was run again after somebody left.")
            return
        console.say("For the custodian only: side by side these figures can give one person's outcome away.")
        console.table(["Date", "Plan", "Measure", "Difference", "Result"], rows)

    console.present(payload, view)
