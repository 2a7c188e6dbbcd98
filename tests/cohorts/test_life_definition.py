"""What a template may declare about lives, and what is refused, with its line."""

from __future__ import annotations

import pytest

from cohorts.definition import CohortDefinition, read_definition
from cohorts.errors import CohortError
from cohorts.lives.definition import LifeDefinition, names_of
from cohorts.store import load_template, template_names
from workspace.toml_source import parse_toml

HEAD = """
[template]
id = "t"
version = "1"
title = "T"
[index]
event = "start"
[[wave]]
name = "w"
months = 12
[[spell]]
kind = "custody"
states = ["remand"]
[[event]]
kind = "arrest"
[[event]]
kind = "recall"
process = true
"""
DERIVED = '[[derived]]\nname = "d"\nkind = "event-count"\nwave = "w"\nto_months = 12\nevents = ["arrest"]\n'


def read(body: str) -> CohortDefinition:
    return read_definition(parse_toml(HEAD + body, "t.toml", CohortError), "mine")


@pytest.mark.parametrize("name", template_names())
def test_a_built_in_template_survives_being_stored(name: str) -> None:
    made = load_template(name, "mine", "", None)
    assert made.life.derived
    assert CohortDefinition.from_json(made.as_json()) == made


def test_a_definition_stored_before_these_keys_declares_nothing() -> None:
    assert LifeDefinition.from_data({}) == LifeDefinition()


def test_a_derived_variable_is_ripe_after_its_window_and_waiting_time() -> None:
    made = read(DERIVED + "waiting_months = 6\n")
    assert [(w.measure, w.wave, w.follow_up_months, w.waiting_months) for w in made.measures] == [
        ("d", "w", 12, 6)
    ]


def test_days_to_an_event_come_with_whether_it_came_and_what_came_before() -> None:
    body = DERIVED.replace("event-count", "days-to-event") + 'competing = ["recall", "custody:remand"]\n'
    assert names_of(read(body).life.derived[0]) == ("d", "d_event", "d_recall", "d_remand")


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (DERIVED.replace('["arrest"]', '["recall"]'), "LC868", "closer watching"),
        (DERIVED.replace('["arrest"]', '["arest"]'), "LC803", "no [[event]] is of kind 'arest'"),
        (DERIVED.replace('events = ["arrest"]', ""), "LC802", "needs 'events'"),
        (DERIVED.replace('"event-count"', '"event-cont"'), "LC803", "'kind' is 'event-cont'"),
        (DERIVED.replace("to_months = 12", "to_months = 0"), "LC803", "must end after it begins"),
        (DERIVED + 'competing = ["recall"]\n', "LC803", "takes no 'competing'"),
        (DERIVED + 'spell = "custdy"\n', "LC803", "no [[spell]] is of kind 'custdy'"),
        (DERIVED + 'spell = "custody"\nstates = ["bail"]\n', "LC803", "has no state 'bail'"),
        (DERIVED + DERIVED, "LC803", "two derived variables 'd'"),
        (DERIVED.replace('name = "d"', 'name = "D 1"'), "LC803", "'name' must be small letters"),
        (DERIVED + "window = 3\n", "LC801", "unknown key 'window'"),
        ('[[derived]]\nname = "f"\nkind = "family"\nwave = "w"\n', "LC802", "needs 'relations'"),
        ('[[spell]]\nkind = "x"\nstates = ["In Care"]\n', "LC803", "'states' lists words"),
        ('[[wave]]\nname = "v"\nmonths = 1\nschool_year = "year-9"\n', "LC803", "'school_year' is 'year-9'"),
    ],
)
def test_a_fault_in_a_template_is_named_with_its_line(body: str, code: str, said: str) -> None:
    with pytest.raises(CohortError) as caught:
        read(body)
    fault = caught.value.faults[0]
    assert (fault.code, said in fault.problem) == (code, True), fault
    assert fault.where.startswith("t.toml:")


def test_recall_may_stand_beside_what_people_did() -> None:
    assert read(DERIVED.replace('["arrest"]', '["arrest", "recall"]')).life.derived[0].events == (
        "arrest",
        "recall",
    )
