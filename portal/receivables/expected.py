"""The money that is expected, week by week: by what plans and promises name, and by due dates where they name nothing.

An expectation is what was said or agreed, not a guess: nothing is weighted by how customers have paid before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.aging import open_sums
from portal.receivables.answers import PromiseState, answers_of
from portal.receivables.money import Money, zero
from portal.receivables.plans import PlanState, schedule_in_force, standing_of_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    from portal.receivables.balance import InvoiceBalance
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

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
    named = _of_plan(entries, left, as_of, zone) or _of_promise(entries, left, as_of, zone)
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


def by_week(sums: Iterable[ExpectedSum], as_of: date, weeks: int = WEEKS) -> tuple[Expectation, ...]:
    """The sums week by week, each currency on its own, in the order of their codes."""
    by_currency: dict[str, list[ExpectedSum]] = {}
    for one in sums:
        by_currency.setdefault(one.amount.currency, []).append(one)
    return tuple(_of_currency(currency, by_currency[currency], as_of, weeks) for currency in sorted(by_currency))


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


def _of_currency(currency: str, sums: Sequence[ExpectedSum], as_of: date, weeks: int) -> Expectation:
    monday = as_of - timedelta(as_of.weekday())
    end = monday + weeks * _WEEK
    dated = [(one.day, one) for one in sums if one.day is not None]
    coming = [(day, one) for day, one in dated if as_of <= day < end]
    undated = [one for one in sums if one.day is None]
    return Expectation(
        currency=currency,
        weeks=tuple(_weeks(coming, currency, monday, weeks)),
        overdue=_sum((one for day, one in dated if day < as_of), currency),
        later=_sum((one for day, one in dated if day >= end), currency),
        undated=_sum((one for one in undated if one.because is not Because.ON_ITS_WAY), currency),
        on_its_way=_sum((one for one in undated if one.because is Because.ON_ITS_WAY), currency),
    )


def _weeks(
    coming: Sequence[tuple[date, ExpectedSum]], currency: str, monday: date, weeks: int
) -> Iterator[ExpectedWeek]:
    by_number: dict[int, list[ExpectedSum]] = {}
    for day, one in coming:
        by_number.setdefault((day - monday).days // _WEEK.days, []).append(one)
    for number in range(weeks):
        here = by_number.get(number, ())
        yield ExpectedWeek(
            monday + number * _WEEK,
            due=_sum((one for one in here if one.because is Because.DUE), currency),
            plan=_sum((one for one in here if one.because is Because.PLAN), currency),
            promised=_sum((one for one in here if one.because is Because.PROMISED), currency),
        )


def _sum(sums: Iterable[ExpectedSum], currency: str) -> Money:
    return sum((one.amount for one in sums), zero(currency))
