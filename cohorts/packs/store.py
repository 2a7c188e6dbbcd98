"""Packs and kits as files: read and opened at the hub, prepared and written at the partner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from cohorts.custody.age_files import decrypt_with, encrypt_for, is_age, read_identities, recipient_of
from cohorts.custody.key_files import read_key_file
from cohorts.custody.places import refuse_place
from cohorts.custody.two_keys import LinkKey
from cohorts.errors import CohortError
from cohorts.intake import Intake
from cohorts.keys import IDENTITY_VARIABLE, identity_path
from cohorts.packs.container import damaged, looks_like_pack
from cohorts.packs.format import Pack, open_pack
from cohorts.packs.prepared import pack_of
from cohorts.partner_files.mapping import SourceMapping
from cohorts.partner_files.source_file import read_mapping
from cohorts.redcap.rows import open_mapped, take_in
from cohorts.store import load_mapping, mapping_path
from workspace import console
from workspace.audit import record
from workspace.clock import today
from workspace.entering import entering
from workspace.errors import GateNotMet
from workspace.files import reaching, sha256_of, write_atomically
from workspace.front_door import program_version
from workspace.project import Project
from workspace.toml_source import read_toml

ENDING = ".lcpack"
_START = 64


@dataclass(frozen=True, slots=True)
class Preparation:
    """What the partner's command did: the intake, and what is in the pack."""

    intake: Intake
    mapping: SourceMapping
    dropped: tuple[str, ...]
    open_lists: tuple[str, ...]
    link_key_id: str
    project_id: str
    size: int
    encrypted: bool


def is_pack(path: Path) -> bool:
    """Say whether a file is a prepared pack: by how it begins, or by its ending where it is damaged."""
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError:
        return path.name.lower().endswith(ENDING)
    return is_age(start) or looks_like_pack(start) or path.name.lower().endswith(ENDING)


def read_pack(project: Project, path: Path) -> Pack:
    """Read a pack, opening it with the hub's identity where it is encrypted."""
    return open_pack(opened(project, path), path.name)


def opened(project: Project, path: Path) -> bytes:
    """The plain bytes of a pack of any kind, opened with the hub's identity where it is encrypted."""
    data = _bytes_of(path)
    if is_age(data):
        data = decrypt_with(data, _identities(project), path.name)
    if not data:
        raise damaged(path.name, "it is empty")
    return data


def _identities(project: Project) -> list[str]:
    identity = identity_path(project)
    if not identity.is_file():
        raise GateNotMet(
            "LC840",
            "the pack is encrypted, and there is no identity to open it with",
            f"Set {IDENTITY_VARIABLE} to it. First time: lifecourse key create --kind identity",
            where=identity.name,
        )
    refuse_place(identity, f"Move the file out and set {IDENTITY_VARIABLE} to its new place.")
    return read_identities(identity)


def _bytes_of(path: Path) -> bytes:
    with reaching("the file", "read", path.name, "Check the path and the rights.", CohortError):
        return path.read_bytes()


def prepare(file: Path, mapping_file: Path, key_file: Path, out: Path, recipients: list[str]) -> Preparation:
    """Take a partner's file in under the link key and write the pack. Runs without project, database or hub key."""
    mapping = read_mapping(read_toml(mapping_file, CohortError))
    refuse_place(key_file)
    link = read_key_file(key_file, "link")
    key = LinkKey(link.key_id, link.secret)
    refuse_file_there(out)
    raw = open_mapped(file, mapping)
    intake = take_in(raw, mapping, key, link.project_id)
    data = pack_of(
        intake,
        mapping,
        sha256_of(mapping_file),
        key,
        link.project_id,
        today(),
        f"lifecourse {program_version()}",
    )
    if recipients:
        data = encrypt_for(data, recipients)
    if not console.current().dry_run:
        write_atomically(out, data, private=True)
    kept = set(mapping.columns)
    dropped = [name for name in raw.columns if name not in kept]
    dropped += [identifier.column for identifier in mapping.identifiers]
    return Preparation(
        intake,
        mapping,
        tuple(dropped),
        tuple(sorted({s.name for s in mapping.variables if s.kind == "category" and not s.codes})),
        link.key_id,
        link.project_id,
        len(data),
        bool(recipients),
    )


def refuse_file_there(out: Path) -> None:
    """A pack is never written over another file."""
    if out.exists():
        raise CohortError(
            "LC107", "there is such a file already", "Name a new one with --out.", where=out.name
        )


def observation_counts(preparation: Preparation) -> list[tuple[str, int, int]]:
    """For each variable: how many values and how many reasons leave the building."""
    counted = (
        preparation.intake.observations.group_by("variable")
        .agg(pl.col("value").count().alias("values"), pl.col("missing").count().alias("reasons"))
        .sort("variable")
    )
    return [(str(name), int(values), int(reasons)) for name, values, reasons in counted.iter_rows()]


def write_kit(project: Project, source: str, out: Path) -> tuple[list[str], str]:
    """Write what a partner needs for one source into a new folder: the mapping as it stands, and the recipient."""
    mapping, _ = load_mapping(project, source)
    identity = identity_path(project)
    recipient = recipient_of(identity) if identity.is_file() else ""
    if out.exists():
        raise CohortError(
            "LC107", "there is such a folder already", "Name a new one with --out.", where=out.name
        )
    to = " --to recipient.txt" if recipient else ""
    command = (
        f"lifecourse partner prepare FILE --source {mapping.id}.toml --key LINK_KEY_FILE"
        f" --out {mapping.id}{ENDING}{to}"
    )
    files = {f"{mapping.id}.toml": mapping_path(project, source).read_bytes()}
    if recipient:
        files["recipient.txt"] = f"# packs for project {project.settings.project_id}\n{recipient}\n".encode()
    files["READ-ME.txt"] = (
        f"How to prepare a file for project {project.settings.project_id}\n\n"
        f"Source: {mapping.title}\nAgreement: {mapping.agreement or 'none named'}\n\n"
        f"In this folder, with your own file and the link key you share with the other partners:\n\n  {command}\n\n"
        f"{_more_to_do(mapping, to)}"
        "Identifiers stay with you. Send the pack, never the file and never the link key.\n"
    ).encode()
    if not console.current().dry_run:
        with entering(project) as (session, leave):
            record(session, "source.kit", mapping.id)
            leave({out / name: data for name, data in files.items()})
    return list(files), command


def _more_to_do(mapping: SourceMapping, to: str) -> str:
    """What else a partner may be asked for: a pack for a linkage, and people named for a request."""
    kinds = ", ".join(item.kind for item in mapping.identifiers)
    link = (
        "For a linkage, with a word you agree on with the other partner, a new one each time:\n\n"
        f"  lifecourse partner prepare FILE --source {mapping.id}.toml --key LINK_KEY_FILE --for linkage --round WORD"
        f" --out {mapping.id}-link{ENDING}{to}\n\n"
    )
    return (link if mapping.matching and to else "") + (
        "When somebody withdraws, is to be erased, or must be kept apart from somebody (withdraw, erase, forbid):\n\n"
        f"  lifecourse partner name --for withdraw --kind KIND --key LINK_KEY_FILE --out who{ENDING}{to}\n\n"
        f"KIND is one of: {kinds}. The identifier is asked for; never write it on the command line.\n\n"
    )
