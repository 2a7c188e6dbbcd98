"""Later versions of a locked plan; and what was locked and what was run can no longer be changed or deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

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
        keep_rows(table, keys, SAID)


def downgrade() -> None:
    """Back to the layout before: what stayed can be changed again."""
    for table in STAYING:
        let_rows_go(table)
    op.drop_table("plan_version")
