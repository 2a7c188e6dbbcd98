"""The register's notes, which the database itself refuses to change, delete or replace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

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
    keep_rows(TABLE, ("note_id",), REFUSAL)


def downgrade() -> None:
    let_rows_go(TABLE)
    op.drop_table(TABLE)
