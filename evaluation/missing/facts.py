"""What is kept of an outcome's missing values: how they were handled, and what they could hide. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """How far those missing must lie from what the analysis takes them to be, before the answer is another one.

    ``who``: whose missing outcomes are moved. ``shift`` in the outcome's unit (raw sign), ``in_sd`` in its standard
    deviations; both ``None`` where no shift within the scale, or within three SD, changes the answer. ``answer``: what
    it becomes.
    """

    who: str
    direction: str
    shift: float | None
    in_sd: float | None
    answer: str


@dataclass(frozen=True, slots=True)
class Bound:
    """The two ends an effect can have: ``low`` and ``high`` with their errors, and an interval that covers both."""

    name: str
    low: float
    high: float
    low_error: float | None
    high_error: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True, slots=True)
class MissingFacts:
    """Of one outcome: the plan's rule, what imputing or weighting read, tipping points and bounds."""

    rule: str
    imputations: int | None = None
    missing_information: float | None = None
    monte_carlo_error: float | None = None
    tipping: tuple[TippingPoint, ...] = ()
    bounds: tuple[Bound, ...] = ()
