"""Both sides of a linkage out of their files: partners' own in a project of one key, link packs in one of two."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cohorts.custody.two_keys import joint_key_id
from cohorts.linking.reading import LinkPeople, read_people
from cohorts.packs.arrivals import refuse_other_keys, refuse_other_mode
from cohorts.packs.link_pack import people_of, refuse_other_round, refuse_strange_link
from cohorts.packs.link_store import read_link_pack
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey
from workspace.files import sha256_of
from workspace.project import Project

Read = tuple[SourceMapping, str]


@dataclass(frozen=True, slots=True)
class Sides:
    """The people of both files, the id of the key or keys behind their tokens, and what the files were."""

    left: LinkPeople = field(repr=False)
    right: LinkPeople = field(repr=False)
    key_id: str
    files: dict[str, str]


def read_sides(
    project: Project, sources: tuple[Read, Read], paths: tuple[Path, Path], key: PseudonymKey
) -> Sides:
    """Read both files; every gate about keys is passed before anything is read in earnest.

    Raises
    ------
    GateNotMet
        ``LC842`` other keys than the people held, ``LC845`` a raw file where packs are needed or the other way round.
    CohortError
        ``LC838``, ``LC839``: a pack that is damaged, holds nothing to link by, or is of another round.
    """
    for path in paths:
        refuse_other_mode(project, path, " --for linkage --round WORD")
    mappings = {"left_mapping": sources[0][1], "right_mapping": sources[1][1]}
    if project.settings.keys == "one":
        refuse_other_keys(project, key.key_id)
        left, right = (
            _raw(path, mapping, key, project) for (mapping, _), path in zip(sources, paths, strict=True)
        )
        files = {"left_file": sha256_of(paths[0]), "right_file": sha256_of(paths[1])}
        return Sides(left, right, key.key_id, files | mappings)
    project_id = project.settings.project_id
    packs = [read_link_pack(project, path) for path in paths]
    for pack, (mapping, sha) in zip(packs, sources, strict=True):
        refuse_strange_link(pack, mapping, sha, project_id, key.key_id)
        refuse_other_keys(project, joint_key_id(key.key_id, pack.link_key_id))
    refuse_other_round(*packs)
    left, right = (people_of(pack, m, key, project_id) for pack, (m, _) in zip(packs, sources, strict=True))
    files = {"left_file": packs[0].content, "right_file": packs[1].content}
    return Sides(left, right, joint_key_id(key.key_id, packs[0].link_key_id), files | mappings)


def _raw(path: Path, mapping: SourceMapping, key: PseudonymKey, project: Project) -> LinkPeople:
    raw = read_extract(path, encoding=mapping.encoding, sheet=mapping.sheet)
    return read_people(raw, mapping, key, project.settings.project_id)
