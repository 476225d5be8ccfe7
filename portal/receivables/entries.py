"""The append-only facts about an invoice; a correction is one more entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from portal.receivables.money import Money


class EntryKind(StrEnum):
    """What happened.

    A bank debit first says ``PAYMENT_STARTED`` and days later ``PAYMENT`` or ``PAYMENT_FAILED``,
    all three with the same external id.
    """

    PAYMENT = "payment"
    PAYMENT_STARTED = "payment started"
    PAYMENT_FAILED = "payment failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact, counted once by ``(kind, external_id)``.

    Attributes:
        invoice_key: which invoice it belongs to.
        amount: positive; the kind says what it does to the balance.
        occurred_at: when it happened at its source, aware UTC.
        external_id: the provider's id of the money movement, such as a PaymentIntent's.
        method: how it was paid, for people: ``Visa ending 4242``.
        seq: place in the ledger, given when it is appended; 0 before.
    """

    kind: EntryKind
    invoice_key: str
    amount: Money
    occurred_at: datetime
    external_id: str
    method: str | None = None
    seq: int = 0
