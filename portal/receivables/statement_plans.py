"""Spreading a statement: which of its invoices one payment plan can be about, and the plans on offer for their sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.receivables.allocation import Allocation, card_takes, total_of
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, plan_offers_on
from portal.receivables.statement_offers import mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.allocation import Allocations
    from portal.receivables.plan_offers import PlanBounds, PlanOffer
    from portal.receivables.statement import Statement, StatementRow

FEWEST_INVOICES = 2
"""A plan over one invoice is offered on that invoice's own page."""


@dataclass(frozen=True, slots=True)
class StatementPlans:
    """The plans on offer over several invoices.

    Attributes:
        rows: the invoices that a plan would be about, the one due first in front.
        owed: what it would spread of each, in the same order.
        offers: the plans on offer for the sum, fewest payments first.
    """

    rows: tuple[StatementRow, ...]
    owed: Allocations
    offers: tuple[PlanOffer, ...]

    @property
    def shown(self) -> str:
        """What a page shows of it, as a mark: another one means that something has changed since."""
        return mark_of(self.owed, self.owed[0].amount.currency) if self.owed else ""


def spreadable(statement: Statement) -> tuple[StatementRow, ...]:
    """The invoices that a plan can be about: with something left, nothing on its way, and on no plan."""
    return tuple(row for row in statement.rows if row.left and not row.has_plan and not row.balance.amount_on_its_way)


def owed_on(rows: Iterable[StatementRow]) -> Allocations:
    """What a plan spreads of each: all that is left, without a discount for paying it at once."""
    return tuple(Allocation(row.invoice.key, row.balance.amount_without_discount) for row in rows)


def statement_plans(
    statement: Statement, bounds: Iterable[PlanBounds], as_of: date, *, payday: int = LAST_DAY_OF_MONTH
) -> StatementPlans:
    """The plans within the owner's bounds over all invoices of a statement that can be spread.

    None where only one invoice can, where no card payment can carry the sum or the last digits, and none whose first
    payment would settle everything with the discounts for paying at once.

    Args:
        statement: on the day ``as_of``.
        bounds: the owner's, in their order; they are held against the sum.
        as_of: the day of the first payment, unless the bounds name a later one.
        payday: the customer's, a day of the month from 1 to 31.
    """
    rows = spreadable(statement)
    owed = owed_on(rows)
    if len(rows) < FEWEST_INVOICES or not card_takes(owed):
        return StatementPlans(rows, owed, ())
    is_overdue = any(row.is_overdue for row in rows)
    offers = plan_offers_on(bounds, total_of(owed), as_of, is_overdue=is_overdue, payday=payday)
    left = statement.sum_of(row.left for row in rows)
    return StatementPlans(rows, owed, tuple(offer for offer in offers if offer.first.amount < left))
