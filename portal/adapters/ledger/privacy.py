"""Erasing people's words from the ledger: the one change to what was once written, noted each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint, bindparam, or_, select

from portal.adapters.ledger.builds import earlier_claims
from portal.adapters.ledger.engine import insert_or, reading, repeated, writing
from portal.adapters.ledger.mail_tables import messages
from portal.adapters.ledger.reminders import metadata
from portal.adapters.ledger.tables import Moment, entries, events
from portal.adapters.ledger.triggers import refuse_changes
from portal.ports.mail import MessageState
from portal.ports.privacy import Erasure, Place, StoredEvent
from portal.receivables.entries import ERASED, WORDS_OF_PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine

    from portal.ports.privacy import ToErase

__all__ = ["PrivacyOfLedger", "erasures", "metadata"]

erasures = Table(
    "erasures",
    metadata,
    Column("erasure", Integer, primary_key=True),
    Column("place", String(16), nullable=False),
    Column("row_key", Text, nullable=False),
    Column("erased_at", Moment, nullable=False),
    Column("why", Text, nullable=False),
    UniqueConstraint("place", "row_key", name="erased_once"),
    sqlite_autoincrement=True,
)
"""What was erased, when and why; never what it said."""
refuse_changes(erasures)

_NOTE = insert_or(erasures).on_conflict_do_nothing(index_elements=[erasures.c.place, erasures.c.row_key])
_WORDS = (
    entries.update()
    .where(entries.c.seq == bindparam("row"), entries.c.note.is_not(None), entries.c.note != ERASED)
    .values(note=ERASED)
)
_BODY = events.update().where(events.c.event_id == bindparam("row"), events.c.body != ERASED).values(body=ERASED)
_MAIL = (
    messages.update()
    .where(messages.c.message_id == bindparam("row"))
    .values(recipient="", subject=ERASED, text=ERASED, html=ERASED, reply_to=None, list_unsubscribe=None, answer=None)
)
_UNSENT = (MessageState.PLANNED, MessageState.UNKNOWN, MessageState.FAILED, MessageState.NO_ADDRESS)
_NEVER_SEND = (
    messages.update()
    .where(messages.c.message_id == bindparam("row"), messages.c.state.in_([state.value for state in _UNSENT]))
    .values(state=MessageState.OVERTAKEN.value)
)
_FORGET = earlier_claims.delete().where(earlier_claims.c.invoice_key == bindparam("row"))
_ALL = select(erasures).order_by(erasures.c.erasure)
_OLD = (
    select(events.c.event_id)
    .where(events.c.created_at < bindparam("moment"), events.c.body != ERASED)
    .order_by(events.c.created_at)
)
_OLD_WORDS = (
    select(entries.c.seq, entries.c.invoice_key)
    .where(
        entries.c.kind.in_([kind.value for kind in WORDS_OF_PEOPLE]),
        entries.c.note != ERASED,
        entries.c.occurred_at < bindparam("moment"),
    )
    .order_by(entries.c.seq)
)
_OLD_MAILS = (
    select(messages.c.message_id, messages.c.invoice_key)
    .where(
        messages.c.text != ERASED,
        messages.c.state != MessageState.SENDING.value,
        messages.c.created_at < bindparam("moment"),
    )
    .order_by(messages.c.created_at)
)
_IDS_AT_ONCE = 200


class PrivacyOfLedger:
    """The part of the ledger that forgets; see ``portal.ports.privacy.PrivacyLedger``."""

    _engine: Engine

    def events_of(self, ids: Iterable[str]) -> tuple[StoredEvent, ...]:
        """The webhooks whose body names one of these ids of the provider's, oldest first."""
        wanted, found = sorted(set(ids)), {}
        with reading(self._engine) as connection:
            for start in range(0, len(wanted), _IDS_AT_ONCE):
                some = wanted[start : start + _IDS_AT_ONCE]
                named = or_(*(events.c.body.contains(f'"{one}"', autoescape=True) for one in some))
                for row in connection.execute(select(events).where(named)):
                    found[row.event_id] = StoredEvent(row.event_id, row.kind, row.created_at, row.checkout_id, row.body)
        return tuple(sorted(found.values(), key=lambda one: (one.created_at, one.event_id)))

    def events_before(self, moment: datetime) -> tuple[str, ...]:
        """Ids of the webhooks that came before a moment and still have their body."""
        with reading(self._engine) as connection:
            return tuple(connection.scalars(_OLD, {"moment": moment}))

    def old_words(self, moment: datetime) -> tuple[tuple[int, str], ...]:
        """Entries from before a moment that still hold somebody's words: place in the ledger, and invoice."""
        with reading(self._engine) as connection:
            return tuple((row.seq, row.invoice_key) for row in connection.execute(_OLD_WORDS, {"moment": moment}))

    def old_mails(self, moment: datetime) -> tuple[tuple[str, str | None], ...]:
        """Mails from before a moment that still have their text and are not just being sent: id, and invoice."""
        with reading(self._engine) as connection:
            return tuple(
                (row.message_id, row.invoice_key) for row in connection.execute(_OLD_MAILS, {"moment": moment})
            )

    def erase(self, what: ToErase, why: str, now: datetime) -> None:
        """Erase all of it at once, and note what was erased; what was erased before stays as it is."""
        if not what:
            return

        def erase() -> None:
            with writing(self._engine, "erasing") as connection:
                _erase(connection, what, why, now)

        repeated(erase)

    def erasures(self) -> tuple[Erasure, ...]:
        """Everything that was ever erased, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_ALL)
            return tuple(Erasure(Place(row.place), row.row_key, row.erased_at, row.why) for row in rows)


def _erase(connection: Connection, what: ToErase, why: str, now: datetime) -> None:
    places = (
        (Place.ENTRIES, what.entries, (_WORDS,)),
        (Place.MESSAGES, what.messages, (_MAIL, _NEVER_SEND)),
        (Place.EVENTS, what.events, (_BODY,)),
    )
    for place, keys, statements in places:
        for key in keys:
            for statement in statements:
                connection.execute(statement, {"row": key})
            note = {"place": place.value, "row_key": str(key), "erased_at": now, "why": why}
            connection.execute(_NOTE, note)
    for key in what.earlier:
        connection.execute(_FORGET, {"row": key})
