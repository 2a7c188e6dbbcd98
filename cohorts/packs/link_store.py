"""Packs for a linkage as files: written at the partner, read at the hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cohorts.custody.age_files import encrypt_for
from cohorts.custody.key_files import read_key_file
from cohorts.custody.places import refuse_place
from cohorts.custody.two_keys import LinkKey
from cohorts.errors import CohortError
from cohorts.linking.reading import read_people
from cohorts.packs.link_pack import ROUND, LinkPack, link_pack_of, open_link_pack
from cohorts.packs.store import opened, refuse_file_there
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from workspace import console
from workspace.clock import today
from workspace.files import sha256_of, write_atomically
from workspace.front_door import program_version
from workspace.project import Project
from workspace.toml_source import read_toml


@dataclass(frozen=True, slots=True)
class LinkPreparation:
    """What the partner's command did: how many people, what they can be compared by, what stays."""

    mapping: SourceMapping
    rows: int
    people: int
    left_out: int
    fields: tuple[tuple[str, int], ...]
    stays: tuple[str, ...]
    round: str
    link_key_id: str
    project_id: str


def prepare_link(
    file: Path, mapping_file: Path, key_file: Path, out: Path, recipients: list[str], in_round: str
) -> LinkPreparation:
    """Turn names, dates and postcodes into tokens of one round and write the pack, always encrypted.

    Raises
    ------
    CohortError
        ``LC839`` without a round, ``LC846`` without a recipient, ``LC883`` where the mapping names no matching column.
    """
    if not ROUND.fullmatch(in_round):
        raise CohortError(
            "LC839",
            "a pack for a linkage is made for one round, and no word for it was given, or not such a word",
            "Agree on a word with the other partner, a new one each time: --round 2026-autumn "
            "(small letters, digits, hyphens).",
        )
    if not recipients:
        raise CohortError(
            "LC846",
            "a pack for a linkage is always encrypted: how often a name occurs can be counted in it",
            "Name whom it is for, from the hub's kit: --to recipient.txt",
        )
    mapping = read_mapping(read_toml(mapping_file, CohortError))
    refuse_place(key_file)
    link = read_key_file(key_file, "link")
    key = LinkKey(link.key_id, link.secret)
    refuse_file_there(out)
    raw = read_extract(file, encoding=mapping.encoding, sheet=mapping.sheet)
    people = read_people(raw, mapping, key, link.project_id)
    made = (today(), f"lifecourse {program_version()}")
    data = link_pack_of(people, mapping, sha256_of(mapping_file), key, link.project_id, in_round, made)
    if not console.current().dry_run:
        write_atomically(out, encrypt_for(data, recipients), private=True)
    filled = tuple((name, people.fields[name].count()) for name in people.fields.columns)
    return LinkPreparation(
        mapping,
        raw.frame.height,
        people.tokens.height,
        people.left_out,
        filled,
        tuple(raw.columns),
        in_round,
        link.key_id,
        link.project_id,
    )


def read_link_pack(project: Project, path: Path) -> LinkPack:
    """Read a pack for a linkage, opening it with the hub's identity."""
    return open_link_pack(opened(project, path), path.name)
