"""Keys that are suspected or retired are marked in the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_mark",
        sa.Column("key_id", sa.TEXT, nullable=False, primary_key=True),
        *(sa.Column(name, sa.TEXT, nullable=False) for name in ("state", "since", "reason")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
