"""An invoice that is due in parts: how far each is paid, and what is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.invoice import DuePart


@dataclass(frozen=True, slots=True)
class PartStanding:
    """A part as it stands: ``amount`` is what it comes to by now, and ``rest`` what of it is not paid."""

    due_on: date
    amount: Money
    rest: Money


def standing_of_parts(parts: Iterable[DuePart], owed: Money, paid: Money) -> tuple[PartStanding, ...]:
    """The parts as they stand; payments fill the first ones first, and what is given up makes the last ones smaller.

    Args:
        parts: as stated, the earliest first.
        owed: what is to be paid in all, late fees aside.
        paid: what was paid of it.
    """
    nothing, before = zero(owed.currency), zero(owed.currency)
    found = []
    for part in parts:
        amount = max(min(part.amount, owed - before), nothing)
        rest = max(min(before + amount - paid, amount), nothing)
        found.append(PartStanding(part.due_on, amount, rest))
        before += amount
    return tuple(found)


def overdue_of(parts: Iterable[PartStanding], as_of: date, currency: str) -> Money:
    """What is left of the parts whose day has passed."""
    return sum((part.rest for part in parts if part.due_on < as_of), zero(currency))
