"""From everything known about a payment to entries: the one place that says which of Stripe's words move money.

A payment over several invoices is one entry on each of them. A report in the middle of a payment's life and one at its
end give the same entries for what both know, so it does not matter which is seen first, or whether one is never seen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.ports.provider_reports import (
    CheckoutReport,
    CheckoutStatus,
    DisputeReport,
    DisputeStatus,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)
from portal.receivables.allocation import Allocation, Allocations, Taking, split_takings
from portal.receivables.entries import INQUIRY, Entry, EntryKind

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from datetime import datetime, tzinfo

    from portal.ports.alarms import Alarm

_PAID_BY = {
    CheckoutStatus.PAID: PaymentStatus.SUCCEEDED,
    CheckoutStatus.PROCESSING: PaymentStatus.PROCESSING,
    CheckoutStatus.FAILED: PaymentStatus.FAILED,
}
_MARKS = frozenset({"plan", "payment_link"})
"""What payments carry that no hold was made for: charges of a plan, and those that came through a payment link."""
_SPLIT = frozenset({EntryKind.REFUND, EntryKind.DISPUTE_WITHDRAWN, EntryKind.DISPUTE_REINSTATED})


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
        allocations=checkout.allocations,
        method=checkout.method,
        is_delayed=checkout.is_delayed,
        is_garbled=checkout.is_garbled,
        is_anothers=checkout.is_anothers,
        opened_at=checkout.opened_at,
        checkout=checkout,
    )


def is_ours(report: PaymentReport | CheckoutReport, holds: Container[str] = ()) -> bool:
    """Whether it carries the portal's mark. An account may serve other programs, and they may name invoices too.

    Args:
        report: the provider's word.
        holds: ids of reservations that the ledger knows; what was made for one of them is ours, whoever else's mark
            it carries, for the key that the mark is made from may have been lost.
    """
    if not report.allocations and not report.is_garbled:
        return False
    if report.hold_id is not None and report.hold_id in holds:
        return True
    marked = isinstance(report, PaymentReport) and not _MARKS.isdisjoint(report.metadata)
    return not report.is_anothers and (report.hold_id is not None or marked)


def facts_of(payment: PaymentReport, allocations: Allocations, posted: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """The entries of a payment, its refunds and its disputes; a word that is not known gives none.

    Args:
        payment: all that is known of it.
        allocations: what of it belongs to which invoice.
        posted: what the ledger has on these invoices already: how a refund was split there stands for ever.
    """
    if not allocations:
        return ()
    kinds = _payment_kinds(payment)
    at, method = payment.created_at, payment.method
    facts = [
        replace(_entry(kind, part, at, payment.payment_id), method=method) for part in allocations for kind in kinds
    ]
    splits = split_takings(allocations, _takings_of(payment), _splits_in(posted))
    for refund in payment.refunds:
        facts += _refund_facts(refund, splits)
    for dispute in payment.disputes:
        facts += _dispute_facts(dispute, allocations, splits)
    return tuple(fact for fact in facts if fact.amount.currency == payment.amount.currency)


def dated(fact: Entry, opened_at: datetime | None, zone: tzinfo) -> Entry:
    """A payment's entry with the day its checkout was opened, where that is an earlier one: that day's sum was paid."""
    if opened_at is None or fact.kind not in {EntryKind.PAYMENT, EntryKind.PAYMENT_STARTED}:
        return fact
    opened_on = opened_at.astimezone(zone).date()
    return replace(fact, value_on=opened_on) if opened_on < fact.occurred_at.astimezone(zone).date() else fact


def given_back(payment: PaymentReport) -> bool:
    """Whether all of a payment was refunded."""
    back = sum(one.amount.minor for one in payment.refunds if one.status is RefundStatus.SUCCEEDED)
    return payment.status is PaymentStatus.SUCCEEDED and back >= payment.amount.minor


def paid_by_payment(entries: Iterable[Iterable[Entry]]) -> Counter[str]:
    """What stands on invoices of each payment, in minor units, by its external id."""
    sums: Counter[str] = Counter()
    for some in entries:
        for entry in some:
            if entry.kind is EntryKind.PAYMENT:
                sums[entry.external_id] += entry.amount.minor
    return sums


def is_posted(alarm: Alarm, paid: Counter[str]) -> bool:
    """Whether all of a payment that was set aside stands on invoices by now."""
    return alarm.amount is not None and paid[alarm.external_id] >= alarm.amount.minor


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
    """A bank debit was started, whether or not anybody looked while it was on its way.

    A voucher is open at the provider until its customer pays it, and its checkout is over: so it is on its way, too.
    """
    is_voucher = payment.checkout is not None and payment.checkout.status is CheckoutStatus.PROCESSING
    match payment.status:
        case PaymentStatus.OPEN if is_voucher:
            return [EntryKind.PAYMENT_STARTED]
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


def _takings_of(payment: PaymentReport) -> Iterator[Taking]:
    """What goes back, whatever became of it; nothing in another currency than what was paid."""
    for refund in payment.refunds:
        if refund.amount.currency == payment.amount.currency:
            yield Taking(refund.refund_id, refund.amount, refund.created_at, failed_at=_ended_at(refund))
    for dispute in payment.disputes:
        for moved in dispute.movements:
            if moved.amount.currency == payment.amount.currency:
                taken = moved.amount.minor < 0
                amount = -moved.amount if taken else moved.amount
                yield Taking(moved.movement_id, amount, moved.created_at, dispute.dispute_id, returns=not taken)


def _ended_at(refund: RefundReport) -> datetime | None:
    """When a refund failed or was canceled: as early as may be where the provider does not say."""
    is_over = refund.status in (RefundStatus.FAILED, RefundStatus.CANCELED)
    return (refund.failed_at or refund.created_at) if is_over else None


def _splits_in(posted: Iterable[Entry]) -> Mapping[str, list[Allocation]]:
    splits: dict[str, list[Allocation]] = {}
    for entry in posted:
        if entry.kind in _SPLIT:
            splits.setdefault(entry.external_id, []).append(Allocation(entry.invoice_key, entry.amount))
    return splits


def _refund_facts(refund: RefundReport, splits: Mapping[str, Allocations]) -> Iterator[Entry]:
    """A refund that failed was out and came back, so it is both; one that is pending or canceled moved nothing."""
    if refund.status not in (RefundStatus.SUCCEEDED, RefundStatus.FAILED):
        return
    came_back_at = _ended_at(refund)
    for part in splits.get(refund.refund_id, ()):
        yield _entry(EntryKind.REFUND, part, refund.created_at, refund.refund_id)
        if came_back_at is not None:
            yield _entry(EntryKind.REFUND_FAILED, part, came_back_at, refund.refund_id)


def _dispute_facts(
    dispute: DisputeReport, allocations: Allocations, splits: Mapping[str, Allocations]
) -> Iterator[Entry]:
    """The flags on each invoice, and each movement under its own id: only movements are money."""
    if dispute.status is DisputeStatus.UNKNOWN:
        return
    flags = tuple(_flags_of(dispute))
    for part in allocations:
        for external_id, at, is_over in flags:
            flag = Allocation(part.invoice_key, dispute.amount)
            yield _entry(EntryKind.DISPUTE_OPENED, flag, at, external_id)
            if is_over:
                yield _entry(EntryKind.DISPUTE_CLOSED, flag, at, external_id)
    for moved in dispute.movements:
        kind = EntryKind.DISPUTE_WITHDRAWN if moved.amount.minor < 0 else EntryKind.DISPUTE_REINSTATED
        for part in splits.get(moved.movement_id, ()):
            yield _entry(kind, part, moved.created_at, moved.movement_id)


def _flags_of(dispute: DisputeReport) -> Iterator[tuple[str, datetime, bool]]:
    """Each time that a dispute was opened: the flag's id, the moment, and whether it is over.

    The provider tells of the last opening alone. Money that is withdrawn once more shows that it was closed and opened
    again, whoever looked when.
    """
    closed = dispute.status is DisputeStatus.CLOSED
    if dispute.is_inquiry:
        yield dispute.dispute_id + INQUIRY, dispute.created_at, closed
        return
    withdrawn = sorted(moved.created_at for moved in dispute.movements if moved.amount.minor < 0)
    last = max(len(withdrawn), 1)
    for number in range(1, last + 1):
        external_id = dispute.dispute_id if number == 1 else f"{dispute.dispute_id}/{number}"
        yield external_id, dispute.created_at if number == 1 else withdrawn[number - 1], closed or number < last


def _entry(kind: EntryKind, part: Allocation, at: datetime, external_id: str) -> Entry:
    return Entry(kind=kind, invoice_key=part.invoice_key, amount=part.amount, occurred_at=at, external_id=external_id)


def _strange(what: str, external_id: str, word: str) -> str:
    return f"Stripe says that {what} {external_id} is {word!r}, which the portal does not know; it was left as it is."
