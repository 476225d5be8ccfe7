"""People's words may be erased from entries and webhooks; everything else in them stays as it was written.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PEOPLE = "'promised', 'problem reported', 'said paid', 'reason given', 'answer closed'"
_COLUMNS = {
    "entries": (
        "seq",
        "kind",
        "invoice_key",
        "amount_minor",
        "currency",
        "occurred_at",
        "external_id",
        "method",
        "value_on",
        "reverses",
        "schedule",
    ),
    "events": ("event_id", "kind", "created_at", "checkout_id", "outcome"),
}
_WORDS = {
    "entries": f"COALESCE(NEW.note, '') = '[erased]' AND OLD.note IS NOT NULL AND OLD.kind IN ({_PEOPLE})",
    "events": "COALESCE(NEW.body, '') = '[erased]' AND OLD.body IS NOT NULL",
}


def upgrade() -> None:
    """Make the table of what was erased, and let the two others change in this one way."""
    op.create_table(
        "erasures",
        sa.Column("erasure", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=16), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.String(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("erasure"),
        sa.UniqueConstraint("place", "row_key", name="erased_once"),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite()
    else:
        _on_postgres()


def _on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER erasures_no_{verb.lower()} BEFORE {verb} ON erasures "
            "BEGIN SELECT RAISE(ABORT, 'erasures are append-only'); END"
        )
    for table in _WORDS:
        op.execute(f"DROP TRIGGER {table}_no_update")
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({_erasing(table, 'IS')}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
        )


def _on_postgres() -> None:
    op.execute(
        "CREATE TRIGGER erasures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    for table in _WORDS:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (NOT ({_erasing(table, 'IS NOT DISTINCT FROM')})) EXECUTE FUNCTION refuse_change()"
        )


def _erasing(table: str, same: str) -> str:
    others = [f"CAST(NEW.{name} AS TEXT) {same} CAST(OLD.{name} AS TEXT)" for name in _COLUMNS[table]]
    return " AND ".join([_WORDS[table], *others])
