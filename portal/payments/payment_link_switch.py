"""One payment link: made, kept, and ended so that nothing paid through it is lost. The ledger's row comes first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.errors import GatewayError, GatewayUnreachableError
from portal.payments.settlement import settle_payment
from portal.ports.payment_links import PaymentLinkState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.ports import Ledger
    from portal.ports.payment_links import MadeLink, PaymentLink, PaymentLinkGateway, PaymentLinkRequest

_MAY_BE_KEPT = frozenset({PaymentLinkState.CREATING, PaymentLinkState.ACTIVE})


@dataclass(slots=True)
class LinkSwitch:
    """Makes and ends single links, and counts what it did.

    Attributes:
        now: the clock.
        closed_checkouts: checkouts that somebody had open on a link when it was switched off.
    """

    ledger: Ledger
    gateway: PaymentLinkGateway
    now: Callable[[], datetime]
    made: int = 0
    switched_off: int = 0
    closed_checkouts: int = 0

    def make(self, row: PaymentLink, request: PaymentLinkRequest) -> None:
        """Ask for a row's link; where nobody waits for it any more, it is switched off again.

        Raises:
            GatewayError: the provider refused, and the row is ended; or did not answer, and the row waits.
        """
        try:
            link = self.gateway.make_link(request)
        except GatewayUnreachableError:
            raise
        except GatewayError:
            self.move(row, PaymentLinkState.DEACTIVATED)
            raise
        if self.keep(link):
            self.made += 1
        else:
            self.off(link.link_id)

    def keep(self, link: MadeLink) -> bool:
        """Note that a row's link is there; False where nobody waits for it any more, or for another one."""
        with self.ledger.transaction() as tx:
            row = tx.payment_link(link.row_id)
            if row is None or row.state not in _MAY_BE_KEPT or row.link_id not in {None, link.link_id}:
                return False
            found = replace(row, state=PaymentLinkState.ACTIVE, link_id=link.link_id, url=link.url)
            tx.update_payment_link(replace(found, price_id=link.price_id or row.price_id))
        return True

    def close(self, row: PaymentLink) -> None:
        """End a row with its link, where it has one."""
        self.move(row, PaymentLinkState.CLOSING)
        if row.link_id is not None:
            self.off(row.link_id)
        self.move(row, PaymentLinkState.DEACTIVATED)

    def move(self, row: PaymentLink, state: PaymentLinkState) -> None:
        """Move a row on, unless its link has come to be meanwhile: then that has to be closed first."""
        with self.ledger.transaction() as tx:
            now = tx.payment_link(row.row_id)
            if now is not None and now.link_id == row.link_id:
                tx.update_payment_link(replace(now, state=state))

    def off(self, link_id: str) -> None:
        """Let nobody open it, then close what is open on it, then count what was paid through it."""
        self.gateway.switch_off(link_id)
        self.switched_off += 1
        for checkout_id in self.gateway.open_checkouts(link_id):
            self.gateway.expire_checkout(checkout_id)
            self.closed_checkouts += 1
        for payment in self.gateway.payments_through(link_id):
            settle_payment(payment, self.ledger, self.now())
