"""References held to be right in one sweep: a bulk load asks each key once, not at every row.

SQLite looks every reference up as its row is written, which is half the time of a large load. A session opened with
``writing(project, bulk=True)`` has that switched off; instead it is watched what is written, and before anything is
kept every reference is looked for: those of frames by their distinct values, those of tables written in any other
way by SQLite's own check of the whole table, and if a key that others point to may have gone, everything.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workspace.errors import WorkspaceError
from workspace.statements import NOTING, insert_frame, run

if TYPE_CHECKING:
    import polars as pl
    from sqlmodel import Session

COMPACT_AT = 1_000_000  # noted values held before each is kept once
_POINTERS = (
    'SELECT m.name, f.id, f."from", f."table", f."to" FROM sqlite_master m '
    "JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
)
_KEYS = (
    "SELECT m.name, t.name FROM sqlite_master m JOIN pragma_table_info(m.name) t "
    "WHERE m.type = 'table' AND t.pk = 1"
)


class References:
    """What a session has written that points to something, and what it may have taken away."""

    def __init__(self, session: Session) -> None:
        keys = {str(table): str(key) for table, key in run(session, _KEYS)}
        self._pointers: dict[str, dict[str, tuple[str, str]]] = {}
        self._composite: set[str] = set()
        seen: set[tuple[str, int]] = set()
        for table, number, column, parent, key in run(session, _POINTERS).fetchall():
            if (table, number) in seen:
                self._composite.add(table)
            seen.add((table, number))
            self._pointers.setdefault(table, {})[column] = (parent, key or keys[parent])
        self._pointed = {target for columns in self._pointers.values() for target in columns.values()}
        self._values: dict[tuple[str, str], list[pl.Series]] = {}
        self._sweep: set[str] = set()
        self._everything = False
        self._noted = False

    @contextlib.contextmanager
    def noting(self, table: str, frame: pl.DataFrame) -> Iterator[None]:
        """Around a statement that writes these rows: their references are looked for by their values."""
        if table in self._composite:
            yield
            return
        for column, target in self._pointers.get(table, {}).items():
            if column in frame.columns:
                self._note(target, frame[column].drop_nulls().unique())
        before, self._noted = self._noted, True
        try:
            yield
        finally:
            self._noted = before

    def _note(self, target: tuple[str, str], values: pl.Series) -> None:
        import polars as pl

        whole = values.cast(pl.Int64) if values.dtype.is_integer() else values
        held = self._values.setdefault(target, [])
        held.append(whole.alias("value"))
        if len(held) > 1 and sum(part.len() for part in held) > COMPACT_AT:
            held[:] = [_once(held)]

    def authorise(self, action: int, table: str | None, column: str | None, place: str | None, _: Any) -> int:
        """Hear of every statement that is made ready; nothing is forbidden."""
        if place == "main" and table is not None:
            if action == sqlite3.SQLITE_DELETE:
                self._everything |= any(table == parent for parent, _key in self._pointed)
            elif action == sqlite3.SQLITE_UPDATE:
                self._everything |= (table, str(column)) in self._pointed
                if column in self._pointers.get(table, {}) and not self._noted:
                    self._sweep.add(table)
            elif action == sqlite3.SQLITE_INSERT and table in self._pointers and not self._noted:
                self._sweep.add(table)
        return sqlite3.SQLITE_OK

    def refuse_orphans(self, session: Session) -> None:
        """Look for everything that was pointed to.

        Raises
        ------
        WorkspaceError
            ``LC110``: something points nowhere.
        """
        session.flush()
        session.info.pop(NOTING, None)
        if any(_is_orphan(session, check) for check in self._sweeps()) or (
            not self._everything and any(self._misses(session, *target) for target in self._values)
        ):
            raise WorkspaceError(
                "LC110", "the database refused the data: a rule of the store was broken", "lifecourse doctor"
            )

    def _sweeps(self) -> list[str]:
        if self._everything:
            return ["PRAGMA foreign_key_check"]
        return [f"PRAGMA foreign_key_check({table})" for table in sorted(self._sweep)]

    def _misses(self, session: Session, parent: str, key: str) -> bool:
        values = _once(self._values[parent, key])
        run(session, "CREATE TEMP TABLE IF NOT EXISTS pointed (value)")
        run(session, "DELETE FROM pointed")
        insert_frame(session, "pointed", values.sort().to_frame())
        return _is_orphan(
            session,
            f"SELECT 1 FROM pointed p WHERE NOT EXISTS "  # noqa: S608 - names of our own tables
            f"(SELECT 1 FROM {parent} WHERE {parent}.{key} = p.value) LIMIT 1",
        )


def _once(parts: list[pl.Series]) -> pl.Series:
    import polars as pl

    return pl.concat(parts).unique()


def _is_orphan(session: Session, statement: str) -> bool:
    return run(session, statement).fetchone() is not None


def watch(session: Session) -> References:
    """Begin to watch a session on the embedded file."""
    references = References(session)
    raw: Any = session.connection().connection.driver_connection
    raw.set_authorizer(references.authorise)
    session.info[NOTING] = references.noting
    return references
