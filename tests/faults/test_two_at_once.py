"""Two commands at once: both end well or one says that the other is writing; nobody is doubled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from evaluation import locking
from tests.commands.program import Program
from tests.commands.small_project import arrest_row, csv_text
from tests.faults.site import Site, everything
from workspace.audit import read_log
from workspace.database import reading
from workspace.statements import run

RUN = ("evaluate", "run", "locked")


def assert_ended_well(site: Site, program: Program, *commands: Sequence[str]) -> None:
    """Run commands together. Whoever was turned away because the other wrote comes again afterwards."""
    outcomes = site.together(*commands)
    assert any(outcome.code == 0 for outcome in outcomes), [outcome.err for outcome in outcomes]
    for words, outcome in zip(commands, outcomes, strict=True):
        if outcome.code != 0:
            assert "LC112" in outcome.err
            assert program(*words, cwd=site.root).code == 0
    site.assert_sound()


def test_two_loads_of_different_sources_share_their_people(
    fresh: Callable[[], Site], program: Program
) -> None:
    site = fresh()
    assert_ended_well(
        site,
        program,
        ("source", "load", "people", "inbox/some.csv"),
        ("source", "load", "second", "inbox/second.csv"),
    )
    assert site.held() == (9_000, 9_000, 9_000, 24_000, 2, 4, 2)


def test_the_same_file_loaded_twice_at_once_counts_once(fresh: Callable[[], Site], program: Program) -> None:
    site = fresh()
    words = ("source", "load", "people", "inbox/some.csv")
    assert_ended_well(site, program, words, words)
    assert site.held() == everything(6_000)


def test_a_load_and_a_run_at_once_do_not_disturb_each_other(small: Site, program: Program) -> None:
    rows = [[number, "24", seen] for number, _, seen in map(arrest_row, range(80))]
    text = csv_text(("Prison number", "Visit", "Arrested"), rows)
    (small.root / "inbox" / "later.csv").write_text(text, encoding="utf-8")
    before = small.held()
    assert_ended_well(small, program, RUN, ("source", "load", "arrests", "inbox/later.csv", "--sealed"))
    assert small.held()[:4] == (*before[:3], before[3] + 80)
    assert list(small.registered()) == ["EVAL-001"]
    assert small.registered() == small.evidence()


def test_two_runs_at_once_get_a_number_each(fresh_small: Callable[[], Site], program: Program) -> None:
    site = fresh_small()
    assert_ended_well(site, program, RUN, RUN)
    assert set(site.registered()) == {"EVAL-001", "EVAL-002"}
    assert site.registered() == site.evidence()


def locks(site: Site) -> list[tuple[str, str]]:
    """The plans that are locked, each with what could be known of the data by then."""
    with reading(site.project) as session:
        rows = run(session, "SELECT plan_id, data_state FROM plan_lock ORDER BY plan_id").fetchall()
    return [(str(row[0]), str(row[1])) for row in rows]


def test_two_locks_of_one_plan_at_once_make_one_lock_and_one_line_in_the_log(small: Site) -> None:
    words = ("plan", "lock", "aid", "--waive", "A small pilot")
    ended = small.together(words, words)
    assert sorted(outcome.code for outcome in ended) == [0, 4], [outcome.said for outcome in ended]
    assert any(code in outcome.err for outcome in ended for code in ("LC422", "LC506")), ended
    assert [name for name, _ in locks(small)].count("aid") == 1
    entries = [e for e in read_log(small.project) if (e.action, e.subject) == ("plan.lock", "aid")]
    assert len(entries) == 1
    small.assert_sound()


def test_a_lock_never_claims_that_less_was_known_than_was_when_it_was_taken(
    fresh_small: Callable[[], Site], program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, looked = fresh_small(), locking.readiness
    text = csv_text(("Prison number", "Visit", "Arrested"), map(arrest_row, range(40)))
    (site.root / "inbox" / "seen.csv").write_text(text, encoding="utf-8")

    def looked_before_a_load(*asked: Any) -> Any:
        found = looked(*asked)
        monkeypatch.setattr(locking, "readiness", looked)
        assert Program(monkeypatch)("source", "load", "arrests", "inbox/seen.csv", cwd=site.root).code == 0
        return found

    monkeypatch.setattr(locking, "readiness", looked_before_a_load)
    words = ("plan", "lock", "aid", "--waive", "A small pilot")
    before = locks(site)
    refused = program(*words, cwd=site.root)
    assert (refused.code, refused.err.split()[0]) == (4, "LC506")
    assert locks(site) == before
    assert program(*words, cwd=site.root).code == 0
    assert ("aid", "outcomes seen") in locks(site)
