"""The register's notes, which the database itself refuses to change, delete or replace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLE, REFUSAL = "register_note", "the register is append-only"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("note_id", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.TEXT, nullable=False)
            for name in ("kind", "about", "said", "by_whom", "data_state", "day", "outcome")
        ),
        sa.Column("answers", sa.INTEGER, nullable=True),
        *(sa.Column(name, sa.TEXT, nullable=False) for name in ("noted_at", "noted_by")),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _embedded()
    else:
        _server()


def _embedded() -> None:
    """Also against INSERT OR REPLACE, which deletes without asking the trigger of deletions."""
    body = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} {body}")
    again = "WHEN EXISTS (SELECT 1 FROM register_note WHERE note_id = NEW.note_id)"
    op.execute(f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} {again} {body}")


def _server() -> None:
    op.execute(
        f"CREATE FUNCTION {TABLE}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
            f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_stays()"
        )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_stays()"
    )


def downgrade() -> None:
    op.drop_table(TABLE)
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"DROP FUNCTION {TABLE}_stays()")
