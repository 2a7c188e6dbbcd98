"""What a place costs and a unit of the outcome is worth, once names are looked up and pounds are of one year (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluation.economics.discounting import effect_years
from evaluation.economics.planned import OWN_FILE, PlannedEconomics
from evaluation.economics.pounds import prices
from evaluation.economics.prices import price_year, rebased
from evaluation.economics.tables import VERIFIED_WORDS, Schedule, Tables, UnitCost
from evaluation.errors import EvaluationError
from workspace.errors import did_you_mean

CRIME = "crime"
SENSITIVITY_BEYOND = 50


@dataclass(frozen=True, slots=True)
class Range:
    """An amount with the least and the most it may be."""

    mode: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        """The mean of a PERT distribution: (least + 4 x likeliest + most) / 6."""
        return (self.low + 4 * self.mode + self.high) / 6

    def times(self, factor: float) -> Range:
        """Every amount times a factor."""
        return Range(self.mode * factor, self.low * factor, self.high * factor)

    def plus(self, amount: float) -> Range:
        """Every amount plus one."""
        return Range(self.mode + amount, self.low + amount, self.high + amount)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was read beside the plan: an own list of unit costs and a deflator, with fingerprints of their files."""

    own: Mapping[str, UnitCost]
    deflator: Mapping[str, float]
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Money:
    """All money of an appraisal.

    ``cost`` is per person (or area and period), set-up share included; ``said_costs`` the same as a plan may put it in
    words, before that share and before rebasing; ``worth`` per unit of the outcome, ``None``
    where it has no value. ``years`` for how many years' worth the measured effect counts, discounted; ``scale`` how
    many units one unit of the effect is for one of the study's units (of areas the population over ``per``).
    """

    cost: Range
    cost_year: str
    said_costs: tuple[float, ...]
    worth: Range | None
    worth_year: str
    cashable: float | None
    response_only: bool
    worth_name: str
    worth_source: str
    verified: str
    years: float
    scale: float
    places: int | None
    of_areas: bool
    draws: int
    seed: int
    facts: tuple[tuple[str, str], ...]
    doubts: tuple[str, ...]

    @property
    def mixed(self) -> bool:
        """Say whether costs and values are in pounds of different years."""
        return self.worth is not None and self.cost_year != self.worth_year


def priced(planned: PlannedEconomics, tables: Tables, inputs: Inputs) -> Money:
    """Look up names, rebase, multiply recorded crime up, share out what setting up cost.

    Raises EvaluationError: LC560 for a unit cost or block that is not given, LC562 for crimes of an own list of which
    it is not said whether they are recorded, LC563 for a range that does not hold the value, LC564 for a year the
    deflator lacks.
    """
    set_up = planned.set_up_cost / planned.places if planned.places else 0.0
    cost = Range(planned.cost, planned.cost_low, planned.cost_high).plus(set_up)
    year, cost_year = planned.price_year, planned.cost_price_year
    if planned.deflator:
        cost = cost.times(rebased(1.0, cost_year, year, inputs.deflator, planned.deflator))
        cost_year = year
    chosen = _chosen(planned, tables, inputs)
    worth, worth_year, cashable = (None, "", None) if chosen is None else _worth(planned, chosen, inputs)
    schedule = tables.schedules[planned.discount]
    return Money(
        cost=cost,
        cost_year=cost_year,
        said_costs=(planned.cost, planned.cost + set_up, cost.mode),
        worth=worth,
        worth_year=worth_year,
        cashable=cashable,
        response_only=planned.block == "response",
        worth_name=chosen.name if chosen else "",
        worth_source=chosen.source if chosen else "",
        verified=chosen.verified if chosen else "",
        years=effect_years(schedule, planned.horizon, planned.persistence),
        scale=(planned.population or 1.0) / planned.per,
        places=planned.places,
        of_areas=planned.of_areas,
        draws=planned.draws,
        seed=planned.seed,
        facts=_facts(planned, tables, inputs, chosen),
        doubts=_doubts(planned, tables, chosen, (cost_year, worth_year)),
    )


def _chosen(planned: PlannedEconomics, tables: Tables, inputs: Inputs) -> UnitCost | None:
    if planned.value is not None:
        return UnitCost(
            "a value of your own", planned.value, planned.value_cashable, planned.value_price_year,
            planned.value_source, "user",
        )  # fmt: skip
    if not planned.unit_cost:
        return None
    list_, _, item = planned.unit_cost.partition(":")
    known = inputs.own if list_ == OWN_FILE else tables.unit_costs
    found = known.get(item.strip().lower() if list_ == OWN_FILE else item)
    if found is None:
        near = "" if list_ == OWN_FILE else did_you_mean(item, known)  # no cell of a file in a message
        raise EvaluationError(
            "LC560", f"there is no unit cost '{planned.unit_cost}'.{near}", "Correct the name."
        )
    if list_ == OWN_FILE and found.theme.startswith(CRIME) and planned.recorded is None:
        raise EvaluationError(
            "LC562",
            "whether the outcome counts recorded crime is not said",
            "Add recorded = … to [economics].",
        )
    return (
        replace(found, verified=found.parts_verified or found.verified)
        if planned.block == "response"
        else found
    )


def _worth(planned: PlannedEconomics, chosen: UnitCost, inputs: Inputs) -> tuple[Range, str, float | None]:
    """The value of a unit, its price year, and the share of it that is cashable (``None`` where not given)."""
    whole = chosen.total
    amount = chosen.response if planned.block == "response" else whole
    if amount is None or whole is None:
        raise EvaluationError(
            "LC560",
            f"the block '{planned.block}' of '{planned.unit_cost}' is not given by its source",
            'Use block = "all", or your own value with value_cashable.',
        )
    low = amount if planned.value_low is None else planned.value_low
    high = amount if planned.value_high is None else planned.value_high
    if planned.block == "response":  # a range is of the whole value: its part has the same spread
        low, high = (end * amount / whole if end != amount else end for end in (low, high))
    if not low <= amount <= high:
        raise EvaluationError(
            "LC563",
            "'value_low' and 'value_high' do not hold the unit cost between them",
            "Correct the range.",
        )
    factor, year = planned.recorded_multiplier or 1.0, price_year(chosen.price_year)
    if planned.deflator:
        factor *= rebased(1.0, year, planned.price_year, inputs.deflator, planned.deflator)
        year = planned.price_year
    part = None if chosen.response is None else chosen.response / whole if whole else 0.0
    return Range(amount, low, high).times(factor), year, 1.0 if planned.block == "response" else part


def _facts(
    planned: PlannedEconomics, tables: Tables, inputs: Inputs, chosen: UnitCost | None
) -> tuple[tuple[str, str], ...]:
    """What the figures rest on, as names and words."""
    found = [("Cost", f"to {planned.cost_to}; source: {planned.cost_source or 'not given'}")]
    if planned.set_up_cost:
        whole = f"£{planned.set_up_cost:,.0f} ({prices(planned.cost_price_year)})"
        found.append(("Setting up", f"{whole}, shared among {planned.places:,} places"))
    if chosen:
        version = f", {chosen.version}" if chosen.version else ""
        block = ", response only" if planned.block == "response" else ""
        found.append(("Value of a unit", f"{chosen.name}{block}; {chosen.source}{version}"))
        found.append(("Checked", VERIFIED_WORDS[chosen.verified]))
    if planned.recorded_multiplier:
        said = f"{planned.recorded_multiplier:g} actual for each recorded; {planned.multiplier_source}"
        found.append(("Recorded crime", said))
    schedule = tables.schedules[planned.discount]
    if planned.horizon > 1:
        left = f"{100 * (planned.persistence or 0.0):g} % of the effect left each year ({planned.persistence_source})"
        worth = (
            f"{effect_years(schedule, planned.horizon, planned.persistence):.3g} years' worth of it in all"
        )
        found.append(("Horizon", f"{planned.horizon} years, {left}: {worth}"))
        found.append(("Discounting", f"{schedule.name} rates, {tables.rates_source}"))
    else:
        found.append(("Horizon", "only what was measured counts; nothing is carried beyond it"))
    if planned.pupil_year:
        bands = tables.bands
        checked = f"{bands.source}, {VERIFIED_WORDS[bands.verified]}"
        found.append(("Cost band", f"{bands.band(planned.cost)}, of a pupil and year ({checked})"))
    if planned.population:
        found.append(
            ("Population", f"{planned.population:,.0f} in an area; the outcome is per {planned.per:,g}")
        )
    found += [(f"File {name}", f"SHA-256 {sha[:16]}…") for name, sha in inputs.files]
    return tuple(found)


def _doubts(
    planned: PlannedEconomics, tables: Tables, chosen: UnitCost | None, years: tuple[str, str]
) -> tuple[str, ...]:
    """What takes trust away from the money, whatever the effect."""
    found = []
    if chosen and chosen.verified in ("memory", "unsure"):
        found.append(f"The value of a unit ({chosen.name}) is {VERIFIED_WORDS[chosen.verified]}.")
    cost_year, worth_year = years
    if worth_year and cost_year != worth_year:
        looks = "worse" if cost_year > worth_year else "better"
        found.append(
            f"Costs are in {prices(cost_year)} and values in {prices(worth_year)}: no deflator was given, so nothing "
            f"was rebased. If prices rose in between, the programme looks {looks} than it is."
        )
    if planned.horizon > 1:
        found.append(tables.rates_note)
        found += _long(planned, tables.schedules[planned.discount])
    if chosen and planned.horizon > 1:
        found.append("How much of the effect is left after the measured period is taken from elsewhere.")
    return tuple(found)


def _long(planned: PlannedEconomics, schedule: Schedule) -> list[str]:
    """What a horizon of a generation and more should be doubted for."""
    found = []
    if planned.horizon > SENSITIVITY_BEYOND and planned.discount != "sensitivity":
        found.append('Beyond 50 years the Green Book asks for a second run: discount = "sensitivity".')
    if planned.horizon > schedule.from_year[1] and schedule.verified != "yes":
        found.append(f"The years at which the rates for {schedule.name} step down are from memory.")
    return found
