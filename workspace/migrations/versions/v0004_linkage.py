"""Linkage: runs, links, the history of who is who, pairs for review, and the do-not-link register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
REAL: sa.types.TypeEngine[float] = sa.REAL().with_variant(sa.Double(), "postgresql")


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.TEXT, nullable=nullable, primary_key=primary_key)


def _integer(
    name: str, *extra: sa.ForeignKey, nullable: bool = False, primary_key: bool = False
) -> sa.Column[int]:
    return sa.Column(
        name, sa.INTEGER, *extra, nullable=nullable, primary_key=primary_key, autoincrement=False
    )


def _real(name: str, *, nullable: bool = True) -> sa.Column[float]:
    return sa.Column(name, REAL, nullable=nullable)


def _runs() -> None:
    op.create_table(
        "link_run",
        _text("run_id", primary_key=True),
        sa.Column("cohort_id", sa.TEXT, sa.ForeignKey("cohort.cohort_id"), nullable=False),
        *(_text(name) for name in ("left_source", "source", "run_at", "run_by", "model_sha256", "settings")),
        _real("threshold", nullable=False),
        _text("state"),
        *(_real(name) for name in ("precision_share", "precision_low", "precision_high")),
        _integer("precision_n"),
        *(_real(name) for name in ("recall_share", "recall_low", "recall_high")),
        *(_integer(name) for name in ("recall_n", "people", "linked")),
        **STRICT,
    )
    op.create_table(
        "link",
        sa.Column("run_id", sa.TEXT, sa.ForeignKey("link_run.run_id"), nullable=False, primary_key=True),
        _integer("participant_id", sa.ForeignKey("participant.participant_id"), primary_key=True),
        *(_text(name) for name in ("method", "weight_band")),
        *(_integer(name) for name in ("linked", "blind")),
        *(_text(name) for name in ("truth", "kinds")),
        **CLUSTERED,
    )


def _decisions() -> None:
    op.create_table(
        "identity_event",
        _integer("event_id", primary_key=True),
        *(_text(name) for name in ("at", "actor", "kind")),
        *(_text(name, nullable=True) for name in ("run_id", "review_id")),
        _integer("participant_id"),
        _integer("other_id", nullable=True),
        *(_text(name) for name in ("reason", "affected")),
        **STRICT,
    )
    op.create_table(
        "review_pair",
        _text("review_id", primary_key=True),
        sa.Column("run_id", sa.TEXT, sa.ForeignKey("link_run.run_id"), nullable=False),
        _text("kind"),
        _integer("participant_id"),
        _integer("other_id", nullable=True),
        *(_text(name) for name in ("pattern", "weight_band", "why")),
        *(_text(name, nullable=True) for name in ("decision", "reason", "decided_by", "decided_at")),
        **STRICT,
    )
    op.create_table(
        "review_mark",
        sa.Column("mark", sa.LargeBinary, nullable=False, primary_key=True),
        sa.Column(
            "review_id", sa.TEXT, sa.ForeignKey("review_pair.review_id"), nullable=False, primary_key=True
        ),
        **CLUSTERED,
    )
    op.create_table(
        "cannot_link",
        *(
            sa.Column(name, sa.LargeBinary, nullable=False, primary_key=True)
            for name in ("mark", "other_mark")
        ),
        *(_text(name) for name in ("reason", "added_by", "added_at")),
        **CLUSTERED,
    )


def upgrade() -> None:
    _runs()
    _decisions()
