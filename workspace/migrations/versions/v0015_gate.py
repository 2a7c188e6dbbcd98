"""The gate: cells of outputs with who is behind them, approvals, releases. Rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
STAYS = {
    "gate_cell": ("cell_id", "the ledger of released cells is append-only"),
    "gate_approval": ("approval_id", "approvals stay: what was approved cannot be taken back"),
    "gate_release": ("release_id", "releases stay: what is out cannot be called back"),
    "gate_key": ("name", "the key of the ledger stays, or its sketches could not be compared"),
}


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "gate_cell",
        sa.Column("cell_id", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *_text("subject", "output", "universe", "people", "about", "predicate"),
        sa.Column("n", sa.INTEGER, nullable=False),
        sa.Column("shown", sa.INTEGER, nullable=True),
        *_text("state"),
        sa.Column("sensitive", sa.INTEGER, nullable=False),
        *_text("sketch"),
        **STRICT,
    )
    op.create_table(
        "gate_approval",
        sa.Column("approval_id", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *_text("subject", "sha256", "person", "role", "entered_by", "at"),
        **STRICT,
    )
    op.create_table(
        "gate_release",
        sa.Column("release_id", sa.TEXT, nullable=False, primary_key=True),
        *_text("verb", "subjects", "files", "entered_by", "at"),
        **STRICT,
    )
    op.create_table(
        "gate_key",
        sa.Column("name", sa.TEXT, nullable=False, primary_key=True),
        *_text("secret"),
        **STRICT,
    )
    for table, (key, said) in STAYS.items():
        keep_rows(table, (key,), said)


def downgrade() -> None:
    for table in STAYS:
        let_rows_go(table)
        op.drop_table(table)
