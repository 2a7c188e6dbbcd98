"""Costs and worth: discounting, prices, break-even, draws against the closed form, and what may be said when."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr

from evaluation.economics.break_even import break_even
from evaluation.economics.discounting import discount_factor, effect_years
from evaluation.economics.draws import cut_for_optimism, draw, interval, perfect_information, pert
from evaluation.economics.found import found_in
from evaluation.economics.imported import read_unit_costs
from evaluation.economics.keys import Priced
from evaluation.economics.pounds import pounds
from evaluation.economics.prices import price_year, read_deflator, rebased
from evaluation.economics.store import load_tables
from evaluation.economics.units import gained, on_scale
from evaluation.economics.worth import Inputs, Range
from evaluation.errors import EvaluationError
from evaluation.model import Answer, Effect
from tests.evaluation.money import NAMED, OWN, appraised, effect, money
from tests.evaluation.report_builders import outcome
from tests.evaluation.studies import make_plan, primary

TABLES = load_tables()
STANDARD = TABLES.schedules["standard"]
RECORDED = NAMED.replace(
    "recorded = false", "recorded = true\nrecorded_multiplier = 2.5\nmultiplier_source = 'survey'"
)


# ---- the tables, discounting, prices


# The field standards print 0.743 for the last; 1.015 ** -20 is 0.74247, and that is what is held here.
FACTORS = {
    "standard": {5: 0.842, 10: 0.709, 20: 0.503},
    "health": {5: 0.928, 10: 0.862, 20: 0.742},
}


@pytest.mark.parametrize("name", FACTORS)
def test_discount_factors_are_those_of_the_field_standards(name: str) -> None:
    for year, factor in FACTORS[name].items():
        assert round(discount_factor(TABLES.schedules[name], year), 3) == factor


def test_long_horizons_step_down_to_lower_rates() -> None:
    assert discount_factor(STANDARD, 30) == pytest.approx(1.035**-30, rel=1e-12)
    assert discount_factor(STANDARD, 40) == pytest.approx(1.035**-30 * 1.03**-10, rel=1e-12)
    assert discount_factor(STANDARD, 80) == pytest.approx(1.035**-30 * 1.03**-45 * 1.025**-5, rel=1e-12)
    assert discount_factor(STANDARD, 0) == 1


def test_only_what_was_measured_counts_unless_the_plan_says_for_how_long_the_effect_lasts() -> None:
    assert effect_years(STANDARD, 1, None) == 1
    assert effect_years(STANDARD, 3, 0.5) == pytest.approx(1 + 0.5 / 1.035 + 0.25 / 1.035**2)


def test_homicide_alone_has_a_response_block_made_of_the_parts_given() -> None:
    given = {name: cost.response for name, cost in TABLES.unit_costs.items() if cost.response is not None}
    assert given == {"homicide": 11_960 + 800_980}
    police = {name: cost.police for name, cost in TABLES.unit_costs.items() if cost.police is not None}
    assert police == {"homicide": 11_960, "rape": 6_360, "theft-of-vehicle": 2_030}
    assert len(TABLES.unit_costs) == 16
    assert {cost.price_year for cost in TABLES.unit_costs.values()} == {"2015-16"}


def test_prices_are_rebased_by_the_series_given_and_by_nothing_else() -> None:
    series = read_deflator([("2015/16", "80"), ("2025-26", "104")], "gdp.csv")
    assert rebased(14_050, "2015-16", "2025/26", series, "gdp.csv") == pytest.approx(14_050 * 1.3)
    assert price_year("2015/2016") == price_year("2015-16") == "2015-16"
    with pytest.raises(EvaluationError, match="no year 2030") as fault:
        rebased(1, "2015-16", "2030", series, "gdp.csv")
    assert fault.value.code == "LC564"


@pytest.mark.parametrize(
    "rows", [[("soon", "1")], [("2015", "-1")], [("2015", "x")], [("2015", "1"), ("2015", "2")]]
)
def test_a_series_that_is_none_is_refused_by_row(rows: list[tuple[str, str]]) -> None:
    with pytest.raises(EvaluationError) as fault:
        read_deflator(rows, "gdp.csv")
    assert fault.value.code == "LC564"
    assert fault.value.faults[0].where.startswith("gdp.csv:")


def test_rebasing_costs_and_values_puts_both_in_one_year() -> None:
    text = f'{NAMED}deflator = "gdp.csv"\nprice_year = "2025-26"\n'
    found = money(text, inputs=Inputs({}, {"2015-16": 80.0, "2025-26": 104.0}))
    assert found.cost.mode == pytest.approx(900 * 1.3)
    assert found.worth is not None
    assert found.worth.mode == pytest.approx(14_050 * 1.3)
    assert (found.cost_year, found.worth_year, found.mixed) == ("2025-26", "2025-26", False)


def test_a_recorded_crime_stands_for_as_many_as_the_plan_says() -> None:
    worth = money(RECORDED).worth
    assert worth is not None
    assert worth.mode == pytest.approx(2.5 * 14_050)


def test_a_list_of_the_user_keeps_its_three_columns_apart() -> None:
    row = {"theme": "Crime", "item": "Arrest", "fiscal": "£700", "economic": "", "social": "1,300",
           "price year": "2023/24", "confidence": "amber"}  # fmt: skip
    found = read_unit_costs([row], "costs.csv")["arrest"]
    assert (found.total, found.response, found.price_year, found.verified) == (2000, 700, "2023-24", "user")
    own = NAMED.replace("home-office:violence-with-injury", "file:Arrest") + 'unit_costs = "costs.csv"\n'
    assert money(own, inputs=Inputs({"arrest": found}, {})).cashable == pytest.approx(0.35)
    with pytest.raises(EvaluationError) as fault:
        money(own.replace("recorded = false\n", ""), inputs=Inputs({"arrest": found}, {}))
    assert fault.value.code == "LC562"


@pytest.mark.parametrize(
    "wrong", [{"item": ""}, {"price year": "soon"}, {"fiscal": "dear"}, {"social": "nan"}]
)
def test_a_row_of_a_list_that_is_none_is_refused(wrong: dict[str, str]) -> None:
    row = {"theme": "", "item": "Arrest", "fiscal": "1", "economic": "1", "social": "1", "price year": "2023"}
    with pytest.raises(EvaluationError) as fault:
        read_unit_costs([row | wrong], "costs.csv")
    assert fault.value.code == "LC565"
    assert all(value not in str(fault.value) for value in wrong.values() if value), "no cell in a message"


def test_an_item_that_comes_twice_and_a_block_that_is_not_given_are_refused() -> None:
    row: dict[str, str | None] = {"item": "Arrest", "price year": "2023"}
    with pytest.raises(EvaluationError, match="twice"):
        read_unit_costs([row, row], "costs.csv")
    with pytest.raises(EvaluationError, match="not given by its source") as fault:
        money(NAMED + 'block = "response"\n')
    assert fault.value.code == "LC560"


def test_a_range_must_hold_the_unit_cost() -> None:
    with pytest.raises(EvaluationError) as fault:
        money(NAMED + "value_high = 9000\n")
    assert fault.value.code == "LC563"


# ---- from effects to units, and back


@pytest.mark.parametrize(
    ("name", "ratio", "units"),
    [
        ("risk-ratio", 0.75, 0.10),  # 0.4 to 0.3
        ("odds-ratio", (0.3 / 0.7) / (0.4 / 0.6), 0.10),
        ("hazard-ratio", math.log(0.7) / math.log(0.6), 0.10),
        ("rate-ratio", 0.75, 0.10),
    ],
)
def test_a_ratio_is_turned_into_cases_and_back(name: Effect, ratio: float, units: float) -> None:
    found = effect(effect=name)
    assert float(gained(found, -math.log(ratio))) == pytest.approx(units)
    assert on_scale(units, name, "lower", 0.4)[0] == pytest.approx(ratio)


def test_the_benefit_is_the_same_however_an_effect_is_written() -> None:
    people = 400
    y = [float(i % 10 < (3 if i % 2 else 6)) for i in range(people)]
    rows = pl.DataFrame({"treat": [float(i % 2) for i in range(people)], "y": y})
    found = []
    for written in ("risk-difference", "risk-ratio", "odds-ratio"):
        plan = make_plan(
            kind="binary", better="lower", outcome=f'effect = "{written}"', settings='adjust = "none"'
        )
        one = found_in(primary(rows, plan), "randomised", None)
        assert one.view is not None
        found.append(float(gained(one, one.view.value)))
    assert found == pytest.approx([0.4] * 3, rel=1e-6)  # 3 in 5 against 1 in 5


def test_harm_is_a_negative_number_of_units() -> None:
    assert float(gained(effect(effect="rate-ratio"), -math.log(1.5))) == pytest.approx(-0.2)
    assert float(gained(effect(effect="risk-ratio", better="higher"), math.log(1.5))) == pytest.approx(0.2)


def test_the_break_even_difference_is_cost_over_value() -> None:
    even = break_even(money(NAMED), "risk-difference", "lower", 0.3, 0.064, "break-even: £900 per place")
    assert even is not None
    assert even.on_scale == pytest.approx(900 / 14_050)
    assert (even.agrees, even.warnings) == (True, ())


def test_a_plan_that_says_break_even_and_is_not_is_told() -> None:
    even = break_even(money(NAMED), "risk-difference", "lower", 0.3, 0.05, "break-even: £900 per place")
    assert even is not None
    assert "0.0641" in even.warnings[0]
    assert even.reading == "an effect that just matters would not pay for itself"
    cheaper = break_even(money(NAMED), "risk-difference", "lower", 0.3, 0.064, "break-even: £700 per place")
    assert cheaper is not None
    assert cheaper.warnings == ("mid_source names £700 per place, and [economics] has £900",)
    other = break_even(money(NAMED), "risk-difference", "lower", 0.3, 0.05, "the funder's threshold")
    assert other is not None
    assert other.warnings == ()


def test_a_place_that_costs_more_than_the_whole_outcome_cannot_pay_for_itself() -> None:
    even = break_even(money(NAMED), "risk-difference", "lower", 0.05, 0.03, "break-even")
    assert even is not None
    assert even.on_scale is None
    assert "even if every case were averted" in even.reading


def test_a_longer_horizon_lowers_the_break_even_by_the_years_it_adds() -> None:
    longer = 'horizon = 3\npersistence = 0.5\npersistence_source = "a review"\n'
    even = break_even(money(NAMED + longer), "risk-difference", "lower", None, None, "")
    assert even is not None
    assert even.units.value == pytest.approx(900 / 14_050 / (1 + 0.5 / 1.035 + 0.25 / 1.035**2))


def test_areas_are_priced_by_value_times_rate_times_population() -> None:
    areas = Priced("count", "difference", of_areas=True, over_time=True)
    text = OWN.replace("cost_per_person = 900", "cost_per_area = 50000\npopulation = 250000\nper = 100000")
    found = effect(10.0, 0.001, effect="difference", kind="count", per="area and period")
    told = appraised(found, text, outcome=areas)
    assert told.benefit is not None  # 10 per 100,000 fewer, 250,000 people, £10,000 each
    assert told.benefit.value == pytest.approx(250_000)
    assert told.break_even_on_scale == pytest.approx(2.0)
    assert told.break_even is not None
    assert told.break_even.value == pytest.approx(5.0)
    assert any("5 events averted for each area and period" in line for line in told.sentences)


# ---- draws against the closed form

CLOSE = 0.01  # four standard errors of a share, or of a mean in standard deviations, at 160,000 draws


def test_net_benefit_drawn_is_net_benefit_worked_out_in_the_normal_case() -> None:
    told = appraised(effect(), OWN + "draws = 160000\nseed = 4\n")
    mean, sd = 0.12 * 10_000 - 900, 0.03 * 10_000
    assert told.net is not None
    assert told.net.value == pytest.approx(mean)
    ends = [told.net.low, told.net.high]
    assert ends == pytest.approx([mean - 1.96 * sd, mean + 1.96 * sd], abs=0.02 * sd)
    assert told.chance == pytest.approx(float(ndtr(mean / sd)), abs=CLOSE)
    assert told.ratio == pytest.approx(1200 / 900)
    loss = perfect_information(mean, sd)
    assert told.information == pytest.approx(loss, abs=0.01 * sd)


def test_perfect_information_is_what_a_choice_made_in_every_draw_would_add() -> None:
    net = np.random.default_rng(1).normal(300, 300, 400_000)
    worth = np.maximum(net, 0).mean() - max(net.mean(), 0)
    assert perfect_information(300, 300) == pytest.approx(worth, abs=1.0)  # its standard error is 0.14
    assert perfect_information(300, 0) == 0


def test_benefits_are_cut_by_the_security_level_and_harms_are_not() -> None:
    assert cut_for_optimism(np.array([100.0, -100.0]), 0.25).tolist() == [75.0, -100.0]
    cuts = [TABLES.optimism.cuts[level] for level in range(6)]
    assert cuts == [0.40, 0.25, 0.15, 0.10, 0.05, 0.0]
    told = appraised(effect(security=3), OWN + "draws = 160000\n")
    assert told.net is not None
    assert told.net_uncut is not None
    assert told.net.value == pytest.approx(0.9 * 1200 - 900)
    assert told.net_uncut.value == pytest.approx(300)
    assert told.chance == pytest.approx(float(ndtr((0.12 - 900 / 9000) / 0.03)), abs=CLOSE)


def test_an_estimate_with_few_degrees_of_freedom_is_drawn_from_t() -> None:
    wide = appraised(effect(df=4.0), OWN + "draws = 160000\n")
    assert wide.chance == pytest.approx(0.8130, abs=CLOSE)  # pt(1, 4) in R: 0.8130495


def test_costs_are_drawn_from_their_range_with_the_mean_of_a_pert_distribution() -> None:
    drawn = pert(Range(900, 600, 1800), np.random.default_rng(2), 200_000)
    assert drawn.mean() == pytest.approx((600 + 4 * 900 + 1800) / 6, abs=2)  # its standard error is 0.5
    assert 600 <= drawn.min() < drawn.max() <= 1800
    assert set(pert(Range(5, 5, 5), np.random.default_rng(2), 3)) == {5.0}


def test_the_same_seed_draws_the_same_and_another_another() -> None:
    one, same, other = (appraised(effect(), f"{OWN}seed = {seed}\n") for seed in (1, 1, 2))
    assert one == same
    assert one.chance != other.chance
    assert one.net is not None
    assert other.net is not None
    assert one.net.value == other.net.value, "the point is worked out, not drawn"
    assert interval(draw(effect(), money(), 0.0).uncut)[0] > 0


# ---- what may be said when


def words(told: object) -> str:
    return re.sub(r"\s+", " ", str(told))


@pytest.mark.parametrize(("answer", "fragile"), [("inconclusive", False), ("works", True), ("harms", True)])
def test_an_effect_whose_sign_is_not_settled_has_a_range_and_a_chance_and_never_a_ratio(
    answer: str, fragile: bool
) -> None:
    told = appraised(effect(0.02, answer=answer, fragile=fragile))
    assert told.mode == "open"
    assert (told.ratio, told.ratio_uncut, told.cost_per_unit) == (None, None, None)
    figures = (told.benefit, told.benefit_uncut, told.net, told.net_uncut)
    assert all(figure is not None and figure.value is None and figure.low is not None for figure in figures)
    assert told.chance is not None
    assert "not supported" in words(told.sentences)
    assert "not supported" in words(told.cannot_say)


@pytest.mark.parametrize(
    ("answer", "detail", "said"),
    [
        ("not-assessable", "people", "could not answer"),
        ("changed", "works", "nothing shows what would have happened"),
        ("inconclusive", "no-comparison", "nothing shows what would have happened"),
        ("no-meaningful-effect", "", "large enough to pay for itself is not"),
    ],
)
def test_without_an_effect_there_are_costs_only(answer: str, detail: str, said: str) -> None:
    told = appraised(effect(answer=answer, detail=detail))
    assert told.mode == "costs"
    assert said in told.reading
    nothing = (
        told.benefit,
        told.net,
        told.chance,
        told.ratio,
        told.cost_per_unit,
        told.information,
        told.total,
    )
    assert nothing == (None,) * 7
    assert told.can_say == ("It cost £900 for each person (2025/26 prices).",)


def test_an_effect_too_small_to_matter_may_still_pay_for_itself_and_that_is_said() -> None:
    wide = appraised(effect(0.0, 0.06, answer="no-meaningful-effect"))
    assert "one large enough to pay for itself is not" in wide.reading
    assert wide.net is None
    narrow = appraised(effect(0.0, 0.02, answer="no-meaningful-effect"))  # at most 0.039; 0.09 would pay
    assert narrow.reading == "an effect large enough to matter is ruled out: what is left is the cost"


def test_a_harm_is_a_negative_benefit_and_has_no_ratio() -> None:
    told = appraised(effect(-0.12, answer="harms", detail="meaningful", security=2))
    assert told.mode == "answered"
    assert told.benefit is not None
    assert told.benefit.value == pytest.approx(-1200), "not made smaller by the cut"
    assert told.net is not None
    assert told.net.value == pytest.approx(-2100)
    assert told.ratio is None
    assert "People came out worse" in words(told.sentences)


def test_a_difference_with_low_security_is_not_said_to_be_the_programmes_doing() -> None:
    told = appraised(effect(security=1))
    assert "worth more" not in words(told.can_say)
    assert "If the difference is the programme's doing" in words(told.sentences)
    assert "other causes" in words(told.cannot_say)


def test_pounds_of_different_years_are_never_divided() -> None:
    told = appraised(effect(), NAMED.replace('"2015-16"', '"2025-26"'))
    assert told.ratio is None
    assert "costs in 2025/26 prices, benefits in 2015/16 prices" in words(told.sentences)
    assert "looks worse than it is" in words(told.doubts)


def test_an_unverified_value_that_decides_is_shown_as_unverified() -> None:
    told = appraised(effect(), NAMED.replace("violence-with-injury", "commercial-robbery"))
    assert "The value of a unit (Commercial robbery) is from memory and unsure" in words(told.doubts)
    assert "from memory" not in words(appraised(effect(), NAMED).doubts).partition("The cut")[0]


def test_cashable_and_other_benefits_stand_on_lines_of_their_own() -> None:
    told = appraised(effect(), NAMED.replace("violence-with-injury", "homicide"))
    assert told.benefit is not None
    assert told.cashable is not None
    assert told.not_cashable is not None
    assert told.cashable.value == pytest.approx(0.12 * 812_940)
    assert told.not_cashable.value == pytest.approx(0.12 * (3_217_740 - 812_940))
    only = appraised(effect(), NAMED.replace("violence-with-injury", "homicide") + 'block = "response"\n')
    assert only.benefit is not None
    assert only.benefit.value == pytest.approx(0.12 * 812_940)
    assert only.not_cashable is None
    assert (told.verified, only.verified) == ("memory", "yes"), "the parts were read, the whole only rounded"


def test_places_and_setting_up_come_from_the_plan_and_give_a_present_value() -> None:
    told = appraised(effect(), OWN + "set_up_cost = 20000\nplaces = 200\n")
    assert told.cost.value == 1000
    assert told.total is not None
    assert told.total.value == pytest.approx(200 * (1200 - 1000))


def test_costs_without_a_value_give_the_cost_of_an_outcome_only() -> None:
    told = appraised(effect(), OWN.partition("value =")[0])
    assert told.mode == "unvalued"
    assert told.cost_per_unit is not None
    assert told.cost_per_unit.value == pytest.approx(900 / 0.12)
    assert told.cost_per_unit.high == pytest.approx(900 / (0.12 - 1.959964 * 0.03))
    assert told.net is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"effect": "risk-ratio", "base": None}, "the level without the programme is not known"),
        ({"effect": "hazard-ratio", "competing": True}, "with competing events"),
        ({"effect": "odds-ratio", "base": 0.0}, "everybody or nobody"),
        ({"withheld": True}, "withheld"),
        ({"view": None}, "no interval"),
    ],
)
def test_an_effect_that_cannot_be_said_in_units_has_costs_only(changes: dict[str, object], said: str) -> None:
    told = appraised(replace(effect(), **changes))  # type: ignore[arg-type]
    assert told.mode == "costs"
    assert said in told.reading


def test_a_setting_that_turns_the_answer_and_loses_the_sign_makes_it_open() -> None:
    assert found_in(outcome(), "matching", None).fragile, "without a caliper the interval holds nought"
    answer: Answer = "works"
    steady = outcome(answer)
    kept = replace(steady, sensitivity=tuple(replace(way, flips_verdict=False) for way in steady.sensitivity))
    assert not found_in(kept, "matching", None).fragile


@pytest.mark.parametrize(
    ("amount", "said"),
    [(14_060, "£14,100"), (-35.0, "−£35"), (0.816, "£0.82"), (1234.5, "£1,230"), (-0.001, "£0.00")],
)
def test_money_is_said_to_three_digits(amount: float, said: str) -> None:
    assert pounds(amount) == said
