"""An erasure, step by step: rows, tokens and keys go in one transaction, the tidying up after it can be repeated.

After the commit nothing of the person is left that could be put together again; what remains is to destroy the
old seal key, to write the store anew without the deleted bytes, to renew the key lists of backups, to look
through the files and to write the receipt. Killed in between, the next erasure or ``doctor`` finishes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlmodel import Session, select

from cohorts.backups.key_list import mark_stale, renew_lists, stale_lists
from cohorts.custody.seal_store import make_next_seal, seal_fits, sealed_under, settle_seals
from cohorts.custody.token_store import find_holders, open_seal, reseal, tokens_held
from cohorts.disclosure import publish_count
from cohorts.keys import load_key
from cohorts.linking.traces import forget_in_linkage, merged_into
from cohorts.lives.derive_store import renew_all
from cohorts.lives.relations_store import relatives_left_over, relatives_of
from cohorts.releases.register import releases_of_people
from cohorts.requests.people_named import Named
from cohorts.requests.person_tables import delete_people, table_shapes
from cohorts.requests.records import PendingErasure
from cohorts.requests.residue import Residue, patterns_of, search
from cohorts.requests.store import bury, decide
from workspace.audit import record
from workspace.clock import now
from workspace.database import compact, reading, writing
from workspace.files import write_atomically
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.statements import run

FORMAT = "lifecourse-erasure-1"
NO_VAULT = "this project has no identity vault"
VAULT_LEFT = (
    "not opened: the identity vault and its copies may still hold the person; its custodian takes them out with "
    "lifecourse cohort erase --vault FOLDER --identity FILE"
)
VAULT_DONE = (
    "searched by its custodian's identity; what it held of the person was taken out and its files locked anew"
)
INTERRUPTED = "not searched: the erasure was interrupted; give the same identifiers once more to search"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure left behind: where its receipt is, and where something of the person was still found.

    ``vault`` is what was done about the identity vault, and ``releases`` who may still have rows of the person, in
    words.
    """

    request_id: str
    file: str
    sha256: str
    residue: Residue | None
    lists_missed: tuple[str, ...]
    vault: str = ""
    releases: tuple[str, ...] = ()


def holders_of(session: Session, named: Named) -> list[int]:
    """The numbers of those of the named who are held."""
    found = find_holders(session, named.people)
    return sorted(set(found["participant_id"].to_list()))


def erase_rows(
    session: Session,
    project: Project,
    named: Named,
    request_id: str,
    reason: str,
    *,
    search_scope: str,
    tell: bool,
    clean_vault: Callable[[pl.DataFrame], None] | None = None,
) -> list[bytes]:
    """Delete the people in the caller's transaction, and put everybody else's tokens under a new seal.

    ``clean_vault`` takes the people out of an opened identity vault, by columns kind, token. It runs before the
    commit: where it fails nothing is erased, and after a kill in between the same command finds them again.

    Returns the tokens they had, for the search of files; they are kept in memory only.
    """
    settle_seals(project, sealed_under(session))  # left by an erasure that was killed before its commit
    asked = holders_of(session, named)
    numbers = merged_into(session, asked)
    held = tokens_held(session, pl.Series(numbers, dtype=pl.Int64)).select("kind", "token")
    tokens = pl.concat([held, named.held]).unique(maintain_order=True)
    released = releases_of_people(session, numbers)
    counts = forget_in_linkage(session, numbers, tokens, load_key(project))
    old = open_seal(session)
    if numbers:
        kin = tokens_held(session, pl.Series(relatives_of(session, numbers), dtype=pl.Int64))
        gone = _delete(session, numbers, counts)
        left = kin.filter(pl.col("participant_id").is_in(gone)).select("kind", "token")
        tokens = pl.concat([tokens, left]).unique(maintain_order=True)
        reseal(session, old, make_next_seal(project))
        bury(session, gone, request_id, reason, "all", people=len(asked))
        renew_all(session)
    mark_stale(session)
    row = decide(session, request_id, "granted", search=search_scope, note=reason)
    facts = _facts(counts, old.key_id if numbers else "", project.settings.disclosure)
    facts["identity_vault"] = VAULT_DONE if clean_vault else VAULT_LEFT if has_vault(session) else NO_VAULT
    facts["releases_to_tell"] = released
    details = {"reason": reason, "told": tell}
    record(session, "cohort.erase", row.request_id, details)
    facts["audit_entry"] = _audit_head(session)
    session.add(PendingErasure(request_id=row.request_id, facts=json.dumps(facts, sort_keys=True)))
    session.flush()
    if clean_vault:
        clean_vault(tokens)
    return list(dict.fromkeys(tokens["token"].to_list()))


def _delete(session: Session, numbers: Sequence[int], counts: dict[str, int]) -> list[int]:
    """Delete people, and those who were held only because these were related to them; all the numbers that went."""
    relatives = relatives_of(session, numbers)
    parts = [delete_people(session, numbers)]
    alone = relatives_left_over(session, relatives)
    parts.append(delete_people(session, alone))
    for name, n in (item for part in parts for item in part.items()):
        counts[name] = counts.get(name, 0) + n
    return sorted([*numbers, *alone])


def has_vault(session: Session) -> bool:
    """Say whether an identity vault was ever made for this project: the log knows."""
    made = "SELECT count(*) FROM audit_entry WHERE action IN ('key.vault.make', 'key.vault.add')"
    return int(run(session, made).scalar() or 0) > 0


def _facts(counts: Mapping[str, int], old_seal: str, profile: DisclosureProfile) -> dict[str, Any]:
    return {
        "erased_on": now(),
        "deleted": {name: publish_count(n, profile) or 0 for name, n in sorted(counts.items())},
        "counts": f"rounded to {profile.rounding}; fewer than {profile.threshold} are shown as 0",
        "seal_key_destroyed": old_seal,
        "person_keys_destroyed": bool(counts.get("person_key")),
    }


def _audit_head(session: Session) -> dict[str, Any]:
    row = run(session, "SELECT sequence, digest FROM audit_entry ORDER BY sequence DESC LIMIT 1").one()
    return {"sequence": int(row[0]), "digest": str(row[1])}


def pending_erasures(session: Session) -> list[str]:
    """Erasures that are committed and not tidied up yet."""
    return [row.request_id for row in session.exec(select(PendingErasure)).all()]


def is_unfinished(project: Project) -> bool:
    """Say whether something is left to tidy up: an erasure, a second seal key, a stale key list."""
    with reading(project) as session:
        current = sealed_under(session)
        waiting = bool(pending_erasures(session) or stale_lists(session))
    return waiting or (bool(current) and not seal_fits(project, current) and _has_next(project))


def _has_next(project: Project) -> bool:
    from cohorts.custody.seal_store import NEXT, seal_path

    path = seal_path(project)
    return path.with_name(path.name + NEXT).exists()


def finish_erasures(
    project: Project, identifiers: Sequence[tuple[str, str]] = (), tokens: Sequence[bytes] = ()
) -> list[Receipt]:
    """Do what is left to do after erasures; a repeat does no harm. Tokens are those of the newest, where known."""
    with writing(project) as session:
        settle_seals(project, sealed_under(session))
        missed = tuple(renew_lists(session, project))
        waiting = sorted(pending_erasures(session))
        names = [shape.name for shape in table_shapes(session) if shape.people]
    if not waiting:
        return []
    compact(project, names)
    patterns = patterns_of(identifiers, tokens)
    residue = search(project, patterns) if patterns else None
    receipts = []
    for request_id in waiting:
        with writing(project) as session:
            row = session.get(PendingErasure, request_id)
            if row is None:
                continue
            newest = request_id == waiting[-1]
            receipts.append(
                _write_receipt(project, request_id, row.facts, residue if newest else None, missed)
            )
            session.delete(row)
            record(session, "cohort.erase.receipt", request_id, {"sha256": receipts[-1].sha256})
    return receipts


def receipt_path(project: Project, request_id: str) -> Path:
    """Where the receipt of an erasure is: with the data, so never in git."""
    return project.data / "receipts" / f"{request_id}.json"


def _write_receipt(
    project: Project, request_id: str, facts: str, residue: Residue | None, missed: tuple[str, ...]
) -> Receipt:
    content = {
        "format": FORMAT,
        "project": project.settings.project_id,
        "request": request_id,
        **json.loads(facts),
    }
    content["store_written_anew"] = True
    content["search_of_files"] = (
        INTERRUPTED
        if residue is None
        else {
            "files_searched": residue.searched,
            "still_found_in": list(residue.found),
            "could_not_be_searched": list(residue.unsearched),
        }
    )
    content["key_lists_not_reached"] = list(missed)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()
    path = receipt_path(project, request_id)
    whole = {**content, "sha256": digest}
    write_atomically(path.with_suffix(".txt"), _receipt_text(whole), private=True)
    write_atomically(path, json.dumps(whole, indent=2) + "\n", private=True)
    told = tuple(map(str, content.get("releases_to_tell", ())))
    return Receipt(
        request_id, project.shown(path), digest, residue, missed, str(content["identity_vault"]), told
    )


def _receipt_text(content: Mapping[str, Any]) -> str:
    lines = [f"Receipt of erasure {content['request']}, project {content['project']}", ""]
    for key, value in content.items():
        words = key.replace("_", " ")
        if isinstance(value, dict):
            lines += [words, *(f"  {name.replace('_', ' ')}: {_said(item)}" for name, item in value.items())]
        elif key not in ("format", "project", "request"):
            lines.append(f"{words}: {_said(value)}")
    return "\n".join(lines) + "\n"


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"
