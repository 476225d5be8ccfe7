"""The ways to pay several invoices of one statement at once: the one place that page and checkout both ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

from portal.receivables.allocation import MOST_INVOICES, Allocation, total_of
from portal.receivables.card_limits import card_limits
from portal.receivables.money import Money, zero
from portal.receivables.offers import NoCard, Offers, PartRefusal, part_offer, refusal_of_part

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from portal.receivables.allocation import Allocations
    from portal.receivables.statement import Statement


class ChoiceRefusal(StrEnum):
    """Why the invoices that were chosen cannot be paid together."""

    NOTHING_CHOSEN = "no invoice was chosen"
    NOT_OFFERED = "one of them is not offered any more"
    BELOW_MINIMUM = "they come to less than a card payment can be"
    ABOVE_MAXIMUM = "they come to more than one card payment can be"


@dataclass(frozen=True, slots=True)
class StatementOffers:
    """What can be paid by card now, over all invoices of a statement.

    Attributes:
        owed: what one payment can take of each invoice, the one due first in front; as many as one payment may go over.
        beyond: how many more invoices ask for something: they come with the next payment.
        uneven: how many were left out because card payments in this currency cannot carry their last digits.
        sums: full, part and bounds over the sum of ``owed``, as for one invoice.
    """

    owed: Allocations
    beyond: int
    uneven: int
    sums: Offers

    @property
    def shown(self) -> str:
        """What a page shows of all this, as a mark: another one means that something has changed since."""
        return mark_of(self.owed, self.sums.left.currency)


def statement_offers(statement: Statement, *, parts_allowed: bool) -> StatementOffers:
    """The offers on a statement. An invoice on a plan is in them with what the plan asks for by now."""
    asked = [Allocation(row.invoice.key, row.payable) for row in statement.rows if row.payable]
    step = card_limits(statement.currency).step
    even = [part for part in asked if part.amount.minor % step == 0]
    owed = tuple(even[:MOST_INVOICES])
    left = total_of(owed) if owed else zero(statement.currency)
    reason = _why_not_whole(left, statement, uneven=len(asked) > len(even))
    part = part_offer(left) if parts_allowed else None
    sums = Offers(left=left, full=None if reason else left, part=part, no_card=reason)
    return StatementOffers(owed, beyond=len(even) - len(owed), uneven=len(asked) - len(even), sums=sums)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a customer wants to pay: these invoices, this amount, or, where neither is said, everything."""

    keys: frozenset[str] | None = None
    amount: Money | None = None


def parts_of(offers: StatementOffers, choice: Choice) -> Allocations | ChoiceRefusal | PartRefusal | NoCard:
    """The parts of the payment that was chosen, or why there is none."""
    if choice.keys is not None:
        return chosen_parts(offers, choice.keys)
    if choice.amount is not None:
        return amount_parts(offers, choice.amount)
    return offers.sums.no_card or offers.owed


def chosen_parts(offers: StatementOffers, keys: Collection[str]) -> Allocations | ChoiceRefusal:
    """The parts of a payment that settles these invoices, or why there is none."""
    parts = tuple(part for part in offers.owed if part.invoice_key in keys)
    if not keys:
        return ChoiceRefusal.NOTHING_CHOSEN
    if len(parts) < len(set(keys)):
        return ChoiceRefusal.NOT_OFFERED
    limits, total = card_limits(offers.sums.left.currency), total_of(parts)
    if total < limits.minimum:
        return ChoiceRefusal.BELOW_MINIMUM
    return ChoiceRefusal.ABOVE_MAXIMUM if total > limits.maximum else parts


def amount_parts(offers: StatementOffers, amount: Money) -> Allocations | PartRefusal:
    """The parts of a payment of this amount, or why there is none."""
    return refusal_of_part(offers.sums, amount) or allocate(amount, offers.owed)


def allocate(amount: Money, owed: Sequence[Allocation]) -> Allocations:
    """An amount over several invoices, the one due first in front, exact to the minor unit.

    An invoice that would be left with less than a card payment can be gives so much to the next ones that it is left
    with that at least, where they can take it; where they cannot, it keeps the small rest.

    Args:
        amount: more than nothing, and no more than all that is owed.
        owed: what each invoice may get; what settles an invoice with a discount is already less the discount.

    Raises:
        ValueError: more than is owed.
    """
    gifts = _filled(amount.minor, owed)
    partial = next((at for at, part in enumerate(owed) if 0 < gifts[at] < part.amount.minor), None)
    minimum = card_limits(amount.currency).minimum.minor
    if partial is not None and owed[partial].amount.minor - gifts[partial] < minimum:
        _move_on(gifts, partial, owed, minimum)
    given = zip(owed, gifts, strict=True)
    return tuple(Allocation(part.invoice_key, Money(minor, amount.currency)) for part, minor in given if minor)


def mark_of(parts: Sequence[Allocation], currency: str) -> str:
    """A short text that names a sum and, by a digest, each part of it: ``GBP 440.00 3f2a91c0``."""
    listed = repr([(part.invoice_key, part.amount.minor) for part in parts])
    total = total_of(parts) if parts else zero(currency)
    return f"{total} {blake2b(listed.encode(), digest_size=4).hexdigest()}"


def _filled(left: int, owed: Sequence[Allocation]) -> list[int]:
    gifts = []
    for part in owed:
        gifts.append(min(left, part.amount.minor))
        left -= gifts[-1]
    if left:
        raise ValueError("more than is owed cannot be allocated")
    return gifts


def _move_on(gifts: list[int], partial: int, owed: Sequence[Allocation], minimum: int) -> None:
    """Give the next invoices what the partly paid one lacks to be left with the minimum; nothing if they cannot.

    Each takes the lack, or all that it owes where it would itself be left with less than the minimum.
    """
    moved: dict[int, int] = {}
    lack = minimum - (owed[partial].amount.minor - gifts[partial])
    for at in range(partial + 1, len(owed)):
        whole = owed[at].amount.minor
        moved[at] = lack if whole - lack >= minimum else whole
        lack -= moved[at]
        if lack <= 0:
            break
    total = sum(moved.values())
    if lack <= 0 and total <= gifts[partial]:
        gifts[partial] -= total
        for at, minor in moved.items():
            gifts[at] = minor


def _why_not_whole(left: Money, statement: Statement, *, uneven: bool) -> NoCard | None:
    limits = card_limits(left.currency)
    if not left:
        if uneven:
            return NoCard.FRACTION
        return NoCard.ON_ITS_WAY if statement.amount_on_its_way else NoCard.NOTHING_LEFT
    if left < limits.minimum:
        return NoCard.BELOW_MINIMUM
    return NoCard.ABOVE_MAXIMUM if left > limits.maximum else None
