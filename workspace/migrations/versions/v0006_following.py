"""Spells, events, exposures, observability and relations, what deliveries cover, and values as they were before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=False) for name in names]


def _blanks(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.TEXT, nullable=True) for name in names]


def _number(name: str, *extra: sa.ForeignKey, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER, *extra, nullable=False, primary_key=primary_key)


def _person(name: str = "participant_id", *, primary_key: bool = False) -> sa.Column[int]:
    return _number(name, sa.ForeignKey("participant.participant_id"), primary_key=primary_key)


def _delivery(*, primary_key: bool = False) -> sa.Column[int]:
    return _number("delivery_id", sa.ForeignKey("delivery.delivery_id"), primary_key=primary_key)


def _life(table: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[float]) -> None:
    op.create_table(
        table,
        sa.Column(f"{table}_id", sa.INTEGER, primary_key=True, autoincrement=False),
        _person(),
        *columns,
        _delivery(),
        *_texts("recorded_from"),
        *_blanks("recorded_to"),
        **STRICT,
    )
    for name in ("participant_id", "delivery_id"):
        op.create_index(f"ix_{table}_{name}", table, [name])


def _real(name: str) -> sa.Column[float]:
    return sa.Column(name, REAL, nullable=True)


def upgrade() -> None:
    _life("spell", *_texts("kind", "state", "start_date"), *_blanks("end_date", "end_reason", "unit"))
    _life("event", *_texts("kind", "event_date", "date_precision"), *_blanks("category"), _number("nth"))
    _life(
        "exposure",
        *_texts("intervention", "session_date"),
        sa.Column("attended", sa.INTEGER, nullable=True),
        *(_real(name) for name in ("planned_minutes", "minutes", "fidelity")),
        *_blanks("provider", "session_mode"),
        _number("nth"),
    )
    _life("observability", *_texts("sees"), *_blanks("start_date", "end_date", "reason"))
    _life("relation", _person("other_id"), *_texts("relation"))
    op.create_index("ix_relation_other_id", "relation", ["other_id"])
    op.create_table(
        "coverage",
        _delivery(primary_key=True),
        sa.Column("about", sa.TEXT, nullable=False, primary_key=True),
        sa.Column("kind", sa.TEXT, nullable=False, primary_key=True),
        *_blanks("data_from", "data_until"),
        **CLUSTERED,
    )
    op.create_table(
        "observation_history",
        _number("variable_id", sa.ForeignKey("variable.variable_id"), primary_key=True),
        _number("wave_id", sa.ForeignKey("wave.wave_id"), primary_key=True),
        _person(primary_key=True),
        _delivery(primary_key=True),
        _real("value"),
        *_blanks("missing"),
        *_texts("recorded_from", "recorded_to"),
        **CLUSTERED,
    )
