"""Models of partners: rolled up by the outcomes they share, clashes named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from theory_of_change.drawing.picture import draw_theory
from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.priorities import Priority
from theory_of_change.store import load_catalogue
from theory_of_change.submodels.merging import merge, refuse_colons, shared_outcomes
from theory_of_change.submodels.starter import partner_starter
from theory_of_change.theory_file import parse_theory

EXCLUSIONS = Box("L1", "outcome", "Fewer exclusions", term="long", line=9)
CORE = Theory("Core", boxes=(EXCLUSIONS,), source="theory.toml")


def model(name: str, shared: Box = EXCLUSIONS, **link: Any) -> Theory:
    boxes = (Box("A1", "activity", f"What {name} does", tier="primary", line=3), shared)
    return Theory(name, boxes=boxes, links=(Link("A1", shared.id, line=20, **link),), source=f"{name}.toml")


def test_two_partners_feed_one_outcome_and_the_drawing_shows_both() -> None:
    partners = {"school": model("school"), "fire-service": model("fire-service")}
    merged = merge(CORE, partners)
    assert [box.id for box in merged.theory.boxes] == ["L1", "fire-service:A1", "school:A1"]
    assert [link.id for link in merged.theory.links] == ["fire-service:A1>L1", "school:A1>L1"]
    assert merged.clashes == ()
    assert shared_outcomes(CORE, partners) == {"L1": ("theory", "fire-service", "school")}
    told = draw_theory(merged.theory).scene.description
    assert "fire-service:A1 to L1, school:A1 to L1" in told


def test_one_id_with_two_meanings_is_a_clash_that_names_both_places() -> None:
    other = replace(EXCLUSIONS, text="Better marks", term="short", line=7)
    clashes = merge(CORE, {"school": model("school", other)}).clashes
    assert [(fault.code, str(fault)) for fault in clashes] == [
        ("LC228", "school.toml:7: LC228 box L1 has another text than in theory.toml:9"),
        ("LC228", "school.toml:7: LC228 box L1 has another term than in theory.toml:9"),
    ]


def test_capitals_and_blanks_are_no_clash_and_what_both_say_is_joined() -> None:
    other = replace(EXCLUSIONS, text="fewer  Exclusions ", measures=("score",), priority=("education",))
    score = Measure("score", "A score", "continuous", "lower")
    partner = replace(
        model("school"), boxes=(other,), links=(), measures=(score,), priorities=(Priority("education"),)
    )
    merged = merge(CORE, {"school": partner})
    assert merged.clashes == ()
    assert merged.theory.box("L1") == replace(EXCLUSIONS, measures=("score",), priority=("education",))
    assert merged.theory.priorities == (Priority("education"),)
    changed = replace(score, better="higher")
    again = merge(merged.theory, {"other": replace(partner, measures=(changed,))})
    assert [fault.problem for fault in again.clashes] == [
        "measure 'score' is another one than in theory.toml"
    ]


def test_two_claims_about_one_link_between_shared_outcomes_are_a_clash() -> None:
    second = Box("L2", "outcome", "More in work", term="long")
    link = Link("L1", "L2", "school leads to work", lag_months=12, line=5)
    core = replace(CORE, boxes=(EXCLUSIONS, second), links=(link,))
    partner = replace(core, links=(replace(link, lag_months=36, evidence=("one",)),), source="school.toml")
    merged = merge(core, {"school": partner})
    assert [fault.problem for fault in merged.clashes] == [
        "link L1>L2 claims another lag than in theory.toml:5"
    ]
    assert merged.theory.links == (replace(link, evidence=("one",)),)


def test_a_partner_leaves_its_name_out_of_its_ids() -> None:
    named = replace(model("school"), boxes=(Box("school:A1", "activity", "x", tier="primary"),), links=())
    with pytest.raises(TheoryError) as error:
        refuse_colons(named)
    assert error.value.code == "LC229"


def test_a_partners_first_model_leads_to_an_outcome_of_the_theory() -> None:
    model_ = parse_theory(partner_starter("fire-service", CORE), load_catalogue())
    assert merge(CORE, {"fire-service": model_}).clashes == ()
    assert [link.id for link in model_.links] == ["A1>P1", "P1>L1"]
    assert [link.id for link in parse_theory(partner_starter("x", None), load_catalogue()).links][
        -1
    ] == "P1>O1"
