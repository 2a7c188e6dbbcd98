"""Records of one person in two sources, joined without a shared identifier: keys first, then weights (pure).

Order of work: forbidden pairs are set aside before anything is compared; match keys settle most people; those left
over are weighed pair by pair; each may be linked to its one mutual best only; a threshold is chosen on the run's
own people with ids. All of this is blind to identifiers. Only then do identifiers have their say: a pair that
shares one is linked by it, and a link that identifiers contradict goes to a person.

A forename that is known on both sides and has nothing in common is never linked by the program: it is the mark of
siblings. A forename that is missing asks for ``MISSING_FORENAME`` bits more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from cohorts.linking.agreement_pattern import patterns
from cohorts.linking.calibration import WANTED_PRECISION, Calibration, calibrate, id_pairs, truth_of
from cohorts.linking.match_keys import match_by_keys
from cohorts.linking.residual import FLOOR, mutual_best
from cohorts.linking.side import LinkSide

MISSING_FORENAME = 2.0
GREY_BITS = 6.0  # how far below the threshold a pair is still shown to a person
NATIONAL = ("nhs-number", "upn", "pnc-id", "prison-number", "crn")
NOBODY = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64})
Scorer = Callable[[pl.DataFrame, pl.DataFrame, int], pl.DataFrame]
_BANDS = ((20.0, "20 bits or more"), (12.0, "12 to 20 bits"), (6.0, "6 to 12 bits"), (0.0, "0 to 6 bits"))
BELOW = "below 0 bits"


@dataclass(frozen=True, slots=True)
class Blind:
    """What the linkage found without looking at identifiers.

    ``candidates``: ``left, right, method, weight, truth`` and the agreement pattern; each person stands once at
    most on its side. ``known``: pairs that identifiers say are one person.
    """

    candidates: pl.DataFrame = field(repr=False)
    known: pl.DataFrame = field(repr=False)
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished linkage.

    Attributes
    ----------
    links : pl.DataFrame
        ``left, right, method, weight, truth`` and the pattern: one row a link, one-to-one. Method ``identifier``,
        ``key-01`` to ``key-14`` or ``splink``.
    blind : pl.DataFrame
        ``left, right``: what would have been linked without identifiers, for measuring.
    grey : pl.DataFrame
        As ``links`` with ``why``: pairs for a person to look at.
    """

    links: pl.DataFrame = field(repr=False)
    blind: pl.DataFrame = field(repr=False)
    grey: pl.DataFrame = field(repr=False)
    known: pl.DataFrame = field(repr=False)
    calibration: Calibration


def link_blind(
    left: LinkSide,
    right: LinkSide,
    scorer: Scorer | None,
    forbidden: pl.DataFrame = NOBODY,
    wanted: float = WANTED_PRECISION,
) -> Blind:
    """Link by keys and weights alone, and calibrate.

    ``scorer(left, right, settled)`` weighs the people left over; ``settled`` is how many the keys linked. None
    links by keys alone.
    """
    settled = match_by_keys(left.fields, right.fields, forbidden)
    found = settled.with_columns(pl.lit(math.inf).alias("weight"))
    if scorer is not None:
        rest = (_without(left.fields, settled["left"]), _without(right.fields, settled["right"]))
        pairs = scorer(*rest, settled.height).join(forbidden, on=["left", "right"], how="anti")
        best = mutual_best(pairs).select("left", "right", pl.lit("splink").alias("method"), "weight")
        found = pl.concat([found, best])
    kinds = shared_kinds(left, right)
    found = patterns(left.fields, right.fields, found.sort("left"))
    found = found.with_columns(truth_of(found, left.frame, right.frame, kinds)).with_columns(
        pl.when(pl.col("forename") == "missing")
        .then(pl.col("weight") - MISSING_FORENAME)
        .otherwise("weight")
        .alias("weight")
    )
    known = id_pairs(left.frame, right.frame, kinds).join(forbidden, on=["left", "right"], how="anti")
    linkable = found.filter(pl.col("forename") != "differs")
    return Blind(found, known, calibrate(linkable, known, wanted))


def settle(blind: Blind, standing: pl.DataFrame = NOBODY) -> Outcome:
    """Bring in identifiers: what they say is linked, what they contradict is put aside for a person.

    ``standing`` are pairs ``left, right`` that are one person already by what the store holds; they are kept.
    """
    threshold = blind.calibration.threshold
    chosen = (pl.col("weight") >= threshold) & (pl.col("forename") != "differs")
    linked = blind.candidates.filter(chosen)
    firm = _one_to_one(
        pl.concat([standing, blind.known.join(standing, on=["left", "right"], how="anti")]), standing
    )
    firm = firm.join(blind.candidates, on=["left", "right"], how="left").with_columns(
        pl.lit("identifier").alias("method"), pl.lit(math.inf).alias("weight")
    )
    free = _without(_without(linked, firm["left"], "left"), firm["right"], "right")
    good = free.filter(pl.col("truth") != "other")
    links = pl.concat([firm.select(good.columns), good]).sort("left")
    return Outcome(
        links,
        linked.select("left", "right"),
        _grey(blind, linked, links, threshold),
        blind.known,
        blind.calibration,
    )


def _grey(blind: Blind, linked: pl.DataFrame, links: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Pairs for a person: contradicted by identifiers or by standing links, or just short of being linked."""
    put_aside = linked.join(links, on=["left", "right"], how="anti").with_columns(
        pl.when(pl.col("truth") == "other")
        .then(pl.lit("identifiers differ"))
        .otherwise(pl.lit("linked to somebody else"))
        .alias("why")
    )
    near = blind.candidates.join(linked, on=["left", "right"], how="anti").filter(
        (pl.col("weight") >= max(threshold - GREY_BITS, FLOOR)) & (pl.col("truth") != "other")
    )
    near = _without(_without(near, links["left"], "left"), links["right"], "right").with_columns(
        pl.when(pl.col("forename") == "differs")
        .then(pl.lit("forenames differ"))
        .otherwise(pl.lit("not sure enough"))
        .alias("why")
    )
    return pl.concat([put_aside, near]).sort("left", "right")


def _one_to_one(pairs: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Standing pairs, and of the others those that touch nobody twice."""
    others = pairs.join(first, on=["left", "right"], how="anti")
    others = _without(_without(others, first["left"], "left"), first["right"], "right")
    others = others.filter(pl.col("left").is_unique() & pl.col("right").is_unique())
    return pl.concat([first.select("left", "right"), others.select("left", "right")]).sort("left")


def _without(frame: pl.DataFrame, people: pl.Series, column: str = "person") -> pl.DataFrame:
    return frame.filter(~pl.col(column).is_in(people.implode()))


def shared_kinds(left: LinkSide, right: LinkSide) -> tuple[str, ...]:
    """National identifiers that both sides hold: those that can say whether a link is right."""
    return tuple(kind for kind in NATIONAL if kind in left.identifiers and kind in right.identifiers)


def band_of(weight: float | None, method: str) -> str:
    """A weight in words."""
    if method == "none" or weight is None:
        return ""
    if math.isinf(weight):
        return "identifier" if method == "identifier" else "key"
    return next((words for lowest, words in _BANDS if weight >= lowest), BELOW)
