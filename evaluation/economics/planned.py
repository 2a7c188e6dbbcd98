"""What a plan says about costs and values. Frozen; the names of unit costs are not yet looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Block = Literal["all", "response"]

DRAWS = 10_000
HOME_OFFICE = "home-office"
OWN_FILE = "file"


@dataclass(frozen=True, slots=True)
class PlannedEconomics:
    """The plan's ``[economics]``: what a place costs, what a unit of the primary outcome is worth, and for how long.

    ``cost`` is per person, of areas per area and period (``of_areas``). ``value`` is the plan's own number per unit,
    or ``unit_cost`` names one (``home-office:…``, ``file:…``). Money is in the price year beside it.
    """

    cost: float
    cost_low: float
    cost_high: float
    cost_price_year: str
    cost_to: str
    cost_source: str = ""
    set_up_cost: float = 0.0
    places: int | None = None
    value: float | None = None
    value_low: float | None = None
    value_high: float | None = None
    value_cashable: float | None = None
    value_price_year: str = ""
    value_source: str = ""
    unit_cost: str = ""
    unit_costs: str = ""
    block: Block = "all"
    recorded: bool | None = None
    recorded_multiplier: float | None = None
    multiplier_source: str = ""
    deflator: str = ""
    price_year: str = ""
    horizon: int = 1
    persistence: float | None = None
    persistence_source: str = ""
    discount: str = "standard"
    of_areas: bool = False
    population: float | None = None
    per: float = 1.0
    pupil_year: bool = False
    draws: int = DRAWS
    seed: int = 0

    @property
    def is_valued(self) -> bool:
        """Say whether a unit of the outcome is given a value."""
        return self.value is not None or bool(self.unit_cost)
