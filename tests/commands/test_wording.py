"""What the program says: help and typical errors, kept as text. LIFECOURSE_REWRITE_SNAPSHOTS=1 rewrites them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main

import cli
from tests.commands import bad_cohort_inputs, bad_other_inputs
from tests.commands.bad_row import Bad
from tests.commands.program import ROOT, Program
from workspace.errors import EXPLANATIONS

SNAPSHOTS = Path(__file__).parent / "snapshots"
FLOORS = ("workspace", "theory_of_change", "cohorts", "evaluation")
TYPICAL = (
    "no project", "init in a full folder", "unknown option", "setting of the wrong kind", "database missing",
    "database from the future", "no key", "key in the project", "unknown column", "ragged row",
    "impossible date", "conflicting duplicates", "misspelt method", "two primaries", "code in where",
    "edited after the lock", "undecidable", "sealed outcome", "treatment 2", "outcome above its range",
)  # fmt: skip
BAD: dict[str, Bad] = {
    bad.name: bad
    for rows in (
        bad_other_inputs.DATA, bad_other_inputs.PLANS, bad_other_inputs.WORKSPACE,
        bad_cohort_inputs.KEYS, bad_cohort_inputs.FILES, bad_cohort_inputs.ROWS,
    )
    for bad in rows
}  # fmt: skip


def commands(node: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the program, with the words that call it."""
    yield words, node
    inner: Mapping[str, Any] = getattr(node, "commands", {})
    for name, command in sorted(inner.items()):
        yield from commands(command, (*words, name))


ALL = dict(commands(typer.main.get_command(cli.app)))


def compare(name: str, text: str) -> None:
    """Compare with the text kept, or keep this one when asked to."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("LIFECOURSE_REWRITE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, (
        f"the wording differs from {path.name}; if that is meant: LIFECOURSE_REWRITE_SNAPSHOTS=1 pytest tests/commands"
    )


def test_the_help_of_every_command_reads_as_kept(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    parts = []
    for words in ALL:
        said = program.well(*words, "--help")
        assert said.err == ""
        parts.append(f"$ lifecourse {' '.join((*words, '--help'))}\n{said.out}")
    compare("help", "\n".join(parts))


def test_typical_errors_read_as_kept(program: Program, small: Path, place: Path) -> None:
    parts = []
    for name in TYPICAL:
        bad = BAD[name]
        shutil.copytree(small, place / "kept")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LIFECOURSE_KEY_FILE", "")
            bad.arrange(small)
            said = program(*shlex.split(bad.words), cwd=small)
            patch.setenv("LIFECOURSE_KEY_FILE", "")
        shutil.rmtree(small)
        (place / "kept").rename(small)
        text = re.sub(r"locked on \d{4}-\d\d-\d\d", "locked on DATE", said.err)
        parts.append(f"# {name}: exit {said.code}\n$ lifecourse {bad.words}\n{text}")
    compare("errors", "\n".join(parts))


@pytest.mark.parametrize("words", [words for words in ALL if words], ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    command = ALL[words]
    text = (command.help or "").strip()
    assert text, "there is no help"
    assert text.endswith((".", ")")) or "." in text
    for parameter in command.params:
        if parameter.name != "help" and parameter.param_type_name == "option":
            assert parameter.help, f"{parameter.name} has no help"


def test_the_commands_of_the_contract_that_exist_are_where_the_contract_has_them() -> None:
    assert {words[0] for words in ALL if words} == {
        "init", "demo", "status", "doctor", "explain", "theory", "measure", "key", "source", "cohort", "plan",
        "evaluate", "finding", "evidence", "audit", "agreement", "areas", "attack", "partner", "link", "backup",
        "release", "report", "restore", "project", "action", "voice",
        "obligation",
        "site",
    }  # fmt: skip
    expected = {
        "theory check",
        "measure list",
        "key create",
        "source load",
        "cohort flow",
        "plan lock",
        "evaluate run",
    }
    assert expected <= {" ".join(words) for words in ALL}


def raised_in_source() -> dict[str, set[str]]:
    """Each code in the source outside the tables of explanations, with the files it stands in."""
    found: dict[str, set[str]] = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").splitlines()
            for line in lines:
                table = path.name == "errors.py" or path.parent.name == "codes"
                declared = table and re.match(r'\s*"LC\d{3}": \(', line)
                prose = path.name == "errors.py" and "KeyCodes(" not in line
                if not (declared or prose):
                    for code in re.findall(r"\bLC\d{3}\b", line):
                        found.setdefault(code, set()).add(path.name)
    return found


def test_every_code_that_is_raised_is_explained_and_every_explained_code_is_raised() -> None:
    raised = raised_in_source()
    assert set(raised) - set(EXPLANATIONS) == set()
    assert set(EXPLANATIONS) - set(raised) == set()
    assert len(raised) > 100


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_an_explanation_has_a_title_a_meaning_and_a_remedy(code: str) -> None:
    found = EXPLANATIONS[code]
    assert re.fullmatch(r"LC[1-9]\d\d", code)
    assert found.title.strip()
    assert found.meaning.strip().endswith((".", ")"))
    assert found.remedy.strip()
    assert not found.title.endswith("."), "a title is no sentence"


@pytest.mark.parametrize("code", ["LC210", "lc423"])
def test_explain_prints_the_explanation_in_words_and_as_json(code: str, program: Program) -> None:
    found = EXPLANATIONS[code.upper()]
    said = program.well("explain", code)
    assert said.out == f"{code.upper()}  {found.title}\n\n{found.meaning}\nWhat to do: {found.remedy}\n"
    payload = program.well("explain", code, "--json").payload
    assert payload == {
        "code": code.upper(), "title": found.title, "meaning": found.meaning, "remedy": found.remedy,
    }  # fmt: skip


def test_no_message_in_the_source_uses_a_word_the_wording_rules_forbid() -> None:
    forbidden = re.compile(
        r"\b(?:approaching significance|statistically significant|proves that)\b", re.IGNORECASE
    )
    texts = [f"{e.title} {e.meaning} {e.remedy}" for e in EXPLANATIONS.values()]
    assert not [text for text in texts if forbidden.search(text)]
