"""What of the plans on offer a day decides: it is worked out once for all invoices, where the plans need not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, PlanBounds, Rhythm, applies, first_days, last_day
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.receivables.invoice_balance import InvoiceBalance

DayOfPlans = tuple[PlanBounds, "DaysThatFit"]
DaysThatFit = tuple[bool, tuple[tuple[int, Rhythm], ...]]
"""Whether plans begin on a later day, and those that end in time: how many payments in which rhythm."""


def day_of_plans(bounds: Iterable[PlanBounds], as_of: date) -> tuple[DayOfPlans, ...]:
    """What the day decides of the plans within each bound."""
    return tuple((bound, _days_that_fit(bound, as_of)) for bound in bounds)


def days_that_count(day: Sequence[DayOfPlans], balance: InvoiceBalance) -> tuple[DaysThatFit, ...]:
    """What the day decides of the plans for what is left on an invoice.

    As long as that and the balance are the same, so are the plans on offer (``plan_offers``), but for their dates.
    """
    left, is_overdue = balance.amount_without_discount, balance.status is InvoiceStatus.OVERDUE
    return tuple(fit for bound, fit in day if applies(bound, left, is_overdue=is_overdue))


def _days_that_fit(bound: PlanBounds, as_of: date) -> DaysThatFit:
    first_on = max(bound.first_on or as_of, as_of)
    last = last_day(bound, first_on)
    found = (
        (payments, rhythm)
        for payments in range(bound.fewest, bound.most + 1)
        for rhythm in bound.rhythms
        if first_days(rhythm, first_on, LAST_DAY_OF_MONTH, payments)[-1] <= last
    )
    return first_on > as_of, tuple(found)
