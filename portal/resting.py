"""Invoices that rest: nothing happened to them since the last build, so they are neither read nor worked out again.

What a build needs of every invoice is kept of each: how it stands, its row in the table of links, its part of the
report, and which pages it has. An invoice of which the ledger knows an entry never rests.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from portal.receivables.aging import OpenSum, open_sums
from portal.receivables.habits import PaidInvoice, Whose, paid_invoice, whose
from portal.receivables.money import Money
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance

PagesMade = tuple[str, "Sequence[str]"]
"""The pages of one link: the fingerprint that they were made with, and the path of each."""


class Resting(NamedTuple):
    """What is kept of an invoice, as plain values: there may be very many, and of most of them little is asked.

    Attributes:
        digest: of what it was read from (``portal.sources.unchanged``).
        shares: what it may have in common with others, so that they are looked at together.
        customer: what tells them from others, and their name.
        status: how it stands.
        left: what is left to pay, in minor units.
        open: that by the day it is due: minor units, and the day as ISO text where there is one.
        paid: where it was paid, days since its date and since its due date, as far as they are known.
        row: its row in the table of links; empty where it has none.
        pages: those that are of this invoice alone.
    """

    key: str
    number: str
    digest: str
    shares: Sequence[str]
    customer: tuple[str, str]
    status: str
    currency: str
    left: int
    open: Sequence[tuple[int, str | None]]
    paid: tuple[int | None, int | None] | None
    row: Sequence[str]
    pages: Sequence[PagesMade]

    @property
    def stands(self) -> InvoiceStatus:
        """How it stands."""
        return InvoiceStatus(self.status)

    @property
    def amount_remaining(self) -> Money:
        """What is left to pay."""
        return Money(self.left, self.currency)

    @property
    def whose(self) -> Whose:
        """Whose it is."""
        return Whose(*self.customer)

    @property
    def paid_invoice(self) -> PaidInvoice | None:
        """How long it took to be paid, where it was (``receivables.habits``)."""
        return PaidInvoice(self.whose, *self.paid) if self.paid else None

    def sums(self) -> tuple[OpenSum, ...]:
        """What is open of it (``receivables.aging``)."""
        return tuple(
            [
                OpenSum(self.key, Money(minor, self.currency), date.fromisoformat(due_on) if due_on else None)
                for minor, due_on in self.open
            ]
        )


def resting(  # noqa: PLR0913  plain facts, named
    invoice: Invoice,
    balance: InvoiceBalance,
    zone: tzinfo,
    *,
    digest: str,
    shares: Sequence[str],
    row: Sequence[str],
    pages: Sequence[PagesMade],
) -> Resting:
    """What is kept of an invoice without entries that stands so."""
    paid = paid_invoice(invoice, (), balance, zone)
    return Resting(
        key=invoice.key,
        number=invoice.number,
        digest=digest,
        shares=shares,
        customer=whose(invoice),
        status=balance.status.value,
        currency=invoice.currency,
        left=balance.amount_remaining.minor,
        open=[
            (one.amount.minor, one.due_on.isoformat() if one.due_on else None) for one in open_sums(invoice, balance)
        ],
        paid=(paid.days_to_pay, paid.days_late) if paid else None,
        row=row,
        pages=pages,
    )
