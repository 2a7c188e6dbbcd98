"""A pack that names a few people for a request: tokens under the link key, and what they were named for. Pure.

=================  =====================================================================================
``manifest.json``  the request it is for, project, link key id, whose local ids there are, how many people
``names.csv``      ``person``, ``side`` (0; for a pair 1 and 2), ``kind``, ``source`` (of a local id), ``token``
=================  =====================================================================================

The hub carries out no other request with it than the one it was made for: whoever knows the person has said which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cohorts.custody.two_keys import SCHEME, LinkKey, hub_tokens
from cohorts.errors import CohortError
from cohorts.identifiers import KINDS
from cohorts.packs.container import (
    NAMES_FORMAT,
    content_of,
    csv_frame,
    damaged,
    open_bytes,
    pack_bytes,
    refuse_no_tokens,
)
from cohorts.pseudonyms import PseudonymKey
from cohorts.requests.people_named import Named
from workspace.errors import Fault

NAMES = "names.csv"
LOCAL = "local-id"
REQUESTS = {"withdraw": "cohort withdraw", "erase": "cohort erase", "forbid": "link forbid"}
ROWS = {"person": pl.UInt32, "side": pl.UInt8, "kind": pl.String, "source": pl.String, "token": pl.Binary}


@dataclass(frozen=True, slots=True)
class NamesPack:
    """A pack as read: ``rows`` as :data:`ROWS`, tokens under the link key; ``namespaces`` of sources of local ids."""

    name: str
    scheme: str
    request: str
    project_id: str
    link_key_id: str
    namespaces: dict[str, str]
    content: str
    rows: pl.DataFrame = field(repr=False)


def people_rows(named: Named, source: str) -> pl.DataFrame:
    """The rows of people, each with one token a kind at most."""
    kinds = [name for name in named.people.columns if name != "person"]
    parts = [
        named.people.select(
            "person",
            pl.lit(0, pl.UInt8).alias("side"),
            pl.lit(kind).alias("kind"),
            pl.lit(source if kind == LOCAL else "").alias("source"),
            pl.col(kind).alias("token"),
        ).filter(pl.col("token").is_not_null())
        for kind in kinds
    ]
    return pl.concat([pl.DataFrame(schema=ROWS), *parts]).sort("person", "kind")


def pair_rows(sides: tuple[tuple[str, str, pl.Series], tuple[str, str, pl.Series]]) -> pl.DataFrame:
    """The rows of pairs: for each side its kind, its source and the tokens, in the order of the pairs."""
    parts = [
        pl.DataFrame({"token": tokens}).select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"),
            pl.lit(number, pl.UInt8).alias("side"),
            pl.lit(kind).alias("kind"),
            pl.lit(source if kind == LOCAL else "").alias("source"),
            "token",
        )
        for number, (kind, source, tokens) in enumerate(sides, start=1)
    ]
    return pl.concat(parts).sort("person", "side")


def names_pack_of(
    rows: pl.DataFrame,
    request: str,
    namespaces: Mapping[str, str],
    key: LinkKey,
    project_id: str,
    made: tuple[dt.date, str],
) -> bytes:
    """The bytes of a pack; ``made`` says the day and the program."""
    facts = {
        "scheme": SCHEME,
        "request": request,
        "project_id": project_id,
        "link_key_id": key.key_id,
        "namespaces": {source: namespaces[source] for source in rows["source"].unique().sort() if source},
        "made_on": made[0].isoformat(),
        "program": made[1],
        "people": rows["person"].n_unique(),
    }
    text = rows.with_columns(pl.col("token").bin.encode("hex")).write_csv()
    return pack_bytes(NAMES_FORMAT, facts, {NAMES: text})


def open_names_pack(data: bytes, name: str) -> NamesPack:
    """Read a pack; refused where it is damaged (``LC838``) or was made for something else (``LC839``)."""
    said, entries = open_bytes(data, name, NAMES_FORMAT, (NAMES,))
    rows = _rows(csv_frame(entries[NAMES], NAMES, name), name)
    facts = _facts(said, rows, name)
    if not rows.height or not _sound(rows, facts["request"], facts["namespaces"]):
        raise damaged(name, f"{NAMES} holds something else than it must")
    head = f"{NAMES_FORMAT} {facts['project_id']} {facts['link_key_id']} {facts['request']}"
    return NamesPack(name=name, content=content_of(head, entries, (NAMES,)), rows=rows, **facts)


def _facts(said: dict[str, Any], rows: pl.DataFrame, name: str) -> dict[str, Any]:
    try:
        words = ("scheme", "request", "project_id", "link_key_id")
        facts: dict[str, Any] = {word: str(said[word]) for word in words}
        facts["namespaces"] = {str(source): str(space) for source, space in said["namespaces"].items()}
        whole = int(said["people"]) == rows["person"].n_unique()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise damaged(name, "its manifest does not say what it must") from None
    if not whole or facts["request"] not in REQUESTS:
        raise damaged(name, "its manifest does not fit the rest of it")
    return facts


def _rows(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    if frame.columns != list(ROWS):
        raise damaged(name, f"{NAMES} does not have its columns")
    refuse_no_tokens(frame, ["token"], NAMES, name)
    try:
        return frame.select(
            pl.col("person").cast(pl.UInt32),
            pl.col("side").cast(pl.UInt8),
            "kind",
            pl.col("source").fill_null(""),
            pl.col("token").str.decode("hex"),
        )
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{NAMES} holds something else than it must") from None


def _sound(rows: pl.DataFrame, request: str, namespaces: Mapping[str, str]) -> bool:
    """A pack comes from outside: nothing is taken on trust."""
    local = pl.col("kind") == LOCAL
    shaped = rows.select(
        (
            pl.col("kind").is_in(list(KINDS))
            & pl.col("token").is_not_null()
            & (local == (pl.col("source") != ""))
            & (~local | pl.col("source").is_in(list(namespaces)))
        )
        .fill_null(value=False)
        .all()
    ).item()
    if request == "forbid":
        sides = rows.group_by("person").agg(pl.col("side").sort())
        paired = sides.select((pl.col("side") == pl.lit([1, 2], pl.List(pl.UInt8))).all()).item()
        return bool(shaped) and bool(paired)
    once = not rows.select("person", "kind").is_duplicated().any()
    return bool(shaped) and once and bool((rows["side"] == 0).all())


def refuse_strange_names(
    pack: NamesPack, request: str, namespaces: Mapping[str, str], project_id: str, hub_key_id: str
) -> None:
    """Refuse a pack of another project, scheme or request, or of local ids the hub reads otherwise (``LC839``)."""
    here, made = REQUESTS.get(request, request), REQUESTS[pack.request]
    wrong = [
        (pack.scheme != SCHEME, "it was made with another scheme of pseudonyms"),
        (pack.project_id != project_id, "it was prepared for another project"),
        (pack.request != request, f"its people were named for {made}, not for {here}"),
        (pack.link_key_id == hub_key_id, "it was prepared with the hub's own key in place of a link key"),
        (
            any(namespaces.get(source) != space for source, space in pack.namespaces.items()),
            "its local ids were prepared with another version of the mapping",
        ),
    ]
    hint = f"Ask the partner for a new pack: lifecourse partner name --for {request} …"
    faults = [Fault("LC839", pack.name, what, hint) for is_wrong, what in wrong if is_wrong]
    if faults:
        raise CohortError.gather(faults)


def with_stored_tokens(
    rows: pl.DataFrame, namespaces: Mapping[str, str], key: PseudonymKey, project_id: str
) -> pl.DataFrame:
    """The rows with ``namespace`` and ``stored``, the tokens under both keys."""
    spaces = rows["source"].replace_strict(dict(namespaces), default="", return_dtype=pl.String)
    spaced = rows.with_columns(spaces.alias("namespace"))
    parts = [spaced.clear().with_columns(pl.lit(None, pl.Binary).alias("stored"))]
    for (kind, space), part in spaced.group_by("kind", "namespace", maintain_order=True):
        tokens = hub_tokens(part["token"], str(kind), key, project_id, str(space))
        parts.append(part.with_columns(tokens.alias("stored")))
    return pl.concat(parts).sort("person", "side", "kind")


def named_by(stored: pl.DataFrame) -> Named:
    """Rows with stored tokens as the people of a request; their link tokens are what files are searched for."""
    kinds = stored["kind"].unique().sort().to_list()
    people = stored.select(pl.col("person").unique().sort())
    for kind in kinds:
        mine = stored.filter(pl.col("kind") == kind).select("person", pl.col("stored").alias(kind))
        people = people.join(mine, on="person", how="left", maintain_order="left")
    return Named(people, tuple(("link token", token.hex()) for token in stored["token"].to_list()))
