"""``theory test`` on a project: evidence for links, what stays sealed, the saved file, and what agreements forbid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.program import Program
from tests.commands.small_project import LOCKED, PEOPLE, WEAK, csv_text, prison_number

THEORY = """[theory]
title = "Leaving prison"
owner = "The team"
review_by = 2020-01-31

[[priority]]
id = "preventing-offending"
name = "Preventing Offending"
formerly = ["reducing-reoffending"]

[[box]]
id = "A1"
kind = "activity"
text = "Money on release"
tier = "tertiary"
priority = ["preventing-offending"]

[[box]]
id = "F1"
kind = "factor"
text = "A long record"
measures = ["record"]

[[box]]
id = "O1"
kind = "outcome"
text = "Fewer arrests"
measures = ["arrested"]

[[box]]
id = "I1"
kind = "impact"
text = "Less violence"

[[link]]
from = "A1"
to = "O1"
because = "Money takes a reason away"
test = "tested"

[[link]]
from = "F1"
to = "O1"
because = "It is hard to stop"

[[link]]
from = "O1"
to = "I1"
because = "Some arrests are for violence"
evidence = ["EVD-404"]

[[measure]]
id = "record"
name = "convictions so far"
kind = "count"
better = "lower"
variable = "convictions"

[[measure]]
id = "arrested"
name = "arrested"
kind = "binary"
better = "lower"
variable = "arrested"
"""
TESTED = LOCKED.replace('"locked"\ntitle', '"tested"\nlinks = ["A1>O1"]\ntitle')


@pytest.fixture
def theoretical(small: Path, program: Program) -> Path:
    """The small project with a theory, a locked plan of one of its links, and that plan run."""
    (small / "theory.toml").write_text(THEORY, encoding="utf-8")
    (small / "plans" / "tested.toml").write_text(TESTED, encoding="utf-8")
    program.well("plan", "lock", "tested", cwd=small)
    program.well("evaluate", "run", "tested", cwd=small)
    return small


def later_arrests(small: Path, program: Program) -> None:
    """Arrests two years on, not sealed: more of them the longer the record."""
    rows = [[prison_number(i), "24", str(int((i % 7) + (i * 5) % 4 > 4))] for i in range(PEOPLE)]
    (small / "inbox" / "later.csv").write_text(
        csv_text(("Prison number", "Visit", "Arrested"), rows), encoding="utf-8"
    )
    program.well("source", "load", "arrests", "inbox/later.csv", cwd=small)


def test_a_link_has_its_evaluation_and_what_is_sealed_stays_sealed(
    theoretical: Path, program: Program
) -> None:
    found = program.well("theory", "test", "--json", cwd=theoretical).payload
    by = {one["link"]: one for one in found["links"]}
    assert by["A1>O1"]["ground"] == "evaluation of the link"
    assert by["A1>O1"]["sources"][0]["name"] == "EVAL-001"
    assert by["O1>I1"]["ground"] == "evaluation of an end"
    assert found["unrelated"]["sealed"] == ["O1"]
    assert [one["standing"] for one in found["unrelated"]["statements"]] == ["cannot tell"]
    saved = json.loads((theoretical / "evidence" / "theory-test.json").read_text(encoding="utf-8"))
    assert saved["links"] == found["links"]
    program.well(
        "theory", "draw", "--to", "t.svg", "--verdicts", "evidence/theory-test.json", cwd=theoretical
    )
    assert "tested: " in (theoretical / "t.svg").read_text(encoding="utf-8")
    log = program.well("audit", "log", cwd=theoretical).out
    assert "theory.test" in log


def test_what_is_open_is_adjusted_rounded_and_called_an_association(small: Path, program: Program) -> None:
    (small / "theory.toml").write_text(THEORY.replace('test = "tested"', ""), encoding="utf-8")
    later_arrests(small, program)
    found = program.well("theory", "test", "--json", cwd=small).payload
    by = {one["link"]: one for one in found["links"]}
    assert by["F1>O1"]["label"] == "association, not cause"
    moving = by["F1>O1"]["association"]
    assert moving["far"] == "arrested@24-months"  # not the sealed wave
    assert moving["n"] == PEOPLE
    assert moving["closes"] is True
    assert moving["as_expected"] == "as the theory says"
    assert by["O1>I1"]["ground"] == "no test"
    assert "not on record: EVD-404" in by["O1>I1"]["note"]
    shown = program.well("theory", "test", "F1>O1", cwd=small).out
    assert "association, not cause" in shown
    assert "better goes with better" in shown


def test_the_register_of_links_without_a_test_names_owner_and_review(
    theoretical: Path, program: Program
) -> None:
    said = program.well("theory", "test", "--untested", cwd=theoretical).out
    assert "The team; review by 2020-01-31, overdue" in said
    assert "I1 has no measure" in said
    assert "2 of 3 links have no test of their own." in said


def test_a_cohort_that_no_agreement_covers_is_left_out_and_said(theoretical: Path, program: Program) -> None:
    settings = theoretical / "lifecourse.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('agreements = "optional"', 'agreements = "required"'), encoding="utf-8")
    found = program.well("theory", "test", "--json", cwd=theoretical).payload
    assert any("agreement" in line for line in found["refused"])
    assert found["unrelated"]["statements"] == []
    assert "Not read: leavers:" in program.well("theory", "test", cwd=theoretical).out


def test_a_dry_run_writes_no_file(theoretical: Path, program: Program) -> None:
    said = program.well("theory", "test", "--dry-run", cwd=theoretical).out
    assert "Would write evidence/theory-test.json" in said
    assert not (theoretical / "evidence" / "theory-test.json").exists()


def test_an_unknown_link_is_named(theoretical: Path, program: Program) -> None:
    done = program("theory", "test", "A1>O2", cwd=theoretical)
    assert done.code == 12
    assert "LC240" in done.err
    assert "Did you mean 'A1>O1'?" in done.err


def test_findings_are_listed_by_priority_under_a_former_name_too(theoretical: Path, program: Program) -> None:
    found = program.well("finding", "list", "--priority", "reducing-reoffending", "--json", cwd=theoretical)
    assert found.payload["name"] == "Preventing Offending"
    assert [one["plan"]["plan_id"] for one in found.payload["entries"]] == ["tested"]
    assert found.payload["tally"]["planned"] == 1
    shown = program.well("finding", "show", "tested", cwd=theoretical).out
    assert "priorities   Preventing Offending (formerly reducing-reoffending)" in shown
    assert "tier         tertiary" in shown
    belongs = program.well("finding", "show", "tested", "--json", cwd=theoretical).payload["belongs"]
    assert (belongs["boxes"], belongs["links"]) == (["A1", "O1"], ["A1>O1"])
    (theoretical / "theory.toml").unlink()
    assert "priorities" not in program.well("finding", "show", "tested", cwd=theoretical).out
    (theoretical / "theory.toml").write_text(THEORY, encoding="utf-8")
    wrong = program("finding", "list", "--priority", "reofending", cwd=theoretical)
    assert (wrong.code, "LC241" in wrong.err) == (12, True)


def test_a_plan_with_too_few_exclusions_hears_of_suspensions(small: Path, program: Program) -> None:
    text = WEAK.replace('"weak"', '"rare"').replace(
        "[[outcome]]", '[[outcome]]\nname = "permanently excluded"'
    )
    (small / "plans" / "rare.toml").write_text(text, encoding="utf-8")
    done = program("plan", "check", "rare", cwd=small)
    assert done.code == 1
    assert "another main outcome to think about: suspensions" in done.out
    assert "instead" not in program("plan", "check", "aid", "--json", cwd=small).payload
    rare = program("plan", "check", "rare", "--json", cwd=small).payload
    assert rare["instead"][0]["measure"] == "suspensions"
