"""What was paid on an invoice, when and how, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.pages.known_words import method_in_words
from portal.pages.pieces import Row
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.invoice import StatedPayment
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


def has_receipt(invoice: Invoice, entries: Iterable[Entry]) -> bool:
    """Whether an invoice has a receipt: once money came it has one, also where that went back since."""
    return bool(invoice.payments) or any(entry.kind is EntryKind.PAYMENT for entry in entries)


def payments_of(invoice: Invoice, entries: Iterable[Entry], settings: Settings) -> tuple[StatedPayment, ...]:
    """All payments, those its source states first; days are those of the owner's time zone."""
    zone = ZoneInfo(settings.portal.timezone)
    arrived = (
        StatedPayment(entry.amount, entry.value_on or entry.occurred_at.astimezone(zone).date(), entry.method)
        for entry in in_force(entries)
        if entry.kind is EntryKind.PAYMENT
    )
    return (*invoice.payments, *arrived)


def receipt_rows(
    payments: tuple[StatedPayment, ...], went_back: tuple[Row, ...], balance: InvoiceBalance, formats: Formats
) -> tuple[Row, ...]:
    """Each payment with its day and way, what went back of it, and the sum."""
    rows = [Row(_when_and_how(payment, formats), formats.money(payment.amount)) for payment in payments]
    return (*rows, *went_back, Row(_("Paid in total"), formats.money(balance.amount_paid), strong=True))


def _when_and_how(payment: StatedPayment, formats: Formats) -> str:
    method = method_in_words(payment.method) if payment.method else None
    parts = [formats.date(payment.paid_on) if payment.paid_on else None, method]
    return ", ".join(part for part in parts if part) or _("Payment")
