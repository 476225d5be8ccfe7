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
from portal.planning import propose
from portal.ports import LIVE_STATES, CheckoutReport, CheckoutStatus, Hold, HoldState
from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.offers import NoCard, Offers, PartRefusal, offers_for, refusal_of_part
from portal.settlement import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from portal.planning import PlanStep
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
    """What the customer asked for. ``part`` None is all that is left; ``shown`` is what the page said is left.

    ``plan`` says which installment the part is; such a part keeps to the plan and not to the bounds of free parts.
    """

    shown: str
    part: Money | None = None
    plan: PlanStep | None = None


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
                    return self._ask_provider(answer, wish)
                if not isinstance(answer, _InTheWay):
                    return answer
        except GatewayError as error:
            return Failed(error)
        return Busy()

    def close(self, invoice_key: str) -> bool:
        """Bring the ledger level on every open checkout and close it; False where one is just being opened.

        Raises:
            GatewayError: the provider could not be asked.
        """
        for _ in range(_ROUNDS):
            with self.ledger.transaction() as tx:
                holds = tx.holds(invoice_key, LIVE_STATES)
            if not holds:
                return True
            if not all(self._level_hold(hold, None) for hold in holds):
                self.pause(_PAUSE_SECONDS)
        return False

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
        if report.status is CheckoutStatus.OPEN and not _serves(hold, wanted):
            report = self.gateway.expire_checkout(hold.checkout_id)
        settle(report, self.ledger, self.now())
        return True

    def _look_up(self, hold: Hold, wanted: Money | None) -> bool:
        """A hold without an answer: another click may be waiting for it, or its process died."""
        young = hold.state is HoldState.CREATING and self.now() - hold.created_at < STILL_CREATING
        if young:
            return _serves(hold, wanted)
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
            record = tx.plan_in_force(invoice_key)
            if record is not None and record.under_way is not None:
                # A saved card may just be charged for this very money: until that is known, nothing is opened.
                return Busy()
            if refusal := _refusal(offers, wish) or _refusal_of_step(offers, wish, invoice_key, tx):
                return refusal
            amount = wish.part or offers.full
            holds = tx.holds(invoice_key, LIVE_STATES)
            wanted = None if wish.plan else amount
            if amount is None or any(not _serves(hold, wanted) or hold.state is HoldState.UNKNOWN for hold in holds):
                return _InTheWay()
            if holds:
                return holds[0]
            hold = self._new_hold(invoice_key, amount, wish.plan)
            tx.add_hold(hold)
            if wish.plan and wish.plan.proposal:
                propose(wish.plan.proposal, tx)
            return hold

    def _new_hold(self, invoice_key: str, amount: Money, step: PlanStep | None) -> Hold:
        created = self.now()
        return Hold(
            # Stripe keeps idempotency keys for the account, so the id is random, never counted.
            hold_id=f"hold_{secrets.token_hex(16)}",
            invoice_key=invoice_key,
            amount=amount,
            state=HoldState.CREATING,
            created_at=created,
            expires_at=created + HOLD_LIFETIME,
            plan_id=step.checkout.plan_id if step else None,
        )

    def _ask_provider(self, hold: Hold, wish: PayWish) -> Answer:
        if hold.url is not None:
            return Opened(hold.url)
        invoice = self.ledger.invoice(hold.invoice_key)
        if invoice is None:
            return Gone()
        try:
            request = replace(self.request_of(hold, invoice), plan=wish.plan.checkout if wish.plan else None)
            report = self.gateway.open_checkout(request)
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
        """The amount of an earlier checkout that would do; for a plan none does, since it keeps a card or not."""
        return None if wish.plan else wish.part or self._offers(invoice, tx).full


def _refusal(offers: Offers, wish: PayWish) -> Changed | Refused | None:
    if str(offers.left) != wish.shown:
        return Changed(offers)
    if wish.plan is not None:
        return None
    if wish.part is not None:
        refused = refusal_of_part(offers, wish.part)
        return Refused(refused, offers) if refused else None
    return Refused(offers.no_card, offers) if offers.no_card else None


def _serves(hold: Hold, wanted: Money | None) -> bool:
    """Whether an earlier checkout is what is asked for now; one of a plan never is."""
    return hold.plan_id is None and hold.amount == wanted


def _refusal_of_step(offers: Offers, wish: PayWish, invoice_key: str, tx: LedgerTransaction) -> Changed | None:
    """A plan begins only where there is none, goes on only while it is in force, and asks for no more than is left."""
    step, amount = wish.plan, wish.part
    if step is None:
        return None
    current = tx.plan_in_force(invoice_key)
    expected = None if step.proposal else step.checkout.plan_id
    fits = (current.plan.plan_id if current else None) == expected
    payable = amount is not None and amount <= offers.left and card_limits(amount.currency).allow(amount)
    return None if fits and payable else Changed(offers)
