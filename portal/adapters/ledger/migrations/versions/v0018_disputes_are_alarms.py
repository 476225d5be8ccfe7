"""A dispute that is opened, or opened again, is something for the owner to look at: one kind of alarm more.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KINDS = "'unmatched', 'quarantined', 'overpaid', 'unfamiliar', 'given back', 'disputed'"


def upgrade() -> None:
    """Widen the rule on kinds of alarms."""
    if op.get_bind().dialect.name == "sqlite":
        _make_alarms_anew()
        return
    op.drop_constraint("alarm_kind", "alarms", type_="check")
    op.create_check_constraint("alarm_kind", "alarms", f"kind IN ({_KINDS})")


def _make_alarms_anew() -> None:
    """SQLite cannot change a rule of a table: it is made anew, and keeps every row and number."""
    op.rename_table("alarms", "alarms_before")
    op.create_table(
        "alarms",
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.String(length=32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("invoice_key", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="alarm_kind"),
        sa.PrimaryKeyConstraint("alarm"),
        sa.UniqueConstraint("kind", "external_id", name="alarm_counts_once"),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO alarms SELECT * FROM alarms_before ORDER BY alarm")
    op.drop_table("alarms_before")
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER alarms_no_{verb.lower()} BEFORE {verb} ON alarms "
            "BEGIN SELECT RAISE(ABORT, 'alarms are append-only'); END"
        )
