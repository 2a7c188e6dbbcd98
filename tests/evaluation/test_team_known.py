"""What was known on a day, out of both stores: nothing entered later, nothing of a run that came later."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.errors import EvaluationError
from evaluation.team.known import register_on
from evaluation.team.known_store import known_on
from tests.evaluation.team_known import DAY, figure, known, register
from tests.evaluation.team_project import MEASURES
from theory_of_change.delivery import store as delivery
from theory_of_change.tracking import store as figures
from workspace.clock import today
from workspace.database import create_database, writing
from workspace.project import create_project


def test_entries_of_the_store_come_back_with_their_days_and_none_is_known_before(
    tmp_path: Path, database_url: str
) -> None:
    made = create_project(tmp_path / "mersey", "Mersey")
    url = database_url or made.settings.database_url
    made = replace(made, settings=replace(made.settings, database_url=url))
    create_database(made)
    (made.root / "measures.toml").write_text(MEASURES, encoding="utf-8")
    with writing(made) as session:
        figures.add_figures(session, [figure("knife", "2026-Q3", 95).row], replace=False)
        figures.add_figures(session, [figure("knife", "2026-Q3", 101).row], replace=True)
    delivery.add(made, "PRJ", {"name": "Mentors", "tier": "secondary"})
    held = known_on(made, None)
    assert [(entry.day, entry.row.value) for entry in held.entries] == [(today(), 95.0), (today(), 101.0)]
    assert next(iter(held.current.values())).row.value == 101
    assert [one.name for one in held.projects] == ["Mentors"]
    before = known_on(made, today() - dt.timedelta(days=1))
    assert (before.entries, before.projects) == ((), [])
    with pytest.raises(EvaluationError) as error:
        known_on(made, today() + dt.timedelta(days=1))
    assert error.value.code == "LC726"


def test_the_register_of_an_earlier_day_knows_no_later_run_and_no_later_note() -> None:
    early = register_on(register(DAY), dt.date(2026, 8, 10))
    runs = {run.evaluation_id for entry in early.entries for run in entry.runs}
    assert runs == {"EVAL-001", "EVAL-002"}
    assert [note for entry in early.entries for note in entry.notes] == []
    assert register_on(register(DAY), DAY) == register(DAY)
    assert register_on(register(DAY), dt.date(2025, 1, 1)).entries == ()


def test_a_figure_that_is_asked_for_again_does_not_hide_the_number_that_is_held() -> None:
    held = known(more=[figure("knife", "2026-Q3", None, "2026-11-10")])
    assert held.current[figure("knife", "2026-Q3", 1).row.slot].row.value == 95
