"""How much is asked of people: too many of the same sort of questions within some months (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cohorts.lives.definition import Burden


@dataclass(frozen=True, slots=True)
class BurdenFound:
    """One limit: the most times the plan asks within its months, and how many people were asked more often."""

    burden: Burden
    planned: int
    people_over: int

    @property
    def is_over(self) -> bool:
        """Say whether more is planned, or was collected, than the limit allows."""
        return self.planned > self.burden.most or self.people_over > 0


def variables_of(burden: Burden) -> tuple[str, ...]:
    """The variables a limit counts: its measures as names of variables."""
    return tuple(dict.fromkeys(measure.replace("-", "_") for measure in burden.measures))


def most_within(months: Iterable[float], span: float) -> int:
    """The most of these times that lie within one span of months, both ends included."""
    times = sorted(months)
    return max((sum(first <= time <= first + span for time in times) for first in times), default=0)


def judge_burden(
    burden: Burden, planned: Iterable[tuple[str, str]], asked: pl.DataFrame, waves: Mapping[str, float]
) -> BurdenFound:
    """Hold what is planned and what was collected against one limit.

    Parameters
    ----------
    planned : iterable of (variable, wave)
        What the cohort expects or holds.
    asked : pl.DataFrame
        participant, variable, wave: who gave a value of what. The values themselves are not needed.
    waves : mapping
        Months of each wave after the index date.
    """
    names = variables_of(burden)
    times = [waves[wave] for variable, wave in sorted(set(planned)) if variable in names]
    mine = asked.filter(pl.col("variable").is_in(list(names))).with_columns(
        pl.col("wave").replace_strict(dict(waves), default=None, return_dtype=pl.Float64).alias("time")
    )
    pairs = mine.select("participant", "time").join(
        mine.select("participant", later="time"), on="participant", how="inner"
    )
    # Every pair stands once for each scale asked at the earlier time, so those are counted apart.
    within = pairs.filter(pl.col("later").is_between(pl.col("time"), pl.col("time") + burden.months))
    same = mine.group_by("participant", "time").len("times")
    counted = within.group_by("participant", "time").len("n").join(same, on=["participant", "time"])
    over = counted.filter(pl.col("n") // pl.col("times") > burden.most)
    return BurdenFound(burden, most_within(times, burden.months), over["participant"].n_unique())
