"""Area series: collections of places, their measures, values as they are and as they were, deliveries and breaks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=False) for name in names]


def _blanks(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=True) for name in names]


def _collection(name: str = "collection_id", *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.TEXT, sa.ForeignKey("area_collection.collection_id"), nullable=nullable)


def _number(name: str, target: str = "", *, key: bool = False) -> sa.Column[int]:
    pointers = [sa.ForeignKey(target)] if target else []
    return sa.Column(name, sa.INTEGER, *pointers, nullable=False, primary_key=key, autoincrement=False)


def _real(name: str, *, nullable: bool = False) -> sa.Column[float]:
    return sa.Column(name, REAL, nullable=nullable)


def _slot() -> list[sa.Column[int] | sa.Column[str]]:
    return [
        _number("measure_id", "area_measure.measure_id", key=True),
        _number("area_id", "area.area_id", key=True),
        sa.Column("period", sa.TEXT, nullable=False, primary_key=True),
    ]


def upgrade() -> None:
    op.create_table(
        "area_collection",
        sa.Column("collection_id", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("name", sa.TEXT, nullable=False, unique=True),
        *_texts("title", "kind"),
        _collection("parents", nullable=True),
        *_texts("created"),
        **STRICT,
    )
    op.create_table(
        "area_delivery",
        _number("delivery_id", key=True),
        _collection(),
        *_texts("source", "file_sha256", "mapping_sha256"),
        *(_number(name) for name in ("rows", "accepted", "sealed")),
        *_blanks("open_before", "data_until"),
        *_texts("loaded_at"),
        *_blanks("agreement", "agreement_version"),
        sa.UniqueConstraint("collection_id", "source", "file_sha256", "mapping_sha256"),
        **STRICT,
    )
    op.create_table(
        "area",
        _number("area_id", key=True),
        _collection(),
        *_texts("code", "name"),
        *_blanks("parent", "valid_from"),
        *_texts("attributes"),
        _number("delivery_id", "area_delivery.delivery_id"),
        sa.UniqueConstraint("collection_id", "code"),
        **STRICT,
    )
    op.create_table(
        "area_measure",
        _number("measure_id", key=True),
        _collection(),
        *_texts("name", "kind", "step"),
        _number("year_starts"),
        *_texts("unit", "denominator"),
        _real("per"),
        _number("open"),
        sa.UniqueConstraint("collection_id", "name"),
        **STRICT,
    )
    op.create_table(
        "area_break",
        _number("measure_id", "area_measure.measure_id", key=True),
        sa.Column("source", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("period", sa.TEXT, nullable=False, primary_key=True),
        *_texts("why", "note"),
        **CLUSTERED,
    )
    op.create_table(
        "area_value",
        *_slot(),
        _real("value", nullable=True),
        *_blanks("missing"),
        *_texts("definition"),
        _real("complete"),
        _number("delivery_id", "area_delivery.delivery_id"),
        sa.CheckConstraint("(value IS NULL) <> (missing IS NULL)", name="area_value_or_reason"),
        **CLUSTERED,
    )
    op.create_table(
        "area_value_history",
        *_slot(),
        _number("delivery_id", "area_delivery.delivery_id", key=True),
        _real("value", nullable=True),
        *_blanks("missing"),
        *_texts("definition"),
        _real("complete"),
        *_texts("recorded_from", "recorded_to"),
        **CLUSTERED,
    )


def downgrade() -> None:
    for table in (
        "area_value_history",
        "area_value",
        "area_break",
        "area_measure",
        "area",
        "area_delivery",
        "area_collection",
    ):
        op.drop_table(table)
