"""What is owed, by how late it is: the aging of receivables by due date, on any day.

What an invoice that is due in parts has left is as late as the day of each part. Late fees are as late as the oldest
sum that is open. A payment plan changes no due date here: what is spread over a plan is still late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.due_parts import standing_of_parts
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


class AgingBucket(StrEnum):
    """How many days after its due date something is not paid; CURRENT: none yet, or it has no due date."""

    CURRENT = "current"
    UP_TO_30 = "1-30"
    UP_TO_60 = "31-60"
    UP_TO_90 = "61-90"
    OVER_90 = "over 90"


_UP_TO = ((0, AgingBucket.CURRENT), (30, AgingBucket.UP_TO_30), (60, AgingBucket.UP_TO_60), (90, AgingBucket.UP_TO_90))


@dataclass(frozen=True, slots=True)
class OpenSum:
    """What is open of one invoice and due on one day; None where nothing says when."""

    invoice: Invoice
    amount: Money
    due_on: date | None

    def days_late(self, as_of: date) -> int:
        """Days since the due date; 0 up to that day, and where there is none."""
        return max((as_of - self.due_on).days, 0) if self.due_on else 0

    def bucket(self, as_of: date) -> AgingBucket:
        """How late it is."""
        days = self.days_late(as_of)
        return next((bucket for most, bucket in _UP_TO if days <= most), AgingBucket.OVER_90)


@dataclass(frozen=True, slots=True)
class AgingRow:
    """One bucket: how many invoices have something in it, and how much that is."""

    bucket: AgingBucket
    invoices: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Aging:
    """What is owed in one currency; the rows' amounts sum to ``total``.

    Attributes:
        rows: all five buckets, the least late first.
        invoices: each counted once, also where its parts stand in several rows.
    """

    currency: str
    rows: tuple[AgingRow, ...]
    total: Money
    invoices: int

    @property
    def late(self) -> Money:
        """What is past its due date."""
        late = (row.amount for row in self.rows if row.bucket is not AgingBucket.CURRENT)
        return sum(late, zero(self.currency))


def open_sums(invoice: Invoice, balance: InvoiceBalance) -> tuple[OpenSum, ...]:
    """What is left of an invoice by the day it is due, the earliest first; together all that remains."""
    left = balance.amount_remaining
    if not left:
        return ()
    if not invoice.parts:
        return (OpenSum(invoice, left, invoice.due_on),)
    owed = max(balance.amount_due - balance.amount_fees, zero(left.currency))
    parts = standing_of_parts(invoice.parts, owed, balance.amount_paid)
    found: list[OpenSum] = []
    for part in reversed(parts):
        if amount := min(part.rest, left):
            found.insert(0, OpenSum(invoice, amount, part.due_on))
            left -= amount
    if left and found:
        found[0] = OpenSum(invoice, found[0].amount + left, found[0].due_on)
    return tuple(found) or (OpenSum(invoice, left, invoice.due_on),)


@dataclass(slots=True)
class _Pile:
    """What was counted so far in one bucket."""

    keys: set[str] = field(default_factory=set)
    minor: int = 0


def aging_of(sums: Iterable[OpenSum], as_of: date) -> tuple[Aging, ...]:
    """The aging of what is open, each currency on its own, in the order of their codes."""
    found: dict[str, dict[AgingBucket, _Pile]] = {}
    for one in sums:
        piles = found.get(one.amount.currency)
        if piles is None:
            piles = found[one.amount.currency] = {bucket: _Pile() for bucket in AgingBucket}
        pile = piles[one.bucket(as_of)]
        pile.keys.add(one.invoice.key)
        pile.minor += one.amount.minor
    return tuple(_of_currency(currency, found[currency]) for currency in sorted(found))


def _of_currency(currency: str, piles: Mapping[AgingBucket, _Pile]) -> Aging:
    rows = tuple(AgingRow(bucket, len(pile.keys), Money(pile.minor, currency)) for bucket, pile in piles.items())
    total = sum((row.amount for row in rows), zero(currency))
    return Aging(currency, rows, total, invoices=len(set[str]().union(*(pile.keys for pile in piles.values()))))
