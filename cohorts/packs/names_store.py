"""Packs that name people for a request: written at the partner who knows them, read at the hub, which does not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohorts.custody.age_files import encrypt_for
from cohorts.custody.key_files import KeyFile, read_key_file
from cohorts.custody.places import refuse_place
from cohorts.custody.two_keys import LinkKey, joint_key_id
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linking.pairs import Side, check_side, read_pairs, tokens_of_side
from cohorts.packs.arrivals import refuse_other_keys
from cohorts.packs.names_pack import (
    REQUESTS,
    named_by,
    names_pack_of,
    open_names_pack,
    pair_rows,
    people_rows,
    refuse_strange_names,
    with_stored_tokens,
)
from cohorts.packs.store import opened, refuse_file_there
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from cohorts.requests.people_named import Named, listed_people, typed_people
from cohorts.store import load_mapping
from workspace import console
from workspace.clock import today
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.front_door import program_version
from workspace.project import Project
from workspace.toml_source import read_toml


@dataclass(frozen=True, slots=True)
class Naming:
    """What the partner's command did: for which request, how many people or pairs."""

    request: str
    people: int
    project_id: str
    link_key_id: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Who:
    """How people are named at the partner: kinds and mappings of one or both sides, and a small file if any."""

    kind: str = ""
    source: Path | None = None
    file: Path | None = None
    other_kind: str = ""
    other_source: Path | None = None


def check_who(request: str, who: Who) -> None:
    """Refuse a word that is no request people are named for, and options that do not go with it."""
    if request not in REQUESTS:
        raise CohortError("LC897", "there is no request of that name", f"--for one of: {', '.join(REQUESTS)}")
    if request == "forbid" and who.file:
        raise CohortError(
            "LC889",
            "pairs are not read from a source's file",
            "Pipe them in, a line one,other for each pair.",
        )
    if request != "forbid" and (who.other_kind or who.other_source):
        raise CohortError("LC893", "only pairs have a second identifier", "Leave --other-… away.")


def name_for(
    request: str, who: Who, typed: list[str], key_file: Path, out: Path, recipients: list[str]
) -> Naming:
    """Turn identifiers that were typed, or stand in a small file, into tokens and write a pack that names their people.

    Raises
    ------
    CohortError
        ``LC893`` nobody was named, ``LC889`` or ``LC896`` an identifier is not of its kind, ``LC107`` there is a file.
    """
    check_who(request, who)
    refuse_place(key_file)
    link = read_key_file(key_file, "link")
    key = LinkKey(link.key_id, link.secret)
    refuse_file_there(out)
    mappings = [_mapping(who.source), _mapping(who.other_source or who.source)]
    spaces = {mapping.id: mapping.namespace for mapping in mappings if mapping}
    if request == "forbid":
        rows = _pairs(who, mappings, typed, key, link)
    else:
        rows = people_rows(_people(who, mappings[0], typed, key, link), mappings[0].id if mappings[0] else "")
    made = (today(), f"lifecourse {program_version()}")
    data = names_pack_of(rows, request, spaces, key, link.project_id, made)
    if recipients:
        data = encrypt_for(data, recipients)
    if not console.current().dry_run:
        write_atomically(out, data, private=True)
    return Naming(request, rows["person"].n_unique(), link.project_id, link.key_id, bool(recipients))


def _mapping(path: Path | None) -> SourceMapping | None:
    return read_mapping(read_toml(path, CohortError)) if path else None


def _people(who: Who, mapping: SourceMapping | None, typed: list[str], key: LinkKey, link: KeyFile) -> Named:
    if who.file is None:
        if not typed:
            raise CohortError("LC893", "nobody was named", "Type the identifier when asked, or pipe it in.")
        return typed_people(typed, who.kind, mapping, key, link.project_id)
    if mapping is None:
        raise CohortError(
            "LC893", "--file is read as a source's file", "Name its mapping with --source FILE.toml."
        )
    raw = read_extract(who.file, encoding=mapping.encoding, sheet=mapping.sheet)
    return listed_people(raw, mapping, key, link.project_id)


def _pairs(
    who: Who, mappings: list[SourceMapping | None], typed: list[str], key: LinkKey, link: KeyFile
) -> pl.DataFrame:
    texts = read_pairs(typed)
    names = [mapping.id if mapping else "" for mapping in mappings]
    sides = Side(who.kind, names[0]), Side(who.other_kind or who.kind, names[1])
    tokens = []
    for place, (side, mapping) in enumerate(zip(sides, mappings, strict=True)):
        check_side(side)
        space = mapping.namespace if mapping and side.kind == "local-id" else ""
        written = [pair[place] for pair in texts]
        tokens.append(tokens_of_side(written, side.kind, space, key, link.project_id)["token"])
    return pair_rows(((sides[0].kind, names[0], tokens[0]), (sides[1].kind, names[1], tokens[1])))


def refuse_typed(project: Project, request: str) -> None:
    """In a project of two keys nobody is named by an identifier at the hub, which could not make a token of it."""
    if project.settings.keys == "two":
        raise GateNotMet(
            "LC845",
            "this project works with two keys: no identifier is typed or read here",
            f"Ask the partner who knows the person for a pack: lifecourse partner name --for {request} …; "
            "then give it with --pack FILE",
        )


def read_names(project: Project, path: Path, request: str) -> tuple[pl.DataFrame, str]:
    """The rows of a pack with their stored tokens, and the id of its link key; every gate is passed.

    Columns ``person, side, kind, source, namespace, token, stored``.
    """
    if project.settings.keys == "one":
        raise GateNotMet(
            "LC845",
            "this project works with one key, so people are named here, by identifiers",
            "Give --kind and type the identifier when asked.",
            where=path.name,
        )
    pack = open_names_pack(opened(project, path), path.name)
    key, project_id = load_key(project), project.settings.project_id
    known = {source: load_mapping(project, source)[0].namespace for source in pack.namespaces}
    refuse_strange_names(pack, request, known, project_id, key.key_id)
    refuse_other_keys(project, joint_key_id(key.key_id, pack.link_key_id))
    return with_stored_tokens(pack.rows, known, key, project_id), pack.link_key_id


def people_in_pack(project: Project, path: Path, request: str) -> Named:
    """The people a partner named for a request, by tokens under both keys."""
    return named_by(read_names(project, path, request)[0])
