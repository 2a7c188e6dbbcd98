"""Targets, partners' returns, duties, exit plans and who was told, in the reports for the team."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from evaluation.team.annual import annual
from evaluation.team.closing import closing
from evaluation.team.quarterly import quarterly
from tests.evaluation.team_known import DAY, event, known
from tests.evaluation.team_reader import row_of, text_of
from tests.theory_of_change.tracked import period
from theory_of_change.obligations.model import Done, Obligation, Register

QUARTER, YEAR = period("2026-Q3"), period("2026")


def test_a_target_stands_by_its_range_and_one_of_small_counts_is_withheld() -> None:
    base = known()
    day = dt.date(2026, 9, 30)
    aimed = {
        name: replace(one, target=120.0, target_by=day) if name in ("knife", "homicide") else one
        for name, one in base.measures.items()
    }
    paper = quarterly(replace(base, measures=aimed), QUARTER)
    assert row_of(paper, "Targets", "Admissions, assault by sharp")[2:4] == (
        "120 by 30 September 2026",
        "met",
    )
    assert row_of(paper, "Targets", "Homicides")[3].startswith("withheld")


def test_a_return_stands_planned_against_delivered_and_few_people_are_withheld() -> None:
    base = known()
    said = event(
        "PRJ-001",
        "returned",
        "2026-10-12",
        quarter="2026-Q3",
        spent=700.0,
        planned=40,
        delivered=6,
        unit="people",
    )
    words = event(
        "RET-001",
        "added",
        "2026-10-12",
        partner="A club",
        quarter="2026-Q3",
        went_well="Schools opened their doors",
    )
    told = replace(base, events=(*base.events, said, words))
    paper = quarterly(told, QUARTER)
    assert row_of(paper, "Planned against delivered", "Mentors")[2:] == (
        "£700",
        "40",
        "fewer than 10",
        "people",
    )
    assert "Schools opened their doors" in text_of(paper, "Returns of partners")
    assert "PRJ-001" in text_of(quarterly(base, QUARTER), "Returns of partners")
    assert "6 returns of partners overdue" in text_of(quarterly(base, QUARTER), "In short")
    assert row_of(closing(told, told.projects[0]), "Planned against delivered", "2026-Q3")[1] == "£700"
    assert row_of(quarterly(told, period("2026-Q4")), "Projects against plan", "Mentors")[3] == "£700"


def test_a_duty_is_due_on_its_day_and_overdue_after_it() -> None:
    duty = Obligation(
        "OBL-001", "Publish the strategy", "Serious Violence Duty", dt.date(2026, 11, 1), "lead", "year"
    )
    late = known(obligations=Register((duty,)))
    assert "overdue since 1 November 2026" in text_of(quarterly(late, QUARTER), "Due in the next quarter")
    assert "1 duty overdue" in text_of(quarterly(late, QUARTER), "In short")
    done = known(obligations=Register((duty,), (Done("OBL-001", duty.due, DAY, "lead"),)))
    assert "Publish the strategy" not in text_of(quarterly(done, QUARTER))


def test_what_stays_when_money_ends_and_who_was_told_are_those_of_the_project() -> None:
    base = known()
    more = (
        event("PRJ-002", "exit", "2026-11-01", exit_plan="The school pays from April", exit_on="2026-10-30"),
        event("PRJ-002", "closed", "2026-11-02", learned="Ask first"),
        event("PRJ-002", "told", "2026-11-03", who="the board", date="2026-11-03"),
    )
    year = annual(replace(base, events=(*base.events, *more)), YEAR)
    assert row_of(year, "What ends", "Boxing")[3].startswith(
        "The school pays from April (exit plan of 30 October 2026)"
    )
    assert row_of(year, "Lessons of projects, and who", "Boxing")[2] == "the board, 3 November 2026"
