"""Costs and worth in a result: its JSON, its report, the ladders, and nothing about people beyond the estimate."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from evaluation.economics.actions import with_economics
from evaluation.economics.found import found_in, found_in_json
from evaluation.economics.store import load_tables
from evaluation.ladders import Facts, climb
from evaluation.model import Answer, Effect, Result
from evaluation.protection import masked, released
from evaluation.result import as_payload
from tests.evaluation.money import OWN
from tests.evaluation.report_builders import binary_estimate, outcome, result, score_estimate
from tests.evaluation.report_reader import PROFILE, render, table
from tests.evaluation.report_samples import SAMPLES
from tests.evaluation.studies import make_plan
from workspace.console import to_json

PLAN = make_plan(kind="binary", better="lower", more=f"[economics]\n{OWN}places = 300\n")
STEADY: dict[str, Any] = {"sensitivity": ()}


def told(answer: Answer = "works", detail: str = "meaningful", **changes: Any) -> Result:
    whole = result(outcome(answer, detail, **(STEADY | changes)))
    safe = released(masked(whole, PROFILE), PROFILE)
    return with_economics(safe, PLAN, Path(), PROFILE)


def test_a_result_has_a_block_on_its_primary_outcome_only_where_the_plan_has_one() -> None:
    payload = as_payload(told(), PROFILE)
    assert payload["outcomes"][0]["economics"]["mode"] == "answered"
    assert with_economics(result(), make_plan(), Path(), PROFILE) == result()
    assert "economics" not in as_payload(result(), PROFILE)["outcomes"][0]


def test_a_saved_result_is_read_as_the_result_itself_was() -> None:
    one = told("works", "size-uncertain", sensitivity=outcome().sensitivity)
    payload = json.loads(to_json(as_payload(one, PROFILE)))
    saved = found_in_json(payload, payload["outcomes"][0])
    assert saved == found_in(released(one, PROFILE).primary, one.method, PROFILE)
    assert saved.fragile
    payload["outcomes"][0]["verdict"]["flipped_by"] = ["without a caliper"]
    payload["outcomes"][0]["sensitivity"] = []
    assert found_in_json(payload, payload["outcomes"][0]).fragile, "the setting that turned it was withheld"


def test_what_may_not_be_shown_is_not_priced() -> None:
    few = binary_estimate(n_treated=8, n_clusters=None)
    one = told(estimate=few)
    found = one.primary.economics
    assert found is not None
    assert found.mode == "costs"
    assert "withheld" in found.reading
    payload = as_payload(one, PROFILE)["outcomes"][0]
    assert payload["economics"]["net"] is None
    saved = json.loads(to_json(as_payload(one, PROFILE)))
    assert found_in_json(saved, saved["outcomes"][0]).withheld
    priced_before = with_economics(result(outcome(estimate=few, **STEADY)), PLAN, Path(), None)
    assert "economics" not in as_payload(priced_before, PROFILE)["outcomes"][0], "figures on hidden ones go"


@pytest.mark.parametrize("effect", ["risk-difference", "risk-ratio"])
def test_money_times_people_gives_no_exact_number_of_people_back(effect: Effect) -> None:
    """Results whose counts are released alike have the same economics to the last digit."""
    ratio = {"effect": effect, "value": 0.76, "conf_low": 0.62, "conf_high": 0.93, "std_error": 0.103}
    ratio |= {"narrow_low": 0.64, "narrow_high": 0.90}
    found = []
    for n, events in (
        (412, 163),
        (411, 163),
        (409, 162),
        (413, 164),
    ):  # each is shown as 410 people, 165 or 160
        arms: dict[str, Any] = {"n_treated": n, "n_comparison": n, "comparison_mean": events / n}
        changes = arms | (ratio if effect == "risk-ratio" else {})
        found.append(told(estimate=binary_estimate(**changes)).primary)
    by_shown: dict[float | None, set[str]] = {}
    for one in found:
        assert one.economics is not None
        by_shown.setdefault(one.estimate.comparison_mean, set()).add(json.dumps(asdict(one.economics)))
    assert len(by_shown) < len(found)
    assert all(len(texts) == 1 for texts in by_shown.values())


def test_the_verdict_can_say_what_it_cost_and_cannot_say_what_is_not_supported() -> None:
    yes, unclear = told(), told("inconclusive", "uninformative")
    assert yes.primary.verdict.can_say[-1].startswith("It cost £900 for each person")
    assert "95 % interval" in yes.primary.verdict.can_say[-1]
    assert "not supported" in unclear.primary.verdict.cannot_say[-1]


def test_the_economics_slot_of_emmie_says_what_there_is() -> None:
    def emmie(one: Result) -> str:
        return str(climb(Facts("randomised", 5, one.primary, 0, 0, by_chance=True))[-1].grade)

    assert "economics: costs and net benefit" in emmie(told())
    assert emmie(told("no-meaningful-effect", "")).endswith("economics: costs")
    assert emmie(result()).endswith("economics: not studied")


def test_the_report_has_a_section_with_a_table_and_what_to_doubt() -> None:
    page = render(told())
    text = page.text()
    assert "10. What it cost and what it was worth" in text
    assert "Benefit less cost, for each person" in text
    assert "£940" in text or "£846" in text  # 0.094 x £10,000, cut by 10 % at security 3
    assert "What takes trust away from these figures" in text
    assert "Net present social value of 300 places" in text
    assert "What it cost" not in render(result()).text()


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ("works", "meaningful"),
        ("inconclusive", "uninformative"),
        ("harms", "small"),
        ("not-assessable", "people"),
    ],
)
def test_no_cell_of_the_table_is_empty_and_every_pound_has_its_year(answer: Answer, detail: str) -> None:
    page = render(told(answer, detail))
    rows = table(page, "What it cost and what it was worth")
    assert len(rows) > 3
    assert all(cell.strip() for row in rows for cell in row)
    assert "What it cost and what it was worth, 2025/26 prices" in page.text()


def test_the_section_is_numbered_after_those_on_groups() -> None:
    groups = next(make() for name, make in SAMPLES.items() if make().primary.subgroups)
    primary = replace(told().primary, subgroups=groups.primary.subgroups)
    page = render(replace(groups, outcomes=(primary,)))
    assert "11. What it cost and what it was worth" in page.text()


def test_an_inconclusive_report_prints_no_ratio() -> None:
    text = render(told("inconclusive", "uninformative")).text()
    assert "Benefit for each pound of cost not supported" in " ".join(text.split())
    assert "For each pound spent" not in text


def test_a_score_is_priced_by_its_unit() -> None:
    plan = make_plan(more=f"[economics]\n{OWN.replace('10000', '800')}")
    score = outcome(
        "works",
        "size-uncertain",
        kind="continuous",
        better="higher",
        unit="points",
        estimate=score_estimate(),
        **STEADY,
    )
    found = with_economics(result(score), plan, Path(), None).primary.economics
    assert found is not None
    assert found.benefit_uncut is not None
    assert found.benefit_uncut.value == pytest.approx(1.3712 * 800)
    assert "unit gained (points)" in found.unit


# ---- the pages that list the tables


ROOT = Path(__file__).parents[2]


def cells(page: str, start: str) -> list[list[str]]:
    lines = (ROOT / "docs/reference" / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith(start)]


def test_the_page_of_unit_costs_lists_every_row_of_the_table_with_its_flag() -> None:
    tables = load_tables()
    listed = {
        row[0].strip("`").partition(":")[2]: row[1:] for row in cells("unit-costs.md", "| `home-office:")
    }

    def said(amount: float | None) -> str:
        return "not given" if amount is None else f"{amount:,.0f}"

    assert listed == {
        name: [c.name, said(c.total), said(c.police), said(c.criminal_justice), said(c.response), c.verified]
        for name, c in tables.unit_costs.items()
    }
    assert {row[3] for row in listed.values()} > {"not given"}


def test_the_pages_say_the_rates_and_the_cuts_that_are_used() -> None:
    tables = load_tables()
    rates = {row[0].strip("`"): row for row in cells("unit-costs.md", "| `") if ":" not in row[0]}
    for name, schedule in tables.schedules.items():
        steps = ", ".join(
            f"{100 * share:g} from year {year}"
            for year, share in zip(schedule.from_year, schedule.shares, strict=True)
        )
        assert rates[name][1:] == [schedule.name, steps, schedule.verified]
    cuts = {row[0]: row[1] for row in cells("unit-costs.md", "| ") if row[1].endswith(" %")}
    assert cuts == {str(level): f"{100 * cut:g} %" for level, cut in tables.optimism.cuts.items()}
    register = " ".join(
        row[1] + row[2] for row in cells("rules-register.md", "| R5") if "appraisal.toml" in row[3]
    )
    assert "0, 5, 10, 15, 25, 40" in register
    for schedule in tables.schedules.values():
        assert ", ".join(f"{100 * share:g}" for share in schedule.shares[1:3]) in register.replace(".0,", ",")
    ends = next(row[2] for row in cells("rules-register.md", "| own | cost per pupil"))
    assert ends == ", ".join(f"{end:g}" for end in tables.bands.below)
    assert [tables.bands.band(cost) for cost in (79, 80, 1200)] == ["very low", "low", "very high"]
