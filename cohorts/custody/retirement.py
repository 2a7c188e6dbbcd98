"""Retiring a key: first the mark in the store, then the file; so that a retired key is never used by mistake."""

from __future__ import annotations

from pathlib import Path

from cohorts.custody.custodian import Receipt, destroy, read_any_key, receipt_text
from cohorts.custody.key_files import KeyFile
from cohorts.custody.marks import retire_mark
from cohorts.errors import CohortError
from cohorts.keys import key_path
from workspace import console
from workspace.clock import today
from workspace.database import writing
from workspace.errors import GateNotMet
from workspace.files import write_atomically
from workspace.project import find_project


def retire_key(file: Path | None, key_id: str, reason: str, receipt: Path | None) -> Receipt:
    """Destroy a key file. The hub's is marked as retired in the store first; a link key needs no project."""
    path = file or key_path(find_project())
    if not path.is_file():
        raise GateNotMet("LC840", "there is no key to retire", "Name it: --file FILE.", where=path.name)
    key = read_any_key(path, None)
    if key.key_id != key_id:
        raise CohortError(
            "LC842",
            "the key in that file has another id",
            "Check which one is meant: key status.",
            where=path.name,
        )
    if receipt is not None and receipt.exists():
        raise CohortError("LC107", "there is such a file already", "Name a new one.", where=receipt.name)
    if console.current().dry_run:
        return Receipt(key.kind, key.key_id, key.project_id, path.name, today().isoformat())
    if key.kind == "hub":
        _mark(key, reason, path)
    done = destroy(path, key)
    if receipt is not None:
        write_atomically(receipt, receipt_text(done))
    return done


def _mark(key: KeyFile, reason: str, path: Path) -> None:
    project = find_project()
    if key.project_id != project.settings.project_id:
        raise CohortError(
            "LC842", "this key belongs to another project", "Run it in that project.", where=path.name
        )
    with writing(project) as session:
        retire_mark(session, key.key_id, reason)
