"""Counts of forms by link and by network address, for rate limits that all servers share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "counters",
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("time_window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "time_window"),
    )
