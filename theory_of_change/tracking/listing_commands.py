"""``lifecourse measure list --owner``: what is tracked, for whom, how it is worded, and how it stands to its target."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from workspace import console
from workspace.project import find_project

if TYPE_CHECKING:
    from theory_of_change.tracking.model import Tracked
    from theory_of_change.tracking.targets import Standing


def list_tracked(owner: str) -> None:
    """Show the tracked measures of one owner (``all`` for every owner)."""
    from theory_of_change.tracking import actions
    from theory_of_change.tracking.measure_reviews.decisions import retired
    from theory_of_change.tracking.targets import standing
    from theory_of_change.tracking.wordings import wording_concerns

    held = actions.kept(find_project())
    chosen = actions.of_owner(held.measures, owner)
    gone = retired(held.decisions)
    differing = {each.measure: each.text for each in wording_concerns({m.id: m for m in chosen})}
    found = []
    for measure in chosen:
        areas = [area for name, area in held.series.keys if name == measure.id] or [""]
        states = [state for area in areas if (state := standing(measure, held.series, area))]
        found.append((measure, states, differing.get(measure.id, ""), gone.get(measure.id)))
    payload = [
        {
            **{key: value for key, value in asdict(measure).items() if key != "line"},
            "standing": [asdict(state) for state in states],
            "wordings_differ": said,
            "retired": day,
        }
        for measure, states, said, day in found
    ]
    console.present({"owner": owner, "measures": payload}, lambda: _view(found))


def _view(found: list[tuple[Tracked, list[Standing], str, Any]]) -> None:
    from theory_of_change.tracking.targets import standing_words

    for measure, states, differing, day in found:
        retired = f" (retired {day})" if day else ""
        console.say(f"{measure.id}  {measure.name}{retired}")
        parts = [
            f"{key}: {value}"
            for key in ("owner", "source", "definition", "obligation", "horizon", "cannot_isolate")
            if (value := getattr(measure, key))
        ]
        if parts:
            console.say(f"    {'; '.join(parts)}".replace("cannot_isolate", "cannot tell apart"))
        for wording in measure.wordings:
            console.say(f"    {wording.where}: {wording.text}")
        if differing:
            console.say(f"    LC323 {differing}")
        for state in states:
            console.say(f"    {standing_words(measure, state)}")
    if not found:
        console.say("Nothing is tracked for this owner.")
