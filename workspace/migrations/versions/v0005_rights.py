"""People's rights: requests, scopes, tombstones, the seal, data keys; results that can be compared later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.TEXT, nullable=nullable, primary_key=primary_key)


def _integer(name: str, *extra: sa.ForeignKey, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER, *extra, nullable=False, primary_key=primary_key, autoincrement=False)


def _participant() -> sa.Column[int]:
    return _integer("participant_id", sa.ForeignKey("participant.participant_id"), primary_key=True)


def _keys() -> None:
    op.create_table("seal", _text("key_id", primary_key=True), **CLUSTERED)
    op.create_table(
        "person_key", _participant(), sa.Column("wrapped", sa.LargeBinary, nullable=False), **STRICT
    )
    op.create_table(
        "key_list", _text("path", primary_key=True), _text("recipients"), _integer("stale"), **STRICT
    )


def _requests() -> None:
    op.create_table(
        "rights_request",
        _text("request_id", primary_key=True),
        *(_text(name) for name in ("kind", "scope", "clock_started")),
        _integer("complex"),
        _text("paused_from", nullable=True),
        _integer("paused_days"),
        *(_text(name, nullable=True) for name in ("decision", "exemption")),
        *(_text(name) for name in ("search_scope", "note")),
        *(_text(name, nullable=True) for name in ("decided_by", "decided_on")),
        **STRICT,
    )
    op.create_table(
        "person_scope",
        _participant(),
        _text("scope", primary_key=True),
        sa.Column(
            "request_id",
            sa.TEXT,
            sa.ForeignKey("rights_request.request_id"),
            nullable=False,
            primary_key=True,
        ),
        _text("since"),
        **CLUSTERED,
    )


def _erasures() -> None:
    op.create_table(
        "tombstone",
        _integer("number", primary_key=True),
        *(_text(name) for name in ("request_id", "reason", "erased_on", "scope")),
        **STRICT,
    )
    op.create_table(
        "rights_change",
        _integer("change_id", primary_key=True),
        *(_text(name) for name in ("changed_at", "kind")),
        _integer("people"),
        **STRICT,
    )
    op.create_table("pending_erasure", _text("request_id", primary_key=True), _text("facts"), **STRICT)


def _comparisons() -> None:
    op.create_table(
        "evaluation_footing",
        _text("evaluation_id", primary_key=True),
        _text("measure", primary_key=True),
        _text("signature"),
        _integer("analysed"),
        sa.Column("effect", REAL, nullable=True),
        _integer("last_change"),
        **STRICT,
    )
    op.create_table(
        "difference_statement",
        _integer("statement_id", primary_key=True),
        *(_text(name) for name in ("evaluation_id", "plan_id", "measure", "made_at", "statement")),
        _integer("held"),
        **STRICT,
    )


def upgrade() -> None:
    _keys()
    _requests()
    _erasures()
    _comparisons()
