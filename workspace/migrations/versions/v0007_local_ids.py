"""Which organisation's local ids a participant holds: one each, however many organisations there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_id_holder",
        sa.Column("namespace", sa.TEXT, primary_key=True),
        sa.Column(
            "participant_id",
            sa.INTEGER,
            sa.ForeignKey("participant.participant_id"),
            nullable=False,
            primary_key=True,
            autoincrement=False,
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("local_id_holder")
