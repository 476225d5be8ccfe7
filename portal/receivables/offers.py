"""The ways to pay an invoice now: the one place that page and checkout both ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits

if TYPE_CHECKING:
    from portal.receivables.balance import InvoiceBalance
    from portal.receivables.money import Money


class NoCard(StrEnum):
    """Why a card cannot settle the whole of what is left."""

    NOTHING_LEFT = "nothing is left to pay"
    ON_ITS_WAY = "a payment for it is on its way"
    BELOW_MINIMUM = "it is less than a card payment can be"
    ABOVE_MAXIMUM = "it is more than one card payment can be"
    FRACTION = "card payments in this currency cannot carry its last digits"


class PartRefusal(StrEnum):
    """Why a part of some amount cannot be paid."""

    NOT_OFFERED = "parts are not offered"
    TOO_SMALL = "less than the smallest card payment"
    TOO_LARGE = "more than is left, or than one card payment can be"
    LEAVES_TOO_LITTLE = "what would remain is less than the smallest card payment"
    FRACTION = "card payments in this currency cannot carry its last digits"


@dataclass(frozen=True, slots=True)
class PartOffer:
    """A part is from ``minimum`` to ``maximum`` and leaves ``minimum`` at least of ``of``, what is left in all."""

    minimum: Money
    maximum: Money
    of: Money


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be paid by card now, out of ``left`` in all; ``no_card`` says why ``full`` is missing."""

    left: Money
    full: Money | None
    part: PartOffer | None
    no_card: NoCard | None


def offers_for(balance: InvoiceBalance, *, parts_allowed: bool) -> Offers:
    """The offers on an invoice with this balance."""
    left = balance.amount_offerable
    reason = _why_not_whole(balance)
    part = _part_offer(left) if parts_allowed else None
    return Offers(left=left, full=None if reason else left, part=part, no_card=reason)


def refusal_of_part(offers: Offers, amount: Money) -> PartRefusal | None:
    """Why this part cannot be paid, or None where it can. The whole of what is left counts as a part."""
    if amount == offers.full:
        return None
    part = offers.part
    if part is None:
        return PartRefusal.NOT_OFFERED
    if amount < part.minimum:
        return PartRefusal.TOO_SMALL
    if amount > part.maximum:
        return PartRefusal.TOO_LARGE
    if amount.minor % card_limits(amount.currency).step:
        return PartRefusal.FRACTION
    return PartRefusal.LEAVES_TOO_LITTLE if part.of - amount < part.minimum else None


def _why_not_whole(balance: InvoiceBalance) -> NoCard | None:
    left = balance.amount_offerable
    limits = card_limits(left.currency)
    if not left:
        return NoCard.ON_ITS_WAY if balance.amount_on_its_way else NoCard.NOTHING_LEFT
    if left < limits.minimum:
        return NoCard.BELOW_MINIMUM
    if left > limits.maximum:
        return NoCard.ABOVE_MAXIMUM
    return None if limits.allow(left) else NoCard.FRACTION


def _part_offer(left: Money) -> PartOffer | None:
    """A part and what it leaves are both at least the minimum, so there is none below twice the minimum."""
    limits = card_limits(left.currency)
    if left < limits.minimum + limits.minimum:
        return None
    return PartOffer(minimum=limits.minimum, maximum=min(left - limits.minimum, limits.maximum), of=left)
