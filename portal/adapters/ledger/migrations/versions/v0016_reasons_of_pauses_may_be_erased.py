"""Why the owner paused reminders may be erased too: such a reason may say a lot about a customer.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PEOPLE = "'promised', 'problem reported', 'said paid', 'reason given', 'answer closed', 'reminders paused'"
_OTHERS = (
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
)
_WORDS = f"COALESCE(NEW.note, '') = '[erased]' AND OLD.note IS NOT NULL AND OLD.kind IN ({_PEOPLE})"


def upgrade() -> None:
    """Let the notes of one more kind of entries be erased."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER entries_no_update")
        op.execute(
            f"CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries WHEN NOT ({_erasing('IS')}) "
            "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END"
        )
        return
    op.execute("DROP TRIGGER entries_no_update ON entries")
    op.execute(
        "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries FOR EACH ROW "
        f"WHEN (NOT ({_erasing('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION refuse_change()"
    )


def _erasing(same: str) -> str:
    others = [f"CAST(NEW.{name} AS TEXT) {same} CAST(OLD.{name} AS TEXT)" for name in _OTHERS]
    return " AND ".join([_WORDS, *others])
