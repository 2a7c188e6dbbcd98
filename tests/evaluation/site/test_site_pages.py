"""What the pages say: everything that was planned, in the order of time, and nothing about a few people."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from benchmarks.site.__main__ import project_of
from evaluation.model import LinkReading
from evaluation.reporting.page_tree import Element, read_page, table_rows
from evaluation.site.building import cells, released, site_files
from evaluation.site.evidence_map import map_page
from evaluation.site.home import five_counts, home_page
from evaluation.site.logic_model import verdicts_of
from evaluation.site.measures import withheld_slots
from tests.evaluation.site.site_samples import PROFILE, VERSION, files, held, measures, year

HELD = held()
FILES = files(HELD)


def page(name: str) -> Element:
    return read_page(FILES[name].decode("utf-8"))


def test_every_plan_is_on_the_first_page_and_in_the_list_whatever_came_of_it() -> None:
    planned = [entry.plan for entry in HELD.register.entries if entry.is_planned]
    home, plans = page("index.html").text, page("plans.html").text
    assert len(planned) == 10
    for plan in planned:
        assert plan.title in home
        assert plan.title in plans
        assert f"plans/{plan.plan_id}.html" in FILES
    for name in HELD.wholes:
        assert {f"findings/{name}.html", f"reports/{name}.html", f"data/{name}.json"} <= set(FILES)


def test_the_first_page_goes_by_time_and_never_by_success() -> None:
    rows = table_rows(page("index.html").all("table")[0])[1:]
    days = [int(row[-1].split()[0]) for row in rows if "Sep" in row[-1]]
    assert days == sorted(days, reverse=True)
    assert len({row[1] for row in rows}) > 4


def test_the_five_counts_add_up_to_all_that_was_planned() -> None:
    planned = [entry for entry in HELD.register.entries if entry.is_planned]
    counts = five_counts(HELD, planned)
    assert [one.mark.sign for one in counts] == ["✓", "0", "!", "~", "?"]
    assert sum(one.number for one in counts) == len(planned)
    assert "1 stopped" in counts[-1].also


def test_what_is_only_associated_stands_beneath_the_count_of_what_works() -> None:
    planned = [entry for entry in HELD.register.entries if entry.is_planned]
    name = next(n for n, whole in HELD.wholes.items() if whole.result.primary.verdict.answer == "works")
    whole = HELD.wholes[name]
    weak = replace(
        whole.result.primary, verdict=replace(whole.result.primary.verdict, security=1), role="primary"
    )
    others = tuple(one for one in whole.result.outcomes if one is not whole.result.primary)
    renewed = replace(whole, result=replace(whole.result, outcomes=(weak, *others)))
    before = five_counts(HELD, planned)[0]
    after = five_counts(replace(HELD, wholes={**HELD.wholes, name: renewed}), planned)[0]
    assert after.number == before.number - 1
    assert any("not counted here: associated" in line for line in after.also)


def test_a_disputed_finding_says_so_and_names_no_person() -> None:
    finding = page("findings/EVAL-001.html").text
    assert "Disputed" in finding
    assert "Two months of records were missing" in finding
    assert "(disputed)" in page("index.html").text
    assert b"Jo Bloggs" not in b"".join(FILES.values())


def test_harms_in_any_planned_outcome_stand_on_the_first_page() -> None:
    told = home_page(HELD).view["harms"]
    harmed = [
        outcome.name
        for whole in HELD.wholes.values()
        for outcome in whole.result.outcomes
        if outcome.planned and outcome.verdict.answer == "harms"
    ]
    assert len(told) == len(harmed) > 0


def test_a_run_without_a_plan_stands_apart_from_what_was_planned() -> None:
    tables = page("index.html").all("table")
    assert "Did unlocked help?" not in tables[0].text
    assert "Did unlocked help?" in tables[1].text


def test_a_small_figure_takes_the_other_parts_of_its_whole_with_it() -> None:
    hidden = withheld_slots(measures(), PROFILE)
    assert hidden == {("MEA-102", "", year(2021)), ("MEA-103", "", year(2021))}
    told = " ".join(cells(FILES["measures.html"].decode()) + cells(FILES["measures/MEA-103.html"].decode()))
    assert "40,483" not in told
    assert "fewer than 10" in told
    assert "40,490" in told


def test_a_printed_change_that_does_not_add_up_is_listed() -> None:
    assert "+15 % is printed, 39,386 to 40,490 is +2.8 %" in page("measures.html").text
    assert "From 1 September 2021: counted anew" in page("measures/MEA-104.html").text


def test_a_count_that_was_withheld_stays_withheld_on_the_page_of_cohorts() -> None:
    said = page("cohorts.html").text
    assert "moved away fewer than 10" in said
    assert "98 %" in said


def test_a_story_is_shown_only_while_everybody_may_read_it() -> None:
    said = page("voice.html").text
    assert "My boxing" in said
    assert "a young man" not in said
    assert "What he told me" not in said
    assert "An ended consent" not in said
    assert "Two centres opened." in said


def test_only_actions_that_need_a_look_are_listed_and_a_nil_return_is_said() -> None:
    assert "ACT-001" in page("actions.html").text
    assert "ACT-002" not in page("actions.html").text
    quiet = files(replace(HELD, actions=(), voices=()))
    assert b"Nil return" in quiet["actions.html"]


def test_the_map_says_in_words_what_a_cell_shows_by_signs() -> None:
    squares = [square for _, row in map_page(HELD).view["rows"] for square in row]
    told = {square.sentence for square in squares}
    assert "Nobody has studied this." in told
    assert any(one.startswith("One study: works.") for one in told)
    assert any("One study is planned." in one for one in told)


def test_every_tested_link_has_its_sign_its_page_and_its_test() -> None:
    link = HELD.theory.links[0] if HELD.theory else None
    assert link is not None
    shown = page(f"model/link-{link.id.replace('>', '-to-')}.html").text
    assert "tested: works" in shown
    assert "Did works help?" in shown
    assert "tested: works (1)" in page("model.html").text
    pages = [name for name in FILES if name.startswith("model/")]
    assert HELD.theory is not None
    assert len(pages) == len(HELD.theory.boxes) + len(HELD.theory.links)


def test_a_weak_comparison_and_an_exploration_give_a_link_no_sign_of_working() -> None:
    assert HELD.theory is not None
    link = HELD.theory.links[0]
    weak = LinkReading(link.id, "A", "B", "because", "fewer", "works", "held", security=1)
    only = {"EVAL-009": replace(HELD.wholes["EVAL-009"].result, links=(weak,))}
    loose = replace(HELD.wholes["EVAL-008"].result, links=(replace(weak, security=5),))
    only["EVAL-008"] = replace(loose, plan=replace(loose.plan, state="locked after outcomes"))
    for name, expected in (("EVAL-009", "associated"), ("EVAL-008", "")):
        whole = replace(HELD.wholes[name], result=only[name])
        assert verdicts_of(replace(HELD, wholes={name: whole}), HELD.theory).get(link.id, "") == expected


def test_the_same_project_gives_the_same_bytes() -> None:
    assert files(held()) == FILES


def test_fifty_evaluations_take_far_less_than_thirty_seconds() -> None:
    project = project_of(50)
    began = time.process_time()
    made = files(project)
    assert time.process_time() - began < 15  # measured: 2
    assert sum(name.startswith("findings/") for name in made) == 50


def test_the_release_check_counts_numbers_and_what_was_withheld() -> None:
    found = released(site_files(HELD, VERSION))
    assert found.numbers > 500
    assert found.withheld > 10


@pytest.mark.parametrize("empty", ["model.html", "map.html", "measures.html", "cohorts.html", "claims.html"])
def test_a_page_with_nothing_to_show_says_so(empty: str) -> None:
    bare = replace(
        HELD,
        theory=None,
        measures=None,
        concerns=(),
        cohorts=(),
        gaps=replace(HELD.gaps, rows=(), columns=(), cells=()),
        library=replace(HELD.library, studies=(), claims=()),
    )
    said = read_page(files(bare)[empty].decode("utf-8")).text
    assert "yet" in said or "None" in said
