"""What an appraisal found: frozen values that a result carries and a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["answered", "open", "unvalued", "costs"]


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount with its interval; ``value`` is ``None`` where only the interval may be given."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Economics:
    """Costs and worth of one primary outcome, per ``per`` (a person; of areas an area and period).

    ``mode``: ``answered``; ``open``, where the sign of the effect is not settled, so that there are ranges and a chance
    but no point; ``unvalued``, where a unit has no value; ``costs``, where nothing can be said of benefits. Of what has
    two readings the plain one is after the cut for optimism and ``…_uncut`` before it. ``ratio`` is benefit over cost.
    ``information``: at most, what knowing the effect exactly would be worth, per ``per``.
    """

    planned: bool
    mode: Mode
    reading: str
    per: str
    cost: Figure
    cost_year: str
    worth: Figure | None
    worth_year: str
    worth_of: str
    unit: str
    verified: str
    security: int
    cut: float
    break_even: Figure | None
    break_even_on_scale: float | None
    cost_per_unit: Figure | None
    benefit: Figure | None
    benefit_uncut: Figure | None
    net: Figure | None
    net_uncut: Figure | None
    chance: float | None
    chance_uncut: float | None
    ratio: float | None
    ratio_uncut: float | None
    cashable: Figure | None
    not_cashable: Figure | None
    places: int | None
    total: Figure | None
    information: float | None
    information_total: float | None
    sentences: tuple[str, ...]
    can_say: tuple[str, ...]
    cannot_say: tuple[str, ...]
    doubts: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    draws: int
    seed: int
