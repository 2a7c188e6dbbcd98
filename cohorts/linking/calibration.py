"""How good a linkage is, worked out in the run itself from people whose national ids are known on both sides (pure).

The linkage is made blind to the ids; then, where both records of a link hold an id of one kind, the ids say
whether it is right, and where the same id stands on both sides, whether it was found. A wrong id counts as a false
link, so the estimate errs on the cautious side. People with ids may be easier to link than those without: the
number of pairs and an interval stand beside every estimate.

Intervals: Wilson (1927) score intervals, 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

WANTED_PRECISION = 0.997
ENOUGH_PAIRS = 300  # with none wrong among 300, up to one in a hundred may still be
CAUTIOUS_THRESHOLD = 4.0  # measured: precision above .999 on the made-up population
HIGHEST = 20.0
STEP = 0.5
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval: ``of`` were looked at, ``good`` of them were good."""

    good: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, or None where nothing was looked at."""
        return self.good / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's score interval."""
        if not self.of:
            return None
        p, n, square = self.good / self.of, self.of, _Z * _Z
        middle = (p + square / (2 * n)) / (1 + square / n)
        half = _Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n)) / (1 + square / n)
        low = 0.0 if self.good == 0 else max(0.0, middle - half)
        high = 1.0 if self.good == self.of else min(1.0, middle + half)
        return low, high


@dataclass(frozen=True, slots=True)
class Calibration:
    """The threshold of a run and what it was chosen by.

    ``state``: ``calibrated``; ``not calibrated`` (too few pairs with ids: the cautious threshold is used);
    ``wanted precision not reached`` (the strictest threshold is used).
    """

    threshold: float
    state: str
    wanted: float
    precision: Share
    recall: Share

    @property
    def calibrated(self) -> bool:
        """Say whether the threshold was chosen on this run's own pairs."""
        return self.state == "calibrated"


def id_pairs(left: pl.DataFrame, right: pl.DataFrame, kinds: Sequence[str]) -> pl.DataFrame:
    """Pairs ``left, right`` that hold the same identifier of a kind which nobody else on their side holds."""
    found = []
    for kind in kinds:
        ours = left.select(pl.col("person").alias("left"), kind).drop_nulls()
        theirs = right.select(pl.col("person").alias("right"), kind).drop_nulls()
        ours = ours.filter(pl.col(kind).is_unique())
        theirs = theirs.filter(pl.col(kind).is_unique())
        found.append(ours.join(theirs, on=kind).select("left", "right"))
    empty = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64})
    return pl.concat([empty, *found]).unique().sort("left", "right")


def truth_of(pairs: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame, kinds: Sequence[str]) -> pl.Series:
    """What the identifiers say of each pair: ``same``, ``other`` or ``unknown``.

    ``other`` where both hold an identifier of one kind and no kind agrees; a kind that agrees beside one that does
    not also counts as ``other``: one of the two is wrong.
    """
    met = pairs.select("left", "right")
    ours = left.select(pl.col("person").alias("left"), *(pl.col(kind).alias(f"{kind}_l") for kind in kinds))
    theirs = right.select(
        pl.col("person").alias("right"), *(pl.col(kind).alias(f"{kind}_r") for kind in kinds)
    )
    met = met.join(ours, on="left", how="left", maintain_order="left")
    met = met.join(theirs, on="right", how="left", maintain_order="left")
    equal = [pl.col(f"{kind}_l") == pl.col(f"{kind}_r") for kind in kinds] or [pl.lit(None, pl.Boolean)]
    differs = pl.any_horizontal((~one).fill_null(value=False) for one in equal)
    agrees = pl.any_horizontal(one.fill_null(value=False) for one in equal)
    word = (
        pl.when(differs).then(pl.lit("other")).when(agrees).then(pl.lit("same")).otherwise(pl.lit("unknown"))
    )
    return met.with_columns(word.alias("truth"))["truth"]


def measure(candidates: pl.DataFrame, known: pl.DataFrame, threshold: float) -> tuple[Share, Share]:
    """Precision and recall at a threshold.

    Parameters
    ----------
    candidates : pl.DataFrame
        ``left, right, weight, truth``: what would be linked, best pairs only; links by key weigh infinity.
    known : pl.DataFrame
        ``left, right``: the pairs that ids say are one person.
    """
    linked = candidates.filter(pl.col("weight") >= threshold)
    judged = linked.filter(pl.col("truth") != "unknown")
    good = judged.filter(pl.col("truth") == "same").height
    found = known.join(linked, on=["left", "right"], how="semi").height
    return Share(good, judged.height), Share(found, known.height)


def calibrate(candidates: pl.DataFrame, known: pl.DataFrame, wanted: float = WANTED_PRECISION) -> Calibration:
    """Choose the lowest threshold, from even odds upwards, at which the estimated precision is the wanted one."""
    enough = (
        min(measure(candidates, known, CAUTIOUS_THRESHOLD), key=lambda share: share.of).of >= ENOUGH_PAIRS
    )
    if not enough:
        return Calibration(
            CAUTIOUS_THRESHOLD, "not calibrated", wanted, *measure(candidates, known, CAUTIOUS_THRESHOLD)
        )
    threshold = 0.0
    while threshold <= HIGHEST:
        precision, recall = measure(candidates, known, threshold)
        if precision.of >= ENOUGH_PAIRS and precision.good / precision.of >= wanted:
            return Calibration(threshold, "calibrated", wanted, precision, recall)
        threshold += STEP
    return Calibration(HIGHEST, "wanted precision not reached", wanted, *measure(candidates, known, HIGHEST))
