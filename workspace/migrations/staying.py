"""Tables whose rows stay: the database itself refuses to change, delete or replace one, on the file and on a server."""

from __future__ import annotations

from alembic import op


def keep_rows(table: str, keys: tuple[str, ...], said: str) -> None:
    """From now on the rows of ``table`` stay; ``keys`` make a row one of a kind, ``said`` is what a refusal says."""
    if _embedded():
        _in_the_file(table, keys, said)
    else:
        _on_the_server(table, said)


def let_rows_go(table: str) -> None:
    """Back: what stayed can be changed again. Asked for before the table is dropped, too."""
    embedded = _embedded()
    for verb in ("update", "delete", "replace" if embedded else "truncate"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if embedded else f" ON {table}"))
    if not embedded:
        op.execute(f"DROP FUNCTION {table}_stays()")


def _embedded() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _in_the_file(table: str, keys: tuple[str, ...], said: str) -> None:
    """An INSERT OR REPLACE deletes without asking the trigger of deletions, so it is met before it comes to that."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}")
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {there} {refuse}")


def _on_the_server(table: str, said: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"{table}_no_{verb.lower()}"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION {table}_stays()"
        )
