"""Composite match keys: fourteen sets of derived variables, tried in order, that settle most people (pure).

A key links a left and a right person when both have all its variables, the same ones, and nobody else on either
side has them. Who is linked is taken out before the next, weaker key is tried. Every key asks for evidence of the
forename: more than half of all false links without it are siblings. The order is from strong to weak; the idea is
the Office for National Statistics' "derive and conquer".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class MatchKey:
    """One composite key: its name in reports, and the variables that must all agree.

    ``right`` names the right side's variables where they differ (a swapped date against a straight one).
    """

    name: str
    left: tuple[str, ...]
    right: tuple[str, ...] = ()


def _key(name: str, variables: str, right: str = "") -> MatchKey:
    return MatchKey(name, tuple(variables.split()), tuple((right or variables).split()))


KEYS = (
    _key("key-01", "fn sn dob pc"),
    _key("key-02", "fn_root sn dob pc_sector"),
    _key("key-03", "fn_root sn dob pc_district"),
    _key("key-04", "fn_sdx sn_sdx dob pc"),
    _key("key-05", "fn sn dob sex"),
    _key("key-06", "fn_root sn dob sex"),
    _key("key-07", "fn_root dob pc sex"),
    _key("key-08", "fn_root sn dob_ym pc"),
    _key("key-09", "fn_root sn dob_yd pc"),
    _key("key-10", "fn_root sn dob_md pc"),
    _key("key-11", "fn_root sn dob sex", "fn_root sn dob_sw sex"),
    _key("key-12", "fn_sdx sn_sdx dob pc_district"),
    _key("key-13", "fn_3 sn_3 dob pc_sector"),
    _key("key-14", "fn_sdx sn_sdx dob sex"),
)


def match_by_keys(
    left: pl.DataFrame, right: pl.DataFrame, forbidden: pl.DataFrame, keys: Sequence[MatchKey] = KEYS
) -> pl.DataFrame:
    """Link by match keys.

    Parameters
    ----------
    left, right : pl.DataFrame
        ``person`` and the derived tokens of each side.
    forbidden : pl.DataFrame
        Pairs ``left, right`` of persons who must not be linked; honoured before uniqueness is judged.

    Returns
    -------
    pl.DataFrame
        ``left, right, method``: one row a link; nobody stands in two.
    """
    found: list[pl.DataFrame] = []
    sexless = left["sex"].is_null().all() or right["sex"].is_null().all()
    for key in keys:
        key = _without_sex(key) if sexless else key  # noqa: PLW2901 - the same key, as far as it can be asked
        pairs = _unique_pairs(left, right, key).join(forbidden, on=["left", "right"], how="anti")
        found.append(pairs.with_columns(pl.lit(key.name).alias("method")))
        left = left.filter(~pl.col("person").is_in(pairs["left"].implode()))
        right = right.filter(~pl.col("person").is_in(pairs["right"].implode()))
    return pl.concat(found).sort("left")


def _without_sex(key: MatchKey) -> MatchKey:
    """A source that does not say the sex of anybody is compared by the rest of each key."""
    left, right = (tuple(name for name in side if name != "sex") for side in (key.left, key.right))
    return MatchKey(key.name, left, right)


def _unique_pairs(left: pl.DataFrame, right: pl.DataFrame, key: MatchKey) -> pl.DataFrame:
    ours = _alone(left, key.left).select(pl.col("person").alias("left"), *key.left)
    theirs = _alone(right, key.right).select(pl.col("person").alias("right"), *key.right)
    return ours.join(theirs, left_on=list(key.left), right_on=list(key.right)).select("left", "right")


def _alone(side: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Those who have all the variables, and share them with nobody on their own side."""
    whole = side.drop_nulls(list(columns))
    counted = whole.group_by(list(columns)).agg(pl.len().alias("n"), pl.col("person").first())
    return counted.filter(pl.col("n") == 1)
