"""``report dpia`` on the demonstration: every form leaves by the door, nobody is in it, a dry run writes nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.commands.program import Program, snapshot


def evidence(folder: Path, project: str) -> Path:
    path = folder / "attack.json"
    trial = {"name": "insider", "title": "An insider who trawls", "verdict": "pass"}
    said = {
        "project": project,
        "authority": "A. Lead",
        "at": "2026-11-20",
        "lifecourse": "0.1",
        "quick": False,
    }
    path.write_text(json.dumps(said | {"attacks": [trial]}), encoding="utf-8")
    return path


def test_the_assessment_of_the_demonstration_is_filled_and_names_nobody(
    program: Program, practice: Path
) -> None:
    path = evidence(practice, "Lifecourse practice project")
    said = program.well("report", "dpia", "--attack", path, "--to", "html", "--json", cwd=practice)
    assert said.payload["files"] == ["reports/dpia/dpia.html"]
    assert all(line.startswith("To fill in:") for line in said.payload["to_fill_in"])
    page = (practice / "reports" / "dpia" / "dpia.html").read_text("utf-8")
    for known in ("Did financial aid on release reduce arrests", "prison number", "unique pupil number", "430",
                  "insider: held", "Health visitors (practice)"):  # fmt: skip
        assert known in page, known
    with (practice / "inbox" / "prison-releases.csv").open(encoding="cp1252") as file:
        rows = list(csv.DictReader(file))
    names = {row[key] for row in rows for key in row if "umber" in key or "urname" in key or "PNC" in key}
    assert len(names) > 400
    assert not [name for name in names if len(name) > 5 and name in page]


def test_a_dry_run_says_what_it_would_write(program: Program, small: Path) -> None:
    before = snapshot(small)
    said = program.well("report", "dpia", "--dry-run", cwd=small)
    assert said.out.startswith("Would write reports/dpia/dpia.docx")
    assert snapshot(small) == before


@pytest.mark.parametrize(
    ("words", "code"), [(("--to", "odt"), "LC710"), (("--attack", "attack.json"), "LC761")]
)
def test_a_form_or_evidence_that_does_not_fit_is_refused(
    words: tuple[str, ...], code: str, program: Program, small: Path
) -> None:
    evidence(small, "Another")
    refused = program("report", "dpia", *words, cwd=small)
    assert refused.code == 12
    assert refused.err.startswith(code)
    assert not (small / "reports" / "dpia").exists()
