"""The command that shows difference statements to the custodian."""

from __future__ import annotations

from workspace import console
from workspace.project import find_project


def evaluate_differences() -> None:
    """Which re-runs differ from earlier runs since people left, by how many at least ten; looks are logged."""
    from cohorts.agreements.sharing import shown_profile
    from evaluation.differences.difference import shown_statement
    from evaluation.differences.store import list_statements
    from workspace.audit import record
    from workspace.database import reading, writing

    project = find_project()
    with reading(project) as session:
        found = list_statements(session)
        profile = shown_profile(session, project)
    if console.current().dry_run:
        console.present(
            {"statements": len(found)}, lambda: console.say(f"{len(found)} statements; none was read.")
        )
        return
    if found:
        with writing(project) as session:
            record(session, "evaluate.differences", "all")
    texts = [shown_statement(s.text, profile) for s in found]
    payload = {
        "statements": [
            {"plan": s.plan, "measure": s.measure, "at": s.made_at, "text": text, "held": s.held}
            for s, text in zip(found, texts, strict=True)
        ]
    }
    rows = [
        [s.made_at[:10], s.plan, s.measure, text, "held" if s.held else "shown"]
        for s, text in zip(found, texts, strict=True)
    ]

    def view() -> None:
        if not rows:
            console.say("No result was run again after somebody left.")
            return
        console.say(
            "Side by side two such results can give one person's outcome away: the earlier one stands."
        )
        console.table(["Date", "Plan", "Measure", "Difference", "Result"], rows)

    console.present(payload, view)
