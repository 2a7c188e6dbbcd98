"""A pack for a linkage: people by link tokens, and what they are compared by as tokens of one round. Pure.

=================  ===================================================================================
``manifest.json``  what the pack is, its round, the layout of its fields; the SHA-256 of every other entry
``people.csv``     ``person`` (from 0, in token order) and a column of hexadecimal link tokens a kind
``fields.csv``     ``person`` and the columns of ``cohorts.linking.derived.DERIVED``, numbers of 64 bits
=================  ===================================================================================

The partner derives the fields from names and hashes them under the key of the round
(:func:`cohorts.custody.two_keys.round_key`), which both partners can work out and the hub cannot. The hub hashes them
once more, under a key of its own that lives for one run, before anything is compared. Tokens of single fields give
common names away by how often they stand there; so a round has its own key, and the pack is always encrypted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from cohorts.custody.two_keys import SCHEME, LinkKey, hub_tokens, round_key
from cohorts.errors import CohortError
from cohorts.linking.derived import DERIVED, DOMAINS, derive, opaque
from cohorts.linking.nicknames import OTHER_ROOTS, ROOTS
from cohorts.linking.reading import LinkPeople
from cohorts.packs.container import (
    LINK_FORMAT,
    content_of,
    csv_frame,
    damaged,
    open_bytes,
    pack_bytes,
    refuse_no_tokens,
)
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey
from workspace.errors import Fault

PEOPLE, FIELDS = "people.csv", "fields.csv"
ROUND = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_AGAIN = "Ask the partner for a new pack: lifecourse partner prepare FILE … --for linkage --round WORD"
_SAMPLE = {
    "forename": ["Bob", "Anne-Marie", "Ørsted", "Alex", None],
    "surname": ["O'Mellish", "Brandle-Voss", "de la Quilbrax", "Tymczak", "Nobody"],
    "date-of-birth": [dt.date(2009, 2, 14), dt.date(1999, 12, 31), None, dt.date(1900, 1, 1), None],
    "postcode": ["zq1 2ab", "ZQ12AB", "ZQ1", None, "ZZ99 3VZ"],
    "sex": ["F", "male", "2", None, "x"],
}


@dataclass(frozen=True, slots=True)
class LinkPack:
    """A pack as read.

    ``people`` has ``person`` (UInt32) and a Binary column a kind of identifier, ``fields`` the columns of ``DERIVED``
    (UInt64) in the same order; ``round`` and ``layout`` must be those of the other side. ``left_out`` as in
    :class:`cohorts.linking.reading.LinkPeople`.
    """

    name: str
    scheme: str
    project_id: str
    source: str
    mapping_sha256: str
    link_key_id: str
    round: str
    layout: str
    left_out: int
    content: str
    people: pl.DataFrame = field(repr=False)
    fields: pl.DataFrame = field(repr=False)


def layout_of_fields() -> str:
    """A fingerprint of how fields are derived: two programs that derive otherwise have others, and cannot be linked."""
    worked = derive(pl.DataFrame(_SAMPLE)).write_csv()
    said = json.dumps([worked, DOMAINS, ROOTS, OTHER_ROOTS], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def link_pack_of(
    people: LinkPeople,
    mapping: SourceMapping,
    mapping_sha: str,
    key: LinkKey,
    project_id: str,
    in_round: str,
    made: tuple[dt.date, str],
) -> bytes:
    """The bytes of a pack of the people of one file; ``made`` says the day and the program."""
    fields = opaque(derive(people.fields), round_key(key, project_id, in_round))
    kinds = [name for name in people.tokens.columns if name != "person"]
    facts = {
        "scheme": SCHEME,
        "project_id": project_id,
        "source": mapping.id,
        "mapping_sha256": mapping_sha,
        "link_key_id": key.key_id,
        "round": in_round,
        "layout": layout_of_fields(),
        "made_on": made[0].isoformat(),
        "program": made[1],
        "people": people.tokens.height,
        "left_out": people.left_out,
    }
    hexed = people.tokens.select("person", *(pl.col(kind).bin.encode("hex") for kind in kinds))
    texts = {
        PEOPLE: hexed.write_csv(),
        FIELDS: fields.select(people.tokens["person"], *DERIVED).write_csv(),
    }
    return pack_bytes(LINK_FORMAT, facts, texts)


def open_link_pack(data: bytes, name: str) -> LinkPack:
    """Read a pack; refused where it is damaged (``LC838``) or was made for something else (``LC839``)."""
    said, entries = open_bytes(data, name, LINK_FORMAT, (PEOPLE, FIELDS))
    people = _people(csv_frame(entries[PEOPLE], PEOPLE, name), name)
    fields = _fields(csv_frame(entries[FIELDS], FIELDS, name), people, name)
    facts = _facts(said, people.height, name)
    head = f"{LINK_FORMAT} {facts['project_id']} {facts['link_key_id']} {facts['mapping_sha256']} {facts['round']}"
    content = content_of(head, entries, (PEOPLE, FIELDS))
    return LinkPack(name=name, content=content, people=people, fields=fields, **facts)


def _facts(said: dict[str, Any], people: int, name: str) -> dict[str, Any]:
    words = ("scheme", "project_id", "source", "mapping_sha256", "link_key_id", "round", "layout")
    try:
        facts: dict[str, Any] = {word: str(said[word]) for word in words}
        facts["left_out"] = int(said["left_out"])
        whole = int(said["people"]) == people
    except (KeyError, TypeError, ValueError):
        raise damaged(name, "its manifest does not say what it must") from None
    if not whole or not ROUND.fullmatch(facts["round"]):
        raise damaged(name, "its manifest does not fit the rest of it")
    return facts


def _people(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    kinds = frame.columns[1:]
    if frame.columns[:1] != ["person"] or not kinds:
        raise damaged(name, f"{PEOPLE} does not have its columns")
    refuse_no_tokens(frame, kinds, PEOPLE, name)
    try:
        people = frame.select(
            pl.col("person").cast(pl.UInt32), *(pl.col(kind).str.decode("hex") for kind in kinds)
        )
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{PEOPLE} holds something else than it must") from None
    named = people.select(pl.any_horizontal(pl.col(*kinds).is_not_null()).all()).item()
    once = all(people[kind].drop_nulls().is_unique().all() for kind in kinds)
    numbered = people["person"].to_list() == list(range(people.height))
    if not people.height or not named or not once or not numbered:
        raise damaged(name, f"the people in {PEOPLE} are not as they must be")
    return people


def _fields(frame: pl.DataFrame, people: pl.DataFrame, name: str) -> pl.DataFrame:
    if frame.columns != ["person", *DERIVED]:
        raise damaged(name, f"{FIELDS} is of a layout this program does not read")
    try:
        fields = frame.select(pl.col("person").cast(pl.UInt32), pl.col(*DERIVED).cast(pl.UInt64))
    except pl.exceptions.PolarsError:
        raise damaged(name, f"{FIELDS} holds something that is no token") from None
    if not fields["person"].equals(people["person"]):
        raise damaged(name, f"the people in {FIELDS} are not those in {PEOPLE}")
    return fields.drop("person")


def refuse_strange_link(
    pack: LinkPack, mapping: SourceMapping, mapping_sha: str, project_id: str, hub_key_id: str
) -> None:
    """Refuse a pack of another project, source, mapping, scheme or layout; every reason is gathered (``LC839``)."""
    same_source = pack.source == mapping.id
    wrong = [
        (pack.scheme != SCHEME, "it was made with another scheme of pseudonyms"),
        (pack.project_id != project_id, "it was prepared for another project"),
        (not same_source, "it was prepared for another source"),
        (
            same_source and pack.mapping_sha256 != mapping_sha,
            "it was prepared with another version of the mapping",
        ),
        (pack.link_key_id == hub_key_id, "it was prepared with the hub's own key in place of a link key"),
        (
            pack.layout != layout_of_fields(),
            "names were prepared for comparing by another version of the program than this one",
        ),
        (
            pack.people.columns[1:] != [item.kind for item in mapping.identifiers],
            "its identifiers are not those of the mapping",
        ),
    ]
    faults = [Fault("LC839", pack.name, what, _AGAIN) for is_wrong, what in wrong if is_wrong]
    if faults:
        raise CohortError.gather(faults)


def refuse_other_round(left: LinkPack, right: LinkPack) -> None:
    """Two packs can be compared where both were made for one round."""
    if left.round != right.round:
        raise CohortError(
            "LC839",
            "the two packs were prepared for different rounds, so nothing in them can agree",
            "Have both partners prepare with the same word: --for linkage --round WORD",
            where=f"{left.name} and {right.name}",
        )


def people_of(pack: LinkPack, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> LinkPeople:
    """A pack as if its file had been read here: tokens under both keys, people in their order."""
    kinds = pack.people.columns[1:]
    spaces = {kind: mapping.namespace if kind == "local-id" else "" for kind in kinds}
    tokens = [hub_tokens(pack.people[kind], kind, key, project_id, spaces[kind]) for kind in kinds]
    frame = pl.concat([pl.DataFrame(tokens), pack.fields], how="horizontal").sort(kinds, nulls_last=True)
    numbers = pl.int_range(pl.len(), dtype=pl.UInt32).alias("person")
    return LinkPeople(frame.select(numbers, *kinds), frame.select(*DERIVED), pack.left_out, hashed=True)
