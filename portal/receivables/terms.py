"""The payment terms of one invoice, resolved: dates and sums, nothing left to look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from portal.receivables.discounts import Discount
    from portal.receivables.interest import Compensation, Interest
    from portal.receivables.money import Money


class LateMode(StrEnum):
    """What the owner does about late payment. SHOWN says ahead that a fee may be charged, and charges none."""

    OFF = "off"
    SHOWN = "shown"
    CHARGED = "charged"


@dataclass(frozen=True, slots=True)
class LatePart:
    """The days of a late fee on one part of an invoice; ``amount`` is what it comes to, prepayments taken off."""

    amount: Money
    starts_on: date
    counts_from: date


@dataclass(frozen=True, slots=True)
class LateFee:
    """What late payment of one invoice costs; its parts are added and never bear interest themselves.

    Attributes:
        mode: SHOWN or CHARGED.
        starts_on: the first day of it: the day after the due date and the days of grace. Who has paid before that
            day pays none of it.
        counts_from: the last day that bears no interest: the due date, or the end of grace.
        flat: a fixed sum, once.
        percent: of what is open on the first day, once.
        interest: by the day on what is open; None for none.
        every_days: interest is added each time so many days are full, so that a page stays true in between.
        compensation: the fixed sum of the law, once; resolved only for businesses.
        cap: the most it comes to in all.
        parts: where the invoice is due in parts, the days of each; the days above are the first one's. Percentage and
            interest are on each part from its own day on. Fixed sums come once, with the first part that is late.
    """

    mode: LateMode
    starts_on: date
    counts_from: date
    flat: Money | None = None
    percent: Decimal | None = None
    interest: Interest | None = None
    every_days: int = 1
    compensation: Compensation | None = None
    cap: Money | None = None
    parts: tuple[LatePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What paying early saves and paying late costs; the default is neither.

    Attributes:
        discounts: early payment tiers, the earliest day first.
        late: None where lateness costs nothing.
        value_days: a payment that arrives so many days after the last day of a discount is still in time, for banks
            take their time.
        credit_part_payments: whether a part paid in time earns its share of a discount.
        zone: the business's time zone, in which a moment becomes a day.
    """

    discounts: tuple[Discount, ...] = ()
    late: LateFee | None = None
    value_days: int = 0
    credit_part_payments: bool = False
    zone: tzinfo = UTC

    @property
    def matter(self) -> bool:
        """Whether they can change any sum."""
        return bool(self.discounts) or self.late is not None

    @property
    def tiers(self) -> tuple[Discount, ...]:
        """The discounts that count: one that would last until a late fee is charged is none."""
        if self.late is None or self.late.mode is not LateMode.CHARGED:
            return self.discounts
        return tuple(tier for tier in self.discounts if tier.last_on < self.late.starts_on)


NO_TERMS = Terms()
