"""Damage in the tables of the embedded file, found before anything that was sealed is read out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspace.errors import WorkspaceError
from workspace.statements import is_embedded, run

if TYPE_CHECKING:
    from sqlmodel import Session


def refuse_damaged(session: Session, table: str) -> None:
    """LC110 where the pages of a table are damaged: SQLite would read on, and leave rows out without a word.

    It reads the whole table once. It cannot know of a value that was changed into another good one: the file keeps no
    check sums of values. A server looks after its own pages (``data_checksums``).
    """
    if not is_embedded(session):
        return
    said = run(session, f"PRAGMA quick_check('{table}')").fetchall()
    if [tuple(row) for row in said] != [("ok",)]:
        raise WorkspaceError(
            "LC110",
            "the database file is damaged",
            "Restore it from a backup. lifecourse doctor says more.",
        )
