"""A link may be for paying only, says why it ended, and a checkout says through which link it was opened.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('invoice', 'pay-only', 'statement')"
_ENDS = "ended IN ('gone', 'revoked', 'replaced')"
_HOLD_STATES = "state IN ('creating', 'unknown', 'open', 'processing', 'posted', 'released')"


def upgrade() -> None:
    """Until now a link ended only because its invoice had left the content."""
    if op.get_bind().dialect.name == "sqlite":
        _remake_links()
        _remake_holds()
        return
    op.drop_constraint("link_kind", "links")
    op.create_check_constraint("link_kind", "links", _KINDS)
    op.add_column("links", sa.Column("ended", sa.String(length=16), nullable=True))
    op.create_check_constraint("link_ended", "links", _ENDS)
    op.execute("UPDATE links SET ended = 'gone' WHERE revoked_at IS NOT NULL")
    op.add_column("holds", sa.Column("token", sa.String(length=64), nullable=True))


def _remake_links() -> None:
    """SQLite cannot change a rule, so that the table is made again beside the old one."""
    op.drop_index("links_of_subject", "links")
    op.rename_table("links", "links_before")
    op.create_table(
        "links",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.String(length=32), nullable=True),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.CheckConstraint(_KINDS, name="link_kind"),
        sa.CheckConstraint(_ENDS, name="link_ended"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.execute(
        "INSERT INTO links SELECT token, subject, kind, version, expires_on, revoked_at, "
        "CASE WHEN revoked_at IS NULL THEN NULL ELSE 'gone' END FROM links_before"
    )
    op.drop_table("links_before")
    op.create_index("links_of_subject", "links", ["subject"], unique=False)


def _remake_holds() -> None:
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
        sa.CheckConstraint("length(currency) = 3", name="hold_currency"),
        sa.CheckConstraint(_HOLD_STATES, name="hold_state"),
        sa.PrimaryKeyConstraint("hold_id"),
    )
    op.execute(
        "INSERT INTO holds SELECT hold_id, currency, state, created_at, expires_at, checkout_id, url, plan_id, NULL "
        "FROM holds_before"
    )
    op.drop_table("holds_before")
    op.create_index("holds_in_state", "holds", ["state"], unique=False)
