"""Builds are noted, and what invoices asked for before their amounts were changed is kept.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "builds",
        sa.Column("build", sa.Integer(), primary_key=True),
        sa.Column("finished_at", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "earlier_claims",
        sa.Column("claim", sa.Integer(), primary_key=True),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("earlier_claims_of_invoice", "earlier_claims", ["invoice_key"])
