"""Where an invoice stands, and why one asks for nothing, by name."""

from __future__ import annotations

from enum import StrEnum


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Overdue outweighs partly paid; both can be read off the amounts."""

    OPEN = "open"
    OVERDUE = "overdue"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    WRITTEN_OFF = "written_off"
    VOID = "void"
    NOTHING_TO_PAY = "nothing_to_pay"
    NO_LONGER_OPEN = "no_longer_open"


class NothingToPay(StrEnum):
    """Why an invoice asks for nothing, though nobody paid it."""

    CREDIT_NOTE = "It is a credit note: it asks for no payment."
    ZERO = "The amount due is zero."
    NEGATIVE = "The amount due is negative: it is in the customer's favour."
    DIRECT_DEBIT = "It is collected by direct debit: no payment is asked for."
    ELSEWHERE = "It is paid on the provider's page for it, and nowhere else."
    CANCELLED = "It was cancelled."
    REPLACED = "It was replaced by another invoice."
    CREDITED = "It was credited in full."
    WRITTEN_OFF = "What was left was written off."
    NO_LONGER_OPEN = "It is no longer among the owner's invoices."
