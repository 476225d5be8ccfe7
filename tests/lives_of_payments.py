"""Fifteen lives of a payment: the events that Stripe sends in them, what is true then, and every order of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from provider_double import HOLD, NOW, MemoryLedger, ScriptedGateway, Step, checkout, dispute, payment, refund

from portal.payments.settlement import settle_event
from portal.ports import HoldState
from portal.ports.provider_reports import CheckoutStatus as C
from portal.ports.provider_reports import DisputeStatus as D
from portal.ports.provider_reports import PaymentReport
from portal.ports.provider_reports import PaymentStatus as P
from portal.ports.provider_reports import RefundStatus as R

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.receivables.invoice import Invoice

    Ended = tuple[MemoryLedger, tuple[int, ...]]

OPEN, PAID, EXPIRED = checkout(C.OPEN), checkout(C.PAID), checkout(C.EXPIRED)
WAITING = checkout(C.PROCESSING, is_delayed=True)
ARRIVED, BOUNCED = replace(WAITING, status=C.PAID), replace(WAITING, status=C.FAILED)
CARD = payment(P.SUCCEEDED, PAID)
DECLINED = payment(P.FAILED, OPEN)
DEBIT = payment(P.PROCESSING, WAITING, is_delayed=True)
DEBITED = payment(P.SUCCEEDED, ARRIVED, is_delayed=True)
NO_DEBIT = payment(P.FAILED, BOUNCED, is_delayed=True)
VOUCHER = payment(P.OPEN, WAITING, word="requires_action")
NO_VOUCHER = payment(P.OPEN, BOUNCED, word="requires_payment_method")
TAKEN, BACK = -84000, 84000


def completed(then: PaymentReport) -> Step:
    return Step("checkout.session.completed", then, then.checkout)


def refunded(*refunds: tuple[R, int]) -> PaymentReport:
    return replace(CARD, refunds=tuple(refund(status, minor, n) for n, (status, minor) in enumerate(refunds, 1)))


def disputed(status: D, *movements: int, word: str = "") -> PaymentReport:
    return replace(CARD, disputes=(dispute(status, *movements, word=word),))


LIVES: dict[str, list[Step]] = {
    "card": [Step("payment_intent.succeeded", CARD), completed(CARD), Step("charge.refunded", CARD)],
    "card declined, then paid": [
        Step("payment_intent.payment_failed", DECLINED),
        Step("payment_intent.payment_failed", DECLINED),
        Step("payment_intent.succeeded", CARD),
        completed(CARD),
    ],
    "bank debit paid": [
        completed(DEBIT),
        Step("payment_intent.succeeded", DEBITED),
        Step("checkout.session.async_payment_succeeded", DEBITED, ARRIVED),
    ],
    "bank debit failed": [
        completed(DEBIT),
        Step("payment_intent.payment_failed", NO_DEBIT),
        Step("checkout.session.async_payment_failed", NO_DEBIT, BOUNCED),
    ],
    "voucher paid": [
        completed(VOUCHER),
        Step("payment_intent.succeeded", DEBITED),
        Step("checkout.session.async_payment_succeeded", DEBITED, ARRIVED),
    ],
    "voucher not paid": [
        completed(VOUCHER),
        Step("payment_intent.payment_failed", NO_VOUCHER),
        Step("checkout.session.async_payment_failed", NO_VOUCHER, BOUNCED),
    ],
    "refund full": [
        Step("payment_intent.succeeded", CARD),
        completed(CARD),
        Step("refund.created", refunded((R.SUCCEEDED, 84000))),
        Step("charge.refunded", refunded((R.SUCCEEDED, 84000))),
    ],
    "refund partial twice": [
        completed(CARD),
        Step("refund.created", refunded((R.SUCCEEDED, 20000))),
        Step("charge.refunded", refunded((R.SUCCEEDED, 20000))),
        Step("refund.created", refunded((R.SUCCEEDED, 20000), (R.SUCCEEDED, 10000))),
        Step("charge.refunded", refunded((R.SUCCEEDED, 20000), (R.SUCCEEDED, 10000))),
    ],
    "refund pending, arrived, failed": [
        completed(CARD),
        Step("refund.created", refunded((R.PENDING, 84000))),
        Step("charge.refunded", refunded((R.PENDING, 84000))),
        Step("refund.updated", refunded((R.SUCCEEDED, 84000))),
        Step("refund.failed", refunded((R.FAILED, 84000))),
    ],
    "dispute won": [
        completed(CARD),
        Step("charge.dispute.created", disputed(D.OPEN)),
        Step("charge.dispute.funds_withdrawn", disputed(D.OPEN, TAKEN)),
        Step("charge.dispute.funds_reinstated", disputed(D.OPEN, TAKEN, BACK)),
        Step("charge.dispute.closed", disputed(D.CLOSED, TAKEN, BACK)),
    ],
    "dispute lost": [
        Step("payment_intent.succeeded", CARD),
        completed(CARD),
        Step("charge.dispute.created", disputed(D.OPEN)),
        Step("charge.dispute.funds_withdrawn", disputed(D.OPEN, TAKEN)),
        Step("charge.dispute.closed", disputed(D.CLOSED, TAKEN)),
    ],
    "inquiry": [
        completed(CARD),
        Step("charge.dispute.created", disputed(D.OPEN, word="warning_needs_response")),
        Step("charge.dispute.closed", disputed(D.CLOSED, word="warning_closed")),
    ],
    "dispute won and opened again": [
        completed(CARD),
        Step("charge.dispute.funds_withdrawn", disputed(D.OPEN, TAKEN)),
        Step("charge.dispute.closed", disputed(D.CLOSED, TAKEN, BACK)),
        Step("charge.dispute.funds_withdrawn", disputed(D.OPEN, TAKEN, BACK, TAKEN)),
        Step("charge.dispute.closed", disputed(D.CLOSED, TAKEN, BACK, TAKEN)),
    ],
    "reversal before chargeback": [
        completed(CARD),
        Step("charge.dispute.closed", disputed(D.CLOSED, BACK)),
        Step("charge.dispute.funds_reinstated", disputed(D.CLOSED, BACK)),
        Step("charge.dispute.funds_withdrawn", disputed(D.CLOSED, BACK, TAKEN)),
        Step("charge.dispute.created", disputed(D.CLOSED, BACK, TAKEN)),
    ],
    "paid after the hold had expired": [
        Step("checkout.session.expired", None, EXPIRED),
        Step("payment_intent.succeeded", CARD),
        completed(CARD),
        Step("refund.created", refunded((R.SUCCEEDED, 100))),
    ],
}
BECAME_A_DISPUTE = [
    completed(CARD),
    Step("charge.dispute.created", disputed(D.OPEN, word="warning_needs_response")),
    Step("charge.dispute.closed", disputed(D.CLOSED, word="warning_closed")),
    Step("charge.dispute.funds_withdrawn", disputed(D.OPEN, TAKEN)),
    Step("charge.dispute.closed", disputed(D.CLOSED, TAKEN)),
]
"""An inquiry that was closed and became a dispute: of the inquiry the last word says nothing any more."""
LEFT = {
    "bank debit failed": 84000,
    "voucher not paid": 84000,
    "refund full": 84000,
    "refund partial twice": 30000,
    "dispute lost": 84000,
    "dispute won and opened again": 84000,
    "paid after the hold had expired": 100,
}
POSTED = {"bank debit failed": HoldState.RELEASED, "voucher not paid": HoldState.RELEASED}


def play(steps: Sequence[Step], order: Sequence[int], invoice: Invoice, *, late: bool) -> MemoryLedger:
    """Deliver the events in an order; ``late``, the provider is asked only when everything has happened."""
    ledger = MemoryLedger({"1042": invoice}, {"hold_1": HOLD})
    for number in order:
        _deliver(steps, number, ledger, late=late)
    return ledger


def _deliver(steps: Sequence[Step], number: int, ledger: MemoryLedger, *, late: bool) -> None:
    step, last = steps[number], steps[-1]
    truth = last if late else step
    checkout_then = truth.checkout or (truth.payment.checkout if late and truth.payment else None)
    gateway = ScriptedGateway(truth.payment, checkout_then)
    settle_event(step.event(number), gateway.as_gateway, ledger.as_ledger, NOW)


def six_events_of(life: str) -> list[Step]:
    """A life with the events that Stripe sends beside the ones that count, six in all."""
    steps = LIVES[life]
    kinds = {step.kind for step in steps}
    first = DEBIT if life.startswith(("bank debit", "voucher")) else DECLINED if "declined" in life else CARD
    beside = [Step("payment_intent.succeeded", CARD)] if first is CARD else []
    beside += [Step("payment_intent.created", first), Step("charge.updated", first), Step("charge.succeeded", first)]
    missing = [step for step in beside if step.kind not in kinds]
    return [*missing[: 6 - len(steps)], *steps]


def every_end(steps: Sequence[Step], times: Sequence[int], invoice: Invoice, *, late: bool) -> Iterator[Ended]:
    """The ledgers at the end of every order of these events, each so many times; and one order that leads to each.

    Orders that have come to the same ledger, and have the same events before them, go on together: what follows from
    there is the same. So all orders are tried, and each piece of work is done once.
    """
    begin = MemoryLedger({"1042": invoice}, {"hold_1": HOLD})
    ways: list[tuple[MemoryLedger, tuple[int, ...], tuple[int, ...]]] = [(begin, tuple(times), ())]
    seen = set()
    while ways:
        ledger, left, order = ways.pop()
        if not any(left):
            yield ledger, order
        for number in (number for number, times_left in enumerate(left) if times_left):
            after = replace(ledger, holds=dict(ledger.holds), facts=dict(ledger.facts), raised=dict(ledger.raised))
            _deliver(steps, number, after, late=late)
            rest = (*left[:number], left[number] - 1, *left[number + 1 :])
            place = (rest, tuple(after.facts.values()), *after.state())
            if place not in seen:
                seen.add(place)
                ways.append((after, rest, (*order, number)))
