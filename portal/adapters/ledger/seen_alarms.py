"""Which alarms the owner has seen: kept beside them, since an alarm itself is never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Table, Text, select

from portal.adapters.ledger.engine import insert_or, reading, writing
from portal.adapters.ledger.mail_tables import metadata
from portal.adapters.ledger.tables import Moment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Engine

seen_alarms = Table(
    "seen_alarms",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("why", Text),
    Column("seen_at", Moment, nullable=False),
)
"""What the owner has seen and wants to be told no more, in the words in which it was told."""

__all__ = ["SeenAlarmsOfLedger", "metadata", "seen_alarms"]

_MARK = insert_or(seen_alarms).on_conflict_do_nothing(index_elements=[seen_alarms.c.subject, seen_alarms.c.what])
_SEEN = select(seen_alarms.c.subject, seen_alarms.c.what)


class SeenAlarmsOfLedger:
    """The part of the ledger that knows what the owner has looked at; see ``portal.ports.alarms.SeenAlarms``."""

    _engine: Engine

    def seen_alarms(self) -> frozenset[tuple[str, str]]:
        """What was seen: whom or what it is about, and the words it was told in."""
        with reading(self._engine) as connection:
            return frozenset((row.subject, row.what) for row in connection.execute(_SEEN))

    def mark_alarm_seen(self, subject: str, what: str, why: str | None, now: datetime) -> None:
        """Note that the owner has seen something, told in these words; in other words it is told again."""
        with writing(self._engine) as connection:
            connection.execute(_MARK, {"subject": subject, "what": what, "why": why, "seen_at": now})
