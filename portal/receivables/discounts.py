"""Early payment discount: what settles a sum that is paid by a certain day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from portal.receivables.money import Money, portion, zero

if TYPE_CHECKING:
    from datetime import date

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Discount:
    """One tier: who has paid by ``last_on`` may keep a percentage, or a fixed sum.

    Attributes:
        last_on: the last day, which counts.
        percent: of ``base``; None where the discount is ``fixed``.
        fixed: a sum; None where it is a percentage.
        base: what the percentage is of, where that is not the sum to be paid: the net sum, or one that the invoice
            names (BASISBETRAG).
    """

    last_on: date
    percent: Decimal | None = None
    fixed: Money | None = None
    base: Money | None = None

    @property
    def rate(self) -> Decimal:
        """The percentage as a ratio; 0 for a fixed sum."""
        return (self.percent or Decimal(0)) / _HUNDRED


def discount_on(discount: Discount, amount: Money) -> Money:
    """How much a tier takes off a sum.

    What is to be paid is rounded half up and the discount is what is left, so that both sum to the amount: two
    roundings may come to one unit more.
    """
    if discount.fixed is not None:
        off = discount.fixed
    else:
        base = amount if discount.base is None else min(discount.base, amount)
        pay = (amount.minor - base.minor * discount.rate).to_integral_value(rounding=ROUND_HALF_UP)
        off = amount - Money(int(pay), amount.currency)
    return max(min(off, amount), zero(amount.currency))


def part_credit(discount: Discount, paid: Money) -> Money:
    """What a part payment in time earns by American custom: it settles ``paid / (1 - rate)``."""
    if not 0 < discount.rate < 1:
        return zero(paid.currency)
    return portion(paid, 1 / (1 - discount.rate)) - paid
