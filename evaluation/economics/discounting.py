"""Present values: a pound, or a unit of an outcome, that comes later counts for less (pure).

Source: HM Treasury, Green Book (the schedule in ``tables/appraisal.toml`` says which edition).
"""

from __future__ import annotations

from evaluation.economics.tables import Schedule


def rate_in(schedule: Schedule, year: int) -> float:
    """The rate that holds in a year; year 0 is the present."""
    held = [share for start, share in zip(schedule.from_year, schedule.shares, strict=True) if start <= year]
    return held[-1]


def discount_factor(schedule: Schedule, year: int) -> float:
    """What one in ``year`` is worth now: each year on the way is discounted at the rate of its own time."""
    factor = 1.0
    for step in range(1, year + 1):
        factor /= 1 + rate_in(schedule, step)
    return factor


def effect_years(schedule: Schedule, horizon: int, persistence: float | None) -> float:
    """For how many years' worth the measured effect counts: the first in full, later ones faded and discounted.

    The measured period is year 0. In year t a share ``persistence ** t`` of the effect is left. With a horizon of 1
    only what was measured counts.
    """
    left = 1.0 if persistence is None else persistence
    return sum(left**year * discount_factor(schedule, year) for year in range(horizon))
