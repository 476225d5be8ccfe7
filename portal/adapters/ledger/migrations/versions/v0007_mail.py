"""Mails: each one once, what may have to be written about, and since when.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables about mails."""
    op.create_table(
        "mail_notes",
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_key"),
    )
    op.create_table(
        "mail_switches",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("on_since", sa.String(length=32), nullable=False),
        sa.Column("entry_seq", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    _make_messages()


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.Column("list_unsubscribe", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'written', 'unknown', 'failed', 'overtaken', 'no address')",
            name="message_state",
        ),
        sa.PrimaryKeyConstraint("message"),
        sa.UniqueConstraint("message_id"),
        sa.UniqueConstraint("subject_key", "kind", "cause", name="message_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_invoice_key", "messages", ["invoice_key"], unique=False)
