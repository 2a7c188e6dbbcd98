"""Costs in a project: checked before the lock, worked out at the run, and put beside a result that is there."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.commands.program import Program
from tests.commands.small_project import PLAN

MONEY = """
[economics]
cost_per_person = 900
cost_low = 700
cost_high = 1200
cost_price_year = "2025-26"
cost_to = "the partnership"
cost_source = "accounts of the programme"
value = "home-office:violence-with-injury"
recorded = true
recorded_multiplier = 2.0
multiplier_source = "a survey of victims"
deflator = "definitions/gdp.csv"
price_year = "2025-26"
places = 200
"""
GDP = "year,index\n2015/16,80\n2025/26,100\n"


@pytest.fixture
def priced(small: Path) -> Path:
    """The small project with a plan that names costs."""
    text = PLAN.replace('"aid"\ntitle', '"priced"\ntitle').replace(
        'mid_source = "break-even"', 'mid_source = "break-even: £900 per place"'
    )
    (small / "plans" / "priced.toml").write_text(text + MONEY, encoding="utf-8")
    (small / "definitions").mkdir(exist_ok=True)
    (small / "definitions" / "gdp.csv").write_text(GDP, encoding="utf-8")
    return small


def test_the_check_says_what_the_effect_must_be_and_that_the_plan_says_otherwise(
    priced: Path, program: Program
) -> None:
    checked = program("plan", "check", "priced", cwd=priced)
    even = 900 / (14_050 * 2 * 100 / 80)
    assert f"break-even difference: {even:.3g}" in checked.out
    assert "look: mid_source says break-even" in checked.out
    payload = program("plan", "check", "priced", "--json", cwd=priced).payload
    assert payload["economics"]["break_even"]["on_scale"] == pytest.approx(even)
    assert "economics" not in program("plan", "check", "aid", "--json", cwd=priced).payload
    shown = program.well("plan", "break-even", "priced", cwd=priced)
    assert "2 actual for each recorded; a survey of victims" in shown.out
    bare = program("plan", "break-even", "aid", cwd=priced)
    assert (bare.code, "LC566" in bare.err) == (12, True)


def test_a_run_keeps_what_it_was_worth_with_its_files_named(priced: Path, program: Program) -> None:
    program.well("plan", "lock", "priced", cwd=priced)
    done = program.well("evaluate", "run", "priced", cwd=priced)
    assert "Worth It cost £900 for each person, between £700 and £1,200 (2025/26 prices)." in done.out
    saved = next((priced / "evidence").glob("EVAL-*.json"))
    outcome = json.loads(saved.read_text(encoding="utf-8"))["outcomes"][0]
    found = outcome["economics"]
    assert found["mode"] == ("open" if outcome["verdict"]["answer"] == "inconclusive" else "costs")
    assert found["ratio"] is None
    assert any(name == "File gdp.csv" for name, _ in found["facts"])
    page = (priced / "reports" / f"{saved.stem}.html").read_text(encoding="utf-8")
    assert "What it cost and what it was worth" in page
    assert "emmie" in json.loads(saved.read_text(encoding="utf-8"))["ladders"]


def test_costs_can_be_put_beside_a_saved_result_and_are_stamped(priced: Path, program: Program) -> None:
    program.well("evaluate", "run", "locked", cwd=priced)
    name = next((priced / "evidence").glob("EVAL-*.json")).stem
    pl.DataFrame(
        {"Theme": ["Crime"], "Item": ["Arrest, detained"], "Fiscal": [719.0], "Economic": [None], "Social": [281.0],
         "Price year": ["2015-16"], "Confidence": ["amber"]}
    ).write_excel(priced / "unit-costs.xlsx")  # fmt: skip
    text = MONEY.replace(
        '"home-office:violence-with-injury"', '"file:Arrest, detained"\nunit_costs = "unit-costs.xlsx"'
    )
    (priced / "costs.toml").write_text(text.replace("definitions/", ""), encoding="utf-8")
    (priced / "gdp.csv").write_text(GDP, encoding="utf-8")
    words = ("evaluate", "economics", name, "--costs", "costs.toml")
    shown = program.well(*words, cwd=priced)
    assert "NOT IN THE PLAN" in shown.out
    found = program.well(*words, "--json", cwd=priced).payload["economics"]
    assert found["planned"] is False
    assert found["worth"]["value"] == pytest.approx(1000 * 2 * 100 / 80)
    by_file = program.well(
        "evaluate", "economics", f"evidence/{name}.json", "--costs", "costs.toml", "--json", cwd=priced
    )
    assert by_file.payload["economics"] == found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[economics]", "[money]"), "LC566"),
        (("violence-with-injury", "homicid"), "LC560"),
        (("recorded = true", "recorded = false"), "LC563"),
        (('price_year = "2025-26"\nplaces', 'price_year = "2030-31"\nplaces'), "LC564"),
        (("definitions/gdp.csv", "sources/releases.toml"), "LC"),
        (("definitions/gdp.csv", "definitions/other.csv"), "LC564"),
    ],
)
def test_costs_that_cannot_be_used_stop_with_a_reason(
    priced: Path, program: Program, change: tuple[str, str], code: str
) -> None:
    program.well("evaluate", "run", "locked", cwd=priced)
    name = next((priced / "evidence").glob("EVAL-*.json")).stem
    (priced / "definitions" / "other.csv").write_text("when,index\n2015,1\n", encoding="utf-8")
    (priced / "costs.toml").write_text(MONEY.replace(*change), encoding="utf-8")
    done = program("evaluate", "economics", name, "--costs", "costs.toml", cwd=priced)
    assert done.code in (2, 11, 12)
    assert code in done.err


def test_a_result_that_is_none_and_one_that_is_not_there_are_refused(priced: Path, program: Program) -> None:
    (priced / "costs.toml").write_text(MONEY, encoding="utf-8")
    (priced / "broken.json").write_text('{"outcomes": []}', encoding="utf-8")
    for name, code in (("broken.json", "LC427"), ("EVAL-999", "LC426")):
        done = program("evaluate", "economics", name, "--costs", "costs.toml", cwd=priced)
        assert (done.code, code in done.err) == (12, True)
