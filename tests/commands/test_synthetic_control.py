"""A synthetic control from a plan and a file, as an academic partner runs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands.program import Program
from tests.evaluation.force_areas import as_table, made_areas, plan_text_for


def test_a_plan_and_a_file_give_a_verdict_with_its_doubts_and_a_report(program: Program, place: Path) -> None:
    Path("plan.toml").write_text(plan_text_for('kind = "did"'), encoding="utf-8")
    as_table(made_areas(n=31, effect=-8.0)).write_csv("areas.csv")
    told = program.well(
        "evaluate", "run", "plan.toml", "--data", "areas.csv", "--out", "out", "--json"
    ).payload
    outcome = told["outcomes"][0]
    assert outcome["verdict"]["answer"] == "works"
    assert {check["name"] for check in outcome["checks"]} >= {
        "placebo in space",
        "placebo in time",
        "fit before",
    }
    assert outcome["estimate"]["n_comparison"] == 30
    page = next(Path("out").glob("*.html")).read_text("utf-8")
    assert "synthetic difference-in-differences" in page
    assert "Whether the programme also reached donors" in page
    assert json.loads(next(Path("out").glob("*.json")).read_text("utf-8"))["method"] == "synthetic-control"


def test_an_area_that_is_not_in_the_file_is_a_clear_error(program: Program, place: Path) -> None:
    Path("plan.toml").write_text(plan_text_for(treated='treated_unit = "Avalon"'), encoding="utf-8")
    as_table(made_areas()).write_csv("areas.csv")
    failed = program("evaluate", "run", "plan.toml", "--data", "areas.csv")
    assert failed.code == 12
    assert "LC489" in failed.err
    assert "Avalon" in failed.err
    assert "Force 01" not in failed.err
