"""Numbers not held against their source: the code knows those of the rules register, and results say so."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from evaluation.ladders import row_of
from evaluation.model import Check, Rung, SecurityFact
from evaluation.reporting.tables import check_table, security_table
from evaluation.result import as_payload
from evaluation.rules import UNVERIFIED, brief, of_check, of_fact, of_rung
from tests.evaluation.report_builders import outcome, result
from workspace.settings import DisclosureProfile

REGISTER = Path(__file__).parents[2] / "docs/reference/rules-register.md"
FEW = Check("people", "fail", 20.0, 30, "block", "Too few.")


def test_the_code_knows_every_number_the_register_says_was_not_checked_and_no_other() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in REGISTER.read_text(encoding="utf-8").splitlines()
    ]
    said = Counter(
        (re.findall(r"`(.+?)`", row[3])[0], row[4], row[5])
        for row in rows
        if len(row) == 6 and row[5] in ("memory", "unsure")
    )
    assert said == Counter((rule.place, rule.source, rule.checked) for rule in UNVERIFIED)
    assert len(said) >= 15


def test_a_check_that_found_something_says_whose_limit_was_not_checked() -> None:
    assert of_check(FEW) == "quoted from memory of: Justice Data Lab"
    assert of_check(replace(FEW, result="pass")) == "", "what passed is not cluttered"
    assert of_check(replace(FEW, result="warn", limit=60)) == "", "sixty was held against its source"
    assert of_check(Check("overlap", "fail", 1.0, 2.0, "block", "")) == ""
    assert of_check(Check("several outcomes", "info", 0.1, None, "none", "")).startswith("not sure of")


def test_results_and_reports_say_so_where_it_decides_and_only_there() -> None:
    one = outcome("works")
    facts = (SecurityFact("size", 4, "could detect 0.25 SD"), SecurityFact("threats", 3, "one down"))
    one = replace(
        one, checks=(FEW, replace(FEW, result="pass")), verdict=replace(one.verdict, security_facts=facts)
    )
    rung = Rung("eif", 2, "a benefit", "more")
    made = replace(
        result(one), rungs=(rung, Rung("wwc", "meets", "chance", ""), Rung("eif", None, "nothing", ""))
    )
    payload = as_payload(made, None)
    first, second = payload["outcomes"][0]["checks"]
    assert first["unverified"].endswith("Justice Data Lab")
    assert "unverified" not in second
    size, threats = payload["outcomes"][0]["verdict"]["security_facts"]
    assert size["unverified"].startswith("quoted from memory of: Education Endowment Foundation")
    assert "unverified" not in threats
    assert ["unverified" in shown for shown in payload["rungs"]] == [True, False, False]
    assert [row[3] for row in check_table(one, DisclosureProfile()).rows] == ["30 (from memory)", "30"]
    assert security_table(made).rows[0][3] == "could detect 0.25 SD (levels from memory)"
    assert row_of(rung)[2] == "a benefit (levels unsure)"
    assert brief(of_rung(rung)) == "unsure"
    higher = SecurityFact("design", 5, "by chance")
    with_both = replace(one, verdict=replace(one.verdict, security_facts=(higher, *facts)))
    assert of_fact(higher, with_both) == "", "the lowest decides"


def test_areas_have_bands_of_our_own() -> None:
    fact = SecurityFact("size", 4, "could detect 1.2 times the difference that matters")
    assert of_fact(fact, replace(outcome("works"), units="areas")) == ""
    assert of_rung(Rung("wwc", "meets", "", "")) == ""
