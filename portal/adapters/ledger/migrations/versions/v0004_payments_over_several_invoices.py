"""A payment may go over several invoices: a hold has a part for each, and an entry counts once on each.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTS_ONCE = ["kind", "external_id", "invoice_key"]


def upgrade() -> None:
    """Give each hold one allocation, and the rule that entries count once its third column."""
    _make_allocations()
    if op.get_bind().dialect.name == "sqlite":
        _remake_holds()
        _remake_entries()
        return
    op.drop_index("holds_of_invoice", "holds")
    op.drop_constraint("hold_amount_positive", "holds")
    op.drop_column("holds", "invoice_key")
    op.drop_column("holds", "amount_minor")
    op.create_index("holds_in_state", "holds", ["state"], unique=False)
    op.drop_constraint("entry_counts_once", "entries")
    op.create_unique_constraint("entry_counts_once", "entries", _COUNTS_ONCE)


def _make_allocations() -> None:
    op.create_table(
        "hold_allocations",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name="allocation_amount_positive"),
        sa.PrimaryKeyConstraint("hold_id", "position"),
        sa.UniqueConstraint("hold_id", "invoice_key", name="hold_names_invoice_once"),
    )
    op.create_index("allocations_of_invoice", "hold_allocations", ["invoice_key"], unique=False)
    op.execute("INSERT INTO hold_allocations SELECT hold_id, 0, invoice_key, amount_minor FROM holds")


def _remake_holds() -> None:
    """SQLite cannot take a rule away, so that the table is made again beside the old one."""
    op.drop_index("holds_of_invoice", "holds")
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
        sa.CheckConstraint(
            "state IN ('creating', 'unknown', 'open', 'processing', 'posted', 'released')", name="hold_state"
        ),
        sa.CheckConstraint("length(currency) = 3", name="hold_currency"),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.create_index("holds_in_state", "holds", ["state"], unique=False)
    op.execute(
        "INSERT INTO holds SELECT hold_id, currency, state, created_at, expires_at, checkout_id, url, plan_id "
        "FROM holds_before"
    )
    op.drop_table("holds_before")


def _remake_entries() -> None:
    """The same for entries. Their triggers go with the old table, and are made again for the new one."""
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
        sa.CheckConstraint(
            "kind IN ('payment', 'payment started', 'payment failed', 'refund', 'refund failed', "
            "'dispute withdrawn', 'dispute reinstated', 'dispute opened', 'dispute closed', "
            "'credit note', 'write-off', 'fee waived', 'void', 'reversal', 'plan agreed', 'plan stopped')",
            name="entry_kind",
        ),
        sa.CheckConstraint("amount_minor > 0", name="entry_amount_positive"),
        sa.CheckConstraint("length(currency) = 3", name="entry_currency"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint(*_COUNTS_ONCE, name="entry_counts_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("entries_of_invoice", "entries", ["invoice_key", "seq"], unique=False)
    op.execute("INSERT INTO entries SELECT * FROM entries_before ORDER BY seq")
    op.drop_table("entries_before")
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
        )
