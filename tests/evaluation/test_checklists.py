"""Checklists: chosen by design, every item answered with a place that is there, or said to be left to people."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evaluation.checklists.filled import NOT_COVERED, checklists_for, filled
from evaluation.checklists.others import TIDIER, TREND
from evaluation.checklists.places import PLACES, Report, numbers_in, section_numbers
from evaluation.checklists.trials import CLUSTERS, CONSORT_2010, CONSORT_2025
from evaluation.methods.registry import METHODS
from evaluation.model import FlowStep, Result, Rung
from evaluation.reporting.html import render_report, report_checklists
from evaluation.reporting.page_one import page_one
from evaluation.reporting.sections import sections
from evaluation.saved.model import Whole
from tests.evaluation import report_builders as made
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import PROFILE, read
from tests.evaluation.report_samples import SAMPLES, groups, nothing_worthwhile, works

LISTS = (CONSORT_2025, CONSORT_2010, CLUSTERS, TREND, TIDIER)


def test_the_lists_have_their_items_once_and_say_which_numbers_are_from_memory() -> None:
    assert [len(one.items) for one in LISTS] == [42, 37, 20, 22, 12]
    top = [len({re.sub(r"\D", "", item.number) for item in one.items}) for one in LISTS]
    assert (top[0], top[1], top[3], top[4]) == (30, 25, 22, 12)
    for one in LISTS:
        numbers = [item.number for item in one.items]
        assert len(set(numbers)) == len(numbers), one.name
        for item in one.items:
            assert item.finds == "" or item.finds in PLACES, (one.name, item.number)
            assert item.finds or item.lacks, (one.name, item.number)
    assert {item.source for item in CONSORT_2010.items} == {"seen"}
    assert next(i.number for i in CONSORT_2025.items if i.source == "memory") == "13"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_checklists(method: str) -> None:
    names = [one.name for one in checklists_for(method)]
    first = {"randomised": ["consort-2025"], "cluster-randomised": ["consort-2010", "consort-clusters"]}
    assert names == [*first.get(method, ["trend"]), "tidier"]


@pytest.mark.parametrize(
    "name", ["works", "groups", "nothing-worthwhile", "not-assessable", "unlocked", "staggered-adoption"]
)
def test_every_place_that_is_named_is_in_the_report(name: str) -> None:
    made_ = (SAMPLES | PANEL_SAMPLES)[name]()
    whole = Whole(made_, PROFILE, "", practice=False)
    page = render_report(made_, PROFILE)
    tables = numbers_in(page)
    heads = {int(n) for n in re.findall(r"<h2[^>]*>(\d+)\. ", page)}
    lists = report_checklists(whole)
    for one in lists:
        assert f"Checklist: {one.title}" in tables
        for number, _, _, where, _ in one.rows:
            assert where
            for table in map(int, re.findall(r"table (\d+)", where)):
                assert table in tables.values(), (one.name, number, where)
                assert table < tables[f"Checklist: {lists[0].title}"]
            for section in map(int, re.findall(r"section (\d+)", where)):
                assert section in heads, (one.name, number, where)


def test_what_the_report_does_not_know_is_left_to_people_with_what_is_missing() -> None:
    rows = {
        row[0]: row[3]
        for row in report_checklists(Whole(nothing_worthwhile(), PROFILE, "", practice=False))[0].rows
    }
    assert rows["5a"] == f"{NOT_COVERED} (who paid, and their part in the study)"
    assert rows["2"].startswith(NOT_COVERED)
    assert rows["3"] == "in part: section 7; write yourself: where the plan can be read by others"
    assert re.fullmatch(r"section 7, table \d+", rows["10"])


def test_an_item_is_answered_only_where_the_report_has_it() -> None:
    def places(result: Result) -> dict[str, str]:
        rows = report_checklists(Whole(result, PROFILE, "", practice=False))[0].rows
        return {row[0]: row[3] for row in rows}

    whole = works()
    bare = replace(whole, flow=(FlowStep("in the data", 900, ""),), links=())
    bare = replace(
        bare, outcomes=tuple(replace(o, balance=(), sensitivity=(), flow=()) for o in bare.outcomes)
    )
    there, not_there = places(whole), places(bare)
    assert places(groups())["18"].endswith("section 10; section 11")
    assert there["15"].startswith("section 5, table ")
    assert there["18"].startswith("section 5, table ")
    assert there["3"].startswith("in part: section 4, table ")
    assert all(not_there[item].startswith(NOT_COVERED) for item in ("3", "15", "18"))


def test_emmie_has_a_row_for_each_slot_and_says_which_was_not_studied() -> None:
    slots = ("effect: 3 of 4", "mechanism: 2 links of the theory tested", "moderators: not studied")
    grade = "; ".join((*slots, "implementation: not studied", "economics: costs"))
    result = made.result(
        rungs=(Rung("emmie", grade, "3 of 5 slots filled", "study moderators, implementation"),)
    )
    emmie = report_checklists(Whole(result, PROFILE, "", practice=False))[-1]
    assert emmie.name == "emmie"
    assert emmie.answered == 3
    assert [row[3].startswith(NOT_COVERED) for row in emmie.rows] == [False, False, True, True, False]
    assert emmie.rows[0][3].startswith("3 of 4; section 6, table ")


def test_without_a_page_to_count_tables_in_sections_are_named_alone() -> None:
    result = works()
    report = Report(result, page_one(result, PROFILE), sections(result, PROFILE), {})
    assert not any("table" in row[3] for row in filled(report)[0].rows)
    assert section_numbers(sections(groups(), PROFILE))["checklists"] == 12


def test_the_section_stands_last_in_the_report_and_in_its_contents() -> None:
    page = read(render_report(works(), PROFILE))
    headings = [h.text() for h in page.all("h2")]
    assert headings[-1] == "10. Reporting checklists"
    links = [a.attributes["href"] for a in page.all("nav")[0].all("a")]
    assert links[-1] == "#section-checklists"
