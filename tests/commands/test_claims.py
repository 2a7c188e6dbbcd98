"""``lifecourse evidence claims``: what it says, how it ends, and against which results it holds a text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.program import ROOT, Program
from tests.evaluation.claims.word_files import paragraph, word_file
from tests.evaluation.report_samples import works
from workspace.console import to_json

FAULTY = "# Our patrols\n\nViolent crime fell in hotspots.\n\nForty offenders took part.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from evaluation.result import as_payload

    (tmp_path / "press.md").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "warned.txt").write_text("Sessions reach hard-to-reach families.", encoding="utf-8")
    (tmp_path / "fine.md").write_text("The course ran in eight schools.", encoding="utf-8")
    (tmp_path / "result.json").write_text(to_json(as_payload(works(), None)), encoding="utf-8")
    return tmp_path


def test_errors_end_with_one_warnings_and_a_fine_text_with_nought(folder: Path, program: Program) -> None:
    assert program("evidence", "claims", "press.md", cwd=folder).code == 1
    assert program("evidence", "claims", "warned.txt", cwd=folder).code == 0
    fine = program("evidence", "claims", "fine.md", cwd=folder)
    assert (fine.code, fine.err) == (0, "")
    assert fine.out == "fine.md: nothing found. No result was given to hold it against.\n"


def test_each_finding_names_file_place_heading_phrase_reason_and_what_to_write(
    folder: Path, program: Program
) -> None:
    lines = program("evidence", "claims", "press.md", cwd=folder).out.splitlines()
    assert lines[0] == "press.md, line 3 (under “Our patrols”): error, worst-first: “fell … hotspots”"
    assert lines[1].startswith("    Places chosen because they had just been at their worst")
    assert lines[2].startswith("    Compare with places that just missed being chosen")
    assert lines[-1] == "press.md: 1 error, 1 warning. No result was given to hold it against."


def test_machines_get_the_same_as_one_document(folder: Path, program: Program) -> None:
    ran = program("evidence", "claims", "press.md", "--json", cwd=folder)
    assert ran.code == 1
    assert (ran.payload["errors"], ran.payload["warnings"]) == (1, 1)
    assert [(f["rule"], f["where"]) for f in ran.payload["findings"]] == [
        ("worst-first", "line 3"),
        ("language", "line 5"),
    ]


def test_a_text_is_held_against_a_result(folder: Path, program: Program) -> None:
    text = "Of people who reoffend there were between 20 and 30 fewer in every 100.\n"
    (folder / "brief.md").write_text(text, encoding="utf-8")
    ran = program("evidence", "claims", "brief.md", "--result", "result.json", cwd=folder)
    assert ran.code == 1
    assert (
        "error, disagrees: “between 20 and 30 fewer”" in ran.out
        or "error, disagrees: “between 20 and 30”" in ran.out
    )
    assert "The result says: from −15.9 to −2.9 in every 100." in ran.out
    assert ran.out.endswith("Held against result.json.\n")


def test_a_word_file_is_read_by_paragraph_and_heading(folder: Path, program: Program) -> None:
    (folder / "r.docx").write_bytes(
        word_file(paragraph("Results", "Rubrik1"), paragraph("It was significant."))
    )
    ran = program("evidence", "claims", "r.docx", cwd=folder)
    assert ran.out.startswith("r.docx, paragraph 2 (under “Results”): error, significance: “significant”")


def test_a_projects_own_words_are_pointed_at_and_faults_in_its_list_are_named(
    tmp_path: Path, program: Program
) -> None:
    project = tmp_path / "p"
    program.well("init", project)
    (project / "a.md").write_text("A service user and forty offenders came.", encoding="utf-8")
    own = project / "definitions" / "language.toml"
    own.write_text(
        'allow = ["offenders"]\n[[avoid]]\nwords = "service user"\ninstead = "person"\n', encoding="utf-8"
    )
    ran = program("evidence", "claims", "a.md", "--json", cwd=project)
    assert [f["phrase"] for f in ran.payload["findings"]] == ["service user"]
    own.write_text('[[avoid]]\nwords = "x"\n', encoding="utf-8")
    ran = program("evidence", "claims", "a.md", cwd=project)
    assert (ran.code, "language.toml:1: [[avoid]] has no 'instead'" in ran.err) == (12, True)
    missing = program("evidence", "claims", "a.md", "--result", "EVAL-009", cwd=project)
    assert (missing.code, "LC426" in missing.err) == (12, True)


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("gone.md",), "LC107", 12),
        (("fine.pdf",), "LC536", 12),
        (("fine.md", "--result", "EVAL-001"), "LC426", 12),
        (("fine.md", "--result", "empty.json"), "LC427", 12),
        (("fine.md", "--project", "nowhere"), "LC101", 2),
        (("broken.docx",), "LC535", 12),
        (("blank.txt",), "LC539", 12),
    ],
)
def test_what_cannot_be_read_ends_in_a_message_with_a_code(
    folder: Path, program: Program, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    (folder / "empty.json").write_text("{}", encoding="utf-8")
    (folder / "broken.docx").write_bytes(b"PK\x03\x04")
    (folder / "blank.txt").write_text(" \n", encoding="utf-8")
    ran = program("evidence", "claims", *words, cwd=folder)
    assert (ran.code, ran.err.split(" ", 1)[0]) == (exit_code, code)
    assert ran.out == ""


def test_every_rule_is_in_the_reference_with_its_examples_and_the_page_has_no_other() -> None:
    from evaluation.claims.rules import RULES

    text = (ROOT / "docs/reference/claim-rules.md").read_text(encoding="utf-8")
    headings = [
        line.removeprefix("## `").removesuffix("`") for line in text.splitlines() if line.startswith("## `")
    ]
    assert headings == [rule.id for rule in RULES]
    for rule in RULES:
        part = text.split(f"## `{rule.id}`")[1].split("\n## ")[0]
        for words in (
            f"**{rule.title}** ({rule.severity})",
            rule.why,
            rule.instead,
            *rule.faulty,
            *rule.fine,
        ):
            assert words in " ".join(part.split()), (rule.id, words)


def test_the_words_of_the_reference_are_those_of_the_check() -> None:
    from evaluation.claims.language import AVOID

    text = (ROOT / "docs/reference/claim-rules.md").read_text(encoding="utf-8")
    assert [w.words for w in AVOID if f"| {w.words} | {w.instead} | {w.source} |" not in text] == []


def test_the_figures_of_the_reference_are_those_of_the_corpus() -> None:
    from tests.evaluation.claims.samples import corpus, scores

    examples = list(corpus())
    text = (ROOT / "docs/reference/claim-rules.md").read_text(encoding="utf-8")
    assert f"{len(examples)} sentences" in text
    for rule, score in scores(examples).items():
        assert (
            f"| {rule} | {score.right + score.missed} | {score.precision:.2f} | {score.recall:.2f} |" in text
        )


def test_json_of_a_result_in_file_mode_can_be_held_against(folder: Path) -> None:
    from evaluation.claims.subjects import subjects_of

    subjects = subjects_of(json.loads((folder / "result.json").read_text(encoding="utf-8")))
    assert subjects[0].role == "primary"
    assert [s.exploratory for s in subjects][-1]
