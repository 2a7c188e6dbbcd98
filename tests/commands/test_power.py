"""What plans could show, as a user asks for it: in a project, of a file alone, and while a study runs."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from tests.commands.program import Program
from tests.commands.small_project import PLAN

POWER = "\n[power]\ntreated = 100\ncomparison = 120\nrecruit_until = 2028-06-30\n"
ALONE = PLAN.replace('\n[population]\ncohort = "leavers"\n', "")

PANEL = (
    '[plan]\nid = "big"\ntitle = "q"\n[population]\ncohort = "leavers"\n[design]\nmethod = '
    '"difference-in-differences"\ntreatment = "aid"\nunit = "participant"\ntime = "wave"\n'
    '[design.difference-in-differences]\nstart = "24-months"\n[[outcome]]\nmeasure = "arrested"\nrole = "primary"\n'
    'kind = "binary"\nbetter = "lower"\nwaves = ["12-months", "24-months"]\n'
)


def big(root: Path, more: str = POWER, plan: str = PLAN) -> None:
    text = plan.replace('"aid"\ntitle', '"big"\ntitle') + more
    (root / "plans" / "big.toml").write_text(text, encoding="utf-8")


def test_a_plan_file_alone_needs_no_project(program: Program, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(ALONE, encoding="utf-8")
    asked = ("plan", "power", "p.toml", "--treated", "200,400", "--comparison", "400", "--json")
    (found,) = program.well(*asked, cwd=tmp_path).payload["outcomes"]
    assert [row["size"] for row in found["sizes"]] == [
        {"treated": 200, "comparison": 400}, {"treated": 400, "comparison": 400},
    ]  # fmt: skip
    assert found["sizes"][0]["detectable"] > found["sizes"][1]["detectable"]
    assert found["sizes"][1]["detectable"] == pytest.approx(0.0943, abs=1e-4)
    assert {"name": "expected_rate", "value": 0.4, "from": "the plan"} in found["assumed"]
    said = program.well("plan", "power", "p.toml", cwd=tmp_path).out
    assert "the number of people in each arm is not known yet" in said


@pytest.mark.parametrize(
    "words",
    [
        ("--treated", "many"), ("--treated", "0"), ("--treated", "10,20,30", "--comparison", "5,6"),
        ("--periods", "12"), ("--clusters", "1,2,3"),
    ],
)  # fmt: skip
def test_sizes_that_cannot_be_read_are_refused(
    words: tuple[str, ...], program: Program, tmp_path: Path
) -> None:
    (tmp_path / "p.toml").write_text(ALONE, encoding="utf-8")
    done = program("plan", "power", "p.toml", *words, cwd=tmp_path)
    assert (done.code, "LC511" in done.err) == (12, True)


def test_in_a_project_it_reckons_with_the_people_there_are_or_with_those_planned(
    small: Path, program: Program
) -> None:
    big(small)
    here = program.well("plan", "power", "aid", "--json", cwd=small).payload["outcomes"][0]
    planned = program.well("plan", "power", "big", "--json", cwd=small).payload["outcomes"][0]
    assert [row["size"]["treated"] for row in here["sizes"]] == [20, 40, 80]
    assert [row["size"]["comparison"] for row in planned["sizes"]] == [60, 120, 240]
    checked = program.well("plan", "check", "big", "--json", cwd=small).payload
    assert checked["detectable"] == planned["sizes"][1]["detectable"], "one engine, one number"
    assert checked["equivalence_power"] == planned["sizes"][1]["equivalence_power"]
    said = program.well("plan", "power", "big", cwd=small).out
    assert "Needed four times in five: to find what matters 11 and 13" in said


def test_a_key_the_method_has_no_use_for_is_refused_with_its_line(small: Path, program: Program) -> None:
    big(small, "\n[power]\ntreated = 100\nautocorrelation = 0.3\nfollowed_up = 1.5\n")
    done = program("plan", "check", "big", cwd=small)
    assert done.code == 12
    assert "LC510" in done.err
    assert "'autocorrelation' says nothing of method 'randomised'" in done.err
    assert "big.toml:" in done.err
    assert "'followed_up' must be a number above 0 and at most 1" in done.err


def test_three_looks_stand_side_by_side_the_first_as_the_lock_kept_it(small: Path, program: Program) -> None:
    big(small)
    program.well("plan", "lock", "big", cwd=small)
    entries = program.well("audit", "log", "--json", cwd=small).out
    assert '"arrested@12-months"' in entries.replace("\\", "")
    done = program.well("evaluate", "run", "big", "--json", cwd=small).payload
    (table,) = [t for t in done["outcomes"][0]["tables"] if t["name"] == "power"]
    looks = {row[0]: row[1:] for row in table["rows"]}
    assert list(looks) == ["planned", "allocated", "analysed"]
    assert looks["planned"][0] < looks["allocated"][0] < looks["analysed"][0]
    error = done["outcomes"][0]["estimate"]["std_error"]
    assert looks["analysed"][0] == pytest.approx(2.85 * error, rel=0.02)


def test_a_running_study_is_projected_and_no_outcome_is_read(small: Path, program: Program) -> None:
    big(small)
    first = program.well("plan", "project", "big", "--json", cwd=small).payload
    with contextlib.closing(sqlite3.connect(small / "data" / "cohort.sqlite")) as store, store:
        changed = store.execute(
            "UPDATE observation SET value = 1 - value WHERE variable_id = "
            "(SELECT variable_id FROM variable WHERE name = 'arrested')"
        ).rowcount
    assert changed == 80
    assert program.well("plan", "project", "big", "--json", cwd=small).payload == first
    assert first["recruited"] == {"treated": 40, "comparison": 40}
    assert first["final"]["planned"]["treated"] == 100
    assert first["final"]["fewest"]["detectable"] > first["final"]["expected"]["detectable"]
    assert first["final"]["expected"]["detectable"] > first["final"]["planned"]["detectable"]
    said = " ".join(first["sentences"])
    assert "At this rate about 100 of 220 people will have been recruited by 2028-06-30" in said
    assert "Attrition is within the cautious boundary" in said
    assert "Security in reach: 2 of 5, set by size." in said
    sealed = program("evaluate", "run", "big", "--exploratory", cwd=small)
    assert sealed.code == 4, "what was sealed is sealed still"


def test_a_plan_without_people_or_arms_has_nothing_to_project(small: Path, program: Program) -> None:
    big(
        small,
        "",
        PLAN.replace('treatment = "aid"', 'treatment = "convictions"').replace(
            'covariates = ["convictions"]', ""
        ),
    )
    done = program("plan", "project", "big", cwd=small)
    assert (done.code, "LC513" in done.err) == (12, True)
    (small / "plans" / "big.toml").write_text(PANEL, encoding="utf-8")
    done = program("plan", "project", "big", cwd=small)
    assert (done.code, "LC512" in done.err) == (12, True), done.err


def test_few_people_in_an_arm_are_not_told(small: Path, program: Program) -> None:
    settings = (small / "lifecourse.toml").read_text(encoding="utf-8")
    assert "threshold" in settings
    lines = ["threshold = 50" if line.startswith("threshold") else line for line in settings.splitlines()]
    (small / "lifecourse.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    big(small)
    found = program.well("plan", "project", "big", "--json", cwd=small).payload
    assert found["recruited"] == {"treated": None, "comparison": None}
    assert found["final"] is None
    assert found["sentences"] == ["Too few people so far in an arm to say more."]
    assert "40" not in json.dumps(found)


def test_a_panel_of_people_that_can_neither_find_nor_rule_out_is_not_locked(
    small: Path, program: Program
) -> None:
    margin = 'expected_rate = 0.4\nminimum_important_difference = 0.02\nmid_source = "break-even"\n'
    (small / "plans" / "big.toml").write_text(PANEL + margin, encoding="utf-8")
    done = program("plan", "lock", "big", cwd=small)
    assert (done.code, "LC423" in done.err) == (4, True)
    assert "could only show a difference of" in done.err
