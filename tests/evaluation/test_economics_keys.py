"""``[economics]``: every fault with its line, and plans that do not use it keep their fingerprint."""

from __future__ import annotations

import json

import pytest

from evaluation.economics.keys import Priced
from evaluation.errors import EvaluationError
from evaluation.plan import canonical, fingerprint
from tests.evaluation.money import NAMED, OWN, RISK, faults_of, planned
from tests.evaluation.studies import make_plan, plan_text, read
from tests.evaluation.test_plan_file import GOOD

AREAS = Priced("count", "rate-ratio", of_areas=True, over_time=True)
RECORDED = "recorded = true\n"


def test_a_plan_without_costs_keeps_the_fingerprint_it_had_before_costs_could_be_planned() -> None:
    assert fingerprint(read(GOOD)) == "a886346871eddbacd3a82bd1ef65d1e2218595f42f0b0f3e91a6e9c0a96c0c21"
    assert "economics" not in json.loads(canonical(make_plan()))


def test_a_plan_with_costs_has_them_in_its_fingerprint() -> None:
    one, other = (make_plan(more=f"[economics]\n{OWN}{line}") for line in ("", "seed = 5\n"))
    assert one.economics is not None
    assert one.economics.value == 10_000
    assert len({fingerprint(plan) for plan in (one, other, make_plan())}) == 3


def test_a_sound_table_is_read_as_it_is_written() -> None:
    found = planned(
        NAMED.replace(
            "recorded = false", 'recorded = true\nrecorded_multiplier = 2.1\nmultiplier_source = "s"'
        )
        + 'cost_low = 700\ncost_high = 1200\nhorizon = 5\npersistence = 0.6\npersistence_source = "a review"\n'
        'deflator = "gdp.csv"\nprice_year = "2025/26"\ndiscount = "health"\nset_up_cost = 100\nplaces = 10\n'
    )
    assert (found.cost_low, found.cost, found.cost_high) == (700, 900, 1200)
    assert (found.unit_cost, found.recorded_multiplier) == ("home-office:violence-with-injury", 2.1)
    assert (found.price_year, found.discount, found.horizon) == ("2025-26", "health", 5)


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (OWN.replace("cost_per_person = 900\n", ""), "LC402", "cost_per_person"),
        (OWN.replace('cost_to = "the partnership"\n', ""), "LC402", "cost_to"),
        (OWN.replace('cost_price_year = "2025-26"', 'cost_price_year = "now"'), "LC403", "must be a year"),
        (OWN + "cost_lo = 3\n", "LC401", "Did you mean 'cost_low'"),
        (OWN + "cost_low = 950\n", "LC563", "must rise"),
        (OWN + "value_high = 9\n", "LC563", "must rise"),
        (OWN + "set_up_cost = 100\n", "LC563", "needs 'places'"),
        (OWN.replace('value_source = "an example"\n', ""), "LC563", "needs 'value_source'"),
        (OWN + "value_cashable = 20000\n", "LC563", "value_cashable"),
        (OWN + 'block = "response"\n', "LC563", "response block of an own value"),
        (OWN + 'deflator = "gdp.csv"\n', "LC563", "needs 'price_year'"),
        (OWN + "horizon = 3\n", "LC563", "how much of the effect is left"),
        (OWN + "persistence = 0.5\n", "LC563", "needs a horizon above 1"),
        (OWN + "horizon = 500\n", "LC403", "at most 125"),
        (OWN + "draws = 10\n", "LC403", "at least 1000"),
        (OWN + "draws = 9000000\n", "LC403", "at most 1000000"),
        (OWN + "population = 5\n", "LC563", "goes with areas"),
        (OWN + "cost_per_area = 5\n", "LC563", "does not go with this plan"),
        (OWN + 'unit_costs = "f.csv"\n', "LC563", "no value is read"),
        (NAMED.replace("with-injury", "with-injry"), "LC560", "Did you mean 'violence-with-injury'"),
        (NAMED.replace("home-office", "gmca"), "LC560", "there is no unit cost"),
        (NAMED + 'value_source = "mine"\n', "LC563", "value of your own"),
        (NAMED.replace("home-office:violence-with-injury", "file:Arrest"), "LC563", "needs 'unit_costs'"),
        (NAMED.replace("recorded = false\n", ""), "LC562", "is not said"),
        (NAMED.replace("recorded = false\n", RECORDED), "LC562", "stands for more than one"),
        (OWN + RECORDED, "LC562", "stands for more than one"),
        (NAMED + "recorded_multiplier = 2\n", "LC563", "needs recorded = true"),
        (OWN.partition("value =")[0] + 'block = "response"\n', "LC563", "needs 'value'"),
        (OWN.partition("value =")[0] + "value_low = 1\n", "LC563", "needs 'value'"),
    ],
)
def test_what_does_not_go_together_is_said_with_its_line(text: str, code: str, said: str) -> None:
    found = faults_of(text)
    assert [fault.code for fault in found] == [code]
    assert said in found[0].problem
    assert found[0].where.startswith("plan.toml:")


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Priced("ordinal", "odds-ratio"), "odds ratio over a scale"),
        (Priced("binary", "risk-difference", primaries=2), "one primary outcome"),
        (Priced("count", "sum over places"), "is no number of units"),
    ],
)
def test_an_outcome_that_cannot_be_priced_is_refused(outcome: Priced, said: str) -> None:
    found = faults_of(OWN, outcome)
    assert [fault.code for fault in found] == ["LC561"]
    assert said in found[0].problem


def test_growth_is_no_number_of_units() -> None:
    growth = plan_text(
        "cluster-randomised",
        design='cluster = "school"\ntime = "year"\nunit = "id"',
        more=f"[economics]\n{OWN}",
    )
    with pytest.raises(EvaluationError, match="a difference in growth is no number of units") as fault:
        read(growth)
    assert fault.value.code == "LC561"


def test_areas_have_a_cost_of_their_own_and_carry_nothing_beyond_their_periods() -> None:
    text = OWN.replace("cost_per_person", "cost_per_area")
    assert planned(text + "population = 1000\nper = 100\n", AREAS).of_areas
    longer = 'horizon = 2\npersistence = 1\npersistence_source = "a review"\n'
    assert "each period" in faults_of(text + longer, AREAS)[0].problem
    assert "needs 'population'" in faults_of(text + "per = 100\n", AREAS)[0].problem
    assert faults_of(OWN, RISK) == []
