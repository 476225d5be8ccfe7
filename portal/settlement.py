"""Turn what the payment provider says into entries, each once: the one function behind every door.

Webhook, return page and sync all end here, in any order and any number of times. An entry is appended for what is
known to have happened, never changed, and has the provider's id of the movement; so reports may come late, twice,
or overtake each other, and the ledger ends up the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.alarms import Alarm, AlarmKind
from portal.errors import Problem, UnexpectedAnswerError
from portal.facts import facts_of, given_back, is_ours, payment_in, strange_words
from portal.holding import LEGAL_MOVES, adopt, follow
from portal.provider_reports import HANDLED_EVENTS, CheckoutReport, PaymentReport, PaymentStatus
from portal.receivables.balance import balance_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.ports import Hold, Ledger, LedgerTransaction, PaymentGateway
    from portal.provider_reports import GatewayEvent
    from portal.receivables.invoice import Invoice
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


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a report is about, as far as the ledger knows it."""

    key: str
    hold: Hold | None
    invoice: Invoice | None


def _apply(
    payment: PaymentReport | None, checkout: CheckoutReport | None, tx: LedgerTransaction, now: datetime
) -> Settlement:
    subject = _subject_of(payment or checkout, tx)
    if subject is None:
        return Settlement(Outcome.IGNORED)
    if misfit := _misfit(subject, payment, checkout):
        return _set_aside(AlarmKind.QUARANTINED, misfit, payment, tx, now)
    if subject.hold is None and subject.invoice is None and not _through_our_link(payment, tx):
        what = f"A payment names invoice {subject.key}, which is not among the invoices; nothing was posted."
        return _set_aside(AlarmKind.UNMATCHED, what, payment, tx, now)
    appended = sum(tx.append(fact) for fact in facts_of(payment, subject.key)) if payment else 0
    _level_hold(subject, checkout, tx)
    if payment is not None:
        _raise_alarms(subject, payment, tx, now, appended=appended)
    tx.enqueue_freeze(subject.key)
    return Settlement(Outcome.APPLIED, (subject.key,), appended)


def _subject_of(report: PaymentReport | CheckoutReport | None, tx: LedgerTransaction) -> _Subject | None:
    """The invoice a report is about; None where it carries no mark of the portal's: then it is somebody else's."""
    if report is None or report.invoice_key is None or not is_ours(report):
        return None
    hold = tx.hold(report.hold_id) if report.hold_id else None
    key = hold.invoice_key if hold else report.invoice_key
    return _Subject(key, hold, tx.invoice(key))


def _through_our_link(payment: PaymentReport | None, tx: LedgerTransaction) -> bool:
    """Whether this ledger made the payment link that it came through, so that it counts though its invoice is gone."""
    row_id = payment.metadata.get("payment_link") if payment else None
    row = tx.payment_link(row_id) if row_id else None
    return row is not None and payment is not None and row.invoice_key == payment.invoice_key


def _misfit(subject: _Subject, payment: PaymentReport | None, checkout: CheckoutReport | None) -> str | None:
    """Why this cannot be what the portal asked for; money like that is never posted by itself."""
    report = payment or checkout
    if report is None:
        return None
    hold, amount = subject.hold, report.amount
    currency = subject.invoice.currency if subject.invoice else hold.amount.currency if hold else amount.currency
    if payment is not None and payment.is_foreign:
        return "A payment is of the other of Stripe's two worlds, test and live."
    if hold is not None and report.invoice_key != hold.invoice_key:
        return f"A payment names invoice {report.invoice_key}, but was opened for {hold.invoice_key}."
    if amount.currency != currency:
        return f"A payment of {amount} is in another currency than invoice {subject.key}, which is in {currency}."
    if hold is not None and _money_in(payment) and amount != hold.amount:
        return f"A payment of {amount} on invoice {subject.key} was opened for {hold.amount}."
    return None


def _money_in(payment: PaymentReport | None) -> Money | None:
    paid = payment is not None and payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING)
    return payment.amount if payment and paid else None


def _set_aside(
    kind: AlarmKind, what: str, payment: PaymentReport | None, tx: LedgerTransaction, now: datetime
) -> Settlement:
    """Post nothing, and tell the owner where money did arrive, until it was given back."""
    if payment is not None and payment.status is PaymentStatus.SUCCEEDED:
        tx.raise_alarm(_alarm(kind, what, payment, now, payment.amount))
        if given_back(payment):
            tx.raise_alarm(_alarm(AlarmKind.GIVEN_BACK, "All of it was refunded.", payment, now, payment.amount))
    return Settlement(Outcome(kind.value))


def _level_hold(subject: _Subject, checkout: CheckoutReport | None, tx: LedgerTransaction) -> None:
    if checkout is None:
        return
    if subject.hold is not None:
        follow(subject.hold, checkout, tx)
    else:
        adopt(subject.key, checkout, tx)


def _raise_alarms(
    subject: _Subject, payment: PaymentReport, tx: LedgerTransaction, now: datetime, *, appended: int
) -> None:
    for external_id, what in strange_words(payment):
        tx.raise_alarm(Alarm(AlarmKind.UNFAMILIAR, external_id, what, now, invoice_key=subject.key))
    if subject.invoice is None:
        if payment.status is PaymentStatus.SUCCEEDED:
            what = f"A payment was posted on invoice {subject.key}, which is no longer among the invoices."
            tx.raise_alarm(_alarm(AlarmKind.UNMATCHED, what, payment, now, payment.amount))
        return
    over = balance_of(subject.invoice, tx.entries(subject.key), now.date()).amount_overpaid if appended else None
    if over:
        what = f"Invoice {subject.key} has received {over} more than was due."
        tx.raise_alarm(_alarm(AlarmKind.OVERPAID, what, payment, now, over))


def _alarm(kind: AlarmKind, what: str, payment: PaymentReport, now: datetime, amount: Money) -> Alarm:
    return Alarm(kind, payment.payment_id, what, now, amount, payment.invoice_key, payment.metadata)
