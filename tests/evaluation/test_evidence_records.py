"""Records of others' studies and claims: what is refused and on which line, what is read out of them."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import replace
from typing import Any

import pytest

from evaluation.errors import EvaluationError
from evaluation.evidence.claim_options import across_from, asked_from, claim_from
from evaluation.evidence.claim_readings import assess
from evaluation.evidence.conflicts import conflicts_of
from evaluation.evidence.figures import measured
from evaluation.evidence.json_lines import json_lines
from evaluation.evidence.kept import differing_facts, kept, with_new_versions
from evaluation.evidence.model import Claim, Record, Study
from evaluation.evidence.readings import figure_words, read_version
from evaluation.evidence.record_file import parse_json, read_records
from workspace.console import to_json
from workspace.toml_source import parse_toml

STUDY = """[[study]]
id = "a-trial"
citation = "Smith (2020)"
outcome = "reoffending"
better = "lower"
design = "randomised"
minimum_important_difference = 0.05
mid_source = "break-even"
moderators = { hours = 12, setting = "prison" }

[[study.version]]
date = 2020-05-01
source = "the article, table 2"
scale = "risk-difference"
effect = -0.08
std_error = 0.03
n = 900
"""
CHECKPOINT = """[[study]]
id = "checkpoint"
citation = "Checkpoint deferred prosecution, Durham"
outcome = "reoffending"
better = "lower"
design = "randomised"
programme = "Deferred prosecution"

[[study.version]]
date = 2021-01-01
source = "one report"
scale = "unclear"
effect = -0.103
n = 521
population = "all who were randomised"
note = "prevalence -10.3 %: whether points or per cent of the comparison is not said"

[[study.version]]
date = 2022-01-01
source = "another report"
scale = "risk-difference"
effect = -0.13
n = 356
population = "moderate risk"
note = "35 % against 48 %"

[[study.version]]
date = 2023-01-01
source = "the press"
scale = "risk-difference"
effect = -0.15
reported_by = "a newspaper"
"""
HOTSPOTS = "Violent crime fell by more than 36 % in hotspots: the evidence shows it's working"


def records(text: str) -> tuple[Record, ...]:
    return read_records(parse_toml(text, "studies.toml", EvaluationError))


def study(text: str = STUDY, **more: Any) -> Study:
    (one,) = records(text)
    assert isinstance(one, Study)
    return replace(one, **more)


def refused(text: str) -> str:
    with pytest.raises(EvaluationError) as error:
        records(text)
    return "\n".join(map(str, error.value.faults))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('better = "lower"\n', 'colour = "red"\nbetter = "lower"\n', "toml:5: LC550 [[study]] has an unknown key"),
        ('citation = "Smith (2020)"\n', "", "studies.toml:1: LC551 [[study]] has no 'citation'"),
        ('"a-trial"', '"A Trial"', "studies.toml:2: LC552 'id' is not a short name"),
        ('mid_source = "break-even"\n', "", "studies.toml:7: LC551 a difference that matters has no mid_source"),
        ('"risk-difference"', '"risk-ration"', "LC552 'scale' is 'risk-ration', which is not one of"),
        ("hours = 12,", "hours = [1],", "studies.toml:9: LC552 moderator 'hours' is neither a number nor a text"),
        ("effect = -0.08\n", "", "LC553 the version has neither an effect nor counts"),
        ("effect = -0.08", "effect = -8", "studies.toml:15: LC553 a difference of risks lies between -1 and 1"),
        ("std_error = 0.03", "conf_low = -0.05\nconf_high = -0.01", "LC553 the effect lies outside its own"),
        ("std_error = 0.03", "conf_low = -0.02\nconf_high = -0.20", "the lower end of the interval is not"),
        ("std_error = 0.03", "conf_low = -0.2", "studies.toml:16: LC553 an interval has two ends; one is given"),
        ("n = 900", "conf_low = -0.3\nconf_high = 0.14", "toml:16: LC553 the standard error and the interval are"),
        ('"risk-difference"', '"odds-ratio"', "LC553 a ratio is above 0"),
        ("n = 900", "events_treated = 5\nn_treated = 3\nevents_comparison = 1\nn_comparison = 3", "more people had it"),
        ("n = 900", "events_treated = 5", "has counts but no n_treated, events_comparison, n_comparison"),
        ("date = 2020-05-01", 'date = "2020-05-01"', "studies.toml:12: LC552 'date' must be a date"),
        ("[[study.version]]", "[study.extra]", "LC551 [[study]] has no version"),
    ],
)  # fmt: skip
def test_a_record_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    assert old in STUDY
    assert said in refused(STUDY.replace(old, new, 1))


def test_all_faults_of_a_file_come_at_once_and_an_empty_file_is_one() -> None:
    said = refused(
        STUDY.replace('better = "lower"\n', "x = 1\n").replace("std_error = 0.03", "std_error = -1")
    )
    assert all(code in said for code in ("LC550", "LC551", "LC552"))
    assert "LC551 the file holds no [[study]] and no [[claim]]" in refused("")
    assert "LC554 the id 'a-trial' stands in the file twice" in refused(STUDY + STUDY)


def test_what_is_kept_reads_back_as_what_was_added() -> None:
    for text in (STUDY, CHECKPOINT):
        one = study(text)
        again = read_records(parse_json(to_json(kept(one)), "evidence/outside/x.json"))
        assert again == (one,)
    claim = claim_from({"text": HOTSPOTS, "id": "c", "said_by": "HO"}, dt.date(2025, 3, 1), False)
    assert read_records(parse_json(to_json(kept(claim)), "c.json")) == (claim,)


def test_faults_in_a_kept_record_name_the_line_of_the_json() -> None:
    text = to_json(kept(study())).replace('"risk-difference"', '"colour"')
    line = next(i for i, words in enumerate(text.splitlines(), start=1) if '"scale"' in words)
    with pytest.raises(EvaluationError, match=f"x.json:{line}: LC552 'scale' is 'colour'"):
        read_records(parse_json(text, "x.json"))
    with pytest.raises(EvaluationError, match=r"x\.json:2: LC558 the file is not valid JSON"):
        parse_json("{\n oops", "x.json")
    with pytest.raises(EvaluationError, match="LC558 the file holds no record"):
        parse_json("[1]", "x.json")


def test_lines_of_json_are_found_at_any_depth() -> None:
    text = json.dumps({"a": [{"b": "x, y: {z}"}, 2], "c": {"d": None}}, indent=1)
    lines = json_lines(text)
    assert {path: lines[path] for path in [("a",), ("a", 0), ("a", 0, "b"), ("a", 1), ("c", "d")]} == {
        ("a",): 2, ("a", 0): 3, ("a", 0, "b"): 4, ("a", 1): 6, ("c", "d"): 9,
    }  # fmt: skip


def test_a_version_is_read_by_the_rows_of_the_verdict_table() -> None:
    one = study()
    reading = read_version(one, one.versions[0])
    assert (reading.answer, reading.detail) == ("works", "size-uncertain")
    harmed = replace(one, better="higher")
    assert read_version(harmed, harmed.versions[0]).answer == "harms"
    without = replace(one, minimum_important_difference=None)
    assert "no difference that matters was set" in read_version(without, one.versions[0]).sentence
    before_after = replace(one, design="before-after")
    assert read_version(before_after, one.versions[0]).answer == "changed"
    bare = replace(one.versions[0], std_error=None)
    assert read_version(one, bare).answer == "not-assessable"
    narrow = replace(one.versions[0], effect=0.001, std_error=0.01)
    assert read_version(one, narrow).answer == "no-meaningful-effect"


def test_an_error_is_taken_from_the_interval_on_the_log_of_a_ratio() -> None:
    version = replace(
        study().versions[0], scale="odds-ratio", effect=2.0, std_error=None, conf_low=1.0, conf_high=4.0
    )
    found = measured(version)
    assert found is not None
    assert (found.value, found.std_error) == pytest.approx((math.log(2), math.log(4) / (2 * 1.959964)))
    as_difference = measured(version, "smd")
    assert as_difference is not None
    assert as_difference.value == pytest.approx(math.log(2) / 1.65), "the Cox index"
    for scale in ("risk-ratio", "risk-difference", "rate-ratio", "hazard-ratio", "difference"):
        assert measured(version, scale) is None, "needs facts that are not there"
    assert measured(replace(version, scale="hazard-ratio"), "smd") is None


def test_checkpoint_three_versions_of_one_trial_come_out_as_conflicts() -> None:
    """Facts: 521 randomised, prevalence -10.3 %; 356 of moderate risk, 35 % against 48 %; the press: 15 points."""
    pairs = conflicts_of(study(CHECKPOINT))
    assert [(p.earlier.source, p.later.source) for p in pairs] == [
        ("one report", "another report"), ("one report", "the press"), ("another report", "the press"),
    ]  # fmt: skip
    assert pairs[0].differs == ("scale", "number of people", "population")
    assert pairs[0].question.startswith("Which population")
    assert pairs[2].differs == ("size",)


def test_versions_that_differ_only_by_rounding_are_no_conflict_and_signs_and_verdicts_are() -> None:
    one = study()
    rounded = replace(one.versions[0], effect=-0.1, date="2021-01-01")
    close = replace(one.versions[0], effect=-0.084, date="2021-01-01")
    turned = replace(one.versions[0], effect=0.08, date="2021-01-01")
    assert conflicts_of(replace(one, versions=(one.versions[0], close))) == ()
    assert conflicts_of(replace(one, versions=(one.versions[0], rounded))) == ()
    (pair,) = conflicts_of(replace(one, versions=(one.versions[0], turned)))
    assert pair.differs == ("size", "sign", "verdict")
    parts = (one.versions[0], replace(turned, part="women"))
    assert conflicts_of(replace(one, versions=parts)) == (), "two parts are two effects"


def test_a_claim_about_hotspots_cannot_be_told_yet_and_says_which_design_would() -> None:
    claim = claim_from({"text": HOTSPOTS, "id": "hot", "said_by": "Home Office"}, dt.date(2025, 3, 1), False)
    assert isinstance(claim, Claim)
    found = assess(claim)
    assert found.reading.sentence == "cannot tell yet: worst areas chosen, no comparison named"
    assert "difference-in-differences" in found.design
    assert "buffer zones" in found.design
    assert "Per cent of what number: how many before and after?" in found.questions
    tested = assess(replace(claim, tested_by="EVAL-003"), "harms")
    assert (tested.reading.answer, tested.reading.sentence) == (
        "harms",
        "tested by EVAL-003: made things worse",
    )


@pytest.mark.parametrize(
    ("facts", "said", "design"),
    [
        ({"comparison": "before"}, "nothing but the time before to compare with", "like them"),
        ({"comparison": "randomised"}, "nobody here has tested it", "Register the trial"),
        ({"comparison": "other-places"}, "nobody here has tested it", "synthetic-control"),
        (
            {"chosen": "volunteers", "change": "relative"},
            "no comparison named, those who came forward",
            "like them",
        ),
    ],
)
def test_what_the_person_answers_decides_how_a_claim_reads(
    facts: dict[str, str], said: str, design: str
) -> None:
    answers = {"text": "The scheme cut crime", "id": "c", "said_by": "A partner"} | facts
    claim = claim_from(answers, dt.date(2025, 1, 1), False)
    assert isinstance(claim, Claim)
    found = assess(claim)
    assert said in found.reading.sentence
    assert design in found.design


def test_options_that_make_no_claim_and_no_question_are_refused() -> None:
    day = dt.date(2025, 1, 1)
    for answers, also in (
        ({"text": ""}, False),
        ({"text": "x"}, True),
        ({"text": "x", "id": "", "said_by": ""}, False),
    ):
        with pytest.raises(EvaluationError, match="LC551"):
            claim_from(answers, day, also)
    with pytest.raises(EvaluationError, match="LC547"):
        claim_from({"text": "x", "id": "c", "said_by": "y", "tested_by": "the other"}, day, False)
    for bad in (("o", "log", None, ""), ("o", "odds-ratio", 1.0, ""), ("o", "", -1.0, "")):
        with pytest.raises(EvaluationError, match="LC552"):
            asked_from(*bad, without_disputed=False)
    with pytest.raises(EvaluationError, match="LC552"):
        across_from("colour")


def test_a_study_on_record_gains_versions_and_loses_none() -> None:
    old = study()
    newer = replace(old.versions[0], date="2021-01-01", effect=-0.07)
    grown = with_new_versions(old, replace(old, versions=(newer,)))
    assert grown.versions == (old.versions[0], newer)
    assert grown.newest() == (newer,)
    assert differing_facts(old, replace(old, place="Hull", versions=(newer,))) == ("place",)
    claim = Claim("a-trial", "x", "y", "2025-01-01")
    assert differing_facts(old, claim) == ("kind of record",)
    assert differing_facts(claim, replace(claim, tested_by="EVAL-001")) == ()
    assert differing_facts(replace(claim, tested_by="EVAL-001"), claim) == ("tested_by",)


def test_figures_are_said_as_they_were_published() -> None:
    one = study().versions[0]
    assert figure_words(one) == "-0.08 (se 0.03) risk difference"
    assert (
        figure_words(replace(one, conf_low=-0.14, conf_high=-0.02)) == "-0.08 [-0.14, -0.02] risk difference"
    )
