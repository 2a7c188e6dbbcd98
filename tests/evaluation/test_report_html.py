"""The report as HTML: nothing empty, nothing leaked, nothing said by colour alone."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pytest

from evaluation.model import BalanceRow, Check
from evaluation.reporting.html import render_report
from evaluation.reporting.signs import SIGNS, Mark, mark_of
from evaluation.reporting.tables import balance_words
from tests.evaluation import report_builders as made
from tests.evaluation import report_samples as samples
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import HEADINGS, PROFILE, Element, by_class, read, render, section, table

BANNED = re.compile(r"\bno effects?\b|\btrends?\b|signifi|\bproves\b|approaching|\*", re.IGNORECASE)
P_VALUE = re.compile(r"p-value|\bp\s*[=<]", re.IGNORECASE)
MADE = samples.SAMPLES | PANEL_SAMPLES
PAGES = {name: render_report(make(), PROFILE) for name, make in MADE.items()}


every_page = pytest.mark.parametrize(
    "page", [pytest.param(read(text), id=name) for name, text in PAGES.items()]
)


@every_page
def test_the_page_has_one_title_the_language_and_its_landmarks(page: Element) -> None:
    assert page.all("html")[0].attributes["lang"] == "en-GB"
    for tag in ("h1", "header", "main", "footer", "title"):
        assert len([e for e in page.all(tag) if tag != "title" or e.attributes == {}]) == 1, tag
    skip = page.all("a")[0]
    assert skip.attributes["href"] == f"#{page.all('main')[0].attributes['id']}"


@every_page
def test_no_heading_level_is_skipped(page: Element) -> None:
    levels = [HEADINGS.index(e.tag) for e in _in_order(page) if e.tag in HEADINGS]
    assert levels[0] == 0
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def _in_order(element: Element) -> list[Element]:
    inside = [c for c in element.children if isinstance(c, Element)]
    return [e for c in inside for e in (c, *_in_order(c))]


@every_page
def test_every_id_is_unique_and_every_reference_leads_somewhere(page: Element) -> None:
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        names = [
            element.attributes.get("aria-labelledby", ""),
            element.attributes.get("href", "").lstrip("#"),
        ]
        inside = re.findall(r"url\(#([^)]+)\)", " ".join(element.attributes.values()))
        assert all(name in ids for name in [*names, *inside] if name)


@every_page
def test_nothing_is_fetched_and_nothing_runs(page: Element) -> None:
    forbidden = {"script", "link", "img", "iframe", "object", "embed", "image", "form", "base"}
    for element in page.all():
        assert element.tag not in forbidden
        assert "src" not in element.attributes
        assert element.attributes.get("href", "#").startswith("#")
        assert not any(name.startswith("on") for name in element.attributes)
        remote = [v for k, v in element.attributes.items() if "http" in v and not k.startswith("xmlns")]
        assert remote == []
    style = "".join(str(c) for c in page.all("style")[0].children)
    assert "url(" not in style
    assert "@import" not in style


@every_page
def test_no_section_is_empty(page: Element) -> None:
    for part in page.all("section"):
        heading = next(e for e in part.all() if e.tag in HEADINGS)
        assert len(part.text()) > len(heading.text()) + 10, heading.text()
        assert not [e for e in part.all() if e.tag in ("ul", "ol", "tbody", "dl", "p", "td") and not e.text()]
    assert [section(page, n)[0] for n in range(1, 10)] == list("123456789")


@every_page
def test_every_table_has_a_caption_scopes_and_a_named_region_of_its_own(page: Element) -> None:
    regions = [e for e in page.all("div") if e.attributes.get("role") == "region"]
    names = [e.attributes["aria-label"] for e in regions]
    assert len(names) == len(set(names))
    assert all(e.attributes["tabindex"] == "0" for e in regions)
    assert sum(len(e.all("table")) for e in regions) == len(page.all("table"))
    for grid in page.all("table"):
        assert grid.all("caption")[0].text()
        assert all(th.attributes["scope"] in ("row", "col") for th in grid.all("th"))
        assert len({len(row) for row in grid.rows()}) == 1


@every_page
def test_drawings_are_titled_and_carry_no_class_and_no_style(page: Element) -> None:
    for drawing in page.all("svg"):
        assert drawing.attributes["role"] == "img"
        title = drawing.all("title")[0]
        assert title.text()
        assert drawing.attributes["aria-labelledby"] == title.attributes["id"]
        assert not [e for e in drawing.all() if {"class", "style"} & set(e.attributes) or e.tag == "style"]


@every_page
def test_no_word_of_the_report_is_banned(page: Element) -> None:
    without_name = page.text().replace("TREND", "")  # the checklist is called that
    assert BANNED.search(without_name) is None


@every_page
def test_p_values_stand_in_the_analysts_section_only(page: Element) -> None:
    text = page.text()
    assert P_VALUE.search(text.replace(section(page, 9), "")) is None
    assert P_VALUE.search(section(page, 9))


@every_page
def test_an_answer_is_a_sign_with_words(page: Element) -> None:
    marks = [e for e in page.all("span") if "mark" in e.attributes.get("class", "").split()]
    assert marks
    for mark in marks:
        sign = by_class(mark, "sign")
        assert sign.text() in SIGNS.values()
        assert len(mark.text()) > len(sign.text()) + 3


def test_the_same_result_gives_the_same_bytes() -> None:
    for name, make in MADE.items():
        assert render_report(make(), PROFILE) == PAGES[name]


def test_page_one_stands_in_the_order_of_the_design() -> None:
    page = read(PAGES["works"])
    assert [e.text() for e in by_class(page, "page-one").all("h2")] == [
        "The answer, for people who reoffended within a year",
        "What happened to people, per 100",
        "What you can say",
        "What you cannot say",
        "The other outcomes we said we would look at",
        "Why",
        "What to do next",
    ]


def test_the_verdict_box_names_the_answer_the_trust_and_what_flips_it() -> None:
    box = by_class(read(PAGES["works"]), "verdict").text()
    result = samples.works()
    assert "✓ Works" in box
    assert result.primary.verdict.sentence in box
    assert "moderate (3 of 5)" in box
    assert "one down for balance" in box
    assert "“without a caliper”" in box
    assert "410 with the programme, 410 in the comparison" in box
    assert "412" not in box


def test_other_planned_outcomes_are_on_page_one_with_their_answers() -> None:
    lines = [li.text() for li in by_class(read(PAGES["works"]), "others").all("li")]
    assert lines == [
        "problem solving 0 A real difference, but too small to matter",
        "days in employment ! Made things worse",
        "wellbeing on the long scale ~ Cannot tell yet",
        "drug use ~ Cannot tell yet",
    ]


def test_people_are_drawn_per_hundred_with_the_interval_in_people() -> None:
    page = by_class(read(PAGES["works"]), "page-one").text()
    assert "40 in 100 without the programme (the comparison, as seen)" in page
    assert "30 in 100 with the programme (the comparison’s figure plus the estimated difference)" in page
    assert "The difference could be 3 to 16 fewer in every 100 (95 % interval)." in page


def test_a_score_is_drawn_as_an_interval_in_its_own_unit() -> None:
    page = read(PAGES["cannot-tell"])
    assert (
        by_class(page, "pictures")
        .all("svg")[0]
        .all("title")[0]
        .text()
        .endswith("0.40 (−3.10 to 3.90) points")
    )
    assert "2.5 points, either way (the shaded band)" in by_class(page, "page-one").text()


def test_what_was_not_estimated_is_said_and_not_drawn() -> None:
    page = read(PAGES["not-assessable"])
    assert page.all("svg") == []
    assert "This is not drawn: the difference was not estimated." in page.text()
    assert "people who reoffended within a year: not estimated." in section(page, 1)
    assert table(page, "The same numbers")[1][4:6] == ["not estimated", "not estimated"]


@pytest.mark.parametrize(
    ("state", "practice", "words"),
    [
        ("locked before outcomes", False, "Draft Not yet released."),
        ("locked before outcomes", True, "Demonstration Everyone in it is made up."),
        ("unlocked", False, "Exploratory The plan was not locked before outcomes could be seen"),
        ("run outside the lock", False, "Exploratory It was run outside the lock of its plan"),
        ("locked after outcomes", True, "Demonstration Everyone in it is made up. Exploratory The plan"),
    ],
)  # fmt: skip
def test_the_status_line_says_what_may_be_made_of_it(state: str, practice: bool, words: str) -> None:
    page = render(made.result(plan=replace(made.PLAN, state=state)), practice=practice)
    assert by_class(page, "status").text().startswith(words)


def test_an_unlocked_plan_stamps_every_table_chart_and_answer_as_exploratory() -> None:
    page = read(PAGES["unlocked"])
    assert all("Exploratory." in t.all("caption")[0].text() for t in page.all("table"))
    assert by_class(page, "answer").text() == "? Exploratory: works"
    chart = by_class(page, "forest")
    assert chart.text().startswith("Exploratory")
    assert chart.all("svg")[0].all("title")[0].text().startswith("Exploratory")
    assert "The funder reports in May." in section(page, 7)


def test_an_unplanned_outcome_is_set_apart_and_exploratory() -> None:
    rows = table(read(PAGES["works"]), "Outcomes that were not planned")
    assert [row[0] for row in rows[1:]] == ["an afterthought"]
    assert rows[1][7] == "? Exploratory: works"


def test_low_trust_is_worded_as_association() -> None:
    weak = made.outcome("harms", "meaningful", said={"security": 1})
    assert mark_of(weak, exploratory=False) == Mark("!", "Associated with a worse result", "worse")


def test_what_did_not_work_and_harms_always_say_whether_they_were_looked_for() -> None:
    good = render(made.result(made.outcome()))
    assert "Looked for: every planned outcome. None came out without a worthwhile effect." in section(good, 2)
    assert "Looked for in every planned outcome; none found." in section(good, 3)
    mixed = read(PAGES["works"])
    assert "problem solving" in section(mixed, 2)
    assert "days in employment" not in section(mixed, 2)
    assert "days in employment ! Made things worse" in section(mixed, 3)
    assert "not ruled out for: wellbeing on the long scale; drug use." in section(mixed, 3)


def test_outcomes_without_a_margin_are_named_under_the_chart() -> None:
    page = read(PAGES["works"])
    assert "drug use" not in by_class(page, "forest").text()
    assert "drug use: no smallest difference that matters was set." in section(page, 1)


def test_the_numbers_of_the_table_are_those_of_the_result() -> None:
    rows = table(read(PAGES["works"]), "The same numbers")[1:]
    planned = [o for o in samples.works().outcomes if o.planned]
    for row, outcome in zip(rows, planned, strict=True):
        e = outcome.estimate
        factor = 100 if outcome.kind == "binary" else 1
        seen = [float(x.replace("−", "-")) for x in re.findall(r"−?\d+(?:\.\d+)?", row[4])[:3]]
        wanted = [factor * float(x or 0) for x in (e.value, e.conf_low, e.conf_high)]
        assert seen == pytest.approx(
            wanted, abs=0.5 * 10 ** (-1 if max(map(abs, wanted)) >= 10 else -2) + 1e-9
        ) or (factor == 100 and seen == pytest.approx(wanted, abs=0.051))
    assert rows[0] == [
        "people who reoffended within a year", "primary", "30 in 100", "40 in 100",
        "−9.4 (−15.9 to −2.9) per 100 people",
        "−0.26 (−0.44 to −0.09) Cox index", "5 per 100 people; break-even: £900 per place", "✓ Works",
        "410 with, 410 without",
    ]  # fmt: skip


def test_a_ratio_is_printed_in_times_and_drawn_on_the_log_scale() -> None:
    rows = table(read(PAGES["harmful"]), "The same numbers")
    assert rows[2][4] == "0.81 (0.65 to 1.01) times"
    assert rows[2][6].startswith("0.85 times")
    alone = render(made.result(replace(samples.harmful().outcomes[1], role="primary")))
    drawing = by_class(alone, "pictures").all("svg")[0].text()
    assert "0.85" in drawing
    assert "1.18" in drawing


def test_checks_balance_and_other_ways_are_read_out_in_words() -> None:
    page = read(PAGES["works"])
    assert table(page, "Checks: people who")[4][:5] == [
        "balance",
        "failed",
        "0.127",
        "0.1 (from memory)",
        "less trust",
    ]
    assert [row[-1] for row in table(page, "Balance: people who")[1:]] == [
        "Red: far apart",
        "Amber: somewhat apart; spread differs",
        "Green: alike",
        "not estimated",
    ]
    assert [row[-1] for row in table(page, "Other ways of asking")[1:]] == [
        "no",
        "yes, the answer would change",
    ]
    assert "Balance: as for people who reoffended within a year." in section(page, 5)


def test_arms_drawn_by_chance_differ_by_chance_and_earn_no_colour() -> None:
    assert balance_words(BalanceRow("age", 0.2, None, 1.0)) == "by chance: see the check"


def test_plan_method_and_provenance_are_printed_whole() -> None:
    page = render(samples.nothing_worthwhile(), audit_head="c0ffee")
    assert "The follow-up was lengthened by a month" in section(page, 7)
    assert "outcome 'reoffended_12m': redefined, wave from 11-months to 12-months" in section(page, 7)
    assert "wages secondary not reported dropped" in " ".join(section(page, 1).split())
    assert "The analysis was changed since the lock: design.covariates from age to age, sex." in section(
        page, 1
    )
    assert "Changes from the plan: none." in section(read(PAGES["works"]), 7)
    assert made.PLAN.sha256 in section(page, 7)
    assert "intention to treat" in section(page, 8)
    assert "numpy 2.4.1, scipy 1.17.0" in section(page, 8)
    assert "20260301" in section(page, 8)
    footer = page.all("footer")[0].text()
    assert "Counts below 10 are withheld and others rounded to the nearest 5." in footer
    assert "version 0.1.0" in footer
    assert "c0ffee" in footer


def test_whatever_a_team_writes_is_shown_and_never_run() -> None:
    nasty = "<script>alert('x')</script> & $x^2$ \"quoted\""
    plan = replace(
        made.PLAN,
        title=nasty,
        waiver=nasty,
        deviations=(replace(samples.AMENDED, reason=nasty),),
        as_locked=(nasty,),
    )
    outcome = made.outcome(name=nasty, unit=nasty, checks=(Check(nasty, "pass", 1.0, 1.0, "none", nasty),))
    text = render_report(
        made.result(outcome, made.score(name=nasty, unit=nasty), plan=plan), PROFILE, audit_head=nasty
    )
    page = read(text)
    assert page.all("script") == []
    assert page.all("h1")[0].text() == nasty
    assert "alert('x')" in by_class(page, "forest").text()
