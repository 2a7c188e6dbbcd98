"""How two records agree, field by field, in words that say nothing about either (pure).

The words: same, same root, sounds alike, first or last letters, initial, half, swapped, day differs, month
differs, year differs, sector, district, differs, missing. They come from the same levels as the model's.
"""

from __future__ import annotations

import polars as pl

from cohorts.linking.derived import DERIVED

PATTERN = ("forename", "surname", "birth", "place", "sex")
_Levels = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
LEVELS: dict[str, tuple[str, _Levels]] = {
    "forename": (
        "fn_1",
        (
            ("same", (("fn", "fn"),)),
            ("same root", tuple((a, b) for a in ("fn_root", "fn_alt") for b in ("fn_root", "fn_alt"))),
            ("sounds alike", (("fn_sdx", "fn_sdx"),)),
            ("first or last letters", (("fn_3", "fn_3"), ("fn_end", "fn_end"))),
            ("initial", (("fn_1", "fn_1"),)),
        ),
    ),
    "surname": (
        "sn",
        (
            ("same", (("sn", "sn"),)),
            ("half", tuple((a, b) for a in ("sn_a", "sn_b") for b in ("sn_a", "sn_b"))),
            ("sounds alike", (("sn_sdx", "sn_sdx"),)),
            ("first or last letters", (("sn_3", "sn_3"), ("sn_end", "sn_end"))),
        ),
    ),
    "birth": (
        "dob",
        (
            ("same", (("dob", "dob"),)),
            ("swapped", (("dob", "dob_sw"),)),
            ("day differs", (("dob_ym", "dob_ym"),)),
            ("month differs", (("dob_yd", "dob_yd"),)),
            ("year differs", (("dob_md", "dob_md"),)),
        ),
    ),
    "place": (
        "pc_district",
        (
            ("same", (("pc", "pc"),)),
            ("sector", (("pc_sector", "pc_sector"),)),
            ("district", (("pc_district", "pc_district"),)),
        ),
    ),
    "sex": ("sex", (("same", (("sex", "sex"),)),)),
}
FREQUENT = {"forename": "fn", "surname": "sn"}  # a rare name in common weighs more than a common one


def sql_levels(field: str) -> list[tuple[str, str]]:
    """The levels of a field as SQL over the columns ``name_l`` and ``name_r``: label, condition."""
    return [(label, " OR ".join(f"{a}_l = {b}_r" for a, b in equal)) for label, equal in LEVELS[field][1]]


def patterns(left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The agreement of each pair, one column a field; pairs keep their columns and order.

    ``left`` and ``right`` hold ``person`` and the field tokens; ``pairs`` has ``left, right``.
    """
    ours = left.select(pl.col("person").alias("left"), pl.col(DERIVED).name.suffix("_l"))
    theirs = right.select(pl.col("person").alias("right"), pl.col(DERIVED).name.suffix("_r"))
    met = pairs.join(ours, on="left", how="left", maintain_order="left")
    met = met.join(theirs, on="right", how="left", maintain_order="left")
    return met.select(*pairs.columns, *(_level(field).alias(field) for field in PATTERN))


def _level(field: str) -> pl.Expr:
    there, levels = LEVELS[field]
    missing = pl.col(f"{there}_l").is_null() | pl.col(f"{there}_r").is_null()
    words: list[pl.Expr] = [pl.when(missing).then(pl.lit("missing"))]
    for label, equal in levels:
        agree = pl.any_horizontal(
            (pl.col(f"{a}_l") == pl.col(f"{b}_r")).fill_null(value=False) for a, b in equal
        )
        words.append(pl.when(agree).then(pl.lit(label)))
    return pl.coalesce(*words, pl.lit("differs"))
