"""A credit that is set off against an invoice is an entry on its own side, too: one kind more.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KINDS = (
    "'payment', 'payment started', 'payment failed', 'refund', 'refund failed', 'dispute withdrawn', "
    "'dispute reinstated', 'dispute opened', 'dispute closed', 'credit note', 'write-off', 'fee waived', 'void', "
    "'reversal', 'plan agreed', 'plan stopped', 'promised', 'problem reported', 'said paid', 'reason given', "
    "'answer withdrawn', 'answer closed', 'credit used'"
)


def upgrade() -> None:
    """Widen the rule on kinds of entries."""
    if op.get_bind().dialect.name == "sqlite":
        _make_entries_anew()
        return
    op.drop_constraint("entry_kind", "entries", type_="check")
    op.create_check_constraint("entry_kind", "entries", f"kind IN ({_KINDS})")


def _make_entries_anew() -> None:
    """SQLite cannot change a rule of a table: it is made anew, and keeps every row and number."""
    op.drop_index("entries_of_invoice", "entries")
    op.rename_table("entries", "entries_before")
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_at", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reverses", sa.Integer(), nullable=True),
        sa.Column("schedule", sa.JSON(), nullable=True),
        sa.CheckConstraint(f"kind IN ({_KINDS})", name="entry_kind"),
        sa.CheckConstraint("amount_minor > 0", name="entry_amount_positive"),
        sa.CheckConstraint("length(currency) = 3", name="entry_currency"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("kind", "external_id", "invoice_key", name="entry_counts_once"),
        sqlite_autoincrement=True,
    )
    op.execute("INSERT INTO entries SELECT * FROM entries_before ORDER BY seq")
    op.drop_table("entries_before")
    op.create_index("entries_of_invoice", "entries", ["invoice_key", "seq"], unique=False)
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
        )
