"""The first tables.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = ("entries", "events", "alarms")


def upgrade() -> None:
    """Make the tables of a ledger."""
    _make_alarms()
    _make_entries()
    _make_events()
    _make_holds()
    _make_invoices()
    _make_links()
    _make_outbox()
    _make_pages()
    _make_payment_links()
    _make_plan_attempts()
    _make_plans()
    _make_syncs()
    for table in _APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    """Have the database refuse to change or remove what was once written."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END$$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _make_alarms() -> None:
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
        sa.CheckConstraint(
            "kind IN ('unmatched', 'quarantined', 'overpaid', 'unfamiliar', 'given back')", name="alarm_kind"
        ),
        sa.PrimaryKeyConstraint("alarm"),
        sa.UniqueConstraint("kind", "external_id", name="alarm_counts_once"),
        sqlite_autoincrement=True,
    )


def _make_entries() -> None:
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
        sa.CheckConstraint(
            "kind IN ('payment', 'payment started', 'payment failed', 'refund', 'refund failed', "
            "'dispute withdrawn', 'dispute reinstated', 'dispute opened', 'dispute closed', "
            "'credit note', 'write-off', 'fee waived', 'void', 'reversal')",
            name="entry_kind",
        ),
        sa.CheckConstraint("amount_minor > 0", name="entry_amount_positive"),
        sa.CheckConstraint("length(currency) = 3", name="entry_currency"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("kind", "external_id", name="entry_counts_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("entries_of_invoice", "entries", ["invoice_key", "seq"], unique=False)


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("checkout_id", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )


def _make_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
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
        sa.CheckConstraint("amount_minor > 0", name="hold_amount_positive"),
        sa.CheckConstraint("length(currency) = 3", name="hold_currency"),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.create_index("holds_of_invoice", "holds", ["invoice_key", "state"], unique=False)


def _make_invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _make_links() -> None:
    op.create_table(
        "links",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("kind IN ('invoice')", name="link_kind"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("links_of_invoice", "links", ["invoice_key"], unique=False)


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("note", sa.Integer(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("note"),
        sa.UniqueConstraint("invoice_key"),
        sqlite_autoincrement=True,
    )


def _make_pages() -> None:
    op.create_table(
        "pages",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("output", "path"),
    )


def _make_payment_links() -> None:
    op.create_table(
        "payment_links",
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("price_id", sa.Text(), nullable=True),
        sa.Column("link_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('creating', 'active', 'closing', 'deactivated')", name="payment_link_state"),
        sa.CheckConstraint("amount_minor > 0", name="payment_link_amount_positive"),
        sa.PrimaryKeyConstraint("row_id"),
    )
    op.create_index(
        "one_payment_link",
        "payment_links",
        ["invoice_key", "is_live"],
        unique=True,
        sqlite_where=sa.text("state <> 'deactivated'"),
        postgresql_where=sa.text("state <> 'deactivated'"),
    )


def _make_plan_attempts() -> None:
    op.create_table(
        "plan_attempts",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("installment", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'succeeded', 'processing', 'declined', 'needs approval', 'abandoned')",
            name="attempt_state",
        ),
        sa.CheckConstraint("amount_minor > 0", name="attempt_amount_positive"),
        sa.CheckConstraint("attempt > 0", name="attempt_number"),
        sa.PrimaryKeyConstraint("plan_id", "installment", "attempt"),
    )


def _make_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("invoice_key", sa.Text(), nullable=False),
        sa.Column("life", sa.String(length=16), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("agreed_at", sa.String(length=32), nullable=False),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("payment_method_id", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("life IN ('proposed', 'in force', 'stopped')", name="plan_life"),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_index(
        "one_plan_in_force",
        "plans",
        ["invoice_key"],
        unique=True,
        sqlite_where=sa.text("life = 'in force'"),
        postgresql_where=sa.text("life = 'in force'"),
    )


def _make_syncs() -> None:
    op.create_table(
        "syncs",
        sa.Column("sync", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sync"),
        sqlite_autoincrement=True,
    )
