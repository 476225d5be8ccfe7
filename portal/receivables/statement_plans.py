"""Plans over a statement: which of its invoices one can be about, those on offer for the sum, and those that run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.receivables.agreements import standing_of_agreement
from portal.receivables.allocation import Allocation, card_takes, total_of
from portal.receivables.plan_offers import LAST_DAY_OF_MONTH, plan_offers_on
from portal.receivables.statement_offers import mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.receivables.allocation import Allocations
    from portal.receivables.plan_offers import PlanBounds, PlanOffer
    from portal.receivables.plans import PaymentPlan, PlanStanding
    from portal.receivables.statement import Statement, StatementRow

FEWEST_INVOICES = 2
"""A plan over one invoice is offered on that invoice's own page."""


@dataclass(frozen=True, slots=True)
class JointPlan:
    """One agreement over several invoices of a statement, while it runs.

    Attributes:
        agreed: the plan of one of its invoices: what was agreed is the same for all.
        rows: its invoices, also those that are paid by now, the one due first in front.
        stands: where it stands as a whole.
        is_refused: whether the bank refused its last charge, and what that was for is still unpaid.
        asked: what it asks for now, or else next, of each invoice.
    """

    agreed: PaymentPlan
    rows: tuple[StatementRow, ...]
    stands: PlanStanding
    is_refused: bool
    asked: Allocations

    @property
    def shown(self) -> str:
        """What a page shows of what it asks for, as a mark: another one means that something has changed since."""
        return mark_of(self.asked, self.agreed.currency)


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
    return tuple(row for row in statement.rows if row.left and row.agreed is None and not row.balance.amount_on_its_way)


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


def joint_plans(statement: Statement, as_of: date) -> tuple[JointPlan, ...]:
    """The agreements over several invoices that still ask for something, on the day ``as_of`` of the statement."""
    by_agreement: dict[str, list[StatementRow]] = {}
    for row in statement.rows:
        if row.agreed is not None and row.agreed.agreement_id is not None:
            by_agreement.setdefault(row.agreed.agreement_id, []).append(row)
    running = (rows for rows in by_agreement.values() if any(row.plan for row in rows))
    return tuple(plan for rows in running if (plan := _joint(rows, as_of)))


def _joint(rows: Sequence[StatementRow], as_of: date) -> JointPlan | None:
    stands = standing_of_agreement([row.stands for row in rows if row.stands])
    agreed = next(row.agreed for row in rows if row.agreed)
    refused_on = max((row.refused_on for row in rows if row.refused_on), default=date.min)
    is_refused = any(not one.is_paid and one.due_on <= min(as_of, refused_on) for one in stands.installments)
    asked = _asked(rows)
    return JointPlan(agreed, tuple(rows), stands, is_refused, asked) if asked else None


def _asked(rows: Iterable[StatementRow]) -> Allocations:
    """What is due by now on each invoice; where nothing is, what falls due on the next day."""
    plans = [(row, row.plan) for row in rows if row.plan]
    due = [(row, plan.due) for row, plan in plans]
    if not any(amount for _row, amount in due):
        day = min((plan.next.due_on for _row, plan in plans if plan.next), default=None)
        due = [(row, plan.next.rest) for row, plan in plans if plan.next and plan.next.due_on == day]
    return tuple(Allocation(row.invoice.key, min(amount, row.left)) for row, amount in due if amount)
