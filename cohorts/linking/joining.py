"""From two files and what the store knows to links, questions and tokens to add (pure).

An earlier link is kept when a new file comes: records whose identifiers a participant holds already are that
participant's, whatever names say. Where names say otherwise, somebody is asked; nothing changes in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from cohorts.linkage import NOBODY, Outcome, Scorer, band_of, link_blind, settle, shared_kinds
from cohorts.linking.agreement_pattern import PATTERN
from cohorts.linking.calibration import WANTED_PRECISION, truth_of
from cohorts.linking.side import LinkSide


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows of the people of two files.

    Attributes
    ----------
    left, right : pl.DataFrame
        ``person, participant_id`` of those who are enrolled; one row a person and a participant.
    apart : pl.DataFrame
        Pairs ``left, right`` of persons who must not be joined: the register, and what people decided.
    together : pl.DataFrame
        Pairs of persons that people decided to be one.
    before : pl.DataFrame
        The links of the last run of the right source, as ``cohorts.linking.store.LINKS``.
    held : pl.DataFrame
        ``participant_id, kind, token``: identifiers beside which nobody may get another of the kind.
    """

    left: pl.DataFrame = field(repr=False)
    right: pl.DataFrame = field(repr=False)
    apart: pl.DataFrame = field(repr=False)
    together: pl.DataFrame = field(repr=False)
    before: pl.DataFrame = field(repr=False)
    held: pl.DataFrame = field(repr=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """A linkage ready to be stored.

    ``links``: ``participant_id, right, method, weight_band, linked, blind, truth`` for every enrolled participant
    who is linked or whom names or identifiers speak of. ``fresh``: ``participant_id, right`` newly linked.
    ``grey``: ``participant_id, right, weight_band, why`` and the pattern. ``standing``: ``participant_id, right,
    why``: links of before that something speaks against.
    """

    links: pl.DataFrame = field(repr=False)
    fresh: pl.DataFrame = field(repr=False)
    grey: pl.DataFrame = field(repr=False)
    standing: pl.DataFrame = field(repr=False)
    outcome: Outcome = field(repr=False)


def join_sides(
    left: LinkSide, right: LinkSide, known: Known, scorer: Scorer | None, wanted: float = WANTED_PRECISION
) -> Joined:
    """Link two sides in the light of what the store knows."""
    standing = _standing(known)
    blind = link_blind(left, right, scorer, known.apart, wanted)
    together = known.together.join(known.apart, on=["left", "right"], how="anti")
    firm = pl.concat([standing, _free(together, standing)])
    outcome = settle(blind, firm)
    doubled = _second_identifiers(outcome.links.join(firm, on=["left", "right"], how="anti"), right, known)
    good = outcome.links.join(doubled, on=["left", "right"], how="anti")
    kinds = shared_kinds(left, right)
    good = good.with_columns(truth_of(good, left.frame, right.frame, kinds))
    links = _links(good, outcome, known, kinds, left, right)
    aside = outcome.links.join(doubled, on=["left", "right"], how="semi")
    grey = pl.concat([outcome.grey, aside.with_columns(pl.lit("another identifier is held").alias("why"))])
    return Joined(
        links,
        links.filter(pl.col("right").is_not_null() & pl.col("fresh")).select("participant_id", "right"),
        _shown(grey.join(firm, on=["left", "right"], how="anti"), known.left),
        _doubts(outcome, standing, known),
        outcome,
    )


def _standing(known: Known) -> pl.DataFrame:
    """Pairs that are one person by what the store holds, unless they must not be joined."""
    return _by_store(known).join(known.apart, on=["left", "right"], how="anti")


def _by_store(known: Known) -> pl.DataFrame:
    """Pairs that share a participant; only where each belongs to one."""
    right = known.right.filter(pl.col("person").is_unique() & pl.col("participant_id").is_unique())
    left = known.left.filter(pl.col("person").is_unique() & pl.col("participant_id").is_unique())
    pairs = left.rename({"person": "left"}).join(right.rename({"person": "right"}), on="participant_id")
    return pairs.select("left", "right").sort("left")


def _free(pairs: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
    return pairs.filter(
        ~pl.col("left").is_in(taken["left"].implode()) & ~pl.col("right").is_in(taken["right"].implode())
    ).select("left", "right")


def _second_identifiers(links: pl.DataFrame, right: LinkSide, known: Known) -> pl.DataFrame:
    """New links that would give a participant a second identifier of a kind: that is for people to decide."""
    pairs = links.select("left", "right").join(known.left.rename({"person": "left"}), on="left")
    found = [NOBODY]
    for kind in right.identifiers:
        theirs = right.frame.select(
            pl.col("person").alias("right"), pl.col(kind).alias("theirs")
        ).drop_nulls()
        ours = known.held.filter(pl.col("kind") == kind).select("participant_id", "token")
        met = pairs.join(theirs, on="right").join(ours, on="participant_id")
        found.append(met.filter(pl.col("theirs") != pl.col("token")).select("left", "right"))
    return pl.concat(found).unique()


def _links(
    good: pl.DataFrame, outcome: Outcome, known: Known, kinds: Sequence[str], left: LinkSide, right: LinkSide
) -> pl.DataFrame:
    """One row a participant that is in the left file: the final link, and what blind linkage made of it."""
    blind = outcome.blind.rename({"right": "blind_right"})
    said = truth_of(outcome.blind, left.frame, right.frame, kinds)
    blind = blind.with_columns(said.alias("blind_truth"))
    missed = outcome.known.select("left", pl.lit("same").alias("missed")).unique("left")
    together = known.together.select("left", "right", pl.lit(value=True).alias("clerical"))
    before = known.before.select(
        "participant_id", pl.col("method").alias("old_method"), pl.col("weight_band").alias("old_band"),
        (pl.col("linked") == 1).alias("old"),
    )  # fmt: skip
    rows = known.left.filter(pl.col("person").is_unique() & pl.col("participant_id").is_unique())
    rows = rows.rename({"person": "left"}).join(
        good.select("left", "right", "method", "weight"), on="left", how="left"
    )
    rows = rows.join(blind, on="left", how="left").join(missed, on="left", how="left")
    rows = rows.join(together, on=["left", "right"], how="left").join(before, on="participant_id", how="left")
    rows = rows.join(
        _standing(known).with_columns(pl.lit(value=True).alias("stands")), on=["left", "right"], how="left"
    )
    flags = [pl.col(name).fill_null(value=False) for name in ("clerical", "old", "stands")]
    rows = rows.with_columns(flags)
    bands = [
        band_of(weight, method or "none") for weight, method in rows.select("weight", "method").iter_rows()
    ]
    kept = pl.col("stands") & pl.col("old")
    return rows.select(
        "participant_id",
        "right",
        pl.when(pl.col("right").is_null())
        .then(pl.lit("none"))
        .when(kept)
        .then("old_method")
        .when("clerical")
        .then(pl.lit("clerical"))
        .otherwise("method")
        .alias("method"),
        pl.when(kept)
        .then("old_band")
        .otherwise(pl.Series("band", bands, dtype=pl.String))
        .alias("weight_band"),
        pl.col("right").is_not_null().cast(pl.Int64).alias("linked"),
        pl.col("blind_right").is_not_null().cast(pl.Int64).alias("blind"),
        pl.coalesce("blind_truth", "missed", pl.lit("unknown")).alias("truth"),
        (pl.col("right").is_not_null() & ~pl.col("stands")).alias("fresh"),
    ).sort("participant_id")


def _shown(grey: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Grey pairs of enrolled participants, with the band in words."""
    met = grey.join(left.rename({"person": "left"}), on="left", how="inner").sort("participant_id", "right")
    bands = [band_of(weight, method) for weight, method in met.select("weight", "method").iter_rows()]
    band = pl.Series("weight_band", bands, dtype=pl.String)
    return met.select("participant_id", "right", "why", *PATTERN, band)


def _doubts(outcome: Outcome, standing: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Standing links that the register forbids, or whose record names give to somebody else."""
    forbidden = (
        _by_store(known)
        .join(known.apart, on=["left", "right"], how="semi")
        .with_columns(pl.lit("these two must not be joined").alias("why"))
    )
    other = outcome.blind.select(pl.col("left").alias("named"), "right")
    given = standing.join(other, on="right").filter(pl.col("named") != pl.col("left"))
    given = given.select("left", "right", pl.lit("names point to somebody else").alias("why"))
    both = pl.concat([forbidden, given]).unique(["left", "right"], keep="first", maintain_order=True)
    met = both.join(known.left.rename({"person": "left"}), on="left", how="inner")
    return met.select("participant_id", "right", "why").sort("participant_id")
