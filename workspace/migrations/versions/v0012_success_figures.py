"""Success figures: rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")
STAYS = "a logged figure stays: a correction is a new one"


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=nullable) for name in names]


def _numbers(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, REAL, nullable=True) for name in names]


def upgrade() -> None:
    op.create_table(
        "success_figure",
        sa.Column("figure_id", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *_texts("measure", "area", "period_from", "period_to"),
        *_numbers("value", "out_of"),
        *_texts("status"),
        *_numbers("stated_percent", "stated_difference"),
        *_texts("against_from", "against_to", nullable=True),
        *_numbers("stated_base"),
        *_texts("printed_under", "source", "document", "note", "logged_at", "logged_by"),
        **STRICT,
    )
    keep_rows("success_figure", ("figure_id",), STAYS)


def downgrade() -> None:
    let_rows_go("success_figure")
    op.drop_table("success_figure")
