"""A file that arrives at the hub, raw or prepared: may it be read under this project's keys, and what is in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from sqlmodel import Session

from cohorts.custody.marks import refuse_marked
from cohorts.custody.token_store import token_key_ids
from cohorts.custody.two_keys import joint_key_id, key_ids_in
from cohorts.custody.vault import rows_of_link_tokens, vault_rows
from cohorts.intake import Intake
from cohorts.keys import load_key
from cohorts.packs.link_rows import links_of_pack
from cohorts.packs.prepared import intake_of, refuse_strange
from cohorts.packs.store import is_pack, read_pack
from cohorts.partner_files.aside import Aside
from cohorts.partner_files.extracts import RawTable, read_extract
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey
from cohorts.redcap.rows import open_mapped, take_in
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.files import sha256_of
from workspace.project import Project
from workspace.statements import run


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file found fit to be taken in: its fingerprint, the id of its key, the hub's key itself, and the intake.

    ``take`` puts the rows of a large file where it is told, and they must stay there as long as the intake is used.
    ``identities`` gives the rows of a vault (:data:`cohorts.custody.vault.ROWS`): identifiers, or with two keys the
    link tokens, of the people in it and of those they are related to.
    """

    sha256: str
    key_id: str
    key: PseudonymKey
    take: Callable[[Aside | None], Intake] = field(repr=False)
    identities: Callable[[], pl.DataFrame] = field(repr=False)


def open_arrival(project: Project, mapping: SourceMapping, mapping_sha: str, file: Path) -> Arrival:
    """Open a file for one source: every gate about keys is passed before anything of it is read in earnest.

    Raises
    ------
    GateNotMet
        ``LC840`` no key, ``LC842`` other keys than the people held, ``LC845`` raw where packs are needed or the
        other way round, ``LC847`` a marked key.
    CohortError
        Whatever is wrong with the key, the pack or the file.
    """
    refuse_other_mode(project, file)
    key = load_key(project)
    if project.settings.keys == "one":
        refuse_other_keys(project, key.key_id)
        raw = open_mapped(file, mapping)
        project_id = project.settings.project_id
        return Arrival(
            sha256_of(file),
            key.key_id,
            key,
            lambda aside: take_in(raw, mapping, key, project_id, aside),
            lambda: vault_rows(_whole(file, mapping), mapping, key, project_id),
        )
    pack = read_pack(project, file)
    refuse_strange(pack, mapping, mapping_sha, project.settings.project_id, key.key_id)
    key_id = joint_key_id(key.key_id, pack.manifest.link_key_id)
    refuse_other_keys(project, key_id)
    project_id = project.settings.project_id
    return Arrival(
        pack.content,
        key_id,
        key,
        lambda _: intake_of(pack, mapping, key, project_id),
        lambda: rows_of_link_tokens(links_of_pack(pack, mapping), key, project_id),
    )


def _whole(file: Path, mapping: SourceMapping) -> RawTable:
    """All rows at once: a file that is read in parts keeps none of its texts."""
    return read_extract(file, encoding=mapping.encoding, sheet=mapping.sheet)


def refuse_other_mode(project: Project, file: Path, options: str = "") -> None:
    """A hub of two keys never reads a partner's own file; a hub of one key has no use for packs.

    ``options`` are those of ``partner prepare`` that make a pack for the task at hand.
    """
    prepared = is_pack(file)
    if prepared == (project.settings.keys == "two"):
        return
    if prepared:
        problem = "this is a prepared pack, and this project works with one key"
        hint = 'Only a project that began with [pseudonyms] keys = "two" takes packs.'
    else:
        problem = "this project works with two keys: partners' own files are not read here"
        hint = f"Ask the partner for a pack: lifecourse partner prepare{options}. Then delete the file."
    raise GateNotMet("LC845", problem, hint, where=file.name)


def refuse_other_keys(project: Project, key_id: str) -> None:
    """People are only ever joined under the same keys: others would double everybody in silence."""
    with reading(project) as session:
        held = token_key_ids(session) or _registered_under(session, key_id)
        refuse_marked(session, [key_id])
    if not held or held == [key_id]:
        return
    hub, link = key_ids_in(key_id)[0], key_ids_in(key_id)[1:]
    if link and any(key_ids_in(one)[0] == hub and len(key_ids_in(one)) == 2 for one in held):
        raise GateNotMet(
            "LC842",
            "the people already held were prepared under another link key",
            "Ask the partner to prepare the file with the link key all partners share.",
        )
    raise GateNotMet(
        "LC842",
        "the people already held were loaded under another key",
        "Point LIFECOURSE_KEY_FILE to the key this project began with.",
    )


def _registered_under(session: Session, key_id: str) -> list[str]:
    """Where nobody is held yet: the keys under which the do-not-link register was begun. Others would never match it.

    A change of the hub's key makes the register again, so only the link key is compared.
    """
    if len(key_ids_in(key_id)) == 1 or not run(session, "SELECT count(*) FROM cannot_link").scalar():
        return []
    rows = run(session, "SELECT details FROM audit_entry WHERE action = 'link.forbid' ORDER BY sequence DESC")
    links = [json.loads(str(row[0])).get("link_key") for row in rows]
    return [joint_key_id(key_ids_in(key_id)[0], str(link)) for link in links[:1] if link]
