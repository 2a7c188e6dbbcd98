"""Results about areas: reports, sentences, terminal and JSON speak of areas and periods, and give their numbers."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import views
from evaluation.actions import Ran
from evaluation.figures import FactTable, Figure, Line
from evaluation.model import Check, Result
from evaluation.nouns import AREAS, PEOPLE, nouns_of
from evaluation.panels.grounds import GROUNDS, grounds_of
from evaluation.protection import may_show, profile_for
from evaluation.result import as_payload
from evaluation.verdict import Ruling, orient, rule, under_ceiling
from evaluation.why import reasons
from evaluation.wording import Scene, can_say, cannot_say, next_steps, sentence
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import PROFILE, by_class, render, section, table
from tests.evaluation.studies import an_estimate
from tests.evaluation.test_wording import BANNED, outcome, scene
from workspace.settings import DisclosureProfile

OF_PEOPLE = re.compile(r"\bpeople\b|\bthose treated\b|\bthe others\b", re.IGNORECASE)
OF_AREAS = [name for name, make in PANEL_SAMPLES.items() if make().primary.units == "areas"]


def of_areas(
    made: Scene, method: str = "difference-in-differences", arms: tuple[int, int] = (12, 27)
) -> Scene:
    estimate = replace(made.estimate, n_treated=arms[0], n_comparison=arms[1])
    return replace(made, units="areas", method=method, estimate=estimate)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-6),
    st.integers(0, 5),
    st.sampled_from(list(GROUNDS)),
    st.one_of(st.none(), st.floats(0.001, 30)),
)
def test_no_sentence_about_areas_speaks_of_people_or_holds_a_forbidden_word(
    ends: tuple[float, float], security: int, method: str, margin: float | None
) -> None:
    made = of_areas(
        scene(min(ends), max(ends), security=security, minimum_important_difference=margin), method
    )
    for line in (sentence(made), *can_say(made), *cannot_say(made), *next_steps(made, (0.5, 0.1))):
        said = line.replace("The same figures for places or people without the programme", "")
        assert not OF_PEOPLE.search(said), line
        assert not BANNED.search(line), line


def test_areas_are_held_against_what_was_expected_and_before_after_against_before() -> None:
    assert can_say(of_areas(scene(2.0, 5.0)))[0] == (
        "On reading score, areas with the programme came out between 2 and 5 points higher than expected without the "
        "programme (95 % interval)."
    )
    assert "the area with the programme came out" in can_say(of_areas(scene(2.0, 5.0), arms=(1, 27)))[0]
    assert "higher than before" in can_say(of_areas(scene(2.0, 5.0), "before-after"))[0]
    ratio = scene(
        0.5, 0.8, kind="count", effect="rate-ratio", better="lower", minimum_important_difference=0.9
    )
    assert "times the rate expected without the programme" in can_say(of_areas(ratio))[0]
    assert "than the others" in can_say(scene(2.0, 5.0))[0]
    assert (
        "expected without the programme" in can_say(replace(scene(2.0, 5.0), method="staggered-adoption"))[0]
    )


def test_what_cannot_be_said_of_areas_is_said_of_areas() -> None:
    assert cannot_say(of_areas(scene(2.0, 5.0)))[-1] == (
        "That any one person there was changed by it, or that it holds for areas unlike these."
    )


def test_how_many_more_areas_would_settle_it_is_said_only_of_enough() -> None:
    open_ = scene(-3.0, 3.0)
    assert any(
        re.match(r"About [\d,]+ more areas like these, over as many periods", s)
        for s in next_steps(of_areas(open_), None)
    )
    few = next_steps(of_areas(open_, arms=(1, 27)), None)
    assert few[0] == (
        "More areas with the programme, or more periods, would settle it; how many cannot be said from so few."
    )


def test_a_change_without_comparison_says_what_would_answer_the_question() -> None:
    planned = outcome()
    e = an_estimate(3.0, 2.0, 4.0, std_error=0.5, arms=(3, 0))
    view = orient(e, planned.better, planned.minimum_important_difference, is_ratio=False)
    ruling = under_ceiling(rule(view, ()), 0)
    made = Scene(planned, e, view, ruling, 0, True, "areas", "before-after")
    steps = next_steps(made, None)
    assert ruling.answer == "changed"
    for design in ("interrupted time series", "difference in differences", "synthetic control"):
        assert any(design in step for step in steps)
    assert any("worst" in step for step in steps)


def test_reasons_name_what_was_compared() -> None:
    view = scene(-3.0, 3.0).view
    said = [
        reason.text for reason in reasons(Ruling("inconclusive", ""), view, (), randomised=False, nouns=AREAS)
    ]
    assert said == ["Too few areas or periods: the interval is wider than the difference that matters."]
    works = reasons(Ruling("works", "meaningful"), view, (), randomised=False, nouns=AREAS)
    assert works[-1].text == (
        "Areas were not allocated by chance: whatever else changed there and was not measured is part of the "
        "difference."
    )
    people = reasons(Ruling("works", "meaningful"), view, (), randomised=False)
    assert "set them apart" in people[-1].text


def test_nouns_are_chosen_by_units_and_method() -> None:
    assert nouns_of("people") is PEOPLE
    assert nouns_of("areas", "synthetic-control") is AREAS
    assert "changed for them" in nouns_of("people", "difference-in-differences").doubt
    assert nouns_of("people", "regression-discontinuity").unlike == "people further from the cut-off"
    assert nouns_of("people", "difference-in-differences").are_people
    assert not nouns_of("areas", "before-after").are_people


def test_few_areas_are_no_small_count_and_few_people_are() -> None:
    one = PANEL_SAMPLES["synthetic-control"]().primary
    assert may_show(one.kind, one.estimate, profile_for("areas", PROFILE))
    assert not may_show(one.kind, one.estimate, profile_for("people", PROFILE))
    assert profile_for("people", PROFILE) is PROFILE


@pytest.mark.parametrize("name", OF_AREAS)
def test_a_report_of_areas_speaks_of_areas(name: str) -> None:
    made = PANEL_SAMPLES[name]()
    page = render(made)
    first = by_class(page, "page-one")
    assert [h.text() for h in first.all("h2")][1] == "What happened"
    assert "Areas analysed:" in by_class(page, "verdict").text()
    assert table(page, "The same numbers")[0][-1] == "Areas"
    assert section(page, 4).startswith("4. What was in it")
    assert table(page, "How many rows, an area and period each, were left")[0] == [
        "Step", "Rows left", "Why others are not",
    ]  # fmt: skip
    assert "What is counted are areas, not people" in page.all("footer")[0].text()
    assert "too few" not in first.text().lower()


def test_a_report_of_people_still_speaks_of_people() -> None:
    page = render(PANEL_SAMPLES["regression-discontinuity"]())
    assert [h.text() for h in by_class(page, "page-one").all("h2")][1] == "What happened to people, per 100"
    assert "People analysed" in by_class(page, "verdict").text()
    assert section(page, 4).startswith("4. Who was in it")
    assert "withheld and others rounded" in page.all("footer")[0].text()


@pytest.mark.parametrize("method", GROUNDS)
def test_what_an_answer_rests_on_is_told_line_by_line(method: str) -> None:
    made = replace(PANEL_SAMPLES["synthetic-control"](), method=method)
    grid = table(render(made), "What the answer rests on")
    assert grid[0] == ["Assumed", "What the checks say of it", "If it does not hold"]
    assert [row[0] for row in grid[1:]] == [ground.assumed for ground in grounds_of(method)]
    assert len(grid) >= 4
    assert not BANNED.search(" ".join(cell for row in grid for cell in row))


def test_a_ground_says_what_its_checks_found_that_none_did_or_that_none_could() -> None:
    seen = (
        Check("pre-trend", "warn", 0.2, None, "none", ""),
        Check("whole periods", "fail", 0.1, None, "block", ""),
        Check("units", "info", 3.0, None, "none", ""),
    )
    said = [ground.said(seen) for ground in grounds_of("difference-in-differences")]
    assert said[0] == "pre-trend: a warning"
    assert grounds_of("interrupted-time-series")[1].said(seen) == "these data cannot show it"
    assert said[2] == "no check spoke of it"
    assert said[4] == "whole periods: failed"
    assert grounds_of("matching") == ()


def with_figures(made: Result, *figures: Figure, tables: tuple[FactTable, ...] = ()) -> Result:
    return replace(made, outcomes=(replace(made.primary, figures=figures, tables=tables),))


@pytest.mark.parametrize("profile", [None, PROFILE])
def test_figures_and_tables_stand_in_the_json_beside_the_path(profile: DisclosureProfile | None) -> None:
    made = PANEL_SAMPLES["synthetic-control"]()
    found = json.loads(json.dumps(as_payload(made, profile), allow_nan=False))["outcomes"][0]
    assert [row["term"] for row in found["path"]] == [row.term for row in made.primary.path]
    assert found["units"] == "areas"
    main = made.primary.figures[0]
    first = found["figures"][0]
    assert set(first) == {"name", "title", "x_name", "y_name", "lines", "marks", "labels"}
    assert (first["name"], first["marks"], first["labels"]) == (
        main.name,
        [[11.0, "start"]],
        list(main.labels),
    )
    assert set(first["lines"][0]) == {"name", "kind", "x", "y", "low", "high"}
    assert first["lines"][0]["y"] == list(main.lines[0].y)
    (weights,) = found["tables"]
    assert set(weights) == {"name", "title", "columns", "rows", "note"}
    assert weights["rows"][2] == ["all others", 0.2379, None]


def test_ends_without_limit_and_what_is_no_number_are_null_in_the_json() -> None:
    odd = Line("e", "effect", (0.0, 1.0), (math.nan, 1.0), (-math.inf, 0.0), (2.0, math.inf))
    facts = FactTable("t", "T", ("a", "b"), (("x", math.inf),))
    made = with_figures(
        PANEL_SAMPLES["synthetic-control"](), Figure("f", "F", "x", "y", (odd,)), tables=(facts,)
    )
    found = json.loads(json.dumps(as_payload(made, None), allow_nan=False))["outcomes"][0]
    assert found["figures"][0]["lines"][0]["low"] == [None, 0.0]
    assert found["figures"][0]["lines"][0]["high"] == [2.0, None]
    assert found["figures"][0]["lines"][0]["y"] == [None, 1.0]
    assert found["tables"][0]["rows"] == [["x", None]]


def test_figures_of_few_people_are_left_out_of_what_is_kept_and_areas_keep_theirs() -> None:
    few = as_payload(PANEL_SAMPLES["withheld-figures"](), PROFILE)["outcomes"][0]
    assert (few["figures"], few["tables"], few["estimate"]["value"]) == ([], [], None)
    kept = as_payload(PANEL_SAMPLES["synthetic-control"](), PROFILE)
    assert kept["outcomes"][0]["estimate"]["n_treated"] == 1
    assert kept["disclosure"] == "not applied to numbers of areas, which are no people"


def test_the_terminal_lists_a_methods_tables_briefly(capsys: pytest.CaptureFixture[str]) -> None:
    made = PANEL_SAMPLES["synthetic-control"]()
    rows = tuple((f"area {i}", i / 100) for i in range(20))
    long = FactTable("w", "Weights of all areas", ("Area", "Weight"), rows, "They add up to one.")
    made = with_figures(made, *made.primary.figures, tables=(long,))
    views.ran(Ran(made, {}, "", "", PROFILE), PROFILE)
    said = capsys.readouterr().out
    assert "areas: 1 treated, 38 in the comparison" in said
    assert "Weights of all areas" in said
    assert "area 5" in said
    assert "area 6" not in said
    assert "and 14 rows more: in the report, or with --json" in said
    assert "They add up to one." in said
    assert "drawn in the report: Northshire and its synthetic control" in said
