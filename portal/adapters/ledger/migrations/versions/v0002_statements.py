"""A link may open a statement: all invoices that share a statement key.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('invoice', 'statement')"


def upgrade() -> None:
    """Give invoices a statement key, which the next build fills, and links a subject of either kind."""
    if op.get_bind().dialect.name == "sqlite":
        _remake_invoices()
        _remake_links()
    else:
        op.add_column("invoices", sa.Column("statement_key", sa.Text(), nullable=True))
        op.drop_index("links_of_invoice", "links")
        op.alter_column("links", "invoice_key", new_column_name="subject")
        op.drop_constraint("link_kind", "links")
        op.create_check_constraint("link_kind", "links", _KINDS)
    op.create_index("invoices_of_statement", "invoices", ["statement_key"], unique=False)
    op.create_index("links_of_subject", "links", ["subject"], unique=False)


def _remake_invoices() -> None:
    """SQLite writes an added column in another way than a table made with it, so the table is made again."""
    op.rename_table("invoices", "invoices_before")
    op.create_table(
        "invoices",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("statement_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.execute("INSERT INTO invoices SELECT key, source, record, NULL FROM invoices_before")
    op.drop_table("invoices_before")


def _remake_links() -> None:
    """SQLite cannot take a rule away, so that the table is made again beside the old one."""
    op.drop_index("links_of_invoice", "links")
    op.rename_table("links", "links_before")
    op.create_table(
        "links",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint(_KINDS, name="link_kind"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.execute("INSERT INTO links SELECT token, invoice_key, kind, version, expires_on, revoked_at FROM links_before")
    op.drop_table("links_before")
