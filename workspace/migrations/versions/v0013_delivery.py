"""What happened to projects, actions and voices: rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
STAYS = "what happened stays: a correction is a new entry"


def _append_only() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    if not embedded:
        op.execute(
            "CREATE FUNCTION delivery_event_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{STAYS}'; END $$"
        )
    for verb in ("UPDATE", "DELETE"):
        body = (
            f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
            if embedded
            else "FOR EACH ROW EXECUTE FUNCTION delivery_event_stays()"
        )
        op.execute(f"CREATE TRIGGER delivery_event_no_{verb.lower()} BEFORE {verb} ON delivery_event {body}")


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
    _append_only()


def downgrade() -> None:
    op.drop_table("delivery_event")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION delivery_event_stays()")
