"""One payment plan over several invoices: what of each payment is for which invoice, and where it stands as a whole.

An agreement is a bundle of plans, one for each invoice, with the same days. Each payment is for the invoice that is due
first, then for the next one, so that an invoice is paid before the one after it is begun.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.receivables.allocation import total_of
from portal.receivables.money import Money, zero
from portal.receivables.plan_offers import Installment
from portal.receivables.plans import InstallmentStanding, PlanStanding, PlanState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.receivables.allocation import Allocation

_WORST_FIRST = (PlanState.BROKEN, PlanState.MISSED, PlanState.GOOD, PlanState.COMPLETE)


def shares_of(installments: Sequence[Installment], owed: Sequence[Allocation]) -> tuple[tuple[Installment, ...], ...]:
    """Each invoice's own schedule, in the order of ``owed``: exact for each day and for each invoice.

    Args:
        installments: of the whole.
        owed: what is left on each invoice, due first coming first; it sums to the installments.

    Raises:
        ValueError: the sums differ.
    """
    left = [part.amount.minor for part in owed]
    shares: list[list[Installment]] = [[] for _part in owed]
    if total_of(owed) != sum((one.amount for one in installments), zero(owed[0].amount.currency)):
        raise ValueError("what is owed and what is agreed are not the same sum")
    for one in installments:
        minor = one.amount.minor
        for place, share in enumerate(shares):
            part = min(minor, left[place])
            left[place] -= part
            minor -= part
            if part:
                share.append(Installment(len(share) + 1, one.due_on, Money(part, one.amount.currency)))
    return tuple(map(tuple, shares))


def days_of(plans: Iterable[Sequence[Installment]]) -> tuple[date, ...]:
    """The days of an agreement: its first payment is due on the first of them, and so on."""
    return tuple(sorted({one.due_on for installments in plans for one in installments}))


def standing_of_agreement(standings: Sequence[PlanStanding]) -> PlanStanding:
    """Where an agreement stands: the sums of its invoices' plans by day, and the worst of their states."""
    by_day: dict[date, InstallmentStanding] = {}
    for stands in standings:
        for one in stands.installments:
            by_day[one.due_on] = _added(by_day.get(one.due_on), one)
    days = sorted(by_day)
    installments = tuple(replace(by_day[day], number=number) for number, day in enumerate(days, start=1))
    missed = {one.due_on for stands in standings for one in stands.missed}
    coming = min((stands.next.due_on for stands in standings if stands.next), default=None)
    nothing = zero(standings[0].rest.currency)
    return PlanStanding(
        installments=installments,
        paid=sum((stands.paid for stands in standings), nothing),
        rest=sum((stands.rest for stands in standings), nothing),
        due=sum((stands.due for stands in standings), nothing),
        missed=tuple(one for one in installments if one.due_on in missed),
        next=next((one for one in installments if one.due_on == coming), None),
        state=min((stands.state for stands in standings), key=_WORST_FIRST.index),
        kept_until=min((stands.kept_until for stands in standings if stands.kept_until), default=None),
    )


def _added(before: InstallmentStanding | None, one: InstallmentStanding) -> InstallmentStanding:
    if before is None:
        return one
    return replace(before, amount=before.amount + one.amount, paid=before.paid + one.paid, rest=before.rest + one.rest)
