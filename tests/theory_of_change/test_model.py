"""Boxes, links, measures and theories refuse to be built wrong."""

from __future__ import annotations

from typing import Any

import pytest

from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Measure, Theory


def codes(error: pytest.ExceptionInfo[TheoryError]) -> list[str]:
    return [fault.code for fault in error.value.faults]


def score(**changes: Any) -> Measure:
    given: dict[str, Any] = {"id": "score", "name": "A score", "kind": "continuous", "better": "lower"}
    return Measure(**(given | {"minimum": 0, "maximum": 40} | changes))


def test_an_activity_needs_a_tier() -> None:
    with pytest.raises(TheoryError) as error:
        Box("A1", "activity", "Mentoring")
    assert codes(error) == ["LC204"]


def test_a_box_gathers_every_fault_before_it_refuses() -> None:
    with pytest.raises(TheoryError) as error:
        Box("1A", "outcom", " ", tier="fourth")
    assert codes(error) == ["LC206", "LC202", "LC203", "LC203"]
    assert "Did you mean 'outcome'?" in error.value.faults[2].problem


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("outcome", {"tier": "primary"}), ("output", {"term": "long"}), ("impact", {"factor_sign": "risk"})],
)
def test_a_key_that_belongs_to_another_kind_of_box_is_refused(kind: str, extra: dict[str, str]) -> None:
    with pytest.raises(TheoryError) as error:
        Box("O1", kind, "Something", **extra)  # type: ignore[arg-type]
    assert codes(error) == ["LC203"]


def test_a_link_is_named_after_its_two_ends() -> None:
    assert Link("A4", "O3").id == "A4>O3"


def test_a_link_to_itself_and_a_negative_lag_are_refused_together() -> None:
    with pytest.raises(TheoryError) as error:
        Link("A4", "A4", lag_months=-1)
    assert codes(error) == ["LC215", "LC203"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"minimum": 40, "maximum": 0}, "LC331"),
        ({"minimum": 5, "maximum": 5}, "LC331"),
        ({"minimum_important_difference": 1.2}, "LC332"),
        ({"minimum_important_difference": -1.2, "mid_source": "guide"}, "LC333"),
        ({"minimum_important_difference": 0, "mid_source": "guide"}, "LC333"),
        ({"minimum_important_difference": 41, "mid_source": "guide"}, "LC335"),
        ({"mid_effect": "hazard-ratio"}, "LC334"),
        ({"kind": "time-to-event", "minimum_important_difference": 1, "mid_source": "guide"}, "LC333"),
        ({"kind": "binary", "minimum_important_difference": 5, "mid_source": "guide"}, "LC335"),
        ({"better": "down"}, "LC303"),
        ({"id": "two words"}, "LC206"),
        ({"name": ""}, "LC302"),
        ({"follow_up_months": -1}, "LC303"),
    ],
)
def test_a_measure_that_cannot_be_used_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(TheoryError) as error:
        score(**changes)
    assert codes(error) == [code]


@pytest.mark.parametrize(
    ("kind", "effect"),
    [
        ("continuous", "difference"),
        ("binary", "risk-difference"),
        ("count", "rate-ratio"),
        ("time-to-event", "hazard-ratio"),
        ("ordinal", "difference"),
    ],
)
def test_each_kind_of_measure_has_its_usual_effect_scale(kind: str, effect: str) -> None:
    assert score(kind=kind).mid_effect == effect


def test_a_ratio_of_085_is_a_minimum_important_difference() -> None:
    measure = score(kind="time-to-event", minimum_important_difference=0.85, mid_source="a stated choice")
    assert measure.minimum_important_difference == 0.85


def chain(title: str = "A theory", **changes: Any) -> Theory:
    boxes = (
        Box("A1", "activity", "Mentoring", tier="tertiary", line=3),
        Box("O1", "outcome", "Fewer offend", measures=("score",), line=8),
    )
    given: dict[str, Any] = {"boxes": boxes, "links": (Link("A1", "O1", "trust", line=12),)}
    return Theory(title, **(given | {"measures": (score(),)} | changes))


def test_a_theory_finds_its_boxes_links_and_measures() -> None:
    theory = chain()
    box, link, measure = theory.box("O1"), theory.link("A1 > O1"), theory.measure("score")
    assert box is not None
    assert link is not None
    assert (box.text, link.because) == ("Fewer offend", "trust")
    assert theory.measures_of("O1") == (measure,)


def test_a_theory_answers_nothing_for_what_it_does_not_hold() -> None:
    theory = chain()
    assert theory.box("O9") is None
    assert theory.link("O1>A1") is None
    assert theory.measure("sdq") is None
    assert theory.measures_of("O9") == ()


def test_a_link_to_an_unknown_box_names_its_line_and_a_near_match() -> None:
    with pytest.raises(TheoryError) as error:
        chain(links=(Link("A1", "O9", "trust", line=15),))
    assert error.value.faults[0].where == "theory.toml:15"
    assert error.value.faults[0].problem == "link points to 'O9', which is not a box. Did you mean 'O1'?"


def test_a_theory_refuses_ids_given_twice_and_unknown_measures() -> None:
    box = Box("O1", "outcome", "Fewer offend", measures=("scoer",), line=8)
    with pytest.raises(TheoryError) as error:
        chain(boxes=(box, box), links=(), measures=(score(), score()), title=" ")
    assert codes(error) == ["LC202", "LC205", "LC205", "LC216", "LC216"]
    assert "Did you mean 'score'?" in error.value.faults[3].problem


def test_the_same_link_twice_is_refused_with_the_line_of_the_first() -> None:
    with pytest.raises(TheoryError) as error:
        chain(links=(Link("A1", "O1", line=12), Link("A1", "O1", line=20)))
    assert codes(error) == ["LC214"]
    assert "line 12" in error.value.faults[0].problem


def test_a_list_holds_no_empty_entry_and_no_entry_of_several_lines() -> None:
    for refused in (
        lambda: Link("A1", "O1", evidence=("",)),
        lambda: Box("O1", "outcome", "x", measures=("a\nb",)),
    ):
        with pytest.raises(TheoryError) as error:
            refused()
        assert error.value.code == "LC203"


def test_a_factor_that_a_link_names_is_a_box_of_that_kind() -> None:
    boxes = (Box("O1", "outcome", "x"), Box("O2", "outcome", "y"), Box("F1", "factor", "z"))
    assert Theory("T", boxes=boxes, links=(Link("O1", "O2", factors=("F1",)),))
    for name in ("O1", "F2"):
        with pytest.raises(TheoryError) as error:
            Theory("T", boxes=boxes, links=(Link("O1", "O2", factors=(name,)),))
        assert error.value.code == "LC210"
