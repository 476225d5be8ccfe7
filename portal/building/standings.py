"""Where invoices stand today, one by one and in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.money import Money, zero
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.documents import Documents
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.wiring.portal import Portal

_GROUP = {
    InvoiceStatus.OPEN: "open",
    InvoiceStatus.OVERDUE: "open",
    InvoiceStatus.PARTLY_PAID: "open",
    InvoiceStatus.PAID: "paid",
    InvoiceStatus.WRITTEN_OFF: "nothing_to_pay",
    InvoiceStatus.VOID: "nothing_to_pay",
    InvoiceStatus.NOTHING_TO_PAY: "nothing_to_pay",
    InvoiceStatus.NO_LONGER_OPEN: "nothing_to_pay",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One invoice and where it stands today."""

    invoice: Invoice
    balance: InvoiceBalance


@dataclass(frozen=True, slots=True)
class InvoiceCounts:
    """How many documents were read, and how they stand; ``read`` is the sum of the next three.

    ``no_longer_open`` are earlier ones, which are not listed any more though nobody is known to have paid them.
    """

    read: int
    open: int
    paid: int
    nothing_to_pay: int
    rejected: int
    no_longer_open: int = 0


def standings_of(
    portal: Portal, invoices: Iterable[Invoice], entries: Mapping[str, Sequence[Entry]]
) -> tuple[Standing, ...]:
    """Where each invoice stands today."""
    return tuple(Standing(invoice, portal.balance(invoice, entries.get(invoice.key, ()))) for invoice in invoices)


def standings_in(documents: Documents, invoices: Iterable[Invoice]) -> tuple[Standing, ...]:
    """Where each of these invoices stands, which are among the documents."""
    return tuple(Standing(invoice, documents.balance(invoice.key)) for invoice in invoices)


def counts_of(standings: Sequence[Standing], rejected: int, gone: Sequence[Standing]) -> InvoiceCounts:
    """How they stand; ``gone`` are those of earlier builds that are not listed any more."""
    groups = Counter(_GROUP[standing.balance.status] for standing in standings)
    return InvoiceCounts(
        read=len(standings),
        open=groups["open"],
        paid=groups["paid"],
        nothing_to_pay=groups["nothing_to_pay"],
        rejected=rejected,
        no_longer_open=sum(one.balance.status is InvoiceStatus.NO_LONGER_OPEN for one in gone),
    )


def remaining_in(standings: Sequence[Standing]) -> dict[str, Money]:
    """What is left to pay on them, a sum per currency."""
    sums: dict[str, Money] = {}
    for standing in standings:
        left = standing.balance.amount_remaining
        if left:
            sums[left.currency] = sums.get(left.currency, zero(left.currency)) + left
    return dict(sorted(sums.items()))
