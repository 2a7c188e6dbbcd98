"""Words that make a person a problem, official terms, and a project's own list."""

from __future__ import annotations

import pytest

from evaluation.claims.language import AVOID, built_in, with_project_words
from evaluation.claims.linter import lint
from evaluation.claims.model import Language, Passage
from evaluation.errors import EvaluationError
from workspace.errors import Fault
from workspace.toml_source import parse_toml


def pointed_at(text: str, language: Language | None = None) -> list[str]:
    return [f.phrase for f in lint((Passage(text, "x"),), language=language) if f.rule == "language"]


def own(text: str) -> tuple[Language, list[Fault]]:
    faults: list[Fault] = []
    return with_project_words(
        built_in(), parse_toml(text, "definitions/language.toml", EvaluationError), faults
    ), faults


@pytest.mark.parametrize("word", AVOID, ids=lambda word: word.words)
def test_every_word_of_the_list_is_found_and_has_an_alternative_and_a_source(word: object) -> None:
    assert word in AVOID
    found = next(w for w in AVOID if w is word)
    assert pointed_at(f"We met {found.words}.") == [found.words]
    assert found.instead
    assert found.source == "own" or found.source.startswith("memory")


@pytest.mark.parametrize(
    "text",
    [
        "The young offender institution sent a list.",
        "Proven reoffending and proven reoffences are official terms.",
        "Integrated offender management meets monthly.",
        "The youth offending team and the youth justice board agreed.",
        "A criminal record check was made under criminal law.",
        "Nominal values are in pounds; nominal prices rose.",
        "The bme280 sensor is not meant.",
        "Hardly anybody reached the end.",
    ],
)
def test_official_terms_and_other_meanings_stay(text: str) -> None:
    assert pointed_at(text) == []


def test_the_longest_word_is_pointed_at_once_with_its_alternative() -> None:
    found = [f for f in lint((Passage("Two prolific offenders came.", "x"),)) if f.rule == "language"]
    assert [f.phrase for f in found] == ["prolific offenders"]
    assert "offended often" in found[0].instead
    assert "memory" in found[0].why


def test_a_project_adds_words_and_allows_others() -> None:
    language, faults = own(
        'allow = ["youths"]\n[[avoid]]\nwords = "service user"\ninstead = "person"\nsource = "our panel"\n'
    )
    assert faults == []
    assert pointed_at("Two youths and a service user came.", language) == ["service user"]
    assert pointed_at("Forty offenders came.", language) == ["offenders"]


def test_a_list_with_faults_names_every_line() -> None:
    _, faults = own('alow = ["x"]\n[[avoid]]\nwords = "a"\n[[avoid]]\ninstead = 3\nwords = "b"\n')
    assert {fault.code for fault in faults} == {"LC537"}
    assert [fault.where.rsplit(":", 1)[1] for fault in faults] == ["2", "5", "1"]
