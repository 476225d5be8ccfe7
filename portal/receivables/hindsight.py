"""An invoice and its facts as they stood at the end of an earlier day.

What happened later does not count. What was recorded later counts on the day it is about: a transfer on its value date.
An entry that was undone never counts, for it never was true; when that was noticed makes no difference.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.receivables.answers import ANSWER_KINDS
from portal.receivables.entries import ANSWER_ENDS, EntryKind, day_of, in_force
from portal.receivables.money import zero

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, tzinfo

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

_SAID = ANSWER_KINDS | ANSWER_ENDS | {EntryKind.REMINDERS_PAUSED, EntryKind.REMINDERS_RESUMED}
"""Kinds whose ``value_on`` is a day that somebody spoke of, not the day on which they did."""


def happened_on(entry: Entry, zone: tzinfo) -> date:
    """The day on which a fact came about, in the business's time zone."""
    return entry.occurred_at.astimezone(zone).date() if entry.kind in _SAID else day_of(entry, zone)


def entries_by(entries: Iterable[Entry], day: date, zone: tzinfo) -> tuple[Entry, ...]:
    """The facts in force that had come about by the end of a day, in the order of the ledger."""
    return tuple(entry for entry in in_force(entries) if happened_on(entry, zone) <= day)


def invoice_on(invoice: Invoice, day: date) -> Invoice | None:
    """The invoice as it stood on a day, or None where it was not issued yet.

    Payments that its source dates later were not made yet; those without a date were.
    """
    if invoice.issued_on is not None and invoice.issued_on > day:
        return None
    if invoice.cancelled_on is None and not any(paid.paid_on for paid in invoice.payments):
        return invoice
    later = [paid.amount for paid in invoice.payments if paid.paid_on is not None and paid.paid_on > day]
    cancelled = invoice.cancelled_on if invoice.cancelled_on and invoice.cancelled_on <= day else None
    return replace(
        invoice,
        cancelled_on=cancelled,
        payments=tuple(paid for paid in invoice.payments if paid.paid_on is None or paid.paid_on <= day),
        stated_due=sum(later, zero(invoice.currency)) + invoice.stated_due,
    )
