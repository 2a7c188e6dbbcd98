"""Rows of events that come back, drawn from the cohort store: on both databases, with every gate on the way."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from cohorts.agreements.use_gate import refusals
from cohorts.requests.actions import Order, withdraw
from cohorts.store import find_cohort
from evaluation.errors import EvaluationError
from evaluation.frame import build_frame
from evaluation.locking import readiness
from evaluation.plan import AnalysisPlan, canonical
from evaluation.study import columns_read, table_from_cohort
from evaluation.study_table import StudyTable
from evaluation.times.drawn import Drawn
from evaluation.times.from_lives import by_person, lives_read, lives_seen
from tests.cohorts.agreements import keep, name_it
from tests.cohorts.lives import SOURCES, rows, write_sources
from tests.cohorts.loading import load, make_project, pnc
from tests.cohorts.rightful import named
from tests.evaluation.said import codes, told
from tests.evaluation.studies import plan_text, read
from workspace.clock import today
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import Project

RELEASED = dt.date(2021, 3, 1)
DRAWN = (
    'recurrent = true\nevents = ["proven-offence"]\nwithin_months = 12\nwaiting_months = 6\nspell = "custody"\n'
    'competing = "death"'
)
COLUMNS = ["reoffending: from", "reoffending: to", "reoffending", "reoffending: death"]


def often(outcome: str = DRAWN, **parts: Any) -> AnalysisPlan:
    parts = {"measure": "reoffending", "kind": "time-to-event", "better": "lower", "treatment": "aid"} | parts
    text = plan_text(outcome=outcome, **parts)
    return read(text.replace("[design]", '[population]\ncohort = "leavers"\n[design]', 1))


def day(n: int) -> str:
    return (RELEASED + dt.timedelta(days=n)).isoformat()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Project:
    """Six people released on 1 March 2021, the last on 1 March 2023, with custody, offences and a death."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    made = make_project(tmp_path)
    write_sources(made)
    text = SOURCES["offences"].replace("2023-12-31", "2023-03-31")
    write_atomically(made.sources / "offences.toml", text)
    people = [(i, RELEASED, i % 2) for i in range(6)] + [(6, "2023-03-01", 0)]
    load(made, "releases", rows("releases", *people))
    load(
        made,
        "custody",
        rows(
            "custody",
            (0, "R", day(40), day(60), "LDS"),
            (1, "R", day(50), "", "LDS"),
            (2, "S", day(0), "", "LDS"),
        ),
    )
    return made


def offend(project: Project, *, sealed: bool = False) -> None:
    body = [
        (0, "P", day(10), "V", 1), (0, "P", day(40), "V", 2), (0, "P", day(50), "V", 3),
        (1, "D", day(55), "", 4), (3, "P", day(5), "V", 5), (3, "P", day(5), "O", 6), (3, "A", day(9), "V", 7),
    ]  # fmt: skip
    load(project, "offences", rows("offences", *body), sealed=sealed)


def drawn(
    project: Project, plan: AnalysisPlan, *, unsealed: bool = False, known_on: dt.date | None = None
) -> StudyTable:
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        return table_from_cohort(session, cohort, plan, {}, unsealed=unsealed, known_on=known_on)[0]


def rows_of(table: StudyTable) -> list[tuple[Any, ...]]:
    return sorted(table.frame.select("aid", *COLUMNS).rows(), key=str)


def test_the_rows_are_those_of_the_lives_on_either_store(project: Project) -> None:
    offend(project)
    table = drawn(project, often())
    assert rows_of(table) == sorted(
        [
            (0.0, 0.0, 10.0, 1.0, 0.0), (0.0, 10.0, 40.0, 1.0, 0.0), (0.0, 60.0, 365.0, 0.0, 0.0),
            (1.0, 0.0, 50.0, 0.0, 1.0),
            (0.0, None, None, None, None),  # in custody from the first day on
            (1.0, 0.0, 5.0, 1.0, 0.0), (1.0, 5.0, 365.0, 0.0, 0.0),
            (0.0, 0.0, 365.0, 0.0, 0.0), (1.0, 0.0, 365.0, 0.0, 0.0),
            (0.0, None, None, None, None),  # released when the records were no longer complete
        ],
        key=str,
    )  # fmt: skip
    plan = by_person(often())
    frame = build_frame(table, plan, plan.outcomes[0])
    flow = {step.step: (step.n, step.reason) for step in frame.flow}
    assert flow["enrolled in the cohort"][0] == 7
    assert flow["at risk at some time"] == (6, "off the clock the whole time")
    assert flow["follow-up begun"] == (5, "records were not complete for a single day")
    assert flow["outcome seen"] == (5, "")
    assert (frame.immature, frame.data["outcome"].sum(), frame.data.height) == (1, 3.0, 5)
    assert frame.intervals is not None
    assert frame.intervals.height == 8


def test_two_outcomes_have_rows_of_their_own_and_others_one_a_person(project: Project) -> None:
    offend(project)
    more = '[[outcome]]\nmeasure = "harm"\nrole = "secondary"\nkind = "time-to-event"\nbetter = "lower"\n'
    more += DRAWN.replace("proven-offence", "arrest").replace('competing = "death"', "")
    more += '\n[[outcome]]\nmeasure = "arrests_12m"\nrole = "secondary"\nkind = "count"\nbetter = "lower"\n'
    plan = by_person(often(more=more))
    table = drawn(project, often(more=more))
    frames = [build_frame(table, plan, outcome) for outcome in plan.outcomes]
    assert [f.data.height for f in frames] == [5, 5, 6]
    assert [float(f.data["outcome"].sum()) for f in frames] == [3.0, 1.0, 1.0]
    assert [f.intervals.height if f.intervals is not None else None for f in frames] == [8, 7, None]


def test_what_was_loaded_sealed_waits_for_a_locked_plan(project: Project) -> None:
    offend(project, sealed=True)
    with pytest.raises(GateNotMet) as refused:
        drawn(project, often())
    assert refused.value.code == "LC859"
    assert drawn(project, often(), unsealed=True).frame.height == 10
    with reading(project) as session:
        assert not lives_seen(session, find_cohort(session, "leavers"), often())


def test_a_lock_says_that_unsealed_events_could_be_seen(project: Project) -> None:
    path = project.plans / "a-plan.toml"
    text = plan_text(
        measure="reoffending", kind="time-to-event", better="lower", treatment="aid", outcome=DRAWN
    )
    text = text.replace("[design]", '[population]\ncohort = "leavers"\n[design]', 1)
    path.write_text(text, encoding="utf-8")
    assert readiness(project, "a-plan").data_state == "baseline seen"
    offend(project)
    assert readiness(project, "a-plan").data_state == "outcomes seen"
    path.write_text(text.replace("proven-offence", "proven-offense"), encoding="utf-8")
    doubt = readiness(project, "a-plan").doubts[0].text
    assert "no event 'proven-offense'. Did you mean 'proven-offence'?" in doubt


def test_people_withdrawn_are_left_out_and_an_earlier_day_is_read_as_it_was_known(project: Project) -> None:
    offend(project)
    before = drawn(project, often())
    withdraw(project, named(project, pnc(0), kind="pnc-id"), Order("withdrawal", "all"))
    after = drawn(project, often())
    assert (before.frame.height - after.frame.height, after.frame["reoffending"].sum()) == (3, 1.0)
    assert [step.step for step in after.earlier] == ["enrolled in the cohort", "may be used"]
    with pytest.raises(EvaluationError) as nothing:
        drawn(project, often(), known_on=today() - dt.timedelta(days=1))
    assert nothing.value.code == "LC461"
    assert rows_of(drawn(project, often(), known_on=today())) == rows_of(after)


def test_the_use_gate_counts_the_sources_of_the_lives(project: Project) -> None:
    lapsed: dict[str, Any] = {
        "sources": '["offences"]',
        "linkages": '["releases", "custody"]',
        "fields": '["identifiers", "event:proven-offence"]',
    }
    keep(project, **lapsed)
    name_it(project, "offences")
    offend_with = rows("offences", (0, "P", day(10), "V", 1))
    keep(
        project,
        **lapsed | {"fields": '["identifiers", "event:proven-offence", "event:arrest", "event:death"]'},
    )
    load(project, "offences", offend_with)
    keep(project, days=-1, **lapsed)
    with reading(project) as session:
        cohort = find_cohort(session, "leavers")
        columns = columns_read(session, cohort, often(), {})
        assert columns == {("aid", "release")}
        needs = lives_read(cohort, often())
        assert {("event", "proven-offence"), ("spell", "custody"), ("event", "death")} <= needs
        assert refusals(session, project, cohort, "evaluation", columns) == []
        found = refusals(session, project, cohort, "evaluation", columns, needs)
        assert {fault.code for fault in found} == {"LC874"}
        only = {("spell", "custody")}
        assert refusals(session, project, cohort, "evaluation", columns, only) == []


def test_kinds_the_cohort_does_not_declare_are_refused_and_so_is_recall_alone(project: Project) -> None:
    offend(project)
    for wrong, said in (
        ("arest", "no event 'arest'"), ("recall", "closer watching"),
    ):  # fmt: skip
        with pytest.raises(EvaluationError) as refused:
            drawn(project, often(DRAWN.replace("proven-offence", wrong)))
        assert refused.value.code == "LC453"
        assert said in str(refused.value)
    states = DRAWN.replace('spell = "custody"', 'spell = "custody"\nstates = ["cell"]')
    with pytest.raises(EvaluationError, match="no state 'cell'"):
        drawn(project, often(states))
    with pytest.raises(EvaluationError, match="no spell 'prison'"):
        drawn(project, often(DRAWN.replace("custody", "prison")))


WRONG = [
    ("events = 3", "LC403", "list of texts"),
    ("events = []\nrecurrent = true\nwithin_months = 12", "LC403", "names no kind"),
    ('events = ["a"]\nrecurrent = true', "LC402", "within_months"),
    ('events = ["a"]\nrecurrent = true\nwithin_months = 0', "LC403", "above 0"),
    ('events = ["a"]\nwithin_months = 12', "LC406", "needs recurrent = true"),
    (
        'events = ["a"]\nrecurrent = true\nwithin_months = 12\nduration = "d"',
        "LC406",
        "'duration' does not go",
    ),
    ('events = ["a"]\nrecurrent = true\nwithin_months = 12\nwave = "w"', "LC406", "'wave' does not go"),
    ('events = ["a"]\nrecurrent = true\nwithin_months = 12\nstates = ["s"]', "LC406", "'states' needs spell"),
    ('events = ["a"]\nrecurrent = true\nwithin_months = 12\ncompeting = "a"', "LC403", "among the events"),
    ('duration = "d"\nspell = "custody"', "LC406", "'spell' goes with events"),
]


@pytest.mark.parametrize(("keys", "code", "said"), WRONG)
def test_a_key_out_of_place_is_named_with_its_line(keys: str, code: str, said: str) -> None:
    with pytest.raises(EvaluationError) as refused:
        often(keys)
    assert code in codes(refused)
    assert said in told(refused)
    assert all(fault.where.startswith("plan.toml:") for fault in refused.value.faults)


def test_events_go_with_times_only_and_need_no_unit() -> None:
    with pytest.raises(EvaluationError, match="'events' belongs to a time-to-event outcome"):
        often('events = ["a"]', kind="binary")
    with pytest.raises(EvaluationError, match="unit is not needed"):
        often(design='unit = "person"')


def test_the_plan_keeps_what_is_drawn_and_others_keep_their_fingerprint() -> None:
    timing = often().outcomes[0].timing
    assert timing is not None
    assert timing.drawn == Drawn(("proven-offence",), 12.0, 6.0, (), "custody", (), "death")
    assert '"within_months":12.0' in canonical(often())
    plain = often('recurrent = true\nentry = "start"\nduration = "stop"', design='unit = "person"')
    assert "drawn" not in canonical(plain)
