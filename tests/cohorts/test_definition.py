"""A cohort is what its definition says, and says the same after a round trip."""

from __future__ import annotations

import pytest

from cohorts.definition import CohortDefinition, read_definition
from cohorts.errors import CohortError
from cohorts.store import load_template, template_names
from workspace.toml_source import parse_toml

GOOD = """[template]
id = "t"
version = "1"
title = "T"
[index]
event = "release"
[eligibility]
rule = "age >= 18"
[[wave]]
name = "release"
months = 0
[[measure]]
measure = "m"
wave = "release"
follow_up_months = 12
"""


def read(text: str) -> CohortDefinition:
    return read_definition(parse_toml(text, "t.toml", CohortError), "mine")


def test_a_definition_survives_a_round_trip() -> None:
    definition = read(GOOD)
    assert CohortDefinition.from_json(definition.as_json()) == definition
    assert definition.title == "T"
    assert definition.wave("release") is not None
    assert definition.wave("never") is None


@pytest.mark.parametrize("template", template_names())
def test_every_built_in_template_has_waves_measures_and_ripeness(template: str) -> None:
    definition = load_template(template, "mine", "", None)
    assert definition.waves
    assert definition.measures
    assert all(definition.wave(window.wave) for window in definition.measures)
    assert all(window.follow_up_months >= 0 for window in definition.measures)
    assert definition.eligibility_words


def test_the_three_templates_are_there() -> None:
    assert template_names() == ["early-years", "prison-leavers", "school"]


def test_proven_reoffending_is_ripe_after_twelve_and_six_months() -> None:
    windows = {w.measure: w for w in load_template("prison-leavers", "mine", "", None).measures}
    window = windows["proven-reoffending-binary"]
    assert (window.follow_up_months, window.waiting_months) == (12, 6)


@pytest.mark.parametrize(
    ("line", "wrong", "where", "code"),
    [
        ('rule = "age >= 18"', 'rule = "age >="', "t.toml:8", "LC803"),
        ('wave = "release"', 'wave = "relase"', "t.toml:14", "LC803"),
        ('event = "release"', 'evnt = "release"', "t.toml:5", "LC802"),
        ("months = 0", 'months = "0"', "t.toml:11", "LC803"),
    ],
)
def test_a_fault_in_a_template_names_its_line(line: str, wrong: str, where: str, code: str) -> None:
    with pytest.raises(CohortError) as caught:
        read(GOOD.replace(line, wrong, 1))
    assert any(fault.where == where and fault.code == code for fault in caught.value.faults)


def test_an_unknown_template_gets_a_near_name() -> None:
    with pytest.raises(CohortError, match="Did you mean 'school'"):
        load_template("shool", "mine", "", None)


def test_an_own_rule_replaces_the_templates() -> None:
    assert load_template("school", "mine", "", "girl == 1").eligibility == "girl == 1"
    with pytest.raises(CohortError) as caught:
        load_template("school", "mine", "", "girl ==")
    assert caught.value.faults[0].where == "--eligible"
