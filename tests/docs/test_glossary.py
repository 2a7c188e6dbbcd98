"""The glossary explains the words that reports and the help of the commands use."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from evaluation.methods.registry import METHODS
from evaluation.model import Answer
from evaluation.plan_file import FITTING
from tests.docs.reader import ROOT, part

TEXT = (ROOT / "docs/reference/glossary.md").read_text(encoding="utf-8")
EXPLAINED = {
    re.sub(r"\s+", " ", word).lower() for word in re.findall(r"\*\*(.+?)\*\*", TEXT, flags=re.DOTALL)
}
# Commands that are everyday words, and those whose noun stands in the glossary in another form.
EVERYDAY = {
    "demo",
    "doctor",
    "explain",
    "init",
    "status",
    "evaluate",
    "backup",
    "restore",
    "report",
    "site",
    "project",
}
OTHER_FORM = {"areas": "area series", "audit": "audit log", "theory": "theory of change"}


def test_every_group_of_commands_is_about_something_the_glossary_explains() -> None:
    groups = {words.split()[0] for words in part("make_reference").command_names()} - EVERYDAY
    assert len(groups) > 15
    assert {OTHER_FORM.get(group, group) for group in groups} - EXPLAINED == set()


@pytest.mark.parametrize(
    "words",
    [
        sorted({estimand for method in METHODS.values() for estimand in method.estimands}),
        sorted({effect for effects in FITTING.values() for effect in effects}),
        list(get_args(Answer)),
        ["maryland", "padlocks", "what works clearinghouse", "eif", "grade", "emmie"],
        [
            "check",
            "verdict",
            "security",
            "fragile",
            "exploratory",
            "amendment",
            "deviation",
            "alpha",
            "power",
        ],
        [
            "ledger",
            "sketch",
            "manifest",
            "withheld",
            "rounding",
            "differencing",
            "k-report",
            "replication pack",
        ],
    ],
    ids=["estimands", "effects", "answers", "ladders", "verdicts", "gate"],
)
def test_the_glossary_explains_the_words_of_results(words: list[str]) -> None:
    lowered = {word.lower() for word in words}
    assert {w for w in lowered if w not in EXPLAINED and w.replace("-", " ") not in EXPLAINED} == set()


def test_no_word_is_explained_twice() -> None:
    starts = re.findall(r"^\*\*(.+?)\*\*", TEXT, flags=re.MULTILINE)
    assert len(starts) == len(set(starts))


def test_nothing_in_the_glossary_says_what_this_version_does_not_do() -> None:
    assert "this version" not in TEXT.lower()
