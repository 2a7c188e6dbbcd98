"""The identity vault as a folder outside the project: every load adds a file that the custodian alone can open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from sqlmodel import Session

from cohorts.custody.age_files import decrypt_with, encrypt_for, read_identities, recipients_from
from cohorts.custody.places import refuse_place
from cohorts.custody.token_store import all_tokens, holders_of, tokens_of
from cohorts.custody.vault import (
    FORMATS,
    only_held,
    read_vault,
    rows_of_identifier,
    rows_of_tokens,
    under_key,
    vault_bytes,
    without_people,
)
from cohorts.errors import CohortError
from cohorts.keys import load_key
from workspace import console
from workspace.audit import record
from workspace.database import reading, writing
from workspace.errors import Fault, GateNotMet
from workspace.files import write_atomically
from workspace.project import Project
from workspace.toml_source import KeyCodes, read_toml, toml_text, top

FACE = "vault.toml"
_CODES = KeyCodes("LC849", "LC849", "LC849")


@dataclass(frozen=True, slots=True)
class Found:
    """What the vault says of one person: the participant number, if any, and kind, identifier and source of each."""

    participant: int | None = field(repr=False)
    identifiers: tuple[tuple[str, str, str], ...] = field(repr=False)


def make_vault(project: Project, folder: Path, custodian: str) -> str:
    """Make an empty vault for one custodian. Whoever loads files can add to it and cannot open it."""
    refuse_place(folder / FACE)
    if folder.exists():
        raise CohortError("LC107", "there is such a folder already", "Name a new one.", where=folder.name)
    recipients = recipients_from([custodian])
    text = (
        "# A vault of a Lifecourse project. Its other files open with the custodian's identity alone.\n"
        f"format = {toml_text(FORMATS[project.settings.keys])}\nproject_id = {toml_text(project.settings.project_id)}\n"
        f"custodian = {toml_text(recipients[0])}\n"
    )
    if not console.current().dry_run:
        with writing(project) as session:
            record(session, "key.vault.make", "vault")
            write_atomically(folder / FACE, text, private=True)
    return recipients[0]


def vault_writer(
    project: Project,
    folder: Path,
    name: str,
    key_id: str,
    rows: Callable[[], pl.DataFrame],
    *,
    whole: bool = False,
) -> Callable[[Session], int]:
    """A function that adds a part to the vault; refused at once where that cannot be done.

    ``rows`` gives :data:`cohorts.custody.vault.ROWS`; of them those of people whom the store holds are kept, or all
    (``whole``). The part is called after ``name``, a source or the register.
    """
    custodian = _custodian(project, folder)

    def add(session: Session) -> int:
        kept = rows() if whole else only_held(rows(), all_tokens(session))
        data = vault_bytes(kept, project.settings.project_id, key_id, project.settings.keys)
        number = 1 + len(list(folder.glob(f"{name}-*.age")))
        write_atomically(folder / f"{name}-{number:03d}.age", encrypt_for(data, [custodian]), private=True)
        return kept.height

    return add


def _custodian(project: Project, folder: Path) -> str:
    """The recipient a vault is locked to; refused where it is no vault of this project or lies badly."""
    refuse_place(folder / FACE)
    if not (folder / FACE).is_file():
        raise CohortError(
            "LC849", "there is no vault in that folder", "lifecourse key vault make FOLDER", where=folder.name
        )
    faults: list[Fault] = []
    file = top(read_toml(folder / FACE, CohortError), faults, _CODES)
    form, project_id, custodian = (
        file.text(name, required=True) for name in ("format", "project_id", "custodian")
    )
    file.finish()
    if faults:
        raise CohortError.gather(faults)
    if form != FORMATS[project.settings.keys] or project_id != project.settings.project_id:
        raise CohortError(
            "LC849", "the vault is another project's", "Name this project's vault.", where=folder.name
        )
    return custodian


def open_vault(project: Project, folder: Path, identity: Path) -> pl.DataFrame:
    """Everything in a vault, opened with the custodian's identity. Stays in memory."""
    parts = [rows for _, rows in _parts(project, folder, identity).values()]
    if not parts:
        raise CohortError("LC849", "the vault is empty", "Load with --vault FOLDER.", where=folder.name)
    return pl.concat(parts).unique(maintain_order=True)


def _parts(project: Project, folder: Path, identity: Path) -> dict[Path, tuple[str, pl.DataFrame]]:
    """Every file of a vault, opened: its key id and its rows."""
    _custodian(project, folder)
    refuse_place(identity)
    identities = read_identities(identity)
    parts = {
        path: read_vault(
            decrypt_with(path.read_bytes(), identities, path.name),
            project.settings.project_id,
            path.name,
            project.settings.keys,
        )
        for path in sorted(folder.glob("*.age"))
    }
    if project.settings.keys == "one":
        return parts
    key = load_key(project)
    return {
        path: (key.key_id, under_key(rows, key, project.settings.project_id))
        for path, (_, rows) in parts.items()
    }


def vault_cleaner(project: Project, folder: Path, identity: Path) -> Callable[[pl.DataFrame], None]:
    """Open a vault, and give back what takes people out of it: by their tokens, columns kind, token.

    Files that held them are locked anew to the custodian; one that holds nobody else is removed. Doing it again
    does no harm.
    """
    parts = _parts(project, folder, identity)
    custodian = _custodian(project, folder)

    def clean(tokens: pl.DataFrame) -> None:
        if not parts:
            return
        everything = pl.concat([rows for _, rows in parts.values()])
        for path, (key_id, rows) in parts.items():
            left = without_people(rows, everything, tokens)
            if left.is_empty():
                path.unlink()
            elif left.height < rows.height:
                data = vault_bytes(left, project.settings.project_id, key_id, project.settings.keys)
                write_atomically(path, encrypt_for(data, [custodian], armored=False), private=True)

    return clean


def renew_vault(project: Project, folder: Path, rows: pl.DataFrame, key_id: str) -> None:
    """Add everybody again under the tokens of a new key; what is there stays, so that nothing is lost on the way."""
    plain = vault_bytes(rows.unique(), project.settings.project_id, key_id, project.settings.keys)
    data = encrypt_for(plain, [_custodian(project, folder)])
    write_atomically(folder / f"key-{key_id}.age", data, private=True)


def refuse_look_up(project: Project) -> None:
    """In a project of two keys the hub's vault names nobody: that is what the second key is for."""
    if project.settings.keys == "two":
        raise GateNotMet(
            "LC845",
            "this project works with two keys: its vault holds tokens for a change of key, and nobody can be looked up",
            "Only a partner can tell who somebody is, from its own file. To withdraw or erase: lifecourse partner name",
        )


def look_up(project: Project, folder: Path, identity: Path, asked: str, reason: str) -> Found:
    """Find one person by an identifier or by ``participant N``; that it was done, and why, goes into the log first."""
    refuse_look_up(project)
    if not reason.strip():
        raise CohortError("LC849", "a look-up needs a reason", "Give it in words: --reason …")
    rows = open_vault(project, folder, identity)
    with writing(project) as session:
        record(session, "key.vault.look-up", "vault", {"reason": reason})
    word, _, number = asked.strip().partition(" ")
    with reading(project) as session:
        if word.lower() == "participant" and number.strip().isdigit():
            participant: int | None = int(number)
            found = rows_of_tokens(rows, tokens_of(session, int(number)))
        else:
            found = rows_of_identifier(rows, asked)
            holders = holders_of(session, found.select("kind", "token").unique())
            participant = holders[0] if len(holders) == 1 else None
    if found.is_empty():
        raise CohortError("LC849", "the vault holds nobody under that", "Check what was typed.")
    listed = found.select("kind", "identifier", "source").unique().sort("kind", "identifier", "source")
    return Found(participant, tuple((str(a), str(b), str(c)) for a, b, c in listed.iter_rows()))
