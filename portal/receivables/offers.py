"""The ways to pay an invoice now: the one place that page and checkout both ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.money import Money

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PlanStanding


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
class DueOffer:
    """The coming part of an invoice that is due in parts."""

    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be paid by card now, out of ``left`` in all.

    Attributes:
        left: what settles it now, a discount for that taken off.
        full: the same, where a card can carry it.
        part: any other amount, from the smallest that a card can carry; None where parts are not offered.
        no_card: why ``full`` is missing.
        catch_up: the smallest payment that restores good standing; None where that is nothing, or all that is left.
        next_part: what is due next of an invoice in parts, in good standing; None where that is all that is left.
    """

    left: Money
    full: Money | None
    part: PartOffer | None
    no_card: NoCard | None
    catch_up: Money | None = None
    next_part: DueOffer | None = None

    @property
    def can_pay(self) -> bool:
        """Whether anything can be paid by card."""
        return any((self.full, self.part, self.catch_up, self.next_part))


def offers_for(balance: InvoiceBalance, *, parts_allowed: bool) -> Offers:
    """The offers on an invoice with this balance."""
    left = balance.amount_offerable
    reason = _why_not_whole(balance)
    part = part_offer(left) if parts_allowed else None
    catch_up = _payable(balance.catch_up, left)
    next_part = None if balance.catch_up else _next_part(balance)
    return Offers(left, None if reason else left, part, reason, catch_up, next_part)


def amount_asked(stands: PlanStanding, balance: InvoiceBalance) -> Money:
    """What a plan asks for now: all that is due, or else the coming payment; no more than settles the invoice."""
    return min(stands.due or stands.next_request, balance.amount_offerable)


def refusal_of_part(offers: Offers, amount: Money) -> PartRefusal | None:
    """Why this part cannot be paid, or None where it can.

    The whole of what is left counts as a part, and so does what is due, whether other parts are offered or not.
    """
    due = offers.next_part.amount if offers.next_part else None
    if amount in (offers.full, offers.catch_up, due):
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


def _next_part(balance: InvoiceBalance) -> DueOffer | None:
    coming = next((part for part in balance.parts if part.rest), None)
    if coming is None or balance.amount_on_its_way:
        return None
    amount = _payable(coming.rest, balance.amount_offerable)
    return DueOffer(amount, coming.due_on) if amount else None


def _payable(due: Money, left: Money) -> Money | None:
    """What is due as one card payment, raised to what a card can carry; None where that is nothing, or all.

    Neither is there one that would leave what no card payment can carry: then it is paid with the rest.
    """
    limits = card_limits(left.currency)
    if not due:
        return None
    raised = max(due, limits.minimum)
    raised += Money(-raised.minor % limits.step, left.currency)
    return raised if limits.allow(raised) and left - raised >= limits.minimum else None


def part_offer(left: Money) -> PartOffer | None:
    """The bounds of a part: it and what it leaves are at least the minimum, so there is none below twice that."""
    limits = card_limits(left.currency)
    if left < limits.minimum + limits.minimum:
        return None
    return PartOffer(minimum=limits.minimum, maximum=min(left - limits.minimum, limits.maximum), of=left)
