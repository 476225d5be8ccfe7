"""A plan belongs to an agreement, which may be about several invoices; every plan there is by now is one of its own.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = (
    "plan_id, invoice_key, life, automatic, agreed_at, since_seq, grace_days, terms_version, consent_text, schedule, "
    "customer_id, payment_method_id, ended_at"
)
_IN_FORCE = sa.text("life = 'in force'")


def upgrade() -> None:
    """Name each plan's agreement after the plan."""
    if op.get_bind().dialect.name == "sqlite":
        _remake_plans()
    else:
        op.add_column("plans", sa.Column("agreement_id", sa.Text(), nullable=True))
        op.execute("UPDATE plans SET agreement_id = plan_id")
        op.alter_column("plans", "agreement_id", nullable=False)
    op.create_index("plans_of_agreement", "plans", ["agreement_id"], unique=False)


def _remake_plans() -> None:
    """SQLite adds no column that must be filled to a table with rows, so that it is made again beside the old one."""
    op.drop_index("one_plan_in_force", "plans")
    op.rename_table("plans", "plans_before")
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
        sa.Column("agreement_id", sa.Text(), nullable=False),
        sa.CheckConstraint("life IN ('proposed', 'in force', 'stopped')", name="plan_life"),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_index("one_plan_in_force", "plans", ["invoice_key"], unique=True, sqlite_where=_IN_FORCE)
    op.execute(f"INSERT INTO plans SELECT {_COLUMNS}, plan_id FROM plans_before")  # noqa: S608  no input in it
    op.drop_table("plans_before")
