"""Changing the hub's key. Tokens cannot be turned into one another: somebody must supply what they were made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlmodel import Session

from cohorts.agreements.sharing import shown_profile
from cohorts.backups.key_list import mark_stale, renew_lists
from cohorts.custody.key_files import new_key_text, parse_key, write_key_file
from cohorts.custody.marks import refuse_marked, retire_mark
from cohorts.custody.places import refuse_overwriting
from cohorts.custody.token_store import retoken, token_key_ids
from cohorts.custody.two_keys import hub_tokens, joint_key_id, key_ids_in
from cohorts.custody.vault import renewed_tokens, with_new_tokens
from cohorts.custody.vault_store import open_vault, renew_vault
from cohorts.disclosure import shown_count
from cohorts.errors import CohortError
from cohorts.keys import key_path, load_key
from cohorts.linking.traces import Lost, renew_marks
from cohorts.packs.arrivals import refuse_other_mode
from cohorts.packs.supplied import tokens_in
from cohorts.pseudonyms import PseudonymKey
from workspace import console
from workspace.audit import record, rounded
from workspace.database import reading, writing
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import Project
from workspace.settings import DisclosureProfile

_PAIRS = {"kind": pl.String, "old": pl.Binary, "new": pl.Binary}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a change of key did: the ids, how many tokens were made again, where the old key is kept.

    ``lost`` is what could not be made again of the do-not-link register and of decisions, and was dropped; it is
    published under ``profile``.
    """

    old_key_id: str
    new_key_id: str
    tokens: int
    kept_old: str
    lost: Lost
    profile: DisclosureProfile


def rotate_hub_key(
    project: Project,
    packs: list[Path],
    reason: str,
    passphrase: str = "",
    vault: tuple[Path, Path] | None = None,
    *,
    forget_register: bool = False,
) -> Rotation:
    """Make a new hub key and, where people are held, make all their tokens again.

    In a project of two keys they are made out of link tokens, in ``packs`` of any kind that are supplied again and in
    the ``vault`` (its folder and the custodian's identity); with one key out of the identifiers in the vault.

    The do-not-link register and the reviews are kept as marks under the key; they are made again from the same.
    Entries about people who are in neither packs nor vault stop the change, unless ``forget_register`` drops them.

    One transaction: every token held is made again, or none is and the old key stays. The old key file is kept beside
    the new one until it is retired, marked so that nothing is loaded under it.
    """
    old, path = load_key(project), key_path(project)
    aside = path.with_name(f"{path.stem}.{old.key_id}.old{path.suffix}")
    refuse_overwriting(aside)
    text = new_key_text("hub", project.settings.project_id)
    made = parse_key(text.encode("utf-8"), path.name)
    new = PseudonymKey(made.key_id, made.secret)
    with reading(project) as session:
        held = token_key_ids(session)
    links = _links(held, old.key_id)
    pairs = _pairs(project, packs, old, new, links)
    opened = open_vault(project, *vault) if vault else None
    if opened is not None:
        renewed = renewed_tokens(opened, new, project.settings.project_id, project.settings.keys)
        pairs = pl.concat([pairs, renewed]).unique(["kind", "old"])
    before = path.read_bytes()
    try:
        with writing(project) as session:
            count = _retoken_all(session, project, pairs, new.key_id, links)
            lost = renew_marks(session, pairs, old, new)
            _refuse_forgetting(lost, forget=forget_register)
            mark_stale(session)
            retire_mark(session, old.key_id, reason)
            details = {"old": old.key_id, "tokens": rounded(count), "register_lost": rounded(lost.register)}
            record(session, "key.rotate", new.key_id, details)
            profile = shown_profile(session, project)
            if console.current().dry_run:
                session.rollback()
            else:  # the old key beside the new one first, so that a failure between the two loses neither
                write_atomically(aside, before, private=True)
                write_key_file(path, text, passphrase)
                if vault and opened is not None:
                    renew_vault(project, vault[0], with_new_tokens(opened, pairs), new.key_id)
    except BaseException:
        if path.read_bytes() != before:  # the tokens are the old key's again, so the key must be
            write_atomically(path, before, private=True)
        raise
    if not console.current().dry_run:
        with writing(project) as session:
            renew_lists(session, project)
    return Rotation(old.key_id, new.key_id, count, aside.name, lost, profile)


def _refuse_forgetting(lost: Lost, *, forget: bool) -> None:
    """Entries that nothing supplied makes again would be dead letters under the new key: nobody drops them unasked."""
    if lost and not forget:
        raise GateNotMet(
            "LC848",
            "entries of the do-not-link register are about people whom nothing supplied holds: they would not be "
            "honoured under a new key",
            "Give packs or a vault that hold them; or drop them with --forget-register, and enter them again at once: "
            "lifecourse link forbid",
        )


def _links(held: list[str], old_id: str) -> list[str]:
    """The ids of the link keys under the tokens held; other hub keys than the present one are refused."""
    strange = [key_id for key_id in held if key_ids_in(key_id)[0] != old_id]
    if strange:
        raise GateNotMet(
            "LC842",
            "the people already held were loaded under another key than the present one",
            "Point LIFECOURSE_KEY_FILE to the key this project began with.",
        )
    return sorted({key_id.partition("+")[2] for key_id in held})


def _pairs(
    project: Project, packs: list[Path], old: PseudonymKey, new: PseudonymKey, links: list[str]
) -> pl.DataFrame:
    """Old and new stored tokens of everybody in the packs: columns kind, old, new."""
    parts = [pl.DataFrame(schema=_PAIRS)]
    for path in packs:
        refuse_other_mode(project, path)
        supplied = tokens_in(project, path)
        if supplied.project_id != project.settings.project_id or supplied.link_key_id not in links:
            raise CohortError(
                "LC839",
                "this pack is not of this project and of the link key under which people are held",
                "Give packs of the partners, prepared with the same link key as before.",
                where=path.name,
            )
        for (kind, space), part in supplied.rows.group_by("kind", "namespace", maintain_order=True):
            before, after = (
                hub_tokens(part["link"], str(kind), key, supplied.project_id, str(space))
                for key in (old, new)
            )
            parts.append(part.select("kind", before.alias("old"), after.alias("new")))
    return pl.concat(parts).unique(["kind", "old"])


def _retoken_all(
    session: Session, project: Project, pairs: pl.DataFrame, new_id: str, links: list[str]
) -> int:
    """Replace every token held, or refuse and say how many are not covered."""
    key_id = joint_key_id(new_id, links[0]) if links and links[0] else new_id
    changed, left = retoken(session, pairs, key_id)
    if left:
        shown = shown_count(left, shown_profile(session, project))
        two = project.settings.keys == "two"
        hint = (
            "Give packs, or the vault, that cover everybody and those they are related to: lifecourse key rotate "
            "--pack … --pack …, or --vault FOLDER --identity FILE"
            if two
            else "Give the vault that holds everybody, or begin a new project with a new key and load again."
        )
        raise GateNotMet("LC848", f"tokens that nothing supplied makes again: {shown}", hint)
    refuse_marked(session, [new_id])
    return changed
