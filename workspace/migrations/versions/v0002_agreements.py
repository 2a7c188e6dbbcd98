"""Each delivery remembers the data-sharing agreement it came under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("agreement", "agreement_version"):
        op.add_column("delivery", sa.Column(name, sa.TEXT, nullable=True))
