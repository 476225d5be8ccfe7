"""A plan that comes into force or is stopped is an entry, with what was agreed.

The plans that a ledger holds by now get their entries, so that the days on which they are kept bear no late fee.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KINDS = (
    "'payment', 'payment started', 'payment failed', 'refund', 'refund failed', 'dispute withdrawn', "
    "'dispute reinstated', 'dispute opened', 'dispute closed', 'credit note', 'write-off', 'fee waived', 'void', "
    "'reversal', 'plan agreed', 'plan stopped'"
)
_COLUMNS = "seq, kind, invoice_key, amount_minor, currency, occurred_at, external_id, method, value_on, note, reverses"


def upgrade() -> None:
    """Widen the entries, and enter the plans."""
    if op.get_bind().dialect.name == "sqlite":
        _make_entries_anew()
    else:
        op.drop_constraint("entry_kind", "entries", type_="check")
        op.create_check_constraint("entry_kind", "entries", f"kind IN ({_KINDS})")
        op.add_column("entries", sa.Column("schedule", sa.JSON(), nullable=True))
    _enter_plans()


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
        sa.UniqueConstraint("kind", "external_id", name="entry_counts_once"),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO entries ({_COLUMNS}) SELECT {_COLUMNS} FROM entries_before ORDER BY seq")  # noqa: S608  no input in it
    op.drop_table("entries_before")
    op.create_index("entries_of_invoice", "entries", ["invoice_key", "seq"], unique=False)
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
            "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
        )


def _enter_plans() -> None:
    """One entry for each plan that came into force, and one for each that was stopped."""
    connection = op.get_bind()
    plans = connection.execute(
        sa.text(
            "SELECT plan_id, invoice_key, life, agreed_at, since_seq, grace_days, schedule, ended_at FROM plans "
            "WHERE life <> 'proposed' ORDER BY agreed_at, plan_id"
        )
    )
    insert = sa.text(
        "INSERT INTO entries (kind, invoice_key, amount_minor, currency, occurred_at, external_id, schedule) "
        "VALUES (:kind, :key, :minor, :currency, :at, :plan, :schedule)"
    ).bindparams(sa.bindparam("schedule", type_=sa.JSON(none_as_null=True)))
    for plan in plans.all():
        agreed = json.loads(plan.schedule)
        known = {
            "key": plan.invoice_key,
            "minor": sum(minor for _day, minor in agreed["payments"]),
            "currency": agreed["currency"],
            "plan": plan.plan_id,
        }
        schedule = {"grace_days": plan.grace_days, "since_seq": plan.since_seq, **agreed}
        connection.execute(insert, {**known, "kind": "plan agreed", "at": plan.agreed_at, "schedule": schedule})
        if plan.life == "stopped":
            connection.execute(insert, {**known, "kind": "plan stopped", "at": plan.ended_at, "schedule": None})
