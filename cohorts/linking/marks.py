"""Keyed fingerprints of tokens, for what must be known again but not known (pure).

The do-not-link register and the reviews must recognise people in a later file without holding their tokens. A mark
is an HMAC-SHA-256 of kind and token under the project's key with a label of its own: it joins to no other table.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Literal

import polars as pl

from cohorts.pseudonyms import PseudonymKey

MARK_BYTES = 16
Purpose = Literal["forbid", "review"]
MARKS = {"person": pl.Int64, "mark": pl.Binary}


def mark_of(kind: str, token: bytes, key: PseudonymKey, purpose: Purpose) -> bytes:
    """The mark of one token."""
    parts = (b"lifecourse-mark-1", purpose.encode(), kind.encode(), token)
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key.secret, message, "sha256")[:MARK_BYTES]


def marks_of(people: pl.DataFrame, kinds: Sequence[str], key: PseudonymKey, purpose: Purpose) -> pl.DataFrame:
    """The marks of people who have a Binary column a kind: columns person, mark; one row a token."""
    rows: list[tuple[int, bytes]] = []
    for kind in kinds:
        held = people.select("person", kind).drop_nulls()
        rows += [(person, mark_of(kind, token, key, purpose)) for person, token in held.iter_rows()]
    return pl.DataFrame(rows, schema=MARKS, orient="row")


def long_marks(tokens: pl.DataFrame, key: PseudonymKey, purpose: Purpose) -> pl.DataFrame:
    """The marks of people whose tokens stand in rows ``person, kind, token``."""
    rows = [
        (person, mark_of(kind, token, key, purpose))
        for person, kind, token in tokens.select("person", "kind", "token").iter_rows()
    ]
    return pl.DataFrame(rows, schema=MARKS, orient="row")


def forbidden_pairs(left: pl.DataFrame, right: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """Pairs ``left, right`` of persons whom the register keeps apart.

    ``left`` and ``right`` hold ``person, mark``; ``register`` holds ``mark, other_mark``, meant both ways.
    """
    turned = register.select(pl.col("other_mark").alias("mark"), pl.col("mark").alias("other_mark"))
    both = pl.concat([register.select("mark", "other_mark"), turned])
    ours = both.join(left.rename({"person": "left"}), on="mark")
    pairs = ours.join(right.rename({"person": "right"}), left_on="other_mark", right_on="mark")
    return pairs.select("left", "right").unique().sort("left", "right")
