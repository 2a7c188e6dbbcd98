"""Asking who was seen costs in proportion to how many there are: counted in steps of the database, not in time."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohorts.lives.lives_of import last_seen, wave_flow
from cohorts.store import find_cohort
from tests.cohorts.loading import load, make_project, people_rows
from workspace.clock import today
from workspace.database import reading

EVERY = 100


def steps(folder: Path, people: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(folder.with_name(f"{folder.name}-keys") / "test.key"))
    project = make_project(folder)
    load(project, "people", people_rows(people))
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(count, EVERY)
        flow = wave_flow(session, cohort, today())
        last_seen(session, cohort)
        driver.set_progress_handler(None, 0)
    assert flow[0].seen == people
    return counted[0] * EVERY


def test_who_was_seen_costs_twice_as_much_for_twice_the_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = steps(tmp_path / "small", 250, monkeypatch)
    large = steps(tmp_path / "large", 500, monkeypatch)
    assert large < 2.5 * small
