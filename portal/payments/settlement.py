"""Turn what the payment provider says into entries, each once: the one function behind every door.

Webhook, return page and sync all end here, in any order and any number of times. An entry is appended for what is
known to have happened, never changed, and has the provider's id of the movement; so reports may come late, twice,
or overtake each other, and the ledger ends up the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.errors import Problem, UnexpectedAnswerError
from portal.payments.facts import dated, facts_of, given_back, is_ours, payment_in
from portal.payments.holding import LEGAL_MOVES, MONEY_IN, NEXT_STATE, adopt, follow
from portal.payments.noticing import Subject, alarm_about, raise_alarms
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.provider_reports import HANDLED_EVENTS, CheckoutReport, PaymentReport, PaymentStatus
from portal.receivables.allocation import total_of
from portal.receivables.terms import NO_TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.ports import Ledger, LedgerTransaction, PaymentGateway
    from portal.ports.provider_reports import GatewayEvent
    from portal.receivables.entries import Entry
    from portal.receivables.money import Money

__all__ = ["LEGAL_MOVES", "Outcome", "Settlement", "settle", "settle_event", "settle_payment"]


class Outcome(StrEnum):
    """What became of a report or an event. UNMATCHED, QUARANTINED and UNFAMILIAR raise an alarm."""

    APPLIED = "applied"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    QUARANTINED = "quarantined"
    UNFAMILIAR = "unfamiliar"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of it.

    Attributes:
        outcome: in one word.
        stale: which invoices' pages are to be frozen again, also when it was all known before.
        appended: how many entries are new.
    """

    outcome: Outcome
    stale: tuple[str, ...] = ()
    appended: int = 0


def settle_event(event: GatewayEvent, gateway: PaymentGateway, ledger: Ledger, now: datetime) -> Settlement:
    """Apply a verified webhook: it only says where to look, the provider is asked for the facts."""
    try:
        payment, checkout = _fetched(event, gateway)
        strange = None
    except UnexpectedAnswerError as error:
        payment, checkout, strange = None, None, error.problems[0].problem
    with ledger.transaction() as tx:
        if strange is not None:
            subject = event.checkout_id or event.payment_id or event.event_id
            tx.raise_alarm(Alarm(AlarmKind.UNFAMILIAR, subject, strange, now))
            settlement = Settlement(Outcome.UNFAMILIAR)
        else:
            settlement = _apply(payment, checkout, tx, now)
        tx.record_event(event, settlement.outcome)
    return settlement


def settle(report: CheckoutReport, ledger: Ledger, now: datetime) -> Settlement:
    """Apply what the provider says of one checkout; a repetition changes nothing."""
    with ledger.transaction() as tx:
        return _apply(payment_in(report, now), report, tx, now)


def settle_payment(report: PaymentReport, ledger: Ledger, now: datetime) -> Settlement:
    """Apply everything the provider knows of one payment; a repetition changes nothing."""
    with ledger.transaction() as tx:
        return _apply(report, report.checkout, tx, now)


def _fetched(event: GatewayEvent, gateway: PaymentGateway) -> tuple[PaymentReport | None, CheckoutReport | None]:
    """What the provider knows of an event's subject now; two Nones where it is none of the portal's business."""
    if event.kind not in HANDLED_EVENTS:
        return None, None
    if event.account is not None:
        raise UnexpectedAnswerError(_of_another_account(event))
    checkout = gateway.fetch_checkout(event.checkout_id) if event.checkout_id else None
    payment_id = checkout.payment_id if checkout else event.payment_id
    payment = gateway.fetch_payment(payment_id) if payment_id else None
    return payment, checkout or (payment.checkout if payment else None)


def _of_another_account(event: GatewayEvent) -> Problem:
    return Problem(
        f"A webhook speaks of another Stripe account, {event.account}.",
        "In Stripe, have the endpoint listen to events on your account only.",
        field=event.event_id,
    )


def _apply(
    payment: PaymentReport | None, checkout: CheckoutReport | None, tx: LedgerTransaction, now: datetime
) -> Settlement:
    subject = _subject_of(payment or checkout, tx)
    if subject is None:
        return Settlement(Outcome.IGNORED)
    if misfit := _misfit(subject, payment, checkout, tx):
        return _set_aside(AlarmKind.QUARANTINED, misfit, payment, tx, now)
    known = _known_parts(subject, payment, tx)
    if not known:
        what = f"A payment names invoice {subject.names}, which is not among the invoices; nothing was posted."
        return _set_aside(AlarmKind.UNMATCHED, what, payment, tx, now)
    appended = [fact for fact in _facts(subject, payment, tx) if fact.invoice_key in known and tx.append(fact)]
    _level_hold(subject, checkout, tx)
    if payment is not None:
        raise_alarms(subject, payment, appended, tx, now)
    for key in known:
        tx.enqueue_freeze(key)
    return Settlement(Outcome.APPLIED, known, len(appended))


def _subject_of(report: PaymentReport | CheckoutReport | None, tx: LedgerTransaction) -> Subject | None:
    """The invoices a report is about; None where it carries no mark of the portal's: then it is somebody else's."""
    if report is None:
        return None
    hold = tx.hold(report.hold_id) if report.hold_id else None
    if not is_ours(report, {hold.hold_id} if hold else ()):
        return None
    allocations = hold.allocations if hold else report.allocations
    tx.lock(*(part.invoice_key for part in allocations))
    return Subject(allocations, hold, {part.invoice_key: tx.invoice(part.invoice_key) for part in allocations})


def _known_parts(subject: Subject, payment: PaymentReport | None, tx: LedgerTransaction) -> tuple[str, ...]:
    """The invoices that a report's money may be posted on: those the ledger itself once opened a payment for."""
    if subject.hold is not None or _through_our_link(payment, tx):
        return tuple(subject.invoices)
    return tuple(key for key, invoice in subject.invoices.items() if invoice is not None)


def _facts(subject: Subject, payment: PaymentReport | None, tx: LedgerTransaction) -> Iterator[Entry]:
    """What is to be posted of a payment. The sum that was asked for is that of the day its checkout was opened."""
    if payment is None:
        return
    several = len(subject.allocations) > 1
    posted = [entry for key in subject.invoices for entry in tx.entries(key)] if several else []
    opened_at = _opened_at(subject, payment)
    for fact in facts_of(payment, subject.allocations, posted):
        invoice = subject.invoices[fact.invoice_key]
        # Without terms no day makes a difference, and nobody has said where the business's days begin.
        yield fact if invoice is None or invoice.terms == NO_TERMS else dated(fact, opened_at, invoice.terms.zone)


def _opened_at(subject: Subject, payment: PaymentReport) -> datetime | None:
    """When the checkout of a payment was opened; the provider's word is the same to the second."""
    if subject.hold is not None:
        return subject.hold.created_at
    return payment.opened_at or (payment.checkout.opened_at if payment.checkout else None)


def _through_our_link(payment: PaymentReport | None, tx: LedgerTransaction) -> bool:
    """Whether this ledger made the payment link that it came through, so that it counts though its invoice is gone."""
    row_id = payment.metadata.get("payment_link") if payment else None
    row = tx.payment_link(row_id) if row_id else None
    return row is not None and payment is not None and row.invoice_key == payment.names


def _misfit(
    subject: Subject, payment: PaymentReport | None, checkout: CheckoutReport | None, tx: LedgerTransaction
) -> str | None:
    """Why this cannot be what the portal asked for; money like that is never posted by itself."""
    report = payment or checkout
    if report is None:
        return None
    if payment is not None and payment.is_foreign:
        return "A payment is of the other of Stripe's two worlds, test and live."
    if report.is_garbled:
        return "A payment names its invoices in words that cannot be read."
    elsewhere = tx.paid_on(payment.payment_id) - subject.invoices.keys() if payment else frozenset()
    if elsewhere:
        return f"A payment names invoice {report.names}, and is posted on {' and '.join(sorted(elsewhere))} already."
    return _misfit_of_hold(subject, report, payment) or _misfit_of_money(subject, report)


def _misfit_of_hold(
    subject: Subject, report: PaymentReport | CheckoutReport, payment: PaymentReport | None
) -> str | None:
    """Why it cannot be what its checkout was opened for."""
    hold, amount = subject.hold, report.amount
    if hold is None:
        return None
    if [part.invoice_key for part in report.allocations] != list(hold.invoice_keys):
        return f"A payment names invoice {report.names}, but was opened for {subject.names}."
    if amount.currency == hold.amount.currency and _money_in(payment) and amount != hold.amount:
        return f"A payment of {amount} on invoice {subject.names} was opened for {hold.amount}."
    return None


def _misfit_of_money(subject: Subject, report: PaymentReport | CheckoutReport) -> str | None:
    """Why an amount cannot be meant for its invoices."""
    amount = report.amount
    for part in subject.allocations:
        invoice = subject.invoices[part.invoice_key]
        currency = invoice.currency if invoice else part.amount.currency
        if amount.currency != currency:
            what = f"A payment of {amount} is in another currency than invoice {part.invoice_key}"
            return f"{what}, which is in {currency}."
    named = total_of(subject.allocations)
    return f"A payment of {amount} names parts of {named}." if amount != named and subject.hold is None else None


def _money_in(payment: PaymentReport | None) -> Money | None:
    paid = payment is not None and payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING)
    return payment.amount if payment and paid else None


def _set_aside(
    kind: AlarmKind, what: str, payment: PaymentReport | None, tx: LedgerTransaction, now: datetime
) -> Settlement:
    """Post nothing, and tell the owner where money did arrive, until it was given back."""
    if payment is not None and payment.status is PaymentStatus.SUCCEEDED:
        tx.raise_alarm(alarm_about(kind, what, payment, now, payment.amount))
        if given_back(payment):
            tx.raise_alarm(alarm_about(AlarmKind.GIVEN_BACK, "All of it was refunded.", payment, now, payment.amount))
    return Settlement(Outcome(kind.value))


def _level_hold(subject: Subject, checkout: CheckoutReport | None, tx: LedgerTransaction) -> None:
    """Move the reservation to where its checkout is, but never out of the way before its money stands in the ledger.

    Where payment and checkout were read one after the other, the checkout may say paid and the payment not yet.
    """
    if checkout is None:
        return
    if NEXT_STATE[checkout.status] in MONEY_IN and not _is_counted(checkout, tx):
        return
    if subject.hold is not None:
        follow(subject.hold, checkout, tx)
    else:
        adopt(subject.allocations, checkout, tx)


def _is_counted(checkout: CheckoutReport, tx: LedgerTransaction) -> bool:
    return checkout.payment_id is not None and bool(tx.paid_on(checkout.payment_id))
