"""Turn what the payment provider says into entries, each once: the one function behind every door.

Webhook, return page and later reconciliation all end here, in any order and any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.ports import CheckoutStatus, HoldState
from portal.receivables.entries import Entry, EntryKind

if TYPE_CHECKING:
    from datetime import datetime

    from portal.ports import CheckoutReport, GatewayEvent, Hold, Ledger, LedgerTransaction, PaymentGateway


class Outcome(StrEnum):
    """What became of a report or an event."""

    APPLIED = "applied"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of it, and which invoice's page is to be frozen again, also when it was all known before."""

    outcome: Outcome
    stale: tuple[str, ...] = ()


_NEXT_STATE = {
    CheckoutStatus.OPEN: HoldState.OPEN,
    CheckoutStatus.EXPIRED: HoldState.RELEASED,
    CheckoutStatus.FAILED: HoldState.RELEASED,
    CheckoutStatus.PROCESSING: HoldState.PROCESSING,
    CheckoutStatus.PAID: HoldState.POSTED,
}

LEGAL_MOVES: dict[HoldState, frozenset[HoldState]] = {
    HoldState.CREATING: frozenset(set(HoldState) - {HoldState.CREATING}),
    HoldState.UNKNOWN: frozenset(set(HoldState) - {HoldState.CREATING, HoldState.UNKNOWN}),
    HoldState.OPEN: frozenset({HoldState.PROCESSING, HoldState.POSTED, HoldState.RELEASED}),
    HoldState.PROCESSING: frozenset({HoldState.POSTED, HoldState.RELEASED}),
    # A reservation given up locally whose money came all the same: the money counts.
    HoldState.RELEASED: frozenset({HoldState.POSTED, HoldState.PROCESSING}),
    HoldState.POSTED: frozenset(),
}
"""Which state may follow which; anything else is a late or repeated word and changes nothing."""


def settle_event(event: GatewayEvent, gateway: PaymentGateway, ledger: Ledger, now: datetime) -> Settlement:
    """Apply a verified webhook: it only says where to look, the provider is asked for the facts."""
    if event.checkout_id is None:
        with ledger.transaction() as tx:
            tx.record_event(event, Outcome.IGNORED)
        return Settlement(Outcome.IGNORED)
    report = gateway.fetch_checkout(event.checkout_id)
    with ledger.transaction() as tx:
        settlement = _apply(report, tx, now)
        tx.record_event(event, settlement.outcome)
    return settlement


def settle(report: CheckoutReport, ledger: Ledger, now: datetime) -> Settlement:
    """Apply what the provider says of one checkout; a repetition changes nothing."""
    with ledger.transaction() as tx:
        return _apply(report, tx, now)


def _apply(report: CheckoutReport, tx: LedgerTransaction, now: datetime) -> Settlement:
    hold = tx.hold(report.hold_id) if report.hold_id else None
    key = hold.invoice_key if hold else report.invoice_key
    invoice = tx.invoice(key) if key else None
    if key is None or (hold is None and invoice is None):
        return Settlement(Outcome.UNMATCHED)
    currency = invoice.currency if invoice else (hold.amount.currency if hold else None)
    if report.amount.currency != currency:
        return Settlement(Outcome.QUARANTINED)
    for entry in _entries_of(report, key, now):
        tx.append(entry)
    if hold is not None:
        _move(hold, report, tx)
    tx.enqueue_freeze(key)
    return Settlement(Outcome.APPLIED, (key,))


def _entries_of(report: CheckoutReport, key: str, now: datetime) -> list[Entry]:
    """The facts a report holds. A payment counts by the provider's payment id, whatever brought the news."""
    kind = {
        CheckoutStatus.PAID: EntryKind.PAYMENT,
        CheckoutStatus.PROCESSING: EntryKind.PAYMENT_STARTED,
        CheckoutStatus.FAILED: EntryKind.PAYMENT_FAILED,
    }.get(report.status)
    if kind is None or report.payment_id is None:
        return []
    return [
        Entry(
            kind=kind,
            invoice_key=key,
            amount=report.amount,
            occurred_at=report.occurred_at or now,
            external_id=report.payment_id,
            method=report.method,
        )
    ]


def _move(hold: Hold, report: CheckoutReport, tx: LedgerTransaction) -> None:
    state = _NEXT_STATE[report.status]
    if state in LEGAL_MOVES[hold.state]:
        tx.update_hold(replace(hold, state=state, checkout_id=report.checkout_id, url=report.url or hold.url))
