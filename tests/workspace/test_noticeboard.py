"""Where the floors above post what the foundations show."""

from __future__ import annotations

import pytest

import cli
from workspace import noticeboard
from workspace.noticeboard import HealthReading, StatusLine, post_health, post_status
from workspace.project import Project


@pytest.fixture(autouse=True)
def _own_board(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noticeboard, "STATUS", dict(noticeboard.STATUS))
    monkeypatch.setattr(noticeboard, "HEALTH", list(noticeboard.HEALTH))


def test_all_three_floors_have_posted_their_status_and_nothing_was_called() -> None:
    assert cli.app
    assert sorted(noticeboard.STATUS) == [0, 1, 2]
    assert len(noticeboard.HEALTH) == 3


def test_a_floor_has_one_reporter_and_a_check_is_posted_once(project: Project) -> None:
    def status(_: Project) -> list[StatusLine]:
        return [StatusLine("A", "b")]

    def health(_: Project) -> list[HealthReading]:
        return [HealthReading("A", "pass", "b")]

    post_status(status, floor=1)
    post_status(status, floor=1)
    post_health(health)
    post_health(health)
    assert noticeboard.STATUS[1](project) == [StatusLine("A", "b", "")]
    assert noticeboard.HEALTH.count(health) == 1
