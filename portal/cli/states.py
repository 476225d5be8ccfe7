"""Where an invoice stands, in the owner's words: ``overdue, plan payment failed``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.ports.plans import AttemptState
from portal.receivables.answers import PromiseState, answers_of
from portal.receivables.plans import PlanState, plan_standing
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.building.standings import Standing
    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.wiring.portal import Portal

REASONS = {
    NothingToPay.CREDIT_NOTE: "credit note",
    NothingToPay.NO_LONGER_OPEN: "no longer open",
    NothingToPay.ZERO: "nothing to pay",
    NothingToPay.NEGATIVE: "in the customer's favour",
    NothingToPay.DIRECT_DEBIT: "by direct debit",
    NothingToPay.ELSEWHERE: "open at Stripe",
    NothingToPay.CANCELLED: "cancelled",
    NothingToPay.CREDITED: "credited",
    NothingToPay.WRITTEN_OFF: "written off",
}
PLANS = {
    PlanState.GOOD: "on a plan",
    PlanState.MISSED: "plan payment missed",
    PlanState.BROKEN: "plan broken",
    PlanState.COMPLETE: "plan complete",
}
_REFUSED = frozenset({AttemptState.DECLINED, AttemptState.NEEDS_APPROVAL})


def states_in_words(portal: Portal, standings: Sequence[Standing]) -> list[str]:
    """The state of each invoice: what its page says first, then what else the owner should know."""
    entries, plans = portal.ledger.entries_by_invoice(), portal.ledger.plans_in_force()
    return [
        ", ".join(
            dict.fromkeys(
                [_first(one), *_rest(portal, one, entries.get(one.invoice.key, ()), plans.get(one.invoice.key))]
            )
        )
        for one in standings
    ]


def _first(standing: Standing) -> str:
    invoice, balance = standing.invoice, standing.balance
    if invoice.replaced_by is not None:
        return f"replaced by {invoice.replaced_by.number}"
    if balance.reason is not None:
        return REASONS[balance.reason]
    return balance.status.value.replace("_", " ")


def _rest(portal: Portal, standing: Standing, entries: Sequence[Entry], plan: PlanRecord | None) -> Iterator[str]:
    invoice, balance = standing.invoice, standing.balance
    if balance.status is InvoiceStatus.OVERDUE and balance.amount_paid:
        yield "partly paid"
    if plan is not None and balance.amount_remaining:
        yield _of_plan(portal, invoice, balance, entries, plan)
    yield from _of_money(balance)
    yield from _of_answers(portal, balance, entries)


def _of_plan(
    portal: Portal, invoice: Invoice, balance: InvoiceBalance, entries: Sequence[Entry], plan: PlanRecord
) -> str:
    stands = plan_standing(plan.plan, invoice, balance, entries, portal.today())
    last = plan.attempts[-1].state if plan.attempts else None
    return "plan payment failed" if stands.due and last in _REFUSED else PLANS[stands.state]


def _of_money(balance: InvoiceBalance) -> Iterator[str]:
    told = (
        ("payment on its way", balance.amount_on_its_way),
        ("late fee added", balance.amount_fees),
        ("discount running", balance.discount_offered),
        ("refunded", balance.amount_refunded),
        ("disputed by the bank", balance.amount_disputed),
        ("overpaid", balance.amount_overpaid),
    )
    yield from (words for words, amount in told if amount)


def _of_answers(portal: Portal, balance: InvoiceBalance, entries: Sequence[Entry]) -> Iterator[str]:
    zone = ZoneInfo(portal.settings.portal.timezone)
    said = answers_of(entries, portal.today(), zone, left=balance.amount_remaining)
    if said.problem is not None:
        yield "on hold, problem reported"
    if said.said_paid is not None:
        yield "said to be paid"
    if said.promise is not None and said.promise.state is PromiseState.OPEN:
        yield f"promised for {said.promise.day}"
