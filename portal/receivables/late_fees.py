"""What lateness costs: fees and interest on what was open too long, but for the days on which a plan is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
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


class FeeKind(StrEnum):
    """What a late fee is made of; the first two come once, the others on each part that is late."""

    FLAT = "flat"
    COMPENSATION = "compensation"
    PERCENT = "percent"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True)
class FeePart:
    """One part of a late fee, as it was reckoned.

    Attributes:
        base: what was open when the fee began; for interest, the spans say what bore it.
        began_on: the day it began, or for interest the first day that bore any.
        spans: of interest: what bore it when.
    """

    kind: FeeKind
    amount: Money
    base: Money
    began_on: date
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """What is late together: the principal between the sums ``before`` and ``upto``, which payments fill in order."""

    starts_on: date
    counts_from: date
    before: Money
    upto: Money

    def open_by(self, day: date, arrivals: Arrivals) -> Money:
        """What was open of it at the end of a day."""
        return arrivals.open_by(day, self.upto) - arrivals.open_by(day, self.before)


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
    nothing = zero(owed.currency)
    if late is None:
        return nothing
    fee = sum((part.amount for part in fee_parts(late, owed, arrivals, pauses, as_of)), nothing)
    if late.cap is not None:
        fee = min(fee, late.cap)
    step = card_limits(owed.currency).step
    return Money(fee.minor // step * step, owed.currency)


def fee_parts(
    late: LateFee, owed: Money, arrivals: Arrivals, pauses: Sequence[Pause], as_of: date
) -> Iterator[FeePart]:
    """What a late fee is made of, before its cap and what a card can carry; see ``late_fee``."""
    if late.mode is not LateMode.CHARGED:
        return
    fixed: tuple[FeePart, ...] = ()
    for claim in _claims(late, owed):
        runs = tuple(_runs(claim.starts_on, claim.counts_from, pauses, as_of))
        if runs:
            starts_on = max(claim.starts_on, runs[0].after + _DAY)
            open_at_start = claim.open_by(starts_on - _DAY, arrivals)
            yield from _in_proportion(late, claim, arrivals, runs, open_at_start)
            if not fixed:
                fixed = tuple(_fixed(late, open_at_start, starts_on))
    yield from fixed


def fee_days(late: LateFee, pauses: Sequence[Pause], after: date, until: date) -> Iterator[date]:
    """The days after ``after`` on which a fee begins or interest is added, as far as ``until``."""
    if late.mode is not LateMode.CHARGED:
        return
    days = [(part.starts_on, part.counts_from) for part in late.parts] or [(late.starts_on, late.counts_from)]
    for starts_on, counts_from in days:
        runs = tuple(_runs(starts_on, counts_from, pauses, until))
        if runs and (begins := max(starts_on, runs[0].after + _DAY)) > after:
            yield begins
        for run in runs if late.interest is not None else ():
            period = max((after - run.after).days // late.every_days, 0) + 1
            while (day := run.after + period * late.every_days * _DAY) <= run.last:
                yield day
                period += 1


def _claims(late: LateFee, owed: Money) -> Iterator[_Claim]:
    before = zero(owed.currency)
    for part in late.parts:
        upto = min(before + part.amount, owed)
        yield _Claim(part.starts_on, part.counts_from, before, upto)
        before = upto
    if not late.parts:
        yield _Claim(late.starts_on, late.counts_from, before, owed)


def _runs(starts_on: date, counts_from: date, pauses: Sequence[Pause], as_of: date) -> Iterator[_Run]:
    """The days that may bear a fee: from ``counts_from`` on, cut by the pauses, each in full periods of its own.

    Days before the fee's first day count only where nothing came between: else they would be charged afterwards.
    """
    after = counts_from
    for pause in pauses:
        last = min(pause.first - _DAY, as_of)
        if after < last and starts_on <= last:
            yield _Run(after, last)
        after = max(after, pause.last)
    if after < as_of and starts_on <= as_of:
        yield _Run(after, as_of)


def _fixed(late: LateFee, open_at_start: Money, began_on: date) -> Iterator[FeePart]:
    if open_at_start and late.flat:
        yield FeePart(FeeKind.FLAT, late.flat, open_at_start, began_on)
    if late.compensation is not None:
        fixed = compensation_for(late.compensation, open_at_start, is_business=True)
        if fixed:
            yield FeePart(FeeKind.COMPENSATION, fixed, open_at_start, began_on)


def _in_proportion(
    late: LateFee, claim: _Claim, arrivals: Arrivals, runs: Sequence[_Run], open_at_start: Money
) -> Iterator[FeePart]:
    """The percentage, once, and the interest."""
    first = runs[0].after + _DAY
    if late.percent is not None:
        percentage = portion(open_at_start, late.percent / 100)
        yield FeePart(FeeKind.PERCENT, percentage, open_at_start, max(claim.starts_on, first))
    if late.interest is not None:
        spans = tuple(span for run in runs for span in _spans(late.every_days, claim, arrivals, run, open_at_start))
        interest = interest_on(spans, late.interest, first, open_at_start.currency)
        yield FeePart(FeeKind.INTEREST, interest, open_at_start, first, spans)


def _spans(every: int, claim: _Claim, arrivals: Arrivals, run: _Run, open_at_start: Money) -> Iterator[Span]:
    """What bears interest when, in full periods of ``every`` days.

    A period bears interest on the least that was open in it, so that nothing is added afterwards to a sum that was
    paid in the middle of one. Interest on a day is on what was open at the end of the day before.
    """
    first, begun = run.after, claim.starts_on
    periods = (run.last - first).days // every
    changes = sorted(day for day in arrivals.days | {begun} if first < day < first + periods * every * _DAY)
    touched = {(day - first).days // every for day in changes}
    cuts = sorted({0, periods} | touched | {period + 1 for period in touched})
    for start, end in pairwise(cuts):
        begins, ends = first + start * every * _DAY, first + end * every * _DAY
        least = min(claim.open_by(day, arrivals) for day in (begins, *(d for d in changes if begins < d < ends)))
        if begins < begun:
            least = min(least, open_at_start)
        if least:
            yield Span(least, begins + _DAY, ends)
