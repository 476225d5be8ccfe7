"""Open a checkout for what the customer asked, if the ledger agrees at this moment.

A checkout is a reservation: its hold is committed before the provider is called, and each invoice has one open
checkout at the most. A second click meets the first one's checkout, or closes it and opens another.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from portal.errors import GatewayError, GatewayUnreachableError
from portal.ports import LIVE_STATES, CheckoutReport, CheckoutStatus, Hold, HoldState
from portal.receivables.balance import balance_of
from portal.receivables.offers import NoCard, Offers, PartRefusal, offers_for, refusal_of_part
from portal.settlement import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from portal.ports import CheckoutRequest, Ledger, LedgerTransaction, PaymentGateway
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money

HOLD_LIFETIME = timedelta(minutes=60)
"""How long a checkout stays open; Stripe allows 30 minutes to 24 hours."""
STILL_CREATING = timedelta(seconds=120)
"""A hold being created for longer lost its process: every attempt of the client has timed out by then."""
_ROUNDS = 5
_PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class PayWish:
    """What the customer asked for. ``part`` None is all that is left; ``shown`` is what the page said is left."""

    shown: str
    part: Money | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The customer goes on at the provider's page."""

    url: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What is left differs from what the page showed: nothing was opened, the customer is asked again."""

    offers: Offers


@dataclass(frozen=True, slots=True)
class Refused:
    """This amount cannot be paid by card: nothing was opened."""

    reason: PartRefusal | NoCard
    offers: Offers


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such invoice any more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider refused or did not answer; nobody was sent there, so no money can have moved."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class Busy:
    """Another click on this invoice is being answered at this moment."""


Answer = Opened | Changed | Refused | Gone | Failed | Busy


@dataclass(frozen=True, slots=True)
class _InTheWay:
    """An earlier checkout of the invoice must be closed or understood first."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Opens checkouts.

    Attributes:
        request_of: the provider's request for a hold on an invoice.
        parts_allowed: whether the owner lets customers pay a part.
        now: the clock; ``today`` the day in the business's time zone.
        pause: waits between two looks at another click's checkout.
    """

    ledger: Ledger
    gateway: PaymentGateway
    request_of: Callable[[Hold, Invoice], CheckoutRequest]
    parts_allowed: bool
    now: Callable[[], datetime]
    today: Callable[[], date]
    pause: Callable[[float], None] = time.sleep

    def open(self, invoice_key: str, wish: PayWish) -> Answer:
        """The checkout for a wish, worked out again from the ledger, or why there is none."""
        try:
            for _ in range(_ROUNDS):
                if not self._level(invoice_key, wish):
                    self.pause(_PAUSE_SECONDS)
                    continue
                answer = self._reserve(invoice_key, wish)
                if isinstance(answer, Hold):
                    return self._ask_provider(answer)
                if not isinstance(answer, _InTheWay):
                    return answer
        except GatewayError as error:
            return Failed(error)
        return Busy()

    def _level(self, invoice_key: str, wish: PayWish) -> bool:
        """Bring the ledger level with the provider on every checkout still open; False to look again shortly."""
        with self.ledger.transaction() as tx:
            invoice = tx.invoice(invoice_key)
            holds = tx.holds(invoice_key, LIVE_STATES)
            wanted = None if invoice is None else self._amount(invoice, tx, wish)
        return all(self._level_hold(hold, wanted) for hold in holds)

    def _level_hold(self, hold: Hold, wanted: Money | None) -> bool:
        if hold.checkout_id is None:
            return self._look_up(hold, wanted)
        report = self.gateway.fetch_checkout(hold.checkout_id)
        if report.status is CheckoutStatus.OPEN and hold.amount != wanted:
            report = self.gateway.expire_checkout(hold.checkout_id)
        settle(report, self.ledger, self.now())
        return True

    def _look_up(self, hold: Hold, wanted: Money | None) -> bool:
        """A hold without an answer: another click may be waiting for it, or its process died."""
        young = hold.state is HoldState.CREATING and self.now() - hold.created_at < STILL_CREATING
        if young:
            return hold.amount == wanted
        report = self.gateway.find_checkout(hold)
        if report is not None:
            settle(report, self.ledger, self.now())
            return False
        # Its address was never given to anyone, so nobody can pay it, even if it came to be later.
        self._end(hold, HoldState.RELEASED)
        return True

    def _reserve(self, invoice_key: str, wish: PayWish) -> Hold | Answer | _InTheWay:
        """Check and write in one transaction, so that nobody comes between."""
        with self.ledger.transaction() as tx:
            invoice = tx.invoice(invoice_key)
            if invoice is None:
                return Gone()
            offers = self._offers(invoice, tx)
            if refusal := _refusal(offers, wish):
                return refusal
            amount = wish.part or offers.full
            holds = tx.holds(invoice_key, LIVE_STATES)
            if amount is None or any(hold.amount != amount or hold.state is HoldState.UNKNOWN for hold in holds):
                return _InTheWay()
            if holds:
                return holds[0]
            hold = self._new_hold(invoice_key, amount)
            tx.add_hold(hold)
            return hold

    def _new_hold(self, invoice_key: str, amount: Money) -> Hold:
        created = self.now()
        return Hold(
            # Stripe keeps idempotency keys for the account, so the id is random, never counted.
            hold_id=f"hold_{secrets.token_hex(16)}",
            invoice_key=invoice_key,
            amount=amount,
            state=HoldState.CREATING,
            created_at=created,
            expires_at=created + HOLD_LIFETIME,
        )

    def _ask_provider(self, hold: Hold) -> Answer:
        if hold.url is not None:
            return Opened(hold.url)
        invoice = self.ledger.invoice(hold.invoice_key)
        if invoice is None:
            return Gone()
        try:
            report = self.gateway.open_checkout(self.request_of(hold, invoice))
        except GatewayUnreachableError as error:
            self._end(hold, HoldState.UNKNOWN)
            return Failed(error)
        except GatewayError as error:
            self._end(hold, HoldState.RELEASED)
            return Failed(error)
        return self._keep(hold, report)

    def _keep(self, hold: Hold, report: CheckoutReport) -> Answer:
        """Keep the checkout's address; if the hold was given up meanwhile, the checkout is closed, not shown."""
        with self.ledger.transaction() as tx:
            now = tx.hold(hold.hold_id)
            kept = now is not None and now.state in LIVE_STATES
            if kept:
                tx.update_hold(replace(hold, state=HoldState.OPEN, checkout_id=report.checkout_id, url=report.url))
        if kept and report.url:
            return Opened(report.url)
        settle(self.gateway.expire_checkout(report.checkout_id), self.ledger, self.now())
        return Busy()

    def _end(self, hold: Hold, state: HoldState) -> None:
        """Move a hold that is still being created; one that another door moved on stays as it is."""
        with self.ledger.transaction() as tx:
            now = tx.hold(hold.hold_id)
            if now is not None and now.state in {HoldState.CREATING, HoldState.UNKNOWN}:
                tx.update_hold(replace(now, state=state))

    def _offers(self, invoice: Invoice, tx: LedgerTransaction) -> Offers:
        balance = balance_of(invoice, tx.entries(invoice.key), self.today())
        return offers_for(balance, parts_allowed=self.parts_allowed)

    def _amount(self, invoice: Invoice, tx: LedgerTransaction, wish: PayWish) -> Money | None:
        return wish.part or self._offers(invoice, tx).full


def _refusal(offers: Offers, wish: PayWish) -> Changed | Refused | None:
    if str(offers.left) != wish.shown:
        return Changed(offers)
    if wish.part is not None:
        refused = refusal_of_part(offers, wish.part)
        return Refused(refused, offers) if refused else None
    return Refused(offers.no_card, offers) if offers.no_card else None
