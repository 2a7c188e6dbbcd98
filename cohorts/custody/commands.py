"""Commands of the cohort floor: key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workspace import console
from workspace.project import Project, find_project

if TYPE_CHECKING:
    from cohorts.custody.marks import AffectedDelivery, Marked
    from workspace.noticeboard import HealthReading

key_app = typer.Typer(
    help="The keys behind the pseudonyms, kept outside the project.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
KINDS = ("hub", "link", "identity")


@key_app.command("create")
def key_create(
    kind: Annotated[
        str, typer.Option(help="hub (this project's), link (the partners'), identity (opens packs).")
    ] = "hub",
    project_id: Annotated[
        str, typer.Option(help="For a link key: the id in the hub's lifecourse.toml.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Where to write a link key or an identity.")] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Lock it with a passphrase that is asked for.")
    ] = False,
) -> None:
    """Make a key outside the project folder: the project's own, the partners' link key, or an identity."""
    from cohorts.errors import CohortError

    if kind == "hub":
        _create_hub_key(passphrase)
    elif kind == "link":
        if out is None:
            raise CohortError(
                "LC843", "a link key needs a place", "Name it: --out FILE, outside any project."
            )
        _create_link_key(project_id, out, passphrase)
    elif kind == "identity":
        _create_identity(out, passphrase)
    else:
        raise CohortError("LC843", "there is no such kind of key", f"Kinds: {', '.join(KINDS)}.")


def _create_hub_key(locked: bool) -> None:
    from cohorts.custody.seal_store import make_seal
    from cohorts.keys import make_key, refuse_to_make_key
    from workspace.audit import record
    from workspace.database import writing

    project = find_project()
    path = refuse_to_make_key(project)
    if console.current().dry_run:
        console.present(
            {"file": path.as_posix(), "written": False},
            lambda: console.say("Would make a key file. Nothing was written."),
        )
        return
    chosen = _chosen("the new key") if locked else ""
    with writing(project) as session:  # no key without its entry in the log
        path, key_id = make_key(project, chosen)
        make_seal(project)
        record(session, "key.create", key_id)
    console.present(
        {"key_id": key_id, "file": path.as_posix()},
        lambda: console.say(
            f"Made key {key_id} in {path}\nKeep a copy in a safe place: without it no "
            "new file can be joined to these people."
        ),
    )


def _create_link_key(project_id: str, out: Path, locked: bool) -> None:
    from cohorts.custody.custodian import create_link_key

    dry = console.current().dry_run
    chosen = _chosen("the link key") if locked and not dry else ""
    key_id = create_link_key(project_id, out, chosen, write=not dry)
    payload = {"kind": "link", "key_id": None if dry else key_id, "file": out.name, "written": not dry}
    console.present(
        payload,
        lambda: console.say(
            f"Would make a link key in {out.name}. Nothing was written."
            if dry
            else f"Made link key {key_id} in {out}\nGive it to the other partners as age files (lifecourse key escrow "
            "--key …), never to the hub."
        ),
    )


def _create_identity(out: Path | None, locked: bool) -> None:
    from cohorts.custody.custodian import create_identity
    from cohorts.keys import identity_path

    path = out or identity_path(find_project())
    dry = console.current().dry_run
    chosen = _chosen("the identity") if locked and not dry else ""
    recipient = create_identity(path, chosen, write=not dry)
    payload = {
        "kind": "identity",
        "recipient": None if dry else recipient,
        "file": path.as_posix(),
        "written": not dry,
    }
    console.present(
        payload,
        lambda: console.say(
            f"Would make an identity in {path.name}. Nothing was written."
            if dry
            else f"Made an identity in {path}\nIts recipient, to give to others: {recipient}"
        ),
    )


def _chosen(what: str) -> str:
    from cohorts.custody.passphrases import choose_passphrase

    return choose_passphrase(what)


@key_app.command("status")
def key_status() -> None:
    """Say whether the keys are there, fit this project, are kept safely, and which are marked."""
    from cohorts.keys import identity_path, key_health, key_path
    from workspace.views import health

    project = find_project()
    readings = key_health(project)
    marked = _marks(project)
    identity = _recipient(project)
    payload = {
        "file": key_path(project).as_posix(),
        "keys": project.settings.keys,
        "identity": {"file": identity_path(project).as_posix(), **identity},
        "marks": [_mark_payload(mark) for mark in marked],
        "checks": [{"name": r.name, "result": r.result, "note": r.note, "hint": r.hint} for r in readings],
    }

    def view() -> None:
        health(readings)
        if project.settings.keys == "two":
            recipient = identity["recipient"]
            console.say(
                f"Two keys: packs are encrypted to {recipient or 'an identity that is locked or missing'}"
            )
        if marked:
            console.table(
                ["Key", "Mark", "Since", "Reason"], [[m.key_id, m.state, m.since, m.reason] for m in marked]
            )

    console.present(payload, view)
    if any(reading.result == "fail" for reading in readings):
        raise typer.Exit(1)


def mark_readings(project: Project) -> list[HealthReading]:
    """What the doctor says of marked keys: nothing while there are none."""
    from workspace.noticeboard import HealthReading

    suspected = [mark.key_id for mark in _marks(project) if mark.state == "suspected"]
    if not suspected:
        return []
    note = f"suspected to be known to others: {', '.join(suspected)}"
    return [HealthReading("marked keys", "fail", note, "Nothing is loaded under them. See: key status.")]


def _marks(project: Project) -> list[Marked]:
    """The marks in the store; none are shown where the store cannot be read (the doctor says why)."""
    from cohorts.custody.marks import marks
    from workspace.database import reading
    from workspace.errors import LifecourseError

    try:
        with reading(project) as session:
            return marks(session)
    except LifecourseError:
        return []


def _recipient(project: Project) -> dict[str, Any]:
    from cohorts.custody.age_files import recipient_of
    from cohorts.keys import identity_path
    from workspace.errors import LifecourseError

    path = identity_path(project)
    try:
        return {
            "there": path.is_file(),
            "recipient": (recipient_of(path) or None) if path.is_file() else None,
        }
    except LifecourseError:
        return {"there": True, "recipient": None}


def _mark_payload(mark: Marked) -> dict[str, str]:
    return {"key_id": mark.key_id, "state": mark.state, "since": mark.since, "reason": mark.reason}


def escrow(
    officer: Annotated[
        list[str], typer.Option(help="A recovery officer's age recipient, or a file with it; at least two.")
    ],
    out: Annotated[Path, typer.Option(help="The folder for the copies, outside the project.")],
    key: Annotated[
        Path | None, typer.Option(help="A link key to copy; without it the project's own key.")
    ] = None,
) -> None:
    """Write one encrypted copy of a key for each recovery officer; each opens with one officer's identity alone."""
    from cohorts.custody.custodian import escrow as escrow_key
    from cohorts.custody.custodian import read_any_key
    from cohorts.keys import load_key_file
    from workspace.audit import record
    from workspace.database import writing

    dry = console.current().dry_run
    if key is not None:
        found = read_any_key(key, None)
        names = escrow_key(found, officer, out, write=not dry)
    else:
        project = find_project()
        found = load_key_file(project)
        with writing(project) as session:
            names = escrow_key(found, officer, out, write=not dry)
            if not dry:
                record(session, "key.escrow", found.key_id, {"officers": len(names)})
    verb = "Would write" if dry else "Wrote"
    console.present(
        {"key_id": found.key_id, "files": names, "written": not dry},
        lambda: console.say(
            f"{verb} {len(names)} copies of {found.kind} key {found.key_id}:\n"
            + "".join(f"  {name}\n" for name in names)
            + "Hand each to its officer. Any one of them can restore the key: lifecourse key recover, or age -d."
        ),
    )


def recover(
    file: Annotated[Path, typer.Argument(help="An escrow copy.")],
    identity: Annotated[Path, typer.Option(help="The officer's age identity file.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to put the key; default: where this project looks for it.")
    ] = None,
) -> None:
    """Restore a key from an escrow copy. A key that is there is never overwritten."""
    from cohorts.custody.custodian import recover as recover_key
    from cohorts.keys import key_path
    from workspace.audit import record
    from workspace.database import writing

    dry = console.current().dry_run
    if out is not None:
        key = recover_key(file, identity, out, write=not dry)
    else:
        project = find_project()
        with writing(project) as session:
            key = recover_key(file, identity, key_path(project), write=not dry)
            if not dry:
                record(session, "key.recover", key.key_id)
    place = out.name if out else "its place"
    console.present(
        {"key_id": key.key_id, "kind": key.kind, "project_id": key.project_id, "written": not dry},
        lambda: console.say(f"{'Would put' if dry else 'Put'} {key.kind} key {key.key_id} in {place}."),
    )


def rotate(
    reason: Annotated[str, typer.Option(help="Why, in words; it goes into the log.")],
    pack: Annotated[
        list[Path] | None,
        typer.Option(help="A pack of any kind, supplied again; together they must cover everybody."),
    ] = None,
    vault: Annotated[Path | None, typer.Option(help="The vault: with two keys, too.")] = None,
    identity: Annotated[
        Path | None, typer.Option(help="The custodian's identity, which opens the vault.")
    ] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Lock the new key with a passphrase that is asked for.")
    ] = False,
    forget: Annotated[
        bool,
        typer.Option("--forget-register", help="Drop do-not-link entries that nothing supplied makes again."),
    ] = False,
) -> None:
    """Change the hub's key. Where people are held all their tokens are made again, or nothing changes."""
    from cohorts.custody.rotation import rotate_hub_key
    from cohorts.custody.views import rotated, rotation_payload
    from cohorts.errors import CohortError

    if (vault is None) != (identity is None):
        raise CohortError(
            "LC849", "a vault opens with its custodian's identity only", "Give --vault and --identity."
        )

    dry = console.current().dry_run
    chosen = _chosen("the new key") if passphrase and not dry else ""
    opened = (vault, identity) if vault and identity else None
    done = rotate_hub_key(find_project(), pack or [], reason, chosen, opened, forget_register=forget)
    console.present(rotation_payload(done, written=not dry), lambda: rotated(done, written=not dry))


def retire(
    key_id: Annotated[str, typer.Option(help="The id of the key, so that no other is destroyed by a slip.")],
    reason: Annotated[str, typer.Option(help="Why, in words; it goes into the log.")],
    file: Annotated[
        Path | None,
        typer.Option(help="The key file; without it the project's own. A link key needs no project."),
    ] = None,
    receipt: Annotated[Path | None, typer.Option(help="Write the receipt here as well.")] = None,
) -> None:
    """Destroy a key file for good and print a receipt. Files under a retired key are never loaded again."""
    from cohorts.custody.custodian import receipt_text
    from cohorts.custody.retirement import retire_key

    done = retire_key(file, key_id, reason, receipt)
    payload = {
        "key_id": done.key_id, "kind": done.kind, "project_id": done.project_id, "on": done.on,
        "destroyed": not console.current().dry_run,
    }  # fmt: skip
    console.present(
        payload,
        lambda: console.say(
            "Would destroy this key. Dry run: nothing was written."
            if console.current().dry_run
            else receipt_text(done).rstrip()
        ),
    )


def compromise(
    reason: Annotated[
        str, typer.Option(help="What happened, in words, without names; it goes into the log.")
    ],
    key_id: Annotated[
        str, typer.Option(help="The id of a key, like a link key's; without it the project's own.")
    ] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Lift the suspicion again.")] = False,
) -> None:
    """Mark a key as perhaps known to others: nothing is loaded or released under it. Lists what came in under it."""
    from cohorts.custody.marks import affected, suspect
    from cohorts.custody.marks import clear as clear_mark
    from cohorts.keys import identified_key
    from workspace.database import writing

    project = find_project()
    own = identified_key(project)
    key_id = key_id or own
    with writing(project) as session:
        if clear:
            clear_mark(session, key_id, reason)
        else:
            suspect(session, key_id, reason, also_known=[own] if own else [])
        found = affected(session, key_id)
        if console.current().dry_run:
            session.rollback()
    console.present(
        {
            "key_id": key_id,
            "state": None if clear else "suspected",
            "written": not console.current().dry_run,
            "deliveries": [{"number": d.number, "source": d.source, "loaded": d.loaded} for d in found],
        },
        lambda: _show_compromise(key_id, found, clear=clear),
    )


def _show_compromise(key_id: str, found: list[AffectedDelivery], *, clear: bool) -> None:
    dry = console.current().dry_run
    if clear:
        console.say(f"{'Would lift' if dry else 'Lifted'} the suspicion on key {key_id}.")
        return
    verb = "Would mark" if dry else "Marked"
    console.say(f"{verb} key {key_id} as suspected: nothing is loaded or released under it.")
    if found:
        console.table(["Delivery", "Source", "Loaded"], [[str(d.number), d.source, d.loaded] for d in found])
    console.say(
        "Tell your data protection officer today. Then: change the key, or clear the mark when it was nothing."
    )
