"""The link tokens in packs of every kind: what a new hub key, or a vault, makes stored tokens of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from cohorts.custody.two_keys import joint_key_id
from cohorts.custody.vault import rows_of_link_tokens
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.packs.arrivals import open_arrival, refuse_other_keys, refuse_other_mode
from cohorts.packs.container import LINK_FORMAT, NAMES_FORMAT, format_of
from cohorts.packs.format import open_pack
from cohorts.packs.link_pack import open_link_pack
from cohorts.packs.link_rows import links_of_pack, links_of_people
from cohorts.packs.names_pack import open_names_pack
from cohorts.packs.store import opened
from cohorts.partner_files.mapping import SourceMapping
from cohorts.store import load_mapping
from workspace.project import Project


@dataclass(frozen=True, slots=True)
class Supplied:
    """Whose pack it is, under which link key, and its tokens: columns ``source, kind, namespace, link``."""

    project_id: str
    link_key_id: str
    rows: pl.DataFrame = field(repr=False)


def tokens_in(project: Project, path: Path) -> Supplied:
    """Every link token in a pack: of its people, and of those they are related to."""
    data = opened(project, path)
    form = format_of(data, path.name)
    if form == NAMES_FORMAT:
        names = open_names_pack(data, path.name)
        spaces = names.rows["source"].replace_strict(names.namespaces, default="", return_dtype=pl.String)
        rows = names.rows.select("source", "kind", spaces.alias("namespace"), pl.col("token").alias("link"))
        return Supplied(names.project_id, names.link_key_id, rows.unique())
    if form == LINK_FORMAT:
        linked = open_link_pack(data, path.name)
        mapping = load_mapping(project, linked.source)[0]
        return Supplied(linked.project_id, linked.link_key_id, links_of_people(linked.people, mapping))
    pack = open_pack(data, path.name)
    mapping = load_mapping(project, pack.manifest.source)[0]
    return Supplied(pack.manifest.project_id, pack.manifest.link_key_id, links_of_pack(pack, mapping))


def vault_source(
    project: Project, mapping: SourceMapping, mapping_sha: str, file: Path
) -> tuple[str, Callable[[], pl.DataFrame]]:
    """For a file or a pack of one source: the id of its keys, and what gives the rows of a vault."""
    if project.settings.keys == "one":
        arrival = open_arrival(project, mapping, mapping_sha, file)
        arrival.take(None)
        return arrival.key_id, arrival.identities
    refuse_other_mode(project, file)
    supplied = tokens_in(project, file)
    key, project_id = load_key(project), project.settings.project_id
    sources = set(supplied.rows["source"]) - {mapping.id}
    if supplied.project_id != project_id or sources:
        raise CohortError(
            "LC839",
            "it was prepared for another project or source",
            "Name the source it is of.",
            where=file.name,
        )
    key_id = joint_key_id(key.key_id, supplied.link_key_id)
    refuse_other_keys(project, key_id)
    return key_id, lambda: rows_of_link_tokens(supplied.rows, key, project_id)
