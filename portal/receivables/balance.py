"""What is still to pay on one invoice on one day: derived, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.entries import EntryKind
from portal.receivables.invoice import DocumentKind, PaymentMeans
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Overdue outweighs partly paid; both can be read off the amounts."""

    OPEN = "open"
    OVERDUE = "overdue"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    VOID = "void"
    NOTHING_TO_PAY = "nothing_to_pay"


class NothingToPay(StrEnum):
    """Why an invoice asks for nothing, though nobody paid it."""

    CREDIT_NOTE = "It is a credit note: it asks for no payment."
    ZERO = "The amount due is zero."
    NEGATIVE = "The amount due is negative: it is in the customer's favour."
    DIRECT_DEBIT = "It is collected by direct debit: no payment is asked for."
    CANCELLED = "It was cancelled."


@dataclass(frozen=True, slots=True)
class InvoiceBalance:
    """The money of one invoice on one day; ``amount_due == amount_paid + amount_remaining - amount_overpaid``.

    Attributes:
        amount_due: what has to be paid in all; where nothing may be asked for, what was paid before.
        amount_paid: what has arrived, from the source and through the portal.
        amount_remaining: what is left to pay, never negative; zero where nothing may be asked for.
        amount_overpaid: what arrived beyond the amount due.
        amount_on_its_way: bank payments started and neither arrived nor failed.
        reason: why there is nothing to pay, where nobody paid.
    """

    amount_due: Money
    amount_paid: Money
    amount_remaining: Money
    amount_overpaid: Money
    amount_on_its_way: Money
    status: InvoiceStatus
    reason: NothingToPay | None = None

    @property
    def amount_offerable(self) -> Money:
        """What may still be asked for: what remains less what is on its way."""
        return max(self.amount_remaining - self.amount_on_its_way, zero(self.amount_due.currency))


def balance_of(invoice: Invoice, entries: Iterable[Entry], as_of: date) -> InvoiceBalance:
    """The balance of an invoice on the day ``as_of``, from what was issued and what has happened since.

    Entries count whenever they occurred: the ledger holds what is known now. The day decides only what is due.
    """
    facts = tuple(entries)
    reason = reason_for_nothing(invoice)
    due = invoice.amount_prepaid if reason else invoice.stated_due + invoice.amount_prepaid
    paid = invoice.amount_prepaid + _sum(facts, EntryKind.PAYMENT, invoice.currency)
    nothing = zero(invoice.currency)
    remaining = max(due - paid, nothing)
    return InvoiceBalance(
        amount_due=due,
        amount_paid=paid,
        amount_remaining=remaining,
        amount_overpaid=max(paid - due, nothing),
        amount_on_its_way=_on_its_way(facts, invoice.currency),
        status=_status(invoice, remaining, paid, reason, as_of),
        reason=reason,
    )


def reason_for_nothing(invoice: Invoice) -> NothingToPay | None:
    """Why this document never asks for money, or None where it does."""
    if invoice.cancelled_on is not None:
        return NothingToPay.CANCELLED
    if invoice.kind is DocumentKind.CREDIT_NOTE:
        return NothingToPay.CREDIT_NOTE
    if invoice.stated_due.minor < 0:
        return NothingToPay.NEGATIVE
    if not invoice.stated_due and not invoice.amount_prepaid:
        return NothingToPay.ZERO
    if invoice.stated_due and invoice.means is PaymentMeans.DIRECT_DEBIT:
        return NothingToPay.DIRECT_DEBIT
    return None


def _status(invoice: Invoice, remaining: Money, paid: Money, reason: NothingToPay | None, as_of: date) -> InvoiceStatus:
    if reason is not None:
        return InvoiceStatus.VOID if reason is NothingToPay.CANCELLED else InvoiceStatus.NOTHING_TO_PAY
    if not remaining:
        return InvoiceStatus.PAID
    if invoice.due_on is not None and as_of > invoice.due_on:
        return InvoiceStatus.OVERDUE
    return InvoiceStatus.PARTLY_PAID if paid else InvoiceStatus.OPEN


def _sum(entries: tuple[Entry, ...], kind: EntryKind, currency: str) -> Money:
    return sum((entry.amount for entry in entries if entry.kind is kind), zero(currency))


def _on_its_way(entries: tuple[Entry, ...], currency: str) -> Money:
    ended = {e.external_id for e in entries if e.kind in (EntryKind.PAYMENT, EntryKind.PAYMENT_FAILED)}
    started = (e for e in entries if e.kind is EntryKind.PAYMENT_STARTED and e.external_id not in ended)
    return sum((entry.amount for entry in started), zero(currency))
