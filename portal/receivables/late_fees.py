"""What lateness costs: fees and interest on what was open too long, but for the days on which a plan is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from portal.receivables.card_limits import card_limits
from portal.receivables.interest import Span, compensation_for, interest_on
from portal.receivables.money import Money, portion, zero
from portal.receivables.terms import LateMode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.receivables.accrual import Arrivals
    from portal.receivables.pauses import Pause
    from portal.receivables.terms import LateFee

_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class _Run:
    """Days one after the other that may bear a fee: those after ``after``, up to ``last``."""

    after: date
    last: date


def late_fee(late: LateFee | None, owed: Money, arrivals: Arrivals, pauses: Sequence[Pause], as_of: date) -> Money:
    """What lateness costs by a day, before anything is waived: rounded down to what a card can carry.

    Payments settle the invoice before its fee, so a fee never bears a fee. A fee whose first day lies in a pause is
    not charged then: it starts on the day after the pause, on what is open then.

    Args:
        late: its terms; only a fee that is charged counts.
        owed: the principal: what the invoice asks for less credit notes, write-offs and the discount taken.
        arrivals: what came when.
        pauses: the days on which a plan is kept.
        as_of: the day.
    """
    if late is None or late.mode is not LateMode.CHARGED:
        return zero(owed.currency)
    runs = tuple(_runs(late, pauses, as_of))
    if not runs:
        return zero(owed.currency)
    starts_on = max(late.starts_on, runs[0].after + _DAY)
    open_at_start = arrivals.open_by(starts_on - _DAY, owed)
    fee = _once(late, open_at_start)
    if late.interest is not None:
        spans = [span for run in runs for span in _spans(late, owed, arrivals, run, open_at_start)]
        fee += interest_on(spans, late.interest, runs[0].after + _DAY, owed.currency)
    if late.cap is not None:
        fee = min(fee, late.cap)
    step = card_limits(owed.currency).step
    return Money(fee.minor // step * step, owed.currency)


def fee_days(late: LateFee, pauses: Sequence[Pause], after: date, until: date) -> Iterator[date]:
    """The days after ``after`` on which a fee begins or interest is added, in order, as far as ``until``."""
    if late.mode is not LateMode.CHARGED:
        return
    for place, run in enumerate(_runs(late, pauses, until)):
        if place == 0:
            yield from (day for day in (max(late.starts_on, run.after + _DAY),) if day > after)
        if late.interest is None:
            continue
        period = max((after - run.after).days // late.every_days, 0) + 1
        while (day := run.after + period * late.every_days * _DAY) <= run.last:
            yield day
            period += 1


def _runs(late: LateFee, pauses: Sequence[Pause], as_of: date) -> Iterator[_Run]:
    """The days that may bear a fee: from ``counts_from`` on, cut by the pauses, each in full periods of its own.

    Days before the fee's first day count only where nothing came between: else they would be charged afterwards.
    """
    after = late.counts_from
    for pause in pauses:
        last = min(pause.first - _DAY, as_of)
        if after < last and late.starts_on <= last:
            yield _Run(after, last)
        after = max(after, pause.last)
    if after < as_of and late.starts_on <= as_of:
        yield _Run(after, as_of)


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


def _spans(late: LateFee, owed: Money, arrivals: Arrivals, run: _Run, open_at_start: Money) -> Iterator[Span]:
    """What bears interest when, in full periods of ``every_days``.

    A period bears interest on the least that was open in it, so that nothing is added afterwards to a sum that was
    paid in the middle of one. Interest on a day is on what was open at the end of the day before.
    """
    first, every = run.after, late.every_days
    periods = (run.last - first).days // every
    changes = sorted(day for day in arrivals.days | {late.starts_on} if first < day < first + periods * every * _DAY)
    touched = {(day - first).days // every for day in changes}
    cuts = sorted({0, periods} | touched | {period + 1 for period in touched})
    for start, end in pairwise(cuts):
        begins, ends = first + start * every * _DAY, first + end * every * _DAY
        least = min(arrivals.open_by(day, owed) for day in (begins, *(d for d in changes if begins < d < ends)))
        if begins < late.starts_on:
            least = min(least, open_at_start)
        if least:
            yield Span(least, begins + _DAY, ends)
