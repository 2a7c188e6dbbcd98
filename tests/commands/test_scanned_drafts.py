"""What the program writes for itself is looked through as well: a run's draft, file mode, a plan in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.program import Program
from tests.commands.small_project import PLAN

TELLING = PLAN.replace('id = "aid"', 'id = "telling"').replace("reduce arrests?", "help at L1 8JQ?")
IN_FILE = TELLING.replace('cohort = "leavers"', "").replace('wave = "12-months"\n', "")


def test_a_run_whose_draft_holds_an_identifier_is_not_entered_and_writes_nothing(
    program: Program, small: Path
) -> None:
    (small / "plans" / "telling.toml").write_text(TELLING, encoding="utf-8")
    program.well("plan", "lock", "telling", cwd=small)
    refused = program("evaluate", "run", "telling", cwd=small)
    assert refused.code == 3
    assert "LC902" in refused.said
    assert "8JQ" not in refused.said
    assert not list((small / "evidence").glob("EVAL-*"))
    assert not list((small / "reports").glob("EVAL-*"))
    log = program.well("--json", "audit", "log", cwd=small).payload["entries"]
    assert "evaluate.run" not in {entry["action"] for entry in log}
    exported = small / "reports" / "telling.md"
    assert program("plan", "export", "telling", "--as", "osf", "--to", exported, cwd=small).code == 3
    assert not exported.exists()


@pytest.mark.parametrize("few", [4, 24])
def test_file_mode_shows_treated_figures_and_refuses_an_identifier(
    program: Program, tmp_path: Path, few: int
) -> None:
    rows = [f"{i % 2},{int(i % 2 == 0 and i < 2 * few)},{i % 7}" for i in range(163)]
    data, plan = tmp_path / "data.csv", tmp_path / "plan.toml"
    data.write_text("\n".join(["aid,arrested,convictions", *rows]), encoding="utf-8")
    plan.write_text(IN_FILE, encoding="utf-8")
    out = tmp_path / "out"
    assert program("evaluate", "run", plan, "--data", data, "--out", out).code == 3
    assert not out.exists()
    plan.write_text(IN_FILE.replace("at L1 8JQ", "there"), encoding="utf-8")
    shown = program.well("evaluate", "run", plan, "--data", data).out
    assert "163" not in shown
    assert ("too few people to show" in shown) == (few < 10)
    exact = program.well("--json", "evaluate", "run", plan, "--data", data).payload
    estimate = exact["outcomes"][0]["estimate"]
    assert estimate["n_treated"] + estimate["n_comparison"] == 163
