"""``[economics]`` of a plan, or of a file of costs, to what it says; every fault with its line (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from evaluation.economics.planned import DRAWS, HOME_OFFICE, OWN_FILE, Block, PlannedEconomics
from evaluation.economics.prices import YEAR, price_year
from evaluation.model import Units
from evaluation.nouns import OVER_TIME
from evaluation.plan import Design, PlannedOutcome
from workspace.errors import did_you_mean
from workspace.toml_source import Section

FEWEST_DRAWS, MOST_DRAWS = 1_000, 1_000_000
LONGEST_HORIZON = 125
DISCOUNTS = ("standard", "health", "sensitivity")
NOT_BY_UNIT = "displacement-difference"
PRICED = ("difference", "risk-difference", "risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio")


@dataclass(frozen=True, slots=True)
class Priced:
    """What is to be priced: the primary outcome's kind and effect, and what a unit of the study is.

    ``over_time``: the effect is for each period. ``primaries``: how many outcomes are primary.
    """

    kind: str
    effect: str
    of_areas: bool = False
    over_time: bool = False
    primaries: int = 1


def unpriced(outcome: Priced) -> str:
    """Why a unit of the outcome has no value; empty where it can have one."""
    if outcome.primaries != 1:
        return "[economics] prices one primary outcome; this plan has two"
    if outcome.kind == "ordinal" and outcome.effect == "odds-ratio":
        return "an odds ratio over a scale is no number of units; plan the outcome as a difference"
    if outcome.effect not in PRICED:
        return f"a {outcome.effect} is no number of units"
    return ""


def priced_of(outcomes: Sequence[PlannedOutcome], design: Design, units: Units) -> Priced:
    """What of a plan is to be priced."""
    effect = ""
    if design.method == NOT_BY_UNIT:
        effect = "sum over places"
    elif design.time and getattr(design.settings, "growth", "") == "slope":
        effect = "difference in growth"
    primaries = [outcome for outcome in outcomes if outcome.role == "primary"]
    if not primaries:
        return Priced("", "difference")
    first = primaries[0]
    return Priced(
        kind="count" if first.counts else first.kind,
        effect=effect or first.effect,
        of_areas=units == "areas",
        over_time=design.method in OVER_TIME,
        primaries=len(primaries),
    )


def read_economics(
    section: Section | None, outcome: Priced, names: Collection[str] | None = None
) -> PlannedEconomics | None:
    """Read ``[economics]``. ``names`` are the unit costs there are (not looked up where ``None``)."""
    if section is None:
        return None
    reason = unpriced(outcome)
    if reason:
        section.fault("LC561", "", reason)
    cost_key = "cost_per_area" if outcome.of_areas else "cost_per_person"
    cost, low, high = _range(section, cost_key, "cost_low", "cost_high")
    value, unit_cost = _value(section, names)
    worth_low, worth_high = _range_around(section, value, "value_low", "value_high")
    horizon, persistence, persistence_source = _horizon(section, outcome)
    population, per = _population(section, outcome)
    recorded, multiplier, multiplier_source = _recorded(section, unit_cost, is_valued=value is not None)
    deflator, rebased_to = _rebasing(section)
    set_up, places = section.number("set_up_cost", 0.0, low=0) or 0.0, section.integer("places", low=1)
    if set_up and places is None:
        section.fault(
            "LC563", "set_up_cost", "'set_up_cost' needs 'places' to be shared among", "Add places = …."
        )
    planned = PlannedEconomics(
        cost=cost,
        cost_low=low,
        cost_high=high,
        cost_price_year=_year(section, "cost_price_year", required=True),
        cost_to=section.text("cost_to", required=True),
        cost_source=section.text("cost_source"),
        set_up_cost=set_up,
        places=places,
        value=value,
        value_low=worth_low,
        value_high=worth_high,
        value_cashable=_cashable(section, value),
        value_price_year=_beside_own(section, "value_price_year", value),
        value_source=_beside_own(section, "value_source", value),
        unit_cost=unit_cost,
        unit_costs=_own_list(section, unit_cost),
        block=_block(section, value, unit_cost),
        recorded=recorded,
        recorded_multiplier=multiplier,
        multiplier_source=multiplier_source,
        deflator=deflator,
        price_year=rebased_to,
        horizon=horizon,
        persistence=persistence,
        persistence_source=persistence_source,
        discount=section.text("discount", "standard", one_of=DISCOUNTS),
        of_areas=outcome.of_areas,
        population=population,
        per=per,
        pupil_year=section.boolean("pupil_year"),
        draws=_draws(section),
        seed=section.integer("seed", 0, low=0) or 0,
    )
    section.finish()
    return planned


def _range(section: Section, key: str, low_key: str, high_key: str) -> tuple[float, float, float]:
    middle = section.number(key, required=True, low=0)
    low, high = section.number(low_key, low=0), section.number(high_key, low=0)
    other = "cost_per_person" if key == "cost_per_area" else "cost_per_area"
    if section.has(other):
        section.fault("LC563", other, f"'{other}' does not go with this plan", f"Use {key}.")
    middle = middle or 0.0
    return _ordered(section, (key, middle), (low_key, low), (high_key, high))


def _ordered(
    section: Section, middle: tuple[str, float], low: tuple[str, float | None], high: tuple[str, float | None]
) -> tuple[float, float, float]:
    least = middle[1] if low[1] is None else low[1]
    most = middle[1] if high[1] is None else high[1]
    for key, wrong in ((low[0], least > middle[1]), (high[0], most < middle[1])):
        if wrong:
            section.fault(
                "LC563", key, f"'{low[0]}', '{middle[0]}' and '{high[0]}' must rise", "Correct the range."
            )
    return middle[1], least, most


def _value(section: Section, names: Collection[str] | None) -> tuple[float | None, str]:
    """The plan's own number, or the name of a unit cost."""
    if not section.has("value"):
        return None, ""
    if not isinstance(section.values["value"], str):
        return section.number("value", above=0), ""
    named = section.text("value")
    list_, _, item = named.partition(":")
    if list_ == OWN_FILE and item:
        return None, named
    if list_ != HOME_OFFICE or (names is not None and item not in names):
        near = did_you_mean(item, names or ())
        section.fault(
            "LC560",
            "value",
            f"there is no unit cost '{named}'.{near}",
            'Write value = 1200, "home-office:robbery", or "file:ITEM" with unit_costs = "FILE.csv".',
        )
    return None, named


def _range_around(
    section: Section, value: float | None, low_key: str, high_key: str
) -> tuple[float | None, float | None]:
    """A range of the value; around a unit cost it is checked where that is looked up."""
    low, high = section.number(low_key, low=0), section.number(high_key, low=0)
    if value is not None:
        _ordered(section, ("value", value), (low_key, low), (high_key, high))
    elif not section.has("value"):
        for key in (low_key, high_key):
            if section.has(key):
                section.fault("LC563", key, f"'{key}' needs 'value'", "Add value = …, or remove it.")
    return low, high


def _beside_own(section: Section, key: str, value: float | None) -> str:
    """Price year and source of an own value: needed with one, refused with a named unit cost, which has its own."""
    text = section.text(key) if key == "value_source" else _year(section, key)
    if value is not None and not section.has(key):
        section.fault("LC563", "value", f"'value' needs '{key}' beside it", f'Add {key} = "…".')
    if value is None and section.has(key):
        section.fault("LC563", key, f"'{key}' goes with a value of your own", "Remove it.")
    return text


def _cashable(section: Section, value: float | None) -> float | None:
    part = section.number("value_cashable", low=0)
    if part is not None and (value is None or part > value):
        section.fault(
            "LC563",
            "value_cashable",
            "'value_cashable' is the part of an own 'value' that is cash",
            "Correct it.",
        )
    return part


def _own_list(section: Section, unit_cost: str) -> str:
    named, wanted = section.text("unit_costs"), unit_cost.startswith(f"{OWN_FILE}:")
    if wanted and not named:
        section.fault("LC563", "value", "'file:…' needs 'unit_costs'", 'Add unit_costs = "FILE.csv".')
    if named and not wanted:
        section.fault(
            "LC563", "unit_costs", "no value is read from 'unit_costs'", 'Write value = "file:ITEM".'
        )
    return named


def _block(section: Section, value: float | None, unit_cost: str) -> Block:
    block = section.text("block", "all", one_of=("all", "response"))
    if block == "response" and value is not None and not section.has("value_cashable"):
        section.fault(
            "LC563", "block", "the response block of an own value is not known", "Add value_cashable = …."
        )
    if block == "response" and value is None and not unit_cost:
        section.fault("LC563", "block", "'block' needs 'value'", "Remove it.")
    return cast(Block, block)


def _recorded(section: Section, unit_cost: str, *, is_valued: bool) -> tuple[bool | None, float | None, str]:
    """Whether the outcome counts recorded crime. A unit cost per actual crime asks for it to be said."""
    said = section.has("recorded")
    recorded = section.boolean("recorded") if said else None
    multiplier, source = section.number("recorded_multiplier", low=1), section.text("multiplier_source")
    if unit_cost.startswith(HOME_OFFICE) and not said:
        section.fault(
            "LC562", "value", "whether the outcome counts recorded crime is not said", "Add recorded = …."
        )
    if recorded and (multiplier is None or not source) and (unit_cost or is_valued):
        section.fault(
            "LC562",
            "recorded",
            "a recorded crime stands for more than one, and how many is not said",
            'Add recorded_multiplier = … and multiplier_source = "…".',
        )
    if not recorded and multiplier is not None:
        section.fault(
            "LC563", "recorded_multiplier", "'recorded_multiplier' needs recorded = true", "Remove it."
        )
    return recorded, multiplier if recorded else None, source


def _rebasing(section: Section) -> tuple[str, str]:
    deflator, year = section.text("deflator"), _year(section, "price_year")
    if bool(deflator) != bool(year):
        there, missing = ("deflator", "price_year") if deflator else ("price_year", "deflator")
        section.fault("LC563", there, f"'{there}' needs '{missing}' beside it", "Give both, or neither.")
    return deflator, year


def _year(section: Section, key: str, *, required: bool = False) -> str:
    text = section.text(key, required=required)
    if text and not YEAR.fullmatch(text.strip()):
        section.fault("LC403", key, f'\'{key}\' must be a year written "2015-16" or "2015"', "Correct it.")
    return price_year(text) if text else ""


def _horizon(section: Section, outcome: Priced) -> tuple[int, float | None, str]:
    horizon = section.integer("horizon", 1, low=1) or 1
    persistence = section.number("persistence", low=0, high=1)
    source = section.text("persistence_source")
    if horizon > LONGEST_HORIZON:
        section.fault("LC403", "horizon", f"'horizon' must be at most {LONGEST_HORIZON} years", "Shorten it.")
        horizon = 1
    if horizon > 1 and (outcome.over_time or outcome.of_areas):
        section.fault(
            "LC563",
            "horizon",
            "this method's effect is for each period: nothing is carried beyond it",
            "Remove it.",
        )
    if horizon > 1 and (persistence is None or not source):
        section.fault(
            "LC563",
            "horizon",
            "beyond what was measured, how much of the effect is left each year must be said",
            'Add persistence = 0.5 and persistence_source = "…".',
        )
    if horizon == 1 and persistence is not None:
        section.fault("LC563", "persistence", "'persistence' needs a horizon above 1", "Remove it.")
    return horizon, persistence, source


def _population(section: Section, outcome: Priced) -> tuple[float | None, float]:
    population, per = section.number("population", above=0), section.number("per", 1.0, above=0)
    for key in ("population", "per"):
        if section.has(key) and not outcome.of_areas:
            section.fault("LC563", key, f"'{key}' goes with areas", "Remove it.")
    if section.has("per") and population is None and outcome.of_areas:
        section.fault("LC563", "per", "'per' needs 'population'", "Add population = ….")
    return population, per or 1.0


def _draws(section: Section) -> int:
    draws = section.integer("draws", DRAWS, low=FEWEST_DRAWS) or DRAWS
    if draws > MOST_DRAWS:
        section.fault("LC403", "draws", f"'draws' must be at most {MOST_DRAWS}", "Lower it.")
        return DRAWS
    return draws
