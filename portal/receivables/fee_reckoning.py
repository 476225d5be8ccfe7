"""How the late fee of an invoice comes about, line by line, so that a reader can check it: rule, days, rate, amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.accrual import arrivals_of
from portal.receivables.interest import exact_interest, rated_spans
from portal.receivables.late_fees import FeePart, fee_parts, late_fee
from portal.receivables.money import Money, zero
from portal.receivables.movements import movements_of
from portal.receivables.pauses import pauses_of
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from decimal import Decimal

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.pauses import Pause
    from portal.receivables.terms import LateFee


@dataclass(frozen=True, slots=True)
class InterestLine:
    """Interest on one sum at one yearly rate, on each day from ``first`` to ``last``, both counted.

    ``exact`` is in minor units, not rounded: the sum of all lines is, once.
    """

    principal: Money
    first: date
    last: date
    percent: Decimal
    exact: Decimal

    @property
    def days(self) -> int:
        """How many days bear it."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class FeeReckoning:
    """A late fee from its parts to what is asked for.

    Attributes:
        parts: as reckoned.
        interest: the lines of each part that is interest, in its place; none for the others.
        reckoned: the sum of the parts.
        limited: the same within its cap and what a card can carry.
        waived: what the owner gave up of it, as written.
        charged: what is asked for in the end; a rest too small for a card payment is not.
        pauses: the days on which a plan was kept: they bear none of it.
    """

    parts: tuple[FeePart, ...]
    interest: tuple[tuple[InterestLine, ...], ...]
    reckoned: Money
    limited: Money
    waived: Money
    charged: Money
    pauses: tuple[Pause, ...]


def fee_reckoning(
    invoice: Invoice, entries: Iterable[Entry], balance: InvoiceBalance, as_of: date
) -> FeeReckoning | None:
    """How the late fee in a balance comes about; None where there is none to explain.

    Args:
        invoice: as issued.
        entries: its facts.
        balance: what ``balance_of`` makes of them on that day.
        as_of: the day.
    """
    late, facts = invoice.terms.late, tuple(entries)
    if late is None or balance.status in (InvoiceStatus.VOID, InvoiceStatus.NOTHING_TO_PAY):
        return None
    owed = _owed(invoice, facts, balance)
    arrivals, pauses = arrivals_of(facts, invoice.terms.zone, invoice.currency), pauses_of(facts, invoice.terms.zone)
    parts = tuple(part for part in fee_parts(late, owed, arrivals, pauses, as_of) if part.amount)
    if not parts:
        return None
    return FeeReckoning(
        parts=parts,
        interest=tuple(tuple(_lines(part, late)) for part in parts),
        reckoned=sum((part.amount for part in parts), zero(invoice.currency)),
        limited=late_fee(late, owed, arrivals, pauses, as_of),
        waived=movements_of(facts, invoice.currency).waived,
        charged=balance.amount_fees,
        pauses=pauses,
    )


def _owed(invoice: Invoice, facts: tuple[Entry, ...], balance: InvoiceBalance) -> Money:
    """The principal that a fee is on: as ``balance_of`` has it."""
    moved, nothing = movements_of(facts, invoice.currency), zero(invoice.currency)
    claim = invoice.stated_due + invoice.amount_prepaid - moved.credited
    given_up = min(moved.written_off, max(claim, nothing))
    return max(claim - given_up - invoice.amount_prepaid, nothing) - balance.amount_discounted


def _lines(part: FeePart, late: LateFee) -> Iterator[InterestLine]:
    if late.interest is None:
        return
    for span in part.spans:
        for piece, percent in rated_spans(span, late.interest, part.began_on):
            exact = exact_interest(piece, percent, late.interest)
            yield InterestLine(piece.principal, piece.first, piece.last, percent, exact)
