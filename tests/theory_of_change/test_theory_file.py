"""theory.toml becomes a theory, or one error with every fault and its line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory_of_change.errors import TheoryError
from theory_of_change.gaps import find_gaps
from theory_of_change.store import load_catalogue
from theory_of_change.theory_file import parse_theory, read_theory, starter_theory
from workspace.toml_source import toml_text

CATALOGUE = load_catalogue()
GOOD = """\
[theory]
title = "Mentoring"
owner = "Core team"
review_by = 2027-03-31

[[box]]
id = "A1"
kind = "activity"
text = "Mentoring"
tier = "secondary"
priority = ["education", "health"]
place = "Knowsley"
age_band = "11-16"

[[box]]
id = "L1"
kind = "outcome"
term = "long"
text = "Fewer exclusions"
measures = ["suspension-or-exclusion"]

[[link]]
from = "A1"
to = "L1"
because = "A trusted adult settles conflict before it escalates"
assumption = "Mentors see the pupil weekly"
expect = "fewer"
worthwhile = "3 per 1,000 pupils"
lag_months = 12
could_harm = "Pupils moved off roll instead"
rivals = ["A new head"]
test = "PLAN-005"
evidence = ["EVD-011"]
review_by = 2027-03-31
"""


def faults(text: str) -> list[str]:
    with pytest.raises(TheoryError) as error:
        parse_theory(text, CATALOGUE)
    return [str(fault) for fault in error.value.faults]


def test_a_whole_theory_is_read_with_the_line_of_every_part() -> None:
    theory = parse_theory(GOOD, CATALOGUE)
    box, link = theory.box("A1"), theory.link("A1>L1")
    assert box is not None
    assert link is not None
    assert (theory.title, theory.owner, theory.review_by) == ("Mentoring", "Core team", dt.date(2027, 3, 31))
    assert (box.tier, box.priority, box.place, box.age_band) == (
        "secondary",
        ("education", "health"),
        "Knowsley",
        "11-16",
    )
    assert (link.lag_months, link.rivals, link.evidence) == (12, ("A new head",), ("EVD-011",))
    assert (theory.line, box.line, link.line) == (1, 6, 22)
    assert [measure.id for measure in theory.measures_of("L1")] == ["suspension-or-exclusion"]


def test_a_link_to_an_unknown_box_names_its_line_and_a_near_match() -> None:
    assert faults(GOOD.replace('to = "L1"', 'to = "L9"')) == [
        "theory.toml:22: LC210 link points to 'L9', which is not a box. Did you mean 'L1'?"
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace('title = "Mentoring"', "")
        .replace('tier = "secondary"', 'teir = "secondary"')
        .replace("lag_months = 12", 'lag_months = "12"')
        .replace('to = "L1"', 'to = "L2"')
    )
    assert faults(text) == [
        "theory.toml:1: LC202 [theory] has no 'title'",
        "theory.toml:6: LC204 activity A1 has no tier",
        "theory.toml:10: LC201 [[box]] has an unknown key 'teir'. Did you mean 'tier'?",
        "theory.toml:22: LC210 link points to 'L2', which is not a box. Did you mean 'L1'?",
        "theory.toml:29: LC203 'lag_months' must be a whole number of at least 0",
    ]


def test_a_box_that_cannot_be_made_is_not_also_missed_by_its_links() -> None:
    assert faults(GOOD.replace('tier = "secondary"', "")) == ["theory.toml:6: LC204 activity A1 has no tier"]


def test_a_link_without_ends_or_to_itself_is_refused() -> None:
    assert faults(GOOD.replace('to = "L1"', "")) == ["theory.toml:22: LC202 [[link]] has no 'to'"]
    assert faults(GOOD.replace('to = "L1"', 'to = "A1"')) == [
        "theory.toml:24: LC215 the link goes from 'A1' to itself"
    ]


def test_a_file_without_a_theory_table_says_so() -> None:
    assert faults("") == ["theory.toml:1: LC202 the top of the file has no 'theory'"]


def test_text_that_is_not_toml_names_its_line() -> None:
    assert faults("[theory]\ntitle = Mentoring\n")[0].startswith("theory.toml:2: LC103 ")


def test_a_missing_file_is_a_theory_error(tmp_path: Path) -> None:
    with pytest.raises(TheoryError) as error:
        read_theory(tmp_path / "theory.toml", CATALOGUE, "theory.toml")
    assert error.value.code == "LC107"


TITLES = [
    ("Mentoring", "Mentoring"),
    ('A "quoted" title', 'A "quoted" title'),
    ("Back\\slash\r\nand line\0", "Back\\slash and line"),
    ("@owner@", "@owner@"),
    (" ", "Theory of change"),
]


@pytest.mark.parametrize(("title", "read_back"), TITLES)
def test_the_starter_theory_has_warnings_only(title: str, read_back: str) -> None:
    theory = parse_theory(starter_theory(title, "Core team"), CATALOGUE)
    gaps = find_gaps(theory, dt.date(2026, 1, 1))
    assert theory.title == read_back
    assert {gap.severity for gap in gaps} == {"warning"}


WORDS = st.sampled_from(["A1", "O1", "L1", "activity", "outcome", "primary", "long", "sdq-total", "", "x y"])
VALUES = st.one_of(
    WORDS.map(toml_text),
    st.lists(WORDS, max_size=3).map(lambda words: f"[{', '.join(map(toml_text, words))}]"),
    st.integers(-5, 50).map(str),
    st.sampled_from(["true", "2026-03-31", "1.5", "nan", "{ a = 1 }", "[1, [2]]", "2026-03-31T10:00:00"]),
)
KEYS = st.sampled_from(
    [
        "id",
        "kind",
        "text",
        "term",
        "tier",
        "priority",
        "measures",
        "from",
        "to",
        "because",
        "lag_months",
        "test",
        "evidence",
        "feedback",
        "review_by",
        "based_on",
        "name",
        "better",
        "minimum",
        "maximum",
        "minimum_important_difference",
        "mid_effect",
        "mid_source",
        "title",
    ]
)
HEADS = st.sampled_from(["[[box]]", "[[link]]", "[[measure]]", "[theory]", "[box]", "[[theory]]", "[other]"])


@st.composite
def theory_texts(draw: st.DrawFn) -> str:
    tables: list[tuple[str, dict[str, Any]]] = draw(
        st.lists(st.tuples(HEADS, st.dictionaries(KEYS, VALUES, max_size=8)), max_size=6)
    )
    return "\n".join(
        "\n".join([head, *(f"{key} = {value}" for key, value in keys.items())]) for head, keys in tables
    )


@settings(max_examples=200, deadline=None)
@given(st.one_of(theory_texts(), st.text(max_size=80)))
def test_any_text_gives_a_theory_or_a_theory_error_with_a_line(text: str) -> None:
    wheres: list[str] = []
    try:
        find_gaps(parse_theory(text, CATALOGUE), dt.date(2026, 1, 1))
    except TheoryError as error:
        wheres = [fault.where for fault in error.faults]
    assert all(where.startswith("theory.toml:") for where in wheres)
