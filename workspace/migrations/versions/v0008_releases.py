"""The register of row-level releases: what went where, and until when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "row_release",
        sa.Column("release_id", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("cohort_id", sa.TEXT, sa.ForeignKey("cohort.cohort_id"), nullable=False),
        *_text("day", "recipient", "setting", "salt", "state", "columns"),
        sa.Column("people", sa.INTEGER, nullable=False),
        *_text("agreements", "plan", "key_id", "protection", "expires", "sha256"),
        sa.Column("closed_on", sa.TEXT, nullable=True),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("row_release")
