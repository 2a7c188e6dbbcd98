"""What happened to projects, actions and voices: rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from workspace.migrations.staying import keep_rows, let_rows_go

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
STAYS = "what happened stays: a correction is a new entry"


def upgrade() -> None:
    op.create_table(
        "delivery_event",
        sa.Column("event_id", sa.INTEGER, nullable=False, primary_key=True, autoincrement=False),
        *(
            sa.Column(name, sa.TEXT, nullable=False)
            for name in ("subject", "kind", "said", "happened_at", "entered_by")
        ),
        **STRICT,
    )
    keep_rows("delivery_event", ("event_id",), STAYS)


def downgrade() -> None:
    let_rows_go("delivery_event")
    op.drop_table("delivery_event")
