"""Reminders in the ledger: each step of the ladder once for each invoice, and the mail that it went with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Date, Integer, String, Table, Text, UniqueConstraint, bindparam, select

from portal.adapters.ledger.engine import insert_or, reading
from portal.adapters.ledger.link_requests import metadata
from portal.ports.reminders import ReminderClaim

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.engine import Connection, Engine, Row

reminder_claims = Table(
    "reminder_claims",
    metadata,
    Column("claim", Integer, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("claimed_on", Date, nullable=False),
    Column("message_id", String(64), index=True),
    UniqueConstraint("invoice_key", "name", name="reminder_once"),
    sqlite_autoincrement=True,
)
"""Steps that were sent, or passed over where there is no mail."""

__all__ = ["RemindersInTransaction", "RemindersOfLedger", "metadata", "reminder_claims"]

_CLAIM = (
    insert_or(reminder_claims)
    .on_conflict_do_nothing(index_elements=[reminder_claims.c.invoice_key, reminder_claims.c.name])
    .returning(reminder_claims.c.claim)
)
_ALL = select(reminder_claims).order_by(reminder_claims.c.claim)
_OF_INVOICE = _ALL.where(reminder_claims.c.invoice_key == bindparam("key"))
_OF_MAIL = _ALL.where(reminder_claims.c.message_id == bindparam("mail"))
_RELEASE = reminder_claims.delete().where(
    reminder_claims.c.message_id == bindparam("mail"), reminder_claims.c.invoice_key == bindparam("key")
)


class RemindersInTransaction(ABC):
    """The part of a ledger transaction that is about reminders; see ``portal.ports.reminders.ReminderTransaction``."""

    _connection: Connection

    @abstractmethod
    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices until the transaction ends."""

    def reminder_claims(self, key: str) -> tuple[ReminderClaim, ...]:
        """The steps that are done with on an invoice, in the order they were claimed."""
        self.lock(key)
        return tuple(map(_claim, self._connection.execute(_OF_INVOICE, {"key": key})))

    def claim_reminder(self, claim: ReminderClaim) -> bool:
        """Claim a step unless it is claimed already; True where it is new."""
        self.lock(claim.invoice_key)
        row = {
            "invoice_key": claim.invoice_key,
            "name": claim.name,
            "claimed_on": claim.on,
            "message_id": claim.message_id,
        }
        return self._connection.execute(_CLAIM, row).one_or_none() is not None

    def release_reminders(self, message_id: str, keys: Iterable[str]) -> None:
        """Give back the steps that a mail, which was never handed over, was to send about these invoices."""
        named = sorted(keys)
        self.lock(*named)
        for key in named:
            self._connection.execute(_RELEASE, {"mail": message_id, "key": key})


class RemindersOfLedger:
    """The part of a ledger that is about reminders; see ``portal.ports.reminders.ReminderLedger``."""

    _engine: Engine

    def claims_of_reminder(self, message_id: str) -> tuple[ReminderClaim, ...]:
        """The steps that a mail has claimed."""
        with reading(self._engine) as connection:
            return tuple(map(_claim, connection.execute(_OF_MAIL, {"mail": message_id})))

    def reminder_claims_by_invoice(self) -> Mapping[str, tuple[ReminderClaim, ...]]:
        """The steps that are done with, for all invoices that have any."""
        found: dict[str, list[ReminderClaim]] = defaultdict(list)
        with reading(self._engine) as connection:
            for row in connection.execute(_ALL):
                found[row.invoice_key].append(_claim(row))
        return {key: tuple(claims) for key, claims in found.items()}


def _claim(row: Row[Any]) -> ReminderClaim:
    return ReminderClaim(row.invoice_key, row.name, row.claimed_on, row.message_id)
