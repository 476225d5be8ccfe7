"""What arrived when, and the discount earned by money that came in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.discounts import discount_on, part_credit
from portal.receivables.entries import ANSWER_ENDS, EntryKind, day_of, in_force, incoming
from portal.receivables.money import Money, zero
from portal.receivables.movements import movements_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from portal.receivables.discounts import Discount
    from portal.receivables.entries import Entry
    from portal.receivables.terms import Terms

_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived on which day, and what card networks took back; a list of (day, amount) each.

    A bank debit counts from the day it was started, for the customer had done everything then. Refunds have no days
    here: money that the owner gave back costs the customer neither a discount nor a fee. What a customer says is not
    right is ``questioned`` until it is ``answered``, and bears no fee in between.
    """

    received: tuple[tuple[date, Money], ...]
    withdrawn: tuple[tuple[date, Money], ...]
    reinstated: tuple[tuple[date, Money], ...]
    refunded: Money
    currency: str
    questioned: tuple[tuple[date, Money], ...] = ()
    answered: tuple[tuple[date, Money], ...] = ()

    def received_by(self, day: date) -> Money:
        """What had arrived at the end of a day."""
        return _by(self.received, day, self.currency)

    def disputed_by(self, day: date) -> Money:
        """What card networks held back at the end of a day, of what is known to have arrived."""
        held = _by(self.withdrawn, day, self.currency) - _by(self.reinstated, day, self.currency)
        return max(min(held, self.received_by(date.max)), zero(self.currency))

    def open_by(self, day: date, owed: Money) -> Money:
        """What was open and not in question of a sum at the end of a day."""
        questioned = _by(self.questioned, day, self.currency) - _by(self.answered, day, self.currency)
        return max(owed - self.received_by(day) + self.disputed_by(day) - questioned, zero(self.currency))

    @property
    def days(self) -> frozenset[date]:
        """The days on which anything changed."""
        changes = (self.received, self.withdrawn, self.reinstated, self.questioned, self.answered)
        return frozenset(day for dated in changes for day, _amount in dated)

    @property
    def kept(self) -> Money:
        """What arrived in all, or is on its way, and stayed."""
        return max(self.received_by(date.max) - self.refunded - self.disputed, zero(self.currency))

    @property
    def disputed(self) -> Money:
        """What card networks hold back now."""
        return self.disputed_by(date.max)


def arrivals_of(entries: Iterable[Entry], zone: tzinfo, currency: str) -> Arrivals:
    """The dated arrivals among an invoice's entries, days being those of the business."""
    facts = in_force(entries)
    questioned = {e.external_id: e for e in facts if e.kind is EntryKind.PROBLEM_REPORTED}
    return Arrivals(
        received=tuple((min(day_of(e, zone), day_of(begun, zone)), e.amount) for e, begun in incoming(facts)),
        withdrawn=tuple((day_of(e, zone), e.amount) for e in facts if e.kind is EntryKind.DISPUTE_WITHDRAWN),
        reinstated=tuple((day_of(e, zone), e.amount) for e in facts if e.kind is EntryKind.DISPUTE_REINSTATED),
        refunded=movements_of(facts, currency).refunded,
        currency=currency,
        questioned=tuple((day_of(e, zone), e.amount) for e in questioned.values()),
        answered=tuple(
            (day_of(e, zone), questioned[e.external_id].amount)
            for e in facts
            if e.kind in ANSWER_ENDS and e.external_id in questioned
        ),
    )


def discount_taken(terms: Terms, asked: Money, arrivals: Arrivals) -> Money:
    """What paying early has saved: the best tier whose sum had arrived by its last day.

    Never more than was left open: who pays the whole in time has given the discount up.

    Args:
        terms: of the invoice.
        asked: what the invoice asks for, less credit notes and write-offs.
        arrivals: what came when.
    """
    nothing = zero(asked.currency)
    taken = _part_credits(terms, asked, arrivals) if terms.credit_part_payments else nothing
    for tier in terms.tiers:
        arrived = _in_time(tier, terms, arrivals)
        off = _payable(tier, asked)
        if off and arrived >= asked - off:
            taken = max(taken, min(off, asked - arrived + arrivals.refunded))
    return max(taken, nothing)


def _in_time(tier: Discount, terms: Terms, arrivals: Arrivals) -> Money:
    """What had arrived by a tier's last day and stayed, refunds aside."""
    arrived = arrivals.received_by(tier.last_on + terms.value_days * _DAY)
    return max(arrived - arrivals.disputed, zero(arrived.currency))


def _part_credits(terms: Terms, asked: Money, arrivals: Arrivals) -> Money:
    """What part payments in time have earned, each at the tier of its day."""
    earned, before = zero(asked.currency), zero(asked.currency)
    for tier in terms.tiers:
        arrived = max(_in_time(tier, terms, arrivals), before)
        earned += part_credit(tier, arrived - before)
        before = arrived
    best = max((_payable(tier, asked) for tier in terms.tiers), default=zero(asked.currency))
    return min(earned, best, asked - before + arrivals.refunded)


def discount_open(
    terms: Terms, asked: Money, taken: Money, arrivals: Arrivals, as_of: date
) -> tuple[Money, date | None]:
    """What settling today would still save, and until when; nothing where no tier is open.

    Args:
        terms: of the invoice.
        asked: what the invoice asks for, less credit notes and write-offs.
        taken: what was saved already.
        arrivals: what came when.
        as_of: today.
    """
    best, until = zero(asked.currency), None
    left = asked - taken - arrivals.kept
    for tier in terms.tiers:
        # Money known to have come after a tier's last day was not in time, so settling the rest would not be either.
        in_time = arrivals.received_by(tier.last_on + terms.value_days * _DAY) == arrivals.received_by(date.max)
        if as_of > tier.last_on or not in_time:
            continue
        off = _payable(tier, left) if terms.credit_part_payments else _payable(tier, asked) - taken
        if best < off < left and _settles(terms, asked, arrivals, left - off, as_of):
            best, until = off, tier.last_on
    return best, until


def _settles(terms: Terms, asked: Money, arrivals: Arrivals, amount: Money, as_of: date) -> bool:
    """Whether nothing would be left after paying this much today: several roundings may come to one unit less."""
    then = replace(arrivals, received=(*arrivals.received, (as_of, amount)))
    return asked - discount_taken(terms, asked, then) <= then.kept


def _payable(tier: Discount, amount: Money) -> Money:
    """What a tier takes off, so that what is left can be paid by card wherever the whole can; never all of it."""
    off = discount_on(tier, amount)
    if off >= amount:
        return zero(amount.currency)
    step = card_limits(amount.currency).step
    return off if amount.minor % step else off + Money((amount - off).minor % step, amount.currency)


def _by(dated: tuple[tuple[date, Money], ...], day: date, currency: str) -> Money:
    return sum((amount for on, amount in dated if on <= day), zero(currency))
