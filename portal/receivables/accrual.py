"""What terms do to a claim: the discount earned by money that came in time, the fee on what was open too long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.discounts import discount_on, part_credit
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.interest import Span, compensation_for, interest_on
from portal.receivables.money import Money, portion, zero
from portal.receivables.movements import movements_of
from portal.receivables.terms import LateMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from portal.receivables.discounts import Discount
    from portal.receivables.entries import Entry
    from portal.receivables.terms import LateFee, Terms

_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived on which day, and what card networks took back; a list of (day, amount) each.

    A bank debit counts from the day it was started, for the customer had done everything then. Refunds have no days
    here: money that the owner gave back costs the customer neither a discount nor a fee.
    """

    received: tuple[tuple[date, Money], ...]
    withdrawn: tuple[tuple[date, Money], ...]
    reinstated: tuple[tuple[date, Money], ...]
    refunded: Money
    currency: str

    def received_by(self, day: date) -> Money:
        """What had arrived at the end of a day."""
        return _by(self.received, day, self.currency)

    def disputed_by(self, day: date) -> Money:
        """What card networks held back at the end of a day, of what is known to have arrived."""
        held = _by(self.withdrawn, day, self.currency) - _by(self.reinstated, day, self.currency)
        return max(min(held, self.received_by(date.max)), zero(self.currency))

    @property
    def days(self) -> frozenset[date]:
        """The days on which anything changed."""
        return frozenset(day for day, _amount in (*self.received, *self.withdrawn, *self.reinstated))

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
    started = {e.external_id: day_of(e, zone) for e in facts if e.kind is EntryKind.PAYMENT_STARTED}
    ended = {e.external_id for e in facts if e.kind in (EntryKind.PAYMENT, EntryKind.PAYMENT_FAILED)}
    received = [
        (min(day_of(e, zone), started.get(e.external_id, day_of(e, zone))), e.amount)
        for e in facts
        if e.kind is EntryKind.PAYMENT or (e.kind is EntryKind.PAYMENT_STARTED and e.external_id not in ended)
    ]
    return Arrivals(
        received=tuple(received),
        withdrawn=tuple((day_of(e, zone), e.amount) for e in facts if e.kind is EntryKind.DISPUTE_WITHDRAWN),
        reinstated=tuple((day_of(e, zone), e.amount) for e in facts if e.kind is EntryKind.DISPUTE_REINSTATED),
        refunded=movements_of(facts, currency).refunded,
        currency=currency,
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


def late_fee(late: LateFee | None, owed: Money, arrivals: Arrivals, as_of: date) -> Money:
    """What lateness costs by a day, before anything is waived: rounded down to what a card can carry.

    Payments settle the invoice before its fee, so a fee never bears a fee.

    Args:
        late: its terms; only a fee that is charged counts.
        owed: the principal: what the invoice asks for less credit notes, write-offs and the discount taken.
        arrivals: what came when.
        as_of: the day.
    """
    if late is None or late.mode is not LateMode.CHARGED or as_of < late.starts_on:
        return zero(owed.currency)
    open_at_start = _open(owed, arrivals, late.starts_on - _DAY)
    fee = _once(late, open_at_start)
    if late.interest is not None:
        spans = _spans(late, owed, arrivals, as_of, open_at_start)
        fee += interest_on(spans, late.interest, late.counts_from + _DAY, owed.currency)
    if late.cap is not None:
        fee = min(fee, late.cap)
    step = card_limits(owed.currency).step
    return Money(fee.minor // step * step, owed.currency)


def _once(late: LateFee, open_at_start: Money) -> Money:
    fee = zero(open_at_start.currency)
    if not open_at_start:
        return fee
    if late.flat is not None:
        fee += late.flat
    if late.percent is not None:
        fee += portion(open_at_start, late.percent / 100)
    if late.compensation is not None:
        fee += compensation_for(late.compensation, open_at_start, is_business=True)
    return fee


def _spans(late: LateFee, owed: Money, arrivals: Arrivals, as_of: date, open_at_start: Money) -> Iterator[Span]:
    """What bears interest when, in full periods of ``every_days``.

    A period bears interest on the least that was open in it, so that nothing is added afterwards to a sum that was
    paid in the middle of one. Interest on a day is on what was open at the end of the day before.
    """
    first, every = late.counts_from, late.every_days
    periods = (as_of - first).days // every
    changes = sorted(day for day in arrivals.days | {late.starts_on} if first < day < first + periods * every * _DAY)
    touched = {(day - first).days // every for day in changes}
    cuts = sorted({0, periods} | touched | {period + 1 for period in touched})
    for start, end in pairwise(cuts):
        begins, ends = first + start * every * _DAY, first + end * every * _DAY
        least = min(_open(owed, arrivals, day) for day in (begins, *(d for d in changes if begins < d < ends)))
        if begins < late.starts_on:
            least = min(least, open_at_start)
        if least:
            yield Span(least, begins + _DAY, ends)


def _open(owed: Money, arrivals: Arrivals, day: date) -> Money:
    return max(owed - arrivals.received_by(day) + arrivals.disputed_by(day), zero(owed.currency))


def _payable(tier: Discount, amount: Money) -> Money:
    """What a tier takes off, so that what is left can be paid by card wherever the whole can; never all of it."""
    off = discount_on(tier, amount)
    if off >= amount:
        return zero(amount.currency)
    step = card_limits(amount.currency).step
    return off if amount.minor % step else off + Money((amount - off).minor % step, amount.currency)


def _by(dated: tuple[tuple[date, Money], ...], day: date, currency: str) -> Money:
    return sum((amount for on, amount in dated if on <= day), zero(currency))


def day_of(entry: Entry, zone: tzinfo) -> date:
    """The day that counts for terms."""
    return entry.value_on or entry.occurred_at.astimezone(zone).date()
