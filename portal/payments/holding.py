"""What the provider's word on a checkout does to its reservation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.payments.planning import keep_paid
from portal.ports import Hold, HoldState
from portal.ports.provider_reports import CheckoutReport, CheckoutStatus

if TYPE_CHECKING:
    from portal.ports import LedgerTransaction
    from portal.receivables.allocation import Allocations

NEXT_STATE = {
    CheckoutStatus.OPEN: HoldState.OPEN,
    CheckoutStatus.EXPIRED: HoldState.RELEASED,
    CheckoutStatus.FAILED: HoldState.RELEASED,
    CheckoutStatus.PROCESSING: HoldState.PROCESSING,
    CheckoutStatus.PAID: HoldState.POSTED,
}

MONEY_IN = frozenset({HoldState.PROCESSING, HoldState.POSTED})
"""States whose money stands in the ledger, so that the reservation itself counts no more."""

LEGAL_MOVES: dict[HoldState, frozenset[HoldState]] = {
    HoldState.CREATING: frozenset(set(HoldState) - {HoldState.CREATING}),
    HoldState.UNKNOWN: frozenset(set(HoldState) - {HoldState.CREATING, HoldState.UNKNOWN}),
    HoldState.OPEN: frozenset({HoldState.PROCESSING, HoldState.POSTED, HoldState.RELEASED}),
    HoldState.PROCESSING: frozenset({HoldState.POSTED, HoldState.RELEASED}),
    # A reservation given up locally whose money came all the same: the money counts.
    HoldState.RELEASED: frozenset({HoldState.POSTED}),
    HoldState.POSTED: frozenset(),
}
"""Which state may follow which; anything else is a late or repeated word and changes nothing."""


def follow(hold: Hold, checkout: CheckoutReport, tx: LedgerTransaction) -> bool:
    """Move a reservation to where its checkout is, if it may go there; True where it moved."""
    state = NEXT_STATE[checkout.status]
    if state not in LEGAL_MOVES[hold.state]:
        return False
    tx.update_hold(replace(hold, state=state, checkout_id=checkout.checkout_id, url=checkout.url or hold.url))
    if state is HoldState.POSTED:
        keep_paid(tx, hold, checkout.customer_id, checkout.payment_method_id)
    return True


def adopt(allocations: Allocations, checkout: CheckoutReport, tx: LedgerTransaction) -> bool:
    """Keep the reservation of a checkout that a lost ledger forgot: as long as it can be paid, it counts."""
    at, until = checkout.opened_at or checkout.created_at, checkout.expires_at
    over = NEXT_STATE[checkout.status] is HoldState.RELEASED
    if checkout.hold_id is None or at is None or until is None or over:
        return False
    tx.add_hold(
        Hold(
            hold_id=checkout.hold_id,
            allocations=allocations,
            state=NEXT_STATE[checkout.status],
            created_at=at,
            expires_at=until,
            checkout_id=checkout.checkout_id,
            url=checkout.url,
        )
    )
    return True
