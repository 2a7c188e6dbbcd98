"""What the rights commands do, step by step: who is meant, what happens to them, what is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from cohorts.backups.key_list import mark_stale, renew_lists
from cohorts.custody.seal_store import seal_fits, sealed_under
from cohorts.custody.vault_store import vault_cleaner
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.lives.derive_store import renew_all
from cohorts.packs.names_store import refuse_typed
from cohorts.partner_files.extracts import read_extract
from cohorts.requests.erasure import Receipt, erase_rows, finish_erasures, holders_of, is_unfinished
from cohorts.requests.people_named import Named, listed_people, typed_people
from cohorts.requests.store import (
    add_request,
    bar,
    decide,
    is_buried,
    lift,
    list_requests,
    open_request,
    pause,
    resume,
)
from cohorts.rights import (
    ALL,
    BARRING,
    EXEMPTIONS,
    KINDS,
    REASONS,
    SCOPES,
    SEARCHES,
    Clock,
    Request,
    clock_of,
)
from cohorts.store import load_mapping
from workspace import console
from workspace.audit import record
from workspace.clock import today
from workspace.database import reading, writing
from workspace.errors import LifecourseError, WorkspaceError, did_you_mean
from workspace.noticeboard import HealthReading
from workspace.project import Project

NOT_GIVEN = "RGT-…"  # a dry run gives out no number


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, in codes: for a new request, or for one that was entered before (``request``)."""

    kind: str
    scope: str = ALL
    request: str = ""
    reason: str = "person"
    search: str = "whole-store"
    received: dt.date | None = None

    def __post_init__(self) -> None:
        known = (self.kind, KINDS, "kind"), (self.scope, SCOPES, "scope")
        for word, words, what in (
            *known,
            (self.reason, REASONS, "reason"),
            (self.search, SEARCHES, "search"),
        ):
            check_word(word, words, what)
        if self.received is not None and self.received > today():
            raise CohortError("LC897", "the request cannot have come in the future", "Correct --received.")


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was carried out; ``found`` only where the custodian asked to be told."""

    request_id: str
    found: bool | None
    written: bool
    receipt: Receipt | None = None


def check_word(word: str, words: Sequence[str], what: str) -> None:
    """Refuse a word that is no code: free text could say something about a person."""
    if word not in words:
        near = did_you_mean(word, words)
        raise CohortError("LC897", f"there is no {what} of that name.{near}", f"One of: {', '.join(words)}.")


def name_people(project: Project, kind: str, source: str, file: Path | None, typed: list[str]) -> Named:
    """The people a request is about, by typed identifiers or by a small file; with two keys a pack names them."""
    refuse_typed(project, "withdraw")
    key, project_id = load_key(project), project.settings.project_id
    mapping = load_mapping(project, source)[0] if source else None
    if file is not None:
        if mapping is None:
            raise CohortError("LC893", "--file is read as a source's file", "Name the source with --source.")
        raw = read_extract(file, encoding=mapping.encoding, sheet=mapping.sheet)
        return listed_people(raw, mapping, key, project_id)
    if not typed:
        raise CohortError("LC893", "nobody was named", "Type the identifier when asked, or pipe it in.")
    return typed_people(typed, kind, mapping, key, project_id)


def withdraw(project: Project, named: Named, order: Order, *, tell: bool = False) -> Done:
    """Take people out of collection, linkage or use: one transaction."""
    check_word(order.kind, BARRING, "kind to withdraw by")
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        request_id = _request(session, order)
        numbers = holders_of(session, named)
        row = decide(session, request_id, "granted", search=order.search, note=order.reason)
        bar(session, numbers, row)
        renew_all(session)
        mark_stale(session)
        record(session, "cohort.withdraw", request_id, _told(order, tell=tell))
    found = bool(numbers) if tell else None
    if not for_good:
        return Done(NOT_GIVEN, found, written=False)
    with writing(project) as session:
        renew_lists(session, project)
    return Done(request_id, found, written=True)


def erase(
    project: Project,
    named: Named,
    order: Order,
    *,
    tell: bool = False,
    vault: tuple[Path, Path] | None = None,
) -> Done:
    """Erase people for good, and tidy up after this and every interrupted erasure.

    ``vault`` is the folder of the identity vault and the custodian's identity: the people are taken out of it too.
    """
    for_good = not console.current().dry_run
    clean = vault_cleaner(project, *vault) if vault and for_good else None
    if for_good:
        finish_erasures(project)
    with writing(project, keep=for_good) as session:
        request_id = _request(session, order)
        tokens = erase_rows(
            session,
            project,
            named,
            request_id,
            order.reason,
            search_scope=order.search,
            tell=tell,
            clean_vault=clean,
        )
    if not for_good:
        return Done(NOT_GIVEN, None, written=False)
    receipts = finish_erasures(project, named.identifiers, tokens)
    found = None
    if tell:
        with reading(project) as session:
            found = is_buried(session, request_id)
    receipt = next((done for done in receipts if done.request_id == request_id), None)
    return Done(request_id, found, written=True, receipt=receipt)


def _request(session: Session, order: Order) -> str:
    if not order.request:
        return add_request(session, order.kind, order.scope, order.received or today())
    row = open_request(session, order.request)
    if row.kind != order.kind:
        raise CohortError("LC895", f"{row.request_id} is of another kind: {row.kind}", "Look at it again.")
    return row.request_id


def _told(order: Order, *, tell: bool) -> dict[str, object]:
    """What the log holds: the same whether anybody was found or not."""
    return {"kind": order.kind, "scope": order.scope, "reason": order.reason, "told": tell}


def open_new(project: Project, order: Order, *, is_complex: bool) -> str:
    """Enter a request that is to be decided later."""
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        received = order.received or today()
        request_id = add_request(session, order.kind, order.scope, received, is_complex=is_complex)
        record(session, "rights.open", request_id, {"kind": order.kind, "scope": order.scope})
    return request_id if for_good else NOT_GIVEN


def change(
    project: Project, request_id: str, step: str, *, exemption: str = "", search: str = "not-needed"
) -> None:
    """Pause, resume, answer, refuse (wholly or partly) or lift a request."""
    check_word(search, SEARCHES, "search")
    if step in ("refused", "partly"):
        check_word(exemption, EXEMPTIONS, "exemption")
    for_good = not console.current().dry_run
    with writing(project, keep=for_good) as session:
        if step == "pause":
            pause(session, request_id)
        elif step == "resume":
            resume(session, request_id)
        elif step == "lift":
            lift(session, request_id)
            renew_all(session)
            mark_stale(session)
        else:
            decide(session, request_id, step, exemption=exemption, search=search)
        record(session, f"rights.{step}", request_id.upper(), {"exemption": exemption} if exemption else {})
    if for_good and step == "lift":
        with writing(project) as session:
            renew_lists(session, project)


def requests_of(project: Project) -> list[tuple[Request, Clock]]:
    """All requests with their clocks today."""
    with reading(project) as session:
        return [(request, clock_of(request, today())) for request in list_requests(session)]


def rights_health(project: Project) -> list[HealthReading]:
    """What ``doctor`` says: the seal key, requests that are overdue, erasures to be finished (and finishes them)."""
    try:
        with reading(project) as session:
            current = sealed_under(session)
        overdue = sum(clock.state == "overdue" for _, clock in requests_of(project))
        return [*_seal_reading(project, current), *_unfinished(project), *_overdue(overdue)]
    except WorkspaceError:  # the store cannot be read: that is said already
        return []
    except LifecourseError as error:
        return [HealthReading("Rights", "fail", str(error.faults[0].problem), error.faults[0].hint)]


def _seal_reading(project: Project, current: str) -> list[HealthReading]:
    if not current or is_unfinished(project):
        return []
    if seal_fits(project, current):
        return [HealthReading("seal key", "pass", f"seal {current}, kept outside the project")]
    hint = "Restore the .seal file from its safe copy, or restore a backup: lifecourse explain LC890"
    return [HealthReading("seal key", "fail", "the seal key of this database is not there", hint)]


def _unfinished(project: Project) -> list[HealthReading]:
    if not is_unfinished(project):
        return []
    name = "Interrupted erasure"
    if console.current().dry_run:
        return [
            HealthReading(name, "warn", "an erasure is not tidied up yet", "lifecourse doctor finishes it.")
        ]
    finish_erasures(project)
    if is_unfinished(project):
        hint = "Attach the disk with the backups, then: lifecourse doctor"
        return [HealthReading("Key list of backups", "fail", "it could not be written anew", hint)]
    return [HealthReading(name, "pass", "it was finished just now")]


def _overdue(count: int) -> list[HealthReading]:
    if not count:
        return []
    return [HealthReading("Rights requests", "warn", f"{count} overdue", "lifecourse cohort rights")]
