"""What a backup holds of each person, sealed under that person's own key (pure).

All rows about one person, of whatever table, become one text, and the text is sealed with AES-256-GCM under
the person's key. Without that key, which is not in the archive, nothing can be read of them but a number and a
length. The seal is bound to the project, the archive and the number, so no blob can be put in another's place.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
WHO = "person"
_TYPES: dict[str, type[pl.DataType]] = {
    "int": pl.Int64,
    "real": pl.Float64,
    "text": pl.String,
    "blob": pl.String,
}
Columns = tuple[tuple[str, str], ...]


class SealBroken(Exception):  # noqa: N818 - it is caught where the archive's name is known
    """A person's rows do not open under their key, or were changed."""


def gathered(tables: Mapping[str, tuple[pl.DataFrame, Columns]]) -> pl.DataFrame:
    """All rows as one text a person: columns person, text.

    Each table comes with a column ``person`` and its own columns, and says what each of those holds.
    """
    parts = []
    for name, (frame, columns) in tables.items():
        cells = [
            (pl.col(column).bin.encode("hex") if kind == "blob" else pl.col(column)).alias(f"c{i}")
            for i, (column, kind) in enumerate(columns)
        ]
        rows = frame.select(WHO, pl.struct(cells).struct.json_encode().alias("row"))
        joined = rows.group_by(WHO).agg(pl.col("row").str.join(","))
        parts.append(
            joined.select(WHO, pl.concat_str(pl.lit(f'"{name}":['), "row", pl.lit("]")).alias("text"))
        )
    everything = pl.concat(parts).group_by(WHO).agg(pl.col("text").str.join(","))
    return everything.select(WHO, pl.concat_str(pl.lit("{"), "text", pl.lit("}")).alias("text")).sort(WHO)


def scattered(texts: pl.DataFrame, tables: Mapping[str, Columns]) -> dict[str, pl.DataFrame]:
    """The rows of every table out of the texts of people; a column ``person`` beside the table's own."""
    shape = pl.Struct(
        {
            name: pl.List(pl.Struct({f"c{i}": _TYPES[kind] for i, (_, kind) in enumerate(columns)}))
            for name, columns in tables.items()
        }
    )
    read = texts.select(WHO, pl.col("text").str.json_decode(shape).alias("all")).unnest("all")
    found = {}
    for name, columns in tables.items():
        rows = read.select(WHO, pl.col(name)).filter(pl.col(name).list.len() > 0).explode(name).unnest(name)
        found[name] = rows.select(
            WHO,
            *(
                (pl.col(f"c{i}").str.decode("hex") if kind == "blob" else pl.col(f"c{i}")).alias(column)
                for i, (column, kind) in enumerate(columns)
            ),
        )
    return found


def seal_people(
    texts: pl.DataFrame, keys: Mapping[int, bytes], binding: bytes, chance: bytes
) -> list[tuple[int, bytes]]:
    """Each person's text under that person's key; ``chance`` holds 12 random bytes for each of them."""
    sealed = []
    for i, (person, text) in enumerate(texts.select(WHO, "text").iter_rows()):
        nonce = chance[NONCE * i : NONCE * (i + 1)]
        blob = AESGCM(keys[person]).encrypt(nonce, text.encode("utf-8"), binding + str(person).encode())
        sealed.append((person, nonce + blob))
    return sealed


def open_people(sealed: list[tuple[int, bytes]], keys: Mapping[int, bytes], binding: bytes) -> pl.DataFrame:
    """The texts of those whose key there is: columns person, text. The others stay sealed for good."""
    rows = []
    try:
        for person, blob in sealed:
            key = keys.get(person)
            if key is not None:
                text = AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], binding + str(person).encode())
                rows.append((person, text.decode("utf-8")))
    except InvalidTag:
        raise SealBroken from None
    return pl.DataFrame(rows, schema={WHO: pl.Int64, "text": pl.String}, orient="row")
