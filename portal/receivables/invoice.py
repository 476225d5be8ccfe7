"""The claim as issued: an invoice and what stands on it. Never edited; what happens later is an entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.line_items import NO_LINES, LineItems
from portal.receivables.money import Money, zero
from portal.receivables.terms import NO_TERMS, Terms

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


class DocumentKind(StrEnum):
    """What the document is; only an invoice asks for money."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"


class PaymentMeans(StrEnum):
    """How the invoice says it is to be paid, as far as the portal acts on it (EN 16931 BT-81).

    An invoice of the payment provider's own is paid on the provider's page for it: a second payment must not be taken.
    """

    ANY = "any"
    DIRECT_DEBIT = "direct debit"
    PROVIDER = "provider's page"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who owes the invoice. ``language`` is a tag such as ``en-GB``; None takes the portal's own.

    ``is_business`` is what the source states; None, not known, is treated like a consumer. ``reference`` is the owner's
    own number for the customer (BT-46 in e-invoices). ``timezone`` is where they live, such as ``Europe/Rome``; None is
    the portal's.
    """

    name: str
    email: str | None = None
    language: str | None = None
    is_business: bool | None = None
    reference: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax line of the invoice: ``Tax("VAT at 20%", Money(23333, "GBP"))``."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class StatedPayment:
    """A payment that the invoice's source already knows of; without a date where the source gives none."""

    amount: Money
    paid_on: date | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class StatedDiscount:
    """A discount for early payment that the invoice itself states, in days from its date; the last day counts.

    ``base`` is the sum the percentage is of; None is what the invoice asks for (BT-115).
    """

    days: int
    percent: Decimal
    base: Money | None = None


@dataclass(frozen=True, slots=True)
class DuePart:
    """A part of what is to be paid, with its own due date."""

    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where a transfer goes. Only the fields of the payee's country are filled."""

    account_name: str
    iban: str | None = None
    bic: str | None = None
    sort_code: str | None = None
    routing_number: str | None = None
    account_number: str | None = None
    bank_name: str | None = None


@dataclass(frozen=True, slots=True)
class OriginalDocument:
    """The invoice as the customer first got it, a PDF.

    ``file`` is its place below the owner's content; ``stamp`` changes whenever the file does.
    """

    file: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Successor:
    """The invoice that took another's place.

    ``key`` leads to its page; None where it may be another customer's, whose page nobody else is led to.
    """

    number: str
    issued_on: date | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice, in one currency.

    Attributes:
        key: identity inside the portal: the number, or the number and its source where two sources share one number.
        number: as printed on the document; free text, never a path.
        total: including tax, as issued (BT-112).
        stated_due: what the document asks for (BT-115): taken as stated, never recomputed.
        payments: what its source says was paid before (BT-113); their sum is counted as paid.
        source: file and, in a table, row: ``invoices/1042.md``, ``invoices/open.csv:7``.
        notes: Markdown by the owner, shown on the page.
        terms_text: payment terms as prose (BT-20), shown verbatim, never computed.
        payment_reference: what a transfer should quote (BT-83), as stated; None has one made from the key.
        order_reference: what the customer knows the job by: their order, contract or own reference (BT-13).
        original: the document itself, where the owner keeps it beside the source.
        pay_at: the provider's page where it is paid, for an invoice of the provider's own.
        written_in: the language of its own words, such as ``de``; None is the portal's.
        cancelled_on: the day the owner cancelled it.
        replaces: keys of earlier invoices whose place it takes (BT-25 of a corrected invoice).
        replaced_by: the invoice that took its place; then nothing is asked for here any more.
        gone_on: the day a build first found it gone from the owner's files; None while it is there.
        parts: where it is due in parts, these, the earliest first; they sum exactly to all that is to be paid, what was
            paid before included. The last one's date is ``due_on``. Payments fill them from the first on.
        discounts: those for early payment that its source states in a structured way.
        terms: what paying early saves and paying late costs, worked out from these and the owner's settings when the
            invoice is loaded, so that every reader agrees.
    """

    key: str
    number: str
    customer: Customer
    total: Money
    stated_due: Money
    issued_on: date | None
    due_on: date | None
    source: str = field(repr=False)  # a page does not change when its invoice is read from elsewhere
    kind: DocumentKind = DocumentKind.INVOICE
    means: PaymentMeans = PaymentMeans.ANY
    lines: LineItems = NO_LINES
    taxes: tuple[Tax, ...] = ()
    payments: tuple[StatedPayment, ...] = ()
    subject: str | None = None
    notes: str | None = None
    terms_text: str | None = None
    payment_reference: str | None = None
    bank_account: BankAccount | None = None
    cancelled_on: date | None = None
    parts: tuple[DuePart, ...] = ()
    discounts: tuple[StatedDiscount, ...] = ()
    terms: Terms = NO_TERMS
    order_reference: str | None = None
    written_in: str | None = None
    original: OriginalDocument | None = None
    pay_at: str | None = None
    replaces: tuple[str, ...] = ()
    replaced_by: Successor | None = None
    gone_on: date | None = None

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount on the invoice."""
        return self.total.currency

    @property
    def amount_prepaid(self) -> Money:
        """The sum its source says was paid before the portal heard of it."""
        nothing = zero(self.total.currency)
        return sum((payment.amount for payment in self.payments), nothing) if self.payments else nothing

    @property
    def claim(self) -> Money:
        """What it asks for in all, what was paid before included."""
        return self.stated_due + self.amount_prepaid

    @property
    def adjustment(self) -> Money:
        """What the document asks for beyond total less prepayments: rounding, third-party payments (often zero)."""
        return self.stated_due + self.amount_prepaid - self.total
