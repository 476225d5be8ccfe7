"""The money that is expected, week by week: by what plans and promises name, and by due dates where they name nothing.

An expectation is what was said or agreed, not a guess: nothing is weighted by how customers have paid before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from portal.receivables.aging import open_sums
from portal.receivables.answers import PromiseState, answers_of
from portal.receivables.money import Money
from portal.receivables.plans import PlanState, schedule_in_force, standing_of_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance

WEEKS = 8
_WEEK = timedelta(7)


class Because(StrEnum):
    """Why money is expected on a day."""

    DUE = "due"
    PLAN = "plan"
    PROMISED = "promised"
    ON_ITS_WAY = "on its way"


@dataclass(frozen=True, slots=True)
class ExpectedSum:
    """One sum and its day; None where nothing says when."""

    amount: Money
    day: date | None
    because: Because


@dataclass(frozen=True, slots=True)
class ExpectedWeek:
    """A week from Monday on, and what is expected in it for each reason."""

    starts_on: date
    due: Money
    plan: Money
    promised: Money

    @property
    def total(self) -> Money:
        """All that is expected in the week."""
        return self.due + self.plan + self.promised


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected in one currency; all sums together are what is left to pay.

    Attributes:
        weeks: from the one that ``as_of`` lies in on.
        overdue: what was due, planned or promised before that day.
        later: after the last week.
        undated: nothing says when.
        on_its_way: bank payments that were started.
    """

    currency: str
    weeks: tuple[ExpectedWeek, ...]
    overdue: Money
    later: Money
    undated: Money
    on_its_way: Money


def expected_of(
    invoice: Invoice, entries: Sequence[Entry], balance: InvoiceBalance, as_of: date, zone: tzinfo
) -> tuple[ExpectedSum, ...]:
    """When what is left of one invoice is expected; the sums come to all that remains.

    Args:
        invoice: as issued.
        entries: its facts by that day.
        balance: its balance on that day.
        as_of: the day.
        zone: the business's.
    """
    way = min(balance.amount_on_its_way, balance.amount_remaining)
    left = balance.amount_remaining - way
    found = [ExpectedSum(way, None, Because.ON_ITS_WAY)] if way else []
    named = (_of_plan(entries, left, as_of, zone) or _of_promise(entries, left, as_of, zone)) if entries else ()
    for one in named:
        part = ExpectedSum(min(one.amount, left), one.day, one.because)
        left -= part.amount
        found += [part] if part.amount else []
    # What a plan or promise names, or is on its way, is taken from what is due first.
    taken = balance.amount_remaining - left
    for due in open_sums(invoice, balance):
        covered = min(due.amount, taken)
        taken -= covered
        if rest := due.amount - covered:
            found.append(ExpectedSum(rest, due.due_on, Because.DUE))
    return tuple(found)


_Place = tuple["_When | int", Because]
"""Where a sum is counted: before, after or without a week, or in the week of this number; and why it is expected."""


class _When(Enum):
    OVERDUE = auto()
    LATER = auto()
    UNDATED = auto()


def by_week(sums: Iterable[ExpectedSum], as_of: date, weeks: int = WEEKS) -> tuple[Expectation, ...]:
    """The sums week by week, each currency on its own, in the order of their codes."""
    monday = as_of - timedelta(as_of.weekday())
    found: dict[str, Counter[_Place]] = {}
    for one in sums:
        place = _when(one.day, as_of, monday, weeks), one.because
        found.setdefault(one.amount.currency, Counter())[place] += one.amount.minor
    return tuple(_of_currency(currency, found[currency], monday, weeks) for currency in sorted(found))


def _when(day: date | None, as_of: date, monday: date, weeks: int) -> _When | int:
    if day is None:
        return _When.UNDATED
    if day < as_of:
        return _When.OVERDUE
    number = (day - monday).days // _WEEK.days
    return number if number < weeks else _When.LATER


def _of_plan(entries: Sequence[Entry], left: Money, as_of: date, zone: tzinfo) -> list[ExpectedSum]:
    schedule = schedule_in_force(entries)
    if schedule is None:
        return []
    stands = standing_of_schedule(schedule, entries, as_of, left=left, zone=zone)
    if stands.state is PlanState.COMPLETE:
        return []
    return [ExpectedSum(one.rest, one.due_on, Because.PLAN) for one in stands.installments if one.rest]


def _of_promise(entries: Sequence[Entry], left: Money, as_of: date, zone: tzinfo) -> list[ExpectedSum]:
    promise = answers_of(entries, as_of, zone, left=left).promise
    if promise is None or promise.state is not PromiseState.OPEN:
        return []
    return [ExpectedSum(promise.entry.amount, promise.day, Because.PROMISED)]


def _of_currency(currency: str, minors: Counter[_Place], monday: date, weeks: int) -> Expectation:
    def expected(when: _When | int, *reasons: Because) -> Money:
        return Money(sum(minors[when, because] for because in reasons), currency)

    every = (Because.DUE, Because.PLAN, Because.PROMISED)
    return Expectation(
        currency=currency,
        weeks=tuple(
            ExpectedWeek(
                monday + number * _WEEK,
                due=expected(number, Because.DUE),
                plan=expected(number, Because.PLAN),
                promised=expected(number, Because.PROMISED),
            )
            for number in range(weeks)
        ),
        overdue=expected(_When.OVERDUE, *Because),
        later=expected(_When.LATER, *Because),
        undated=expected(_When.UNDATED, *every),
        on_its_way=expected(_When.UNDATED, Because.ON_ITS_WAY),
    )
