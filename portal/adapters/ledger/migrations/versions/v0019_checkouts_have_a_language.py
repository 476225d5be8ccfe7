"""A checkout says which language the customer had chosen when it was opened, in which the provider's page speaks.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATES = "state IN ('creating', 'unknown', 'open', 'processing', 'posted', 'released')"


def upgrade() -> None:
    """Of checkouts that are open by now nobody knows; they count as being in the customer's own language."""
    if op.get_bind().dialect.name == "sqlite":
        _make_holds_anew()
        return
    op.add_column("holds", sa.Column("language", sa.String(length=8), nullable=True))


def _make_holds_anew() -> None:
    """SQLite writes an added column in another way than a table made with it."""
    op.drop_index("holds_in_state", "holds")
    op.rename_table("holds", "holds_before")
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.Column("checkout_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("plan_id", sa.Text(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.CheckConstraint("length(currency) = 3", name="hold_currency"),
        sa.CheckConstraint(_STATES, name="hold_state"),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.execute(
        "INSERT INTO holds SELECT hold_id, currency, state, created_at, expires_at, checkout_id, url, plan_id, token, "
        "NULL FROM holds_before"
    )
    op.drop_table("holds_before")
    op.create_index("holds_in_state", "holds", ["state"], unique=False)
