"""The state of every planned evaluation is worked out from what is on record, and nothing takes one away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evaluation.lock_states import EXPLORED, OUTSIDE
from evaluation.register.model import Collected, Entry, Note, Planned, Register, RunLine
from evaluation.register.payload import register_payload
from evaluation.register.states import build_register, data_state
from evaluation.register.views import note_words, tally_lines

PLAN = Planned(
    "aid", "Does aid help?", "f" * 64, "2025-01-01T10:00:00+00:00", "ann", "nothing collected", "", "2026-06-30",
    ("A1>O5",), True, ("arrested", "Arrested within a year"),
)  # fmt: skip
RUN = RunLine(
    "EVAL-001",
    "aid",
    "locked before outcomes",
    "inconclusive",
    3,
    "2026-05-02T09:00:00+00:00",
    "a" * 64,
    "there",
)


def note(kind: str, about: str = "aid", number: int = 1, **more: Any) -> Note:
    parts = {
        "said": "words",
        "by_whom": "Bo",
        "data_state": "",
        "day": "",
        "outcome": "",
        "answers": None,
    } | more
    return Note(number, kind, about, noted_at="2026-05-01T00:00:00+00:00", noted_by="ann", **parts)  # type: ignore[arg-type]


def found(
    *notes: Note, runs: tuple[RunLine, ...] = (), collected: Any = False, today: str = "2026-01-01"
) -> Register:
    ripe = Collected(collected, "2026-02")
    return build_register([PLAN], runs, notes, {"aid": ripe}, today)


def entry(*notes: Note, **more: Any) -> Entry:
    (one,) = found(*notes, **more).entries
    return one


def test_a_locked_plan_is_registered_then_running_then_overdue_then_reported() -> None:
    assert entry().state == "registered"
    assert entry(collected=True).state == "running"
    assert entry(today="2026-06-30").state == "registered", "on the day itself it is not late"
    late = entry(today="2026-07-01", collected=True)
    assert (late.state, late.overdue) == ("overdue", True)
    done = entry(today="2026-07-01", runs=(RUN,))
    assert (done.state, done.overdue, done.months_to_finding) == ("reported", False, 3)


def test_a_stop_ends_the_duty_to_report_only_where_nothing_was_collected() -> None:
    empty = note("stop", data_state=data_state(Collected(False)))
    stopped = entry(empty, today="2026-07-01")
    assert (stopped.state, stopped.overdue) == ("stopped", False)
    later = entry(empty, today="2026-07-01", collected=True)
    assert (later.state, later.overdue) == ("stopped", True), "outcomes came in after the stop"
    unknown = entry(empty, today="2026-07-01", collected=None)
    assert unknown.overdue
    full = note("stop", data_state=data_state(Collected(True)))
    assert entry(full, today="2026-07-01").overdue
    assert data_state(Collected(None)) == "not known"


def test_a_finding_after_a_stop_is_reported_and_the_stop_still_shows() -> None:
    one = entry(note("stop", data_state="outcomes collected"), runs=(RUN,), today="2027-01-01")
    assert (one.state, one.overdue, [n.kind for n in one.notes]) == ("reported", False, ["stop"])


def test_to_publish_an_exploration_does_not_publish_the_finding() -> None:
    loose = replace(RUN, evaluation_id="EVAL-002", plan_state=EXPLORED)
    told = note("publish", "EVAL-002", 1, day="2026-05-05")
    assert entry(told, runs=(RUN, loose)).state == "reported"
    assert build_register([PLAN], [RUN, loose], [told], {}, "2026-01-01").tally.published == 0


@pytest.mark.parametrize("state", OUTSIDE)
def test_an_exploratory_run_is_no_finding_and_is_listed_beside_the_findings(state: str) -> None:
    loose = replace(RUN, evaluation_id="EVAL-002", plan_state=state, answer="works")
    late = entry(runs=(loose,), today="2026-07-01")
    assert (late.state, late.answers) == ("overdue", ())
    both = entry(runs=(RUN, loose))
    assert [run.evaluation_id for run in both.runs] == ["EVAL-002", "EVAL-001"]
    assert both.answers == ("inconclusive",)
    register = build_register([PLAN], [replace(loose, plan_id="never-locked")], [], {}, "2026-01-01")
    assert {one.plan.plan_id: one.state for one in register.entries} == {
        "aid": "registered",
        "never-locked": "exploratory",
    }
    assert (register.tally.planned, register.tally.reported) == (1, 0)


def test_every_run_of_a_plan_shows_whatever_it_said() -> None:
    again = replace(RUN, evaluation_id="EVAL-002", answer="works")
    assert entry(runs=(RUN, again)).answers == ("works", "inconclusive")


def test_a_dispute_is_open_until_it_is_resolved_and_publication_comes_back() -> None:
    told = note("publish", "EVAL-001", 1, day="2026-05-05")
    doubt = note("dispute", "EVAL-001", 2)
    end = note("resolve", "EVAL-001", 3, outcome="not-upheld", answers=2)
    assert entry(told, runs=(RUN,)).state == "published"
    assert entry(told, doubt, runs=(RUN,)).state == "disputed"
    assert entry(told, doubt, end, runs=(RUN,)).state == "published"
    assert "not upheld" in note_words(end)


def test_the_newest_plan_comes_first_whatever_its_answer() -> None:
    plans = [replace(PLAN, plan_id=f"p{i}", locked_at=f"2025-0{i}-01T00:00:00+00:00") for i in (2, 3, 1)]
    answers = {"p1": "works", "p2": "harms", "p3": "inconclusive"}
    runs = [
        replace(RUN, evaluation_id=f"EVAL-{i}", plan_id=p, answer=a)
        for i, (p, a) in enumerate(answers.items())
    ]
    register = build_register(plans, runs, [], {}, "2026-01-01")
    assert [one.plan.plan_id for one in register.entries] == ["p3", "p2", "p1"]


def test_the_tally_counts_what_was_planned_and_names_what_is_missing() -> None:
    other = replace(PLAN, plan_id="other", reported_by="2026-01-31")
    gone = replace(RUN, file="missing")
    register = build_register([PLAN, other], [gone], [], {"aid": Collected(True, "2026-02")}, "2026-12-31")
    tally = register.tally
    assert (tally.planned, tally.reported, tally.overdue, tally.due, tally.due_reported) == (2, 1, 1, 2, 1)
    assert tally.share_reported == 0.5
    assert tally.months_to_finding == 3
    assert any("EVAL-001.json is missing" in line and "a" * 64 in line for line in tally_lines(tally))
    payload = register_payload(register)
    assert payload["missing"] == [{"evaluation": "EVAL-001", "file": "missing", "sha256": "a" * 64}]
    assert len(payload["entries"]) == 2


@pytest.mark.parametrize(
    ("outcome", "about"), [("Arrested", True), ("o5", True), ("arrested within a year", True), ("x", False)]
)
def test_a_plan_is_about_its_measures_their_names_and_the_boxes_it_leads_to(
    outcome: str, about: bool
) -> None:
    assert PLAN.is_about(outcome) is about
