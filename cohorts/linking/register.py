"""The do-not-link register at the edge: pairs of identifiers in, marks stored; and the gate that loads pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from sqlmodel import Session

from cohorts.backups.key_list import mark_stale, renew_lists
from cohorts.custody.token_store import find_holders, token_columns, tokens_held
from cohorts.custody.two_keys import joint_key_id
from cohorts.custody.vault_store import vault_writer
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linking.decisions import REGISTER_REASONS
from cohorts.linking.marks import forbidden_pairs, long_marks, mark_of, marks_of
from cohorts.linking.pairs import Side, check_side, tokens_of_side
from cohorts.linking.store import forbid, register
from cohorts.packs.names_store import read_names, refuse_typed
from cohorts.pseudonyms import PseudonymKey
from cohorts.store import load_mapping
from workspace import console
from workspace.audit import record
from workspace.database import writing
from workspace.project import Project

PART = "do-not-link"


def forbid_pairs(
    project: Project,
    texts: list[tuple[str, str]],
    sides: tuple[Side, Side],
    reason: str,
    vault: Path | None = None,
) -> int:
    """Put pairs of identifiers on the register; return how many are new. What was typed is forgotten.

    With ``vault`` the identifiers are kept in the vault, so that a change of key can make the entries again.
    """
    refuse_typed(project, "forbid")
    _check_reason(reason)
    key = load_key(project)
    columns = [_side(project, [pair[at] for pair in texts], side, key) for at, side in enumerate(sides)]
    keep = _keeper(project, vault, key.key_id, lambda: pl.concat(columns))
    return _enter(project, _paired(columns, key), reason, {}, keep)


def forbid_in_pack(project: Project, path: Path, reason: str, vault: Path | None = None) -> int:
    """Put the pairs a partner named in a pack on the register; return how many are new."""
    _check_reason(reason)
    rows, link_key_id = read_names(project, path, "forbid")
    key = load_key(project)
    named = rows.select(
        "side",
        pl.lit(PART).alias("source"),
        "kind",
        "namespace",
        pl.col("token").bin.encode("hex").alias("identifier"),
        pl.col("stored").alias("token"),
    )
    columns = [named.filter(side=side).drop("side") for side in (1, 2)]
    keep = _keeper(project, vault, joint_key_id(key.key_id, link_key_id), lambda: pl.concat(columns))
    return _enter(project, _paired(columns, key), reason, {"link_key": link_key_id}, keep)


def _check_reason(reason: str) -> None:
    if reason not in REGISTER_REASONS:
        raise CohortError(
            "LC887",
            "an entry needs one of the reason codes",
            f"--reason one of: {', '.join(REGISTER_REASONS)}",
        )


def _keeper(
    project: Project, vault: Path | None, key_id: str, rows: Callable[[], pl.DataFrame]
) -> Callable[[Session], int] | None:
    return vault_writer(project, vault, PART, key_id, lambda: rows().unique(), whole=True) if vault else None


def _enter(
    project: Project,
    pairs: list[tuple[bytes, bytes]],
    reason: str,
    details: dict[str, str],
    keep: Callable[[Session], int] | None,
) -> int:
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        added = sum(forbid(session, pair, reason) for pair in pairs)
        mark_stale(session)
        record(session, "link.forbid", "register", {"reason": reason, **details})
        if keep and for_good:
            keep(session)
    if for_good:
        with writing(project) as session:
            renew_lists(session, project)
    return added


def _side(project: Project, texts: list[str], side: Side, key: PseudonymKey) -> pl.DataFrame:
    """One side of the pairs, in their order: the columns of a vault."""
    check_side(side)
    space = load_mapping(project, side.source)[0].namespace if side.kind == "local-id" else ""
    tokens = tokens_of_side(texts, side.kind, space, key, project.settings.project_id)
    words = {"source": PART, "kind": side.kind, "namespace": space}
    return tokens.select(*(pl.lit(word).alias(name) for name, word in words.items()), "identifier", "token")


def _paired(columns: list[pl.DataFrame], key: PseudonymKey) -> list[tuple[bytes, bytes]]:
    """The marks of the pairs."""
    first, second = (
        [mark_of(kind, token, key, "forbid") for kind, token in side.select("kind", "token").iter_rows()]
        for side in columns
    )
    return list(zip(first, second, strict=True))


def refuse_forbidden(session: Session, people: pl.DataFrame, key: PseudonymKey) -> None:
    """Refuse a load that would give one participant two identifiers the register keeps apart."""
    listed = register(session)
    if listed.is_empty():
        return
    known = find_holders(session, people).with_columns(pl.col("person").cast(pl.Int64))
    held = known.join(tokens_held(session, known["participant_id"]), on="participant_id")
    in_file = people.with_columns(pl.col("person").cast(pl.Int64))
    marks = pl.concat(
        [marks_of(in_file, token_columns(people), key, "forbid"), long_marks(held, key, "forbid")]
    )
    pairs = forbidden_pairs(marks.unique(), marks.unique(), listed)
    joined = pairs.filter(pl.col("left") == pl.col("right")).height
    if joined:
        raise CohortError(
            "LC885",
            "rows of the file would join people whom the do-not-link register keeps apart",
            "Ask whoever looks after the register; nothing was loaded.",
        )
