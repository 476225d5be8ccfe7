"""Payment plans that may be agreed: exact schedules within the owner's bounds, for what is left on one day."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import count as counting
from itertools import islice
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.money import Money, money_from_decimal, portion, zero
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.receivables.card_limits import CardLimits
    from portal.receivables.invoice_balance import InvoiceBalance

BREATH = timedelta(days=7)
"""A fixed day of the month (1st, 15th, payday, last working day) counts only this long after the first payment."""
MOST_PAYMENTS = 60
LAST_DAY_OF_MONTH = 31


class Rhythm(StrEnum):
    """When the payments after the first one fall due.

    MONTHLY keeps the first payment's day, or the month's last day where that is earlier: 31 January, 28 February,
    31 March. LAST_WORKING_DAY is the last day from Monday to Friday; public holidays are not known here. PAYDAY is a
    day of the month that the customer names.
    """

    MONTHLY = "monthly"
    TWO_WEEKLY = "two-weekly"
    WEEKLY = "weekly"
    FIRST_AND_FIFTEENTH = "1st and 15th"
    LAST_WORKING_DAY = "last working day"
    PAYDAY = "payday"


class PlanWay(StrEnum):
    """How the payments after the first one are made: from the saved card by themselves, or each by the customer."""

    AUTOMATIC = "automatic"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class PlanBounds:
    """What the owner allows, one ``[[plans]]`` of the settings; None is no bound.

    Attributes:
        fewest: payments at the least, two or more.
        most: payments at the most.
        first_share: of what is left, to be paid first; otherwise all payments are alike.
        first_amount: the same as an amount in major units of the invoice's currency; not both.
        first_on: the day of the first payment, where that is not today. Days gone by count as today.
        minimum_payment: no payment is smaller, in major units; never less than a card payment can be.
        last_on: no payment falls due later.
        within_days: nor later than so many days after the first.
        minimum_total: only where at least this is left, in major units.
        maximum_total: only where at most this is left.
        currencies: only these; empty is all.
        overdue_only: only once the due date has passed.
        grace_days: how long after its day a missed payment may be made good before the plan counts as broken.
    """

    fewest: int
    most: int
    rhythms: tuple[Rhythm, ...] = (Rhythm.MONTHLY,)
    ways: tuple[PlanWay, ...] = (PlanWay.AUTOMATIC,)
    first_share: Decimal | None = None
    first_amount: Decimal | None = None
    first_on: date | None = None
    minimum_payment: Decimal | None = None
    last_on: date | None = None
    within_days: int | None = None
    minimum_total: Decimal | None = None
    maximum_total: Decimal | None = None
    currencies: tuple[str, ...] = ()
    overdue_only: bool = False
    grace_days: int = 7


@dataclass(frozen=True, slots=True)
class Installment:
    """One payment of a plan; ``number`` counts from 1."""

    number: int
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """One plan that may be agreed; the installments sum exactly to ``total``.

    ``key`` names the choice, not its dates: ``3-monthly-automatic`` is the same choice on another day.
    """

    rhythm: Rhythm
    way: PlanWay
    installments: tuple[Installment, ...]
    total: Money
    grace_days: int
    payday: int | None = None

    @property
    def key(self) -> str:
        """The choice as one word for a form."""
        return choice_key(len(self.installments), self.rhythm, self.way)

    @property
    def first(self) -> Installment:
        """The payment with which the plan begins."""
        return self.installments[0]

    @property
    def last(self) -> Installment:
        """The payment that carries what does not divide."""
        return self.installments[-1]


def choice_key(payments: int, rhythm: Rhythm, way: PlanWay) -> str:
    """A choice as one word: ``3-two-weekly-by-hand``."""
    return f"{payments}-{rhythm}-{way}".replace(" ", "-")


def plan_offers(
    bounds: Iterable[PlanBounds], balance: InvoiceBalance, as_of: date, *, payday: int = LAST_DAY_OF_MONTH
) -> tuple[PlanOffer, ...]:
    """Every plan within the owner's bounds for what is left on an invoice; see ``plan_offers_on``.

    Args:
        bounds: the owner's, in their order.
        balance: of the invoice, on that day.
        as_of: the day of the first payment, unless the bounds name a later one.
        payday: the customer's, a day of the month from 1 to 31, for the rhythm PAYDAY.
    """
    is_overdue = balance.status is InvoiceStatus.OVERDUE
    return plan_offers_on(bounds, balance.amount_without_discount, as_of, is_overdue=is_overdue, payday=payday)


def plan_offers_on(
    bounds: Iterable[PlanBounds], left: Money, as_of: date, *, is_overdue: bool, payday: int = LAST_DAY_OF_MONTH
) -> tuple[PlanOffer, ...]:
    """Every plan within the owner's bounds for a sum, on one invoice or on several, fewest payments first.

    Amounts: the first payment as the owner states it, the others equal and rounded down to what a card payment can
    carry; the last one carries what does not divide. A plan is left out where one of its payments would be too small
    or too large for a card or the owner's minimum, or due after the last day. Of two that are the same choice, the
    first in the owner's order counts.

    Args:
        bounds: the owner's, in their order.
        left: what is to be paid by the plan.
        as_of: the day of the first payment, unless the bounds name a later one.
        is_overdue: whether the due date has passed; of several invoices, that of one of them.
        payday: the customer's, a day of the month from 1 to 31, for the rhythm PAYDAY.
    """
    found: dict[str, PlanOffer] = {}
    for bound in bounds:
        if applies(bound, left, is_overdue=is_overdue):
            for offer in _offers_within(bound, left, as_of, payday):
                found.setdefault(offer.key, offer)
    return tuple(sorted(found.values(), key=lambda offer: len(offer.installments)))


def applies(bound: PlanBounds, left: Money, *, is_overdue: bool) -> bool:
    """Whether plans within a bound are offered for a sum at all."""
    return (
        bool(left)
        and (not bound.currencies or left.currency in bound.currencies)
        and (not bound.overdue_only or is_overdue)
        and (bound.minimum_total is None or left.decimal >= bound.minimum_total)
        and (bound.maximum_total is None or left.decimal <= bound.maximum_total)
    )


def _offers_within(bound: PlanBounds, left: Money, as_of: date, payday: int) -> Iterator[PlanOffer]:
    first_on = max(bound.first_on or as_of, as_of)
    for payments in range(bound.fewest, bound.most + 1):
        amounts = _amounts(bound, left, payments)
        if amounts is None:
            continue
        for rhythm in bound.rhythms:
            days = first_days(rhythm, first_on, payday, payments)
            if days[-1] > last_day(bound, first_on):
                continue
            numbered = enumerate(zip(days, amounts, strict=True), start=1)
            installments = tuple(Installment(number, day, amount) for number, (day, amount) in numbered)
            named = payday if rhythm is Rhythm.PAYDAY else None
            for way in bound.ways:
                yield PlanOffer(rhythm, way, installments, left, bound.grace_days, named)


def last_day(bound: PlanBounds, first_on: date) -> date:
    """The day after which no payment of a plan that begins then may fall due."""
    within = date.max if bound.within_days is None else first_on + timedelta(days=bound.within_days)
    return min(bound.last_on or date.max, within)


def _amounts(bound: PlanBounds, left: Money, payments: int) -> tuple[Money, ...] | None:
    """The amounts of a plan, or None where one of them would be out of bounds."""
    limits = card_limits(left.currency)
    first = _first_amount(bound, left, limits)
    if first is None:
        amounts = _shared(left, payments, limits.step)
    elif first < left:
        amounts = (first, *_shared(left - first, payments - 1, limits.step))
    else:
        return None
    least = max(limits.minimum, _in_money(bound.minimum_payment, left.currency))
    different = (*amounts[:2], amounts[-1])  # those between the first and the last are all the same
    return amounts if all(amount >= least and limits.allow(amount) for amount in different) else None


def _first_amount(bound: PlanBounds, left: Money, limits: CardLimits) -> Money | None:
    """The first payment where the owner states one; a share is rounded down to what a card payment can carry."""
    if bound.first_amount is not None:
        return _in_money(bound.first_amount, left.currency)
    if bound.first_share is None:
        return None
    share = portion(left, bound.first_share)
    return Money(share.minor - share.minor % limits.step, left.currency)


def _in_money(amount: Decimal | None, currency: str) -> Money:
    """The owner's amount in this currency; decimals that the currency does not have are dropped."""
    if amount is None:
        return zero(currency)
    return money_from_decimal(amount.quantize(zero(currency).decimal, rounding=ROUND_DOWN), currency)


def _shared(amount: Money, parts: int, step: int) -> tuple[Money, ...]:
    """Equal parts rounded down to the step; the last one carries the rest."""
    each = amount.minor // parts
    each -= each % step
    last = amount.minor - each * (parts - 1)
    return (*[Money(each, amount.currency)] * (parts - 1), Money(last, amount.currency))


@lru_cache(maxsize=256)
def first_days(rhythm: Rhythm, first_on: date, payday: int, count: int) -> tuple[date, ...]:
    """So many of the days of ``due_days``: on one day they are the same for every invoice."""
    return tuple(islice(due_days(rhythm, first_on, payday), count))


def due_days(rhythm: Rhythm, first_on: date, payday: int = LAST_DAY_OF_MONTH) -> Iterator[date]:
    """The days on which a plan's payments fall due, the first one's first, without end and each later than the last."""
    match rhythm:
        case Rhythm.WEEKLY:
            return (first_on + timedelta(weeks=number) for number in counting())
        case Rhythm.TWO_WEEKLY:
            return (first_on + timedelta(weeks=2 * number) for number in counting())
        case Rhythm.MONTHLY:
            return (_day_in(year, month, first_on.day) for year, month in _months_from(first_on))
        case Rhythm.FIRST_AND_FIFTEENTH:
            return _then(
                first_on, (date(year, month, day) for year, month in _months_from(first_on) for day in (1, 15))
            )
        case Rhythm.LAST_WORKING_DAY:
            return _then(first_on, (_last_working_day(year, month) for year, month in _months_from(first_on)))
        case Rhythm.PAYDAY:
            return _then(first_on, (_day_in(year, month, payday) for year, month in _months_from(first_on)))


def _then(first_on: date, days: Iterator[date]) -> Iterator[date]:
    """The first payment, then the fixed days that leave some time after it."""
    yield first_on
    yield from (day for day in days if day >= first_on + BREATH)


def _months_from(day: date) -> Iterator[tuple[int, int]]:
    for months in counting(day.year * 12 + day.month - 1):
        yield months // 12, months % 12 + 1


def _day_in(year: int, month: int, day: int) -> date:
    """That day of the month, or the month's last where it has fewer."""
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _last_working_day(year: int, month: int) -> date:
    last = _day_in(year, month, LAST_DAY_OF_MONTH)
    return last - timedelta(days=max(0, last.weekday() - calendar.FRIDAY))
