"""The tables that come with the program: unit costs, discount rates, optimism bias, cost bands (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from workspace.toml_source import TomlSource

Verified = Literal["yes", "memory", "unsure", "user"]
VERIFIED_WORDS: dict[str, str] = {
    "yes": "held against the source",
    "memory": "from memory, not yet held against the source",
    "unsure": "from memory and unsure: check it before you cite it",
    "user": "given by you",
}


@dataclass(frozen=True, slots=True)
class UnitCost:
    """Pounds per unit in ``price_year``; a block that the source does not give is ``None``, never worked out.

    ``response`` is what police and courts spend, or of an imported row the fiscal column: the cashable part.
    """

    name: str
    total: float | None
    response: float | None
    price_year: str
    source: str
    verified: str
    version: str = ""
    theme: str = ""
    police: float | None = None
    criminal_justice: float | None = None
    prison: float | None = None
    confidence: str = ""
    parts_verified: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Discount rates: ``shares[i]`` holds from year ``from_year[i]`` on."""

    name: str
    from_year: tuple[int, ...]
    shares: tuple[float, ...]
    verified: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The share of a benefit that is cut for optimism, by security level."""

    cuts: dict[int, float]
    source: str
    verified: str


@dataclass(frozen=True, slots=True)
class CostBands:
    """Names of cost per pupil and year; ``below[i]`` is where band ``i`` ends."""

    names: tuple[str, ...]
    below: tuple[float, ...]
    source: str
    verified: str

    def band(self, cost: float) -> str:
        """The band of a cost."""
        return next(
            (name for name, end in zip(self.names, self.below, strict=False) if cost < end), self.names[-1]
        )


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything that is looked up."""

    unit_costs: dict[str, UnitCost]
    unit_costs_title: str
    schedules: dict[str, Schedule]
    rates_version: str
    rates_source: str
    rates_note: str
    optimism: Ladder
    bands: CostBands


def read_tables(costs: TomlSource, appraisal: TomlSource) -> Tables:
    """The tables out of their files, which come with the program and are held to their shape by tests."""
    head, rates = costs.data["table"], appraisal.data["discounting"]
    optimism, bands = appraisal.data["optimism"], appraisal.data["cost_bands"]
    return Tables(
        unit_costs={row["id"]: _cost(row, head) for row in costs.data["cost"]},
        unit_costs_title=f"{head['source']}, {head['title']}",
        schedules={one["id"]: _schedule(one) for one in rates["schedule"]},
        rates_version=rates["version"],
        rates_source=rates["source"],
        rates_note=rates["note"],
        optimism=Ladder(
            {
                level: percent / 100
                for level, percent in zip(optimism["security"], optimism["percent"], strict=True)
            },
            optimism["source"],
            optimism["verified"],
        ),
        bands=CostBands(tuple(bands["names"]), tuple(bands["below"]), bands["source"], bands["verified"]),
    )


def _cost(row: dict[str, Any], head: dict[str, Any]) -> UnitCost:
    police, courts = row.get("police"), row.get("criminal_justice")
    return UnitCost(
        name=row["name"],
        total=row["total"],
        response=None if police is None or courts is None else float(police + courts),
        price_year=head["price_year"],
        source=head["source"],
        verified=row["verified"],
        version=head["version"],
        theme="crime",
        police=police,
        criminal_justice=courts,
        prison=row.get("prison"),
        parts_verified=row.get("parts_verified", row["verified"]),
    )


def _schedule(row: dict[str, Any]) -> Schedule:
    shares = tuple(percent / 100 for percent in row["percent"])
    return Schedule(row["name"], tuple(row["from_year"]), shares, row["verified"])
