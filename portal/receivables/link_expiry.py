"""How long the links of a paid invoice open its page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portal.receivables.entries import EntryKind, day_of, in_force
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, tzinfo

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


def last_day_of_links(
    invoice: Invoice, entries: Sequence[Entry], balance: InvoiceBalance, days: int, zone: tzinfo
) -> date | None:
    """The last day on which the links of an invoice hold, so many days after it was paid in full.

    None while something is left to pay, where nothing was ever to be paid, and where nobody knows when it was paid.
    """
    if balance.status is not InvoiceStatus.PAID:
        return None
    stated = [payment.paid_on for payment in invoice.payments]
    arrived = [day_of(entry, zone) for entry in in_force(entries) if entry.kind is EntryKind.PAYMENT]
    known = [*arrived, *(day for day in stated if day is not None)]
    return max(known) + timedelta(days=days) if known else None
