"""From everything known about a payment to entries: the one place that says which of Stripe's words move money.

A report in the middle of a payment's life and one at its end give the same entries for what both know, so it does
not matter which is seen first, or whether one is never seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.provider_reports import (
    CheckoutReport,
    CheckoutStatus,
    DisputeReport,
    DisputeStatus,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)
from portal.receivables.entries import Entry, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.receivables.money import Money

_PAID_BY = {
    CheckoutStatus.PAID: PaymentStatus.SUCCEEDED,
    CheckoutStatus.PROCESSING: PaymentStatus.PROCESSING,
    CheckoutStatus.FAILED: PaymentStatus.FAILED,
}
_MARKS = frozenset({"plan", "payment_link"})
"""What payments carry that no hold was made for: charges of a plan, and those that came through a payment link."""


def payment_in(checkout: CheckoutReport, now: datetime) -> PaymentReport | None:
    """What a checkout says of its payment; None where nobody has paid. Without a time of its own it is of now."""
    status = _PAID_BY.get(checkout.status)
    if status is None or checkout.payment_id is None:
        return None
    return PaymentReport(
        payment_id=checkout.payment_id,
        status=status,
        amount=checkout.amount,
        created_at=checkout.occurred_at or now,
        hold_id=checkout.hold_id,
        invoice_key=checkout.invoice_key,
        method=checkout.method,
        is_delayed=checkout.is_delayed,
        checkout=checkout,
    )


def is_ours(report: PaymentReport | CheckoutReport) -> bool:
    """Whether it carries the portal's mark. An account may serve other programs, and they may name invoices too."""
    marked = isinstance(report, PaymentReport) and not _MARKS.isdisjoint(report.metadata)
    return report.invoice_key is not None and (report.hold_id is not None or marked)


def facts_of(payment: PaymentReport, invoice_key: str) -> tuple[Entry, ...]:
    """The entries of a payment, its refunds and its disputes; a word that is not known gives none."""
    kinds = _payment_kinds(payment)
    at, method = payment.created_at, payment.method
    facts = [
        replace(_entry(kind, invoice_key, payment.amount, at, payment.payment_id), method=method) for kind in kinds
    ]
    for refund in payment.refunds:
        facts += _refund_facts(refund, invoice_key)
    for dispute in payment.disputes:
        facts += _dispute_facts(dispute, invoice_key)
    return tuple(fact for fact in facts if fact.amount.currency == payment.amount.currency)


def given_back(payment: PaymentReport) -> bool:
    """Whether all of a payment was refunded."""
    back = sum(one.amount.minor for one in payment.refunds if one.status is RefundStatus.SUCCEEDED)
    return payment.status is PaymentStatus.SUCCEEDED and back >= payment.amount.minor


def strange_words(payment: PaymentReport) -> Iterator[tuple[str, str]]:
    """What could not be understood: an id, and a sentence about it."""
    if payment.status is PaymentStatus.UNKNOWN:
        yield payment.payment_id, _strange("payment", payment.payment_id, payment.word)
    for refund in payment.refunds:
        if refund.status is RefundStatus.UNKNOWN:
            yield refund.refund_id, _strange("refund", refund.refund_id, refund.word)
    for dispute in payment.disputes:
        if dispute.status is DisputeStatus.UNKNOWN:
            yield dispute.dispute_id, _strange("dispute", dispute.dispute_id, dispute.word)
    for gap in payment.gaps:
        yield f"{payment.payment_id} {gap}", f"Payment {payment.payment_id} is not known in full. {gap}"


def _payment_kinds(payment: PaymentReport) -> list[EntryKind]:
    """A bank debit was started, whether or not anybody looked while it was on its way."""
    match payment.status:
        case PaymentStatus.PROCESSING:
            return [EntryKind.PAYMENT_STARTED]
        case PaymentStatus.SUCCEEDED:
            return [EntryKind.PAYMENT_STARTED, EntryKind.PAYMENT] if payment.is_delayed else [EntryKind.PAYMENT]
        case _ if _is_over(payment):
            return [EntryKind.PAYMENT_STARTED, EntryKind.PAYMENT_FAILED]
        case _:
            return []


def _is_over(payment: PaymentReport) -> bool:
    """Whether a bank debit failed for good. While its checkout is open, the customer may still pay with it."""
    if payment.checkout is not None:
        return payment.checkout.status is CheckoutStatus.FAILED
    return payment.is_delayed and payment.status in (PaymentStatus.FAILED, PaymentStatus.CANCELED)


def _refund_facts(refund: RefundReport, key: str) -> list[Entry]:
    """A refund that failed was out and came back, so it is both; one that is pending or canceled moved nothing."""
    kinds = {
        RefundStatus.SUCCEEDED: (EntryKind.REFUND,),
        RefundStatus.FAILED: (EntryKind.REFUND, EntryKind.REFUND_FAILED),
    }.get(refund.status, ())
    return [_entry(kind, key, refund.amount, refund.created_at, refund.refund_id) for kind in kinds]


def _dispute_facts(dispute: DisputeReport, key: str) -> list[Entry]:
    """The flag under the dispute's id, and each movement under its own: only movements are money."""
    if dispute.status is DisputeStatus.UNKNOWN:
        return []
    facts = [_entry(EntryKind.DISPUTE_OPENED, key, dispute.amount, dispute.created_at, dispute.dispute_id)]
    if dispute.status is DisputeStatus.CLOSED:
        facts.append(_entry(EntryKind.DISPUTE_CLOSED, key, dispute.amount, dispute.created_at, dispute.dispute_id))
    for movement in dispute.movements:
        taken = movement.amount.minor < 0
        kind = EntryKind.DISPUTE_WITHDRAWN if taken else EntryKind.DISPUTE_REINSTATED
        amount = -movement.amount if taken else movement.amount
        facts.append(_entry(kind, key, amount, movement.created_at, movement.movement_id))
    return facts


def _entry(kind: EntryKind, key: str, amount: Money, at: datetime, external_id: str) -> Entry:
    return Entry(kind=kind, invoice_key=key, amount=amount, occurred_at=at, external_id=external_id)


def _strange(what: str, external_id: str, word: str) -> str:
    return f"Stripe says that {what} {external_id} is {word!r}, which the portal does not know; it was left as it is."
