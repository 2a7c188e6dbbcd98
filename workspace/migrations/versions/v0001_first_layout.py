"""The first layout: audit log, cohorts, plans and evaluations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
# A server's REAL has seven digits only.
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.TEXT, nullable=nullable, primary_key=primary_key)


def _integer(name: str, *extra: sa.ForeignKey, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER, *extra, nullable=False, primary_key=primary_key)


def _cohort() -> sa.Column[str]:
    return sa.Column("cohort_id", sa.TEXT, sa.ForeignKey("cohort.cohort_id"), nullable=False)


def _append_only() -> None:
    """The database itself refuses to change or delete an entry of the audit log."""
    embedded = op.get_bind().dialect.name == "sqlite"
    if not embedded:
        op.execute(
            "CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
    for verb in ("UPDATE", "DELETE"):
        body = (
            "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            if embedded
            else "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()"
        )
        op.execute(f"CREATE TRIGGER audit_entry_no_{verb.lower()} BEFORE {verb} ON audit_entry {body}")


def _foundations() -> None:
    op.create_table(
        "audit_entry",
        _integer("sequence", primary_key=True),
        *(_text(name) for name in ("at", "actor", "action", "subject", "details", "previous", "digest")),
        **STRICT,
    )
    _append_only()
    op.create_table("owner", _text("project_id", primary_key=True), **CLUSTERED)
    op.create_table("counter", _text("prefix", primary_key=True), _integer("last"), **CLUSTERED)


def _people() -> None:
    op.create_table(
        "participant", _integer("participant_id", primary_key=True), _text("state"), _text("added"), **STRICT
    )
    op.create_table(
        "pseudonym",
        _text("kind", primary_key=True),
        sa.Column("token", sa.LargeBinary, nullable=False, primary_key=True),
        _integer("participant_id", sa.ForeignKey("participant.participant_id")),
        _text("key_id"),
        **CLUSTERED,
    )
    op.create_table(
        "cohort",
        _text("cohort_id", primary_key=True),
        sa.Column("name", sa.TEXT, nullable=False, unique=True),
        _text("definition"),
        _text("created"),
        **STRICT,
    )
    op.create_table(
        "enrolment",
        sa.Column("cohort_id", sa.TEXT, sa.ForeignKey("cohort.cohort_id"), nullable=False, primary_key=True),
        _integer("participant_id", sa.ForeignKey("participant.participant_id"), primary_key=True),
        _text("index_date"),
        **CLUSTERED,
    )


def _data() -> None:
    op.create_table(
        "delivery",
        _integer("delivery_id", primary_key=True),
        _cohort(),
        *(_text(name) for name in ("source", "file_sha256", "mapping_sha256", "key_id")),
        *(_integer(name) for name in ("rows", "accepted", "people", "unknown_people", "sealed")),
        _text("data_until", nullable=True),
        _text("loaded_at"),
        sa.UniqueConstraint("cohort_id", "source", "file_sha256", "mapping_sha256"),
        **STRICT,
    )
    op.create_table(
        "variable",
        _integer("variable_id", primary_key=True),
        _cohort(),
        *(_text(name) for name in ("name", "kind", "unit", "labels")),
        sa.UniqueConstraint("cohort_id", "name"),
        **STRICT,
    )
    op.create_table(
        "wave",
        _integer("wave_id", primary_key=True),
        _cohort(),
        _text("name"),
        sa.Column("months", REAL, nullable=False),
        sa.UniqueConstraint("cohort_id", "name"),
        **STRICT,
    )
    op.create_table(
        "observation",
        _integer("variable_id", sa.ForeignKey("variable.variable_id"), primary_key=True),
        _integer("wave_id", sa.ForeignKey("wave.wave_id"), primary_key=True),
        _integer("participant_id", sa.ForeignKey("participant.participant_id"), primary_key=True),
        sa.Column("value", REAL, nullable=True),
        _text("missing", nullable=True),
        _integer("delivery_id", sa.ForeignKey("delivery.delivery_id")),
        sa.CheckConstraint("(value IS NULL) <> (missing IS NULL)", name="value_or_reason"),
        **CLUSTERED,
    )
    op.create_table(
        "holding",
        _integer("delivery_id", sa.ForeignKey("delivery.delivery_id"), primary_key=True),
        _integer("variable_id", sa.ForeignKey("variable.variable_id"), primary_key=True),
        _integer("wave_id", sa.ForeignKey("wave.wave_id"), primary_key=True),
        **CLUSTERED,
    )


def _plans() -> None:
    op.create_table(
        "plan_lock",
        _text("plan_id", primary_key=True),
        *(_text(name) for name in ("sha256", "canonical", "data_state", "waiver", "locked_at", "locked_by")),
        **STRICT,
    )
    op.create_table(
        "evaluation",
        _text("evaluation_id", primary_key=True),
        *(_text(name) for name in ("plan_id", "plan_sha256", "plan_state", "answer")),
        _integer("security"),
        _text("result_sha256"),
        _text("run_at"),
        **STRICT,
    )


def upgrade() -> None:
    _foundations()
    _people()
    _data()
    _plans()
