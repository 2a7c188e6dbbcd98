"""The link commands as a user types them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cohorts.linking import make_linking_project, sources
from tests.commands.program import Program

MADE = sources(700, 3)
FILES = ("releases=inbox/releases.csv", "probation=inbox/probation.csv")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    return make_linking_project(tmp_path, MADE)[0].root


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    return Program(monkeypatch)


def test_a_linkage_from_run_to_quality(program: Program, project: Path) -> None:
    said = program.well("link", "run", "--cohort", "leavers", *FILES, "--by", "aid", cwd=project).out
    assert said.startswith("LNK-001\n")
    assert "Match rate" in said
    payload = program.well("--json", "link", "run", "--cohort", "leavers", *FILES, cwd=project).payload
    assert payload["already_run"] is True
    assert payload["linked"] % 5 == 0
    assert payload["calibration"] in {"calibrated", "not calibrated", "wanted precision not reached"}
    rows = program.well("--json", "link", "quality", "--cohort", "leavers", cwd=project).payload["groups"]
    assert rows[0]["group"] == "everybody"


def test_reviews_show_agreement_and_never_a_value(program: Program, project: Path) -> None:
    program.well("link", "run", "--cohort", "leavers", *FILES, cwd=project)
    said = program.well("link", "review", "--cohort", "leavers", cwd=project).out
    shown = program.well("--json", "link", "review", "--cohort", "leavers", cwd=project).payload
    names = {n for t in (MADE.left, MADE.right) for n in t["surname"].drop_nulls() if len(n) > 5}
    for text in (said, json.dumps(shown)):
        assert "REV-001" in text
        assert not [name for name in names if name in text.lower()]
    assert set(shown["pairs"][0]) == {"pair", "source", "kind", "agreement", "weight", "why", "decision"}
    done = program.well(
        "link",
        "review",
        "--cohort",
        "leavers",
        "--pair",
        "1",
        "--different",
        "--reason",
        "sibling",
        cwd=project,
    )
    assert "REV-001: different" in done.out
    assert "sibling" in program.well("link", "review", "--cohort", "leavers", "--history", cwd=project).out
    undecided = program("link", "review", "--cohort", "leavers", "--pair", "2", cwd=project)
    assert (undecided.code, "LC887" in undecided.err) == (11, True)


def test_the_register_reads_identifiers_from_standard_input_only(
    program: Program, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("link", "forbid", "--kind", "nhs-number", "--reason", "adoption")
    monkeypatch.setattr(sys, "stdin", io.StringIO("9990000018,9990000026\n"))
    said = program.well(*words, cwd=project).said
    assert "Keeping 1 more pairs apart" in said
    assert "99900000" not in said
    monkeypatch.setattr(sys, "stdin", io.StringIO("9990000018,9990000027\n"))
    refused = program(*words, cwd=project)
    assert (refused.code, "LC889" in refused.err, "99900000" in refused.said) == (11, True, False)


def test_a_dry_run_says_so(program: Program, project: Path) -> None:
    said = program.well("--dry-run", "link", "run", "--cohort", "leavers", *FILES, cwd=project).out
    assert "nothing was written" in said
    assert "No pair waits" in program.well("link", "review", "--cohort", "leavers", cwd=project).out
    log = program.well("--json", "audit", "log", cwd=project).out
    assert "link.run" not in log
