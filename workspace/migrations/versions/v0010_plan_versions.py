"""Later versions of a locked plan; and what was locked and what was run can no longer be changed or deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Tables whose rows stay, with the columns that make a row one of a kind.
STAYING = {
    "plan_lock": ("plan_id",),
    "plan_version": ("plan_id", "number"),
    "evaluation": ("evaluation_id",),
    "evaluation_footing": ("evaluation_id", "measure"),
}
SAID = "plans and results are append-only"


def upgrade() -> None:
    op.create_table(
        "plan_version",
        sa.Column("plan_id", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("number", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.TEXT, nullable=False)
            for name in (
                "sha256",
                "canonical",
                "kind",
                "reason",
                "data_state",
                "waiver",
                "registered_at",
                "registered_by",
            )
        ),
        sqlite_strict=True,
    )
    for table, keys in STAYING.items():
        if op.get_bind().dialect.name == "sqlite":
            _stays_in_the_file(table, keys)
        else:
            _stays_on_the_server(table)


def _stays_in_the_file(table: str, keys: tuple[str, ...]) -> None:
    """An INSERT OR REPLACE deletes without asking the trigger of deletions, so it is met before it comes to that."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {refuse}")
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - our own names
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} {there} {refuse}")


def _stays_on_the_server(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
    )
    for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"{table}_no_{verb.lower()}"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each} EXECUTE FUNCTION {table}_stays()"
        )


def downgrade() -> None:
    """Back to the layout before: what stayed can be changed again."""
    embedded = op.get_bind().dialect.name == "sqlite"
    for table in STAYING:
        for verb in ("update", "delete", "replace" if embedded else "truncate"):
            op.execute(f"DROP TRIGGER {table}_no_{verb}" + ("" if embedded else f" ON {table}"))
        if not embedded:
            op.execute(f"DROP FUNCTION {table}_stays()")
    op.drop_table("plan_version")
