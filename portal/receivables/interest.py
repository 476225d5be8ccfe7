"""Interest for late payment, always simple, and the fixed sums that laws add between businesses.

The due date is not counted and the day of payment is: due on 1 April and paid on the 11th is 10 days.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HUNDRED = Decimal(100)


class RateRule(StrEnum):
    """Whether the rate of a running debt changes.

    FOLLOWS: each change of the base rate counts from its day (BGB sections 247 and 288).
    FIXED_AT_START: the base rate of the 30 June or 31 December before interest starts counts to the end
    (SI 2002/1675, article 4).
    """

    FOLLOWS = "follows"
    FIXED_AT_START = "fixed_at_start"


@dataclass(frozen=True, slots=True)
class BaseRate:
    """A yearly rate in percent from a day on; it may be negative."""

    valid_from: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Interest:
    """How interest is reckoned.

    Attributes:
        base_rates: sorted by day; before the first there is no rate, and the last one holds on.
        surcharge: percentage points on top of the base rate.
        year_days: 365, or 360 where that is agreed.
        rule: whether the rate of a running debt changes.
        round_daily: round the interest of one day first, as gov.uk does.
    """

    base_rates: tuple[BaseRate, ...]
    surcharge: Decimal = Decimal(0)
    year_days: int = 365
    rule: RateRule = RateRule.FOLLOWS
    round_daily: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A principal that was open on each day from ``first`` to ``last``, both counted."""

    principal: Money
    first: date
    last: date


def interest_on(spans: Iterable[Span], terms: Interest, started_on: date, currency: str) -> Money:
    """Simple interest on what was open, rounded half up once, at the end.

    Args:
        spans: what was open when; without overlaps, of one claim.
        terms: how it is reckoned.
        started_on: the first day that interest runs; it decides a fixed rate.
        currency: of the claim.
    """
    exact = sum(
        (exact_interest(piece, rate, terms) for span in spans for piece, rate in rated_spans(span, terms, started_on)),
        Decimal(0),
    )
    return Money(int(exact.to_integral_value(ROUND_HALF_UP)), currency)


def rate_on(terms: Interest, day: date, started_on: date) -> Decimal | None:
    """The yearly rate in percent on a day, surcharge included and never below zero; None before the first rate."""
    days = [rate.valid_from for rate in terms.base_rates]
    at = day if terms.rule is RateRule.FOLLOWS else reference_day(started_on)
    place = bisect_right(days, at)
    return max(terms.base_rates[place - 1].percent + terms.surcharge, Decimal(0)) if place else None


def reference_day(started_on: date) -> date:
    """The last 30 June or 31 December before a day."""
    june = date(started_on.year, 6, 30)
    return june if started_on > june else date(started_on.year - 1, 12, 31)


def rated_spans(span: Span, terms: Interest, started_on: date) -> Iterator[tuple[Span, Decimal]]:
    """A span cut where the rate changes; days without a rate are left out."""
    changes = [rate.valid_from for rate in terms.base_rates if terms.rule is RateRule.FOLLOWS]
    starts = [span.first, *(day for day in changes if span.first < day <= span.last)]
    ends = [*(day - timedelta(1) for day in starts[1:]), span.last]
    for first, last in zip(starts, ends, strict=True):
        rate = rate_on(terms, first, started_on)
        if rate is not None and first <= last:
            yield Span(span.principal, first, last), rate


def exact_interest(piece: Span, rate: Decimal, terms: Interest) -> Decimal:
    """The interest on what was open at one rate, in minor units, not rounded unless the terms round each day."""
    days = (piece.last - piece.first).days + 1
    yearly = piece.principal.minor * rate / _HUNDRED
    if terms.round_daily:
        return (yearly / terms.year_days).to_integral_value(ROUND_HALF_UP) * days
    return yearly * days / terms.year_days


class Compensation(StrEnum):
    """Fixed sums for a late payment between businesses, for each claim that is late.

    EU: 40 euros (Directive 2011/7/EU, article 6; BGB section 288(5)).
    UK: 40, 70 or 100 pounds by the size of the debt (Late Payment of Commercial Debts (Interest) Act 1998, 5A).
    """

    EU = "eu"
    UK = "uk"


_EU_SUM = 4000
_UK_SUMS = ((1_000_00, 4000), (10_000_00, 7000))
_UK_LARGE = 10000
_CURRENCY = {Compensation.EU: "EUR", Compensation.UK: "GBP"}


def compensation_for(scheme: Compensation, debt: Money, *, is_business: bool) -> Money:
    """The fixed sum for one late debt; nothing from a consumer, without a debt, or in another currency."""
    if not is_business or debt.minor <= 0 or debt.currency != _CURRENCY[scheme]:
        return zero(debt.currency)
    if scheme is Compensation.EU:
        return Money(_EU_SUM, debt.currency)
    return Money(next((fixed for below, fixed in _UK_SUMS if debt.minor < below), _UK_LARGE), debt.currency)
