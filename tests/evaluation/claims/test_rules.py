"""The rules, their own examples, and the corpus of made-up sentences."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evaluation.claims.documents import from_markdown
from evaluation.claims.linter import lint, lint_text
from evaluation.claims.model import Passage, Rule
from evaluation.claims.rules import RULES
from tests.evaluation.claims.samples import ALONE, DAYS, LOW, OPEN, WORKS, Example, corpus, scores

CORPUS = list(corpus())
HELD = {"direction": (WORKS,), "disagrees": (WORKS,)}  # rules that need a result to be met at all


def met(text: str, rule: Rule) -> bool:
    text = re.sub("reoffending", "proven reoffending", text, flags=re.IGNORECASE) if rule.id in HELD else text
    return rule.id in {found.rule for found in lint(from_markdown(text), HELD.get(rule.id, ()))}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_meets_its_faulty_examples_and_leaves_the_fine_ones(rule: Rule) -> None:
    assert rule.faulty
    assert rule.fine
    assert [text for text in rule.faulty if not met(text, rule)] == []
    assert [text for text in rule.fine if met(text, rule)] == []


def test_the_corpus_is_large_and_half_of_it_is_fine() -> None:
    faulty = sum(bool(example.rules) for example in CORPUS)
    assert len(CORPUS) >= 200
    assert 0.4 <= faulty / len(CORPUS) <= 0.6
    assert {rule for example in CORPUS for rule in example.rules} == {rule.id for rule in RULES}
    assert len({(example.result, example.text) for example in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("example", CORPUS, ids=lambda example: example.text[:60])
def test_each_sentence_of_the_corpus_is_read_as_labelled(example: Example) -> None:
    assert example.found() == example.rules


def test_precision_and_recall_over_the_corpus_are_those_of_the_page() -> None:
    found = scores(CORPUS)
    assert set(found) == {rule.id for rule in RULES}
    assert all(score.precision == score.recall == 1 for score in found.values())
    assert sum(score.right for score in found.values()) >= 140


def test_a_cause_is_a_warning_without_a_result_and_an_error_against_one_that_does_not_bear_it() -> None:
    text = "The course reduced proven reoffending."
    assert [(f.rule, f.severity) for f in lint_text(text)] == [("cause", "warning")]
    assert [(f.rule, f.severity) for f in lint_text(text, (OPEN,))] == [("cause", "error")]
    assert lint_text(text, (WORKS,)) == ()
    assert [f.instead for f in lint_text(text, (LOW,))] == ["Write: was associated with."]
    changed = lint_text("The patrols reduced robbery.", (ALONE,))
    assert changed[0].instead.startswith("Say that it changed")


def test_a_finding_says_where_what_why_and_what_to_write_instead() -> None:
    passages = (
        Passage("Results", "paragraph 1", part="heading"),
        Passage("It was significant.", "paragraph 2", "Results"),
    )
    (found,) = lint(passages)
    assert (found.where, found.heading, found.phrase) == ("paragraph 2", "Results", "significant")
    assert found.why.endswith(".")
    assert found.instead.startswith("Give the range")


def test_what_stands_under_cannot_say_is_not_claimed() -> None:
    text = "The course had no effect on reoffending."
    assert lint((Passage(text, "a", "What you cannot say"),)) == ()
    assert lint((Passage(text, "a", "What you can say"),)) != ()


def test_numbers_are_compared_as_finely_as_they_are_printed() -> None:
    def wrong(said: str) -> bool:
        return any(
            f.rule == "disagrees" for f in lint_text(f"Proven reoffending: {said} in every 100.", (WORKS,))
        )

    assert not wrong("between 4 and 12 fewer")
    assert not wrong("between 4.0 and 12.0 fewer")
    assert not wrong("4 to 12 fewer")
    assert wrong("between 4 and 12 more")
    assert wrong("between 4.4 and 12 fewer")
    assert wrong("between 5 and 12 fewer")


def test_a_relative_change_is_held_against_the_comparison() -> None:
    """8 of 43 in every 100 is 18.6 %; from 4 / 43 = 9.3 % to 12 / 43 = 27.9 %."""
    fine = lint_text("Proven reoffending was between 9 % and 28 % lower, from 43 in every 100.", (WORKS,))
    assert fine == ()
    (off,) = lint_text("Proven reoffending was between 9 % and 38 % lower, from 43 in every 100.", (WORKS,))
    assert off.rule == "disagrees"


def test_an_earlier_version_is_told_apart_by_its_numbers_and_the_right_ones_are_given() -> None:
    (found,) = lint_text("On proven reoffending: between 2 and 9 fewer in every 100.", (WORKS,))
    assert found.instead == "The result says: from −12 to −4 in every 100."


def test_of_two_outcomes_named_in_one_sentence_one_that_fits_is_enough() -> None:
    text = "Proven reoffending is open, while days in employment were between 6 and 18 days higher."
    assert lint_text(text, (OPEN, DAYS)) == ()


def test_a_document_that_never_names_the_primary_outcome_is_pointed_out_at_its_head() -> None:
    found = lint(
        from_markdown("# Report\n\nDays in employment were between 6 and 18 days higher.\n\nThe end.\n"),
        (OPEN, DAYS),
    )
    assert [(f.rule, f.where) for f in found] == [("headline", "line 3")]
    assert found[0].instead == "Begin with proven reoffending, the primary outcome."


def test_a_p_value_in_a_table_is_left_alone_and_in_a_sentence_it_is_not() -> None:
    assert lint((Passage("Breusch-Godfrey p = 0.329: none shows.", "table 1", part="cell"),)) == ()
    assert lint_text("All together: p = 0.369.") == ()
    assert [f.rule for f in lint((Passage("The fall was real (p = 0.029).", "line 1"),))] == ["p-value"]


def test_how_many_are_counted_is_no_direction() -> None:
    fewer = replace(
        WORKS, name="arrests", effect="difference", unit="arrests", low=-3.0, high=-1.0, value=-2.0
    )
    assert (
        lint_text(
            "How often by when: arrests; each step stands for ten people with an event or more", (fewer,)
        )
        == ()
    )
    assert [f.rule for f in lint_text("There were more arrests among those treated.", (fewer,))] == [
        "direction"
    ]
