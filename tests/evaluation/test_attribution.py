"""Every row of the table of failures, and what comes first where several apply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evaluation.explaining.attribution import CODES, ORDER, WORDS, Facts, attribute
from evaluation.explaining.delivered import EVERYTHING
from evaluation.model import LinkReading


def link(name: str, finding: str, near: str = "delivered", rests_on: str = "outcome") -> LinkReading:
    return LinkReading(name, "here", "there", "", "", "", finding, near=near, rests_on=rests_on)


FIRST = (link("A1>O1", "did not hold"), link("O1>O2", "not tested", "did not move"))
LATER = (link("A1>O1", "held"), link("O1>O2", "did not hold", "moved"))
NULL = Facts("no-meaningful-effect", delivered=True, links=FIRST)
ROWS: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("as the theory expected", {"answer": "works", "links": (link("A1>O1", "held"),)}, "as-expected", "W0", ""),
    ("dose not delivered", {"delivered": False, "links": ()}, "implementation", "W1", ""),
    ("wrong people", {"right_people": False, "links": ()}, "wrong-people", "W2", ""),
    ("delivered, nearer end unmoved", {}, "theory-first-link", "W3", "A1>O1"),
    ("nearer end moved, further not", {"links": LATER}, "theory-later-link", "W4", "O1>O2"),
    ("comparison got similar help", {"contrast": "red", "links": ()}, "contrast", "W5", ""),
    ("measure cannot see", {"measurement": ("ends",)}, "measurement", "W6", "A1>O1"),
    ("lost people", {"evaluation": ("lost",)}, "evaluation", "W7", "A1>O1"),
    ("cannot be assessed", {"answer": "not-assessable", "links": ()}, "evaluation", "W7", ""),
    ("follow-up too short", {"answer": "inconclusive", "too_soon": True, "links": ()}, "too-soon", "W7", ""),
    ("harm beside benefit", {"opposed": ("both",)}, "harm-offsets-benefit", "W8", "A1>O1"),
    ("harm", {"answer": "harms"}, "harm", "W8", "A1>O1"),
    ("registered moderator", {"moderators": ("'age'",)}, "moderated", "W9", "A1>O1"),
    ("nobody looked at delivery", {"delivered": None}, "implementation-or-theory", "W3", "A1>O1"),
    ("nothing found", {"answer": "inconclusive", "links": ()}, "not-known", "W7", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "kind", "code", "broken"), [row[1:] for row in ROWS], ids=[r[0] for r in ROWS]
)
def test_each_row_of_the_table_has_its_class_code_and_broken_link(
    changes: dict[str, Any], kind: str, code: str, broken: str
) -> None:
    found = attribute(replace(NULL, **changes))
    assert (found.kind, found.codes[0], found.first_broken) == (kind, code, broken)
    assert found.sentence.startswith(WORDS[found.kind])


MIXED: list[tuple[dict[str, Any], str, set[str]]] = [
    ({"delivered": False, "contrast": "red", "measurement": ("x",)}, "implementation", {"W1", "W5", "W6"}),
    ({"right_people": False, "contrast": "red"}, "wrong-people", {"W2", "W5"}),
    ({"contrast": "red", "evaluation": ("x",)}, "contrast", {"W5", "W7"}),
    ({"measurement": ("x",), "evaluation": ("y",), "links": LATER}, "measurement", {"W6", "W7", "W4"}),
    ({"opposed": ("x",), "moderators": ("'age'",)}, "harm-offsets-benefit", {"W8", "W9", "W3"}),
    ({"moderators": ("'age'",), "links": LATER}, "moderated", {"W9", "W4"}),
    ({"answer": "harms", "delivered": False, "evaluation": ("x",)}, "harm", {"W8", "W1", "W7"}),
    ({"answer": "works", "delivered": False, "links": ()}, "as-expected", {"W0", "W1"}),
]


@pytest.mark.parametrize(("changes", "kind", "codes"), MIXED)
def test_where_several_apply_the_first_in_the_order_is_the_class_and_all_are_told(
    changes: dict[str, Any], kind: str, codes: set[str]
) -> None:
    found = attribute(replace(NULL, **changes))
    assert found.kind == kind
    assert set(found.codes) == codes


@pytest.mark.parametrize("changes", [{"delivered": False}, {"right_people": False}, {"contrast": "red"}])
def test_what_was_not_delivered_leaves_the_effect_untested_and_blames_no_link(
    changes: dict[str, Any],
) -> None:
    found = attribute(replace(NULL, links=(), **changes))
    assert "untested" in found.sentence
    assert not {"W3", "W4"} & set(found.codes)


def test_a_later_link_can_fail_alone_where_its_near_end_is_known_to_have_moved() -> None:
    found = attribute(replace(NULL, delivered=None, links=(link("O1>O2", "did not hold", "moved"),)))
    assert found.kind == "theory-later-link"


def test_an_amber_contrast_is_no_failure_of_its_own() -> None:
    assert attribute(replace(NULL, contrast="amber")).kind == "theory-first-link"


def test_every_class_has_words_and_a_code_and_what_was_not_looked_at_is_handed_on() -> None:
    assert set(CODES) == set(WORDS) == {*ORDER, "as-expected", "not-known"}
    assert attribute(replace(NULL, not_looked=EVERYTHING)).not_looked == EVERYTHING
