"""Results kept whole, as released: rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STAYS = "saved results are append-only: run the plan again for another"


def upgrade() -> None:
    op.create_table(
        "saved_result",
        sa.Column("evaluation_id", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("content", sa.TEXT, nullable=False),
        sqlite_strict=True,
    )
    keep_rows("saved_result", ("evaluation_id",), STAYS)


def downgrade() -> None:
    let_rows_go("saved_result")
    op.drop_table("saved_result")
