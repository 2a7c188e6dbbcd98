"""The impact assessment: what the project knows stands in it, what it cannot know is marked, nothing is made up."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pytest
import typer.main

import cli
from cohorts.agreements.agreement import Agreement
from cohorts.attacks import actions as attack_actions
from cohorts.partner_files.mapping import IdentifierColumn, SourceMapping, VariableColumn
from evaluation.data_protection.assessment import assessment
from evaluation.data_protection.facts import Departure, Evidence, Facts, People, Planned, Tried
from evaluation.data_protection.facts_store import read_evidence
from evaluation.data_protection.protection import tried
from evaluation.data_protection.risks import RISKS
from evaluation.data_protection.to_fill_in import FILL, PARTS
from evaluation.errors import EvaluationError
from evaluation.team.html import as_html
from workspace.settings import DisclosureProfile

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 11, 22)
TRIALS = (Tried("insider", "An insider who trawls", "pass"), Tried("traces", "Names", "fail"))


def source(kind: str, agreement: str = "police-1") -> SourceMapping:
    return SourceMapping(
        id="arrests", title="Arrests", organisation="The police", cohort="leavers", enrols=True, encoding="", sheet="",
        dates="dd/mm/yyyy", rejects="stop", wave="release", wave_column="", waves={}, data_until=None,
        ignore=("Surname",), missing={}, identifiers=(IdentifierColumn("Number", kind),), index_date="Out",
        variables=(VariableColumn("Born", "age", "age"), VariableColumn("Score", "score", "number")),
        agreement=agreement,
    )  # fmt: skip


def agreement(**more: object) -> Agreement:
    made = Agreement(
        "police-1", "Arrests", "1", ("The police", "The hub"), "to learn what works", "6(1)(e)", "Crime Act",
        (), (), (), "", DAY - dt.timedelta(100), DAY + dt.timedelta(100), signed=DAY,
    )  # fmt: skip
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def facts(**more: object) -> Facts:
    made = Facts(
        name="Bench", day=DAY, keys="one", on_server=False, agreements_required=False, roles=(("custodian", "A. Key"),),
        profile=DisclosureProfile(), sources=(source("pnc-id"),), agreements=(agreement(),),
        cohorts=(People("leavers", "Leavers", "prison-leavers", "430", "aged 18", ("release (0 months)",)),),
        plans=(Planned("aid", "Did aid help?", "reported"),), requests=(("erasure", "fewer than 10"),), erased="0",
        rows_out=(Departure("REL-001", "2026-11-01", "rows of 4 columns to X", "about 430", "out"),), files_out=(),
        linked=False, key_lists=0, log_holds=True, log_entries=7, evidence=None,
    )  # fmt: skip
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def words(made: Facts) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", as_html(assessment(made)))).replace("&#39;", "'")


def test_what_the_project_knows_stands_in_it() -> None:
    said = words(facts())
    for known in ("Did aid help?", "PNC number", "hashed under the key, then forgotten", "dropped unread", "430",
                  "made into an age, then forgotten (age)", "kept as number (score)", "6(1)(e)", "Crime Act", "REL-001",
                  "fewer than 10", "Custodian: A. Key", "its chain holds"):  # fmt: skip
        assert known in said, known


def test_what_only_people_can_know_is_marked_twice_and_never_filled() -> None:
    said = words(facts())
    lines = [line for some in PARTS.values() for line in some]
    assert len(lines) > 20
    for line in lines:
        assert said.count(line) == 2, f"on page one and under its heading: {line}"
    assert said.count(FILL) == 2 * len(lines)
    headings = {section.heading for section in assessment(facts()).sections}
    assert set(PARTS) <= headings
    assert len(re.findall("To fill in To fill in(?!:)", said)) == len(RISKS), (
        "likelihood and severity of every risk"
    )


def test_identifiers_show_offences_health_and_children_and_nothing_else_does() -> None:
    assert "Article 10): shown by" in words(facts())
    assert "Article 9): shown by" in words(facts(sources=(source("nhs-number"),)))
    assert "Children: shown by" in words(facts(sources=(source("upn"),)))
    bare = facts(sources=(source("local-id"),))
    assert "Neither identifiers nor templates show" in words(bare)
    young = (dataclasses.replace(bare.cohorts[0], template="early-years"),)
    assert "Children: shown by" in words(dataclasses.replace(bare, cohorts=young))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"signed": None}, "NOT SIGNED"),
        ({"suspended": DAY}, "SUSPENDED"),
        ({"expires": DAY - dt.timedelta(1), "starts": DAY - dt.timedelta(9)}, "EXPIRED"),
    ],
)
def test_an_agreement_that_does_not_stand_says_so(more: dict[str, object], word: str) -> None:
    assert word in words(facts(agreements=(agreement(**more),)))
    assert word not in words(facts())


def test_nothing_on_record_is_said_to_be_nothing_on_record() -> None:
    said = words(
        facts(sources=(), agreements=(), cohorts=(), plans=(), requests=(), rows_out=(), log_holds=False)
    )
    for line in ("does not say what the data are for", "There is no cohort yet", "no lawful basis is on record here",
                 "Nothing has left", "No request is on record", "DOES NOT HOLD"):  # fmt: skip
        assert line in said
    assert "Without an agreement: Arrests" in words(facts(sources=(source("upn", ""),)))


def test_what_was_tried_and_what_did_not_hold_stand_beside_the_risk() -> None:
    evidence = Evidence("A. Lead", "2026-11-20T10:00:00", "0.1", quick=True, trials=TRIALS)
    said = words(facts(evidence=evidence))
    assert "1 of 2 attacks succeeded" in said
    assert "insider: held" in said
    assert "traces: DID NOT HOLD" in said
    assert "the evidence is of a quick one" in said
    by_id = {risk.id: tried(risk, evidence) for risk in RISKS}
    assert by_id["T12"] == "cannot be tried by a program"
    assert by_id["T4"] == "not tried"
    assert "Nothing was tried on this project" in words(facts())


def test_every_attack_that_a_risk_names_is_there_and_every_attack_tries_a_risk() -> None:
    page = (ROOT / "docs" / "how-to" / "attack-your-own-store.md").read_text(encoding="utf-8")
    table = page.split("It succeeds when |")[1].split("\n\n")[0]
    known = {name.strip() for line in table.splitlines()[2:] for name in line.split("|")[1].split(",")}
    named = {name for risk in RISKS for name in risk.attacks}
    assert named <= known
    assert known - named == {"timing"}
    assert callable(attack_actions.attack)
    assert "dpia" in typer.main.get_command(cli.app).commands["report"].commands  # type: ignore[attr-defined]


def test_the_threat_model_page_says_the_same_as_the_assessment() -> None:
    page = (ROOT / "docs" / "explanation" / "threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (T\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert rows == [
        (r.id, r.threat, r.actor, r.measures,
         ", ".join(f"`{a}`" for a in r.attacks) or "cannot be tried by a program", r.left)
        for r in RISKS
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["no json", "[]", "{}", '{"attacks": [{"name": 1}]}', '{"attacks": 3, "project": "Bench"}']
)
def test_a_file_that_is_no_evidence_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "attack.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match="LC760"):
        read_evidence(path, "Bench")


def test_evidence_of_another_project_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "attack.json"
    head = {"authority": "a", "at": "2026-11-20", "lifecourse": "0.1", "quick": False, "attacks": []}
    path.write_text(json.dumps(head | {"project": "Other"}), encoding="utf-8")
    with pytest.raises(EvaluationError, match="LC761"):
        read_evidence(path, "Bench")
    assert read_evidence(path, "Other").trials == ()
