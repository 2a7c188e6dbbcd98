"""What each season usually is of its year (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from theory_of_change.tracking.periods import Period

FEWEST_YEARS = 3  # full years from which seasons are told from change
IN_A_YEAR = {1: 12, 2: 6, 3: 4, 4: 3, 6: 2}  # months of a period, and how many of them make a year


def season_of(period: Period) -> int:
    """Which season of its year a period is, from 0; periods of a year or more have none (0)."""
    return (period.first.month - 1) // max(1, round(period.months)) if has_seasons(period) else 0


def has_seasons(period: Period) -> bool:
    """Say whether periods of this length come several times a year."""
    return period.months < 11.5


def full_years(periods: Sequence[Period]) -> tuple[int, ...]:
    """The years of which every season is there."""
    wanted = IN_A_YEAR.get(round(periods[0].months), 0) if periods else 0
    held: dict[int, set[int]] = {}
    for period in periods:
        held.setdefault(period.first.year, set()).add(season_of(period))
    return tuple(year for year, seasons in held.items() if wanted and len(seasons) == wanted)


def season_factors(
    periods: Sequence[Period], values: Sequence[float], sizes: Sequence[float]
) -> Mapping[int, float] | None:
    """Each season's share of its year over an even share, from full years; 1 on average.

    The ratio of sums: what came in the season, over what would have come had every season of these years been alike.
    A change of level between years does not bear on it. ``None`` with fewer than three full years, or a season
    without anything in it.
    """
    years = full_years(periods)
    if len(years) < FEWEST_YEARS:
        return None
    came: dict[int, float] = {}
    even: dict[int, float] = {}
    for year in years:
        held = [i for i, period in enumerate(periods) if period.first.year == year]
        level = sum(values[i] * sizes[i] for i in held) / sum(sizes[i] for i in held)
        for i in held:
            season = season_of(periods[i])
            came[season] = came.get(season, 0.0) + values[i] * sizes[i]
            even[season] = even.get(season, 0.0) + level * sizes[i]
    if min(even.values()) <= 0 or min(came.values()) <= 0:
        return None
    factors = {season: came[season] / even[season] for season in came}
    mean = sum(factors.values()) / len(factors)
    return {season: factor / mean for season, factor in factors.items()}
