"""What a report is made of: small counts withheld, drawings, colours and numbers."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.model import Check, Estimate, FlowStep
from evaluation.protection import may_show
from evaluation.reporting.charts import ForestRow, forest_svg
from evaluation.reporting.icons import Interval, interval_svg, people_svg
from evaluation.reporting.numbers import chance_text, effect_text, number, p_text, people_span
from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET, Mark
from evaluation.reporting.tables import check_table
from tests.evaluation import report_builders as made
from tests.evaluation import report_samples as samples
from tests.evaluation.report_reader import PROFILE, by_class, read, render, section, table

FEW = st.integers(min_value=1, max_value=9)


@settings(max_examples=12, deadline=None)
@given(few=FEW, place=st.sampled_from(["flow", "treated", "comparison", "rows", "check"]))
def test_a_small_count_is_never_printed_in_its_place(few: int, place: str) -> None:
    estimate = made.score_estimate(
        n_treated=few if place == "treated" else 412,
        n_comparison=few if place == "comparison" else 412,
        df=few,
    )
    people = Check("people", "fail", float(few) if place == "check" else 12.0, 10, "block", "Too few people.")
    result = made.result(
        made.score("works", role="primary", estimate=estimate, checks=(people,)),
        flow=(*made.FLOW, FlowStep("last", few if place == "flow" else 0, "")),
        data=replace(samples.works().data, rows=few if place == "rows" else 1040),
    )
    page = render(result)
    cells = [
        table(page, "How many people were left")[-1][1],
        table(page, "The same numbers")[1][8],
        table(page, "Checks: problem solving")[1][2],
        table(page, "Statistics")[1][3],
        re.sub(r".*Rows in the data (.*?) Data fingerprint.*", r"\1", section(page, 8)),
        re.sub(r".*People analysed(.*?)\(counts.*", r"\1", by_class(page, "verdict").text()),
    ]
    assert all(
        not re.search(rf"(?<![\d,]){few}(?![\d,])", cell.replace("fewer than 10", "")) for cell in cells
    )
    if place in ("treated", "comparison"):
        assert table(page, "The same numbers")[1][2:6] == ["too few to show"] * 4
        assert by_class(page, "page-one").all("svg") == []


@settings(max_examples=12, deadline=None)
@given(few=FEW, arm=st.sampled_from(["treated", "comparison"]), others=st.booleans())
def test_a_share_that_stands_for_a_few_people_is_never_printed(few: int, arm: str, others: bool) -> None:
    share = (412 - few) / 412 if others else few / 412
    treated, comparison = (share, 0.4) if arm == "treated" else (0.3, share)
    estimate = made.binary_estimate(
        treated_mean=treated, comparison_mean=comparison, value=treated - comparison
    )
    page = render(made.result(made.outcome(estimate=estimate)))
    assert table(page, "The same numbers")[1][2:6] == ["too few to show"] * 4
    assert table(page, "Statistics")[1][1:] == ["too few to show"] * 8
    assert {row[1] for row in table(page, "Other ways of asking")[1:]} == {"too few to show"}
    assert page.all("svg") == []
    assert "This is not drawn: too few people to show." in page.text()
    assert "The figures behind this are withheld" in by_class(page, "can").text()


def test_an_adjusted_share_and_a_total_of_few_events_are_withheld_too() -> None:
    assert may_show("binary", made.binary_estimate(), PROFILE)
    assert not may_show("binary", made.binary_estimate(value=-0.3956 + 4 / 412), PROFILE)
    assert not may_show("count", made.score_estimate(treated_mean=3 / 412), PROFILE)
    assert may_show("continuous", made.score_estimate(treated_mean=3 / 412), PROFILE)


def test_a_share_in_a_check_that_stands_for_a_few_people_is_withheld_from_its_note() -> None:
    check = Check("missing outcomes", "pass", 3 / 824, 0.05, "none", "0.4 % of outcomes are missing.")
    row = check_table(made.outcome(checks=(check,)), PROFILE).rows[0]
    assert row[2] == "too few to show"
    assert row[5] == "(withheld) of outcomes are missing."


def test_a_verdict_sentence_with_figures_is_withheld_with_its_outcome() -> None:
    result = samples.small_counts()
    verdict = replace(result.primary.verdict, sentence="It led to 18.3 fewer in every 100.")
    page = render(replace(result, outcomes=(replace(result.primary, verdict=verdict), *result.outcomes[1:])))
    assert "18.3" not in page.text()


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*COLOURS.values(), INK, QUIET, "#1d4f91"])
@pytest.mark.parametrize("ground", [PAPER, "#e4e6e2"])
def test_every_colour_of_text_stands_out_from_what_it_lies_on(colour: str, ground: str) -> None:
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_forest_chart_keeps_its_text_and_its_ids_to_itself() -> None:
    rows = [ForestRow("Näme & <b>$x$</b>", 0.5, -0.5, 9.0, Mark("~", "Cannot tell yet", "unsure"))]
    chart = forest_svg(rows, title="A <title>", prefix="one")
    assert chart == forest_svg(rows, title="A <title>", prefix="one")
    drawing = read(chart).all("svg")[0]
    assert "Näme & <b>$x$</b>" in drawing.text()
    assert all(e.attributes["id"].startswith("one-") for e in drawing.all() if "id" in e.attributes)
    assert "style" not in chart
    assert "metadata" not in chart


def test_forest_text_that_the_drawing_font_lacks_is_kept_without_a_warning() -> None:
    assert "結果" in forest_svg([ForestRow("結果\x07", 0, -1, 1, Mark("0", "none", "none"))], title="t")


def test_matplotlib_and_jinja_are_loaded_only_when_a_report_is_made() -> None:
    code = "import sys, evaluation.reporting.html; print(sorted({'matplotlib', 'jinja2', 'polars'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "matplotlib" not in done.stdout
    assert "jinja2" not in done.stdout


@pytest.mark.parametrize("count", [0, 1, 40, 99, 100])
def test_a_hundred_people_are_always_drawn(count: int) -> None:
    hollow, filled = (
        e.attributes["d"].count("z") // 2 for e in read(people_svg(count, "t", "p")).all("path")
    )
    assert (hollow, filled) == (100 - count, count)


def test_an_interval_without_a_margin_or_without_width_is_still_drawn() -> None:
    flat = Interval(0.0, 0.0, 0.0, 0.0, (), "0", "0", (), "worse", "better")
    assert "nan" not in interval_svg(flat, "t", "p")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.04, 0.07, "4 fewer to 7 more in every 100"),
        (-0.159, -0.029, "3 to 16 fewer in every 100"),
        (0.02, 0.11, "2 to 11 more in every 100"),
        (-0.041, 0.001, "4 fewer to none in every 100"),
        (-0.004, 0.006, "0.4 fewer to 0.6 more in every 100"),
    ],
)
def test_an_interval_of_shares_is_said_in_people(low: float, high: float, words: str) -> None:
    assert people_span(low, high) == words


def test_numbers_are_rounded_with_sense() -> None:
    assert number(None) == "not estimated"
    assert number(float("nan")) == "not estimated"
    assert number(1234.5, "days") == "1,230 days"
    assert number(-0.000123) == "−0.000123"
    assert number(-0.0) == "0"
    assert number(27.481, "points") == "27.5 points"
    assert chance_text(0.999) == "more than 99 in 100"
    assert p_text(0.0002) == "below 0.001"


def test_an_effect_without_an_interval_says_so() -> None:
    bare: Estimate = made.score_estimate(conf_low=None, conf_high=None)
    assert effect_text(bare, "points") == "1.37 points; interval not estimated"
