"""Success figures: rows are added, never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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


def _append_only() -> None:
    embedded = op.get_bind().dialect.name == "sqlite"
    if not embedded:
        op.execute(
            "CREATE FUNCTION success_figure_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{STAYS}'; END $$"
        )
    for verb in ("UPDATE", "DELETE"):
        body = (
            f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
            if embedded
            else "FOR EACH ROW EXECUTE FUNCTION success_figure_stays()"
        )
        op.execute(f"CREATE TRIGGER success_figure_no_{verb.lower()} BEFORE {verb} ON success_figure {body}")


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
    _append_only()


def downgrade() -> None:
    op.drop_table("success_figure")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION success_figure_stays()")
