"""Reserve what a checkout is for, and open it: the same for one invoice and for several.

A checkout is a reservation: its hold is committed before the provider is called, and each invoice has one open
checkout at the most, whether it is on that invoice alone or on several. A second click meets the first one's checkout,
or closes it and opens another.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from portal.errors import GatewayError, GatewayUnreachableError
from portal.payments.planning import propose
from portal.payments.settlement import settle
from portal.ports import LIVE_STATES, CheckoutReport, CheckoutStatus, Hold, HoldState
from portal.receivables.allocation import card_takes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from portal.payments.planning import PlanStep
    from portal.ports import CheckoutRequest, Ledger, LedgerTransaction, PaymentGateway
    from portal.receivables.allocation import Allocations
    from portal.receivables.invoice import Invoice

HOLD_LIFETIME = timedelta(minutes=60)
"""How long a checkout stays open; Stripe allows 30 minutes to 24 hours."""
STILL_CREATING = timedelta(seconds=120)
"""A hold being created for longer lost its process: every attempt of the client has timed out by then."""
_ROUNDS = 5
_PAUSE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Opened:
    """The customer goes on at the provider's page."""

    url: str


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


A = TypeVar("A")
"""What a decision says instead of parts."""


@dataclass(frozen=True, slots=True)
class _InTheWay:
    """An earlier checkout of an invoice must be closed or understood first."""


@dataclass(frozen=True, slots=True)
class Reserving:
    """Opens and closes checkouts on any number of invoices.

    Attributes:
        now: the clock.
        pause: waits between two looks at another click's checkout.
        token: of the link through which checkouts are opened here.
        language: in which the customer reads the page they are opened from, where they chose one.
    """

    ledger: Ledger
    gateway: PaymentGateway
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    token: str | None = None
    language: str | None = None

    def open(
        self,
        keys: Sequence[str],
        decide: Callable[[LedgerTransaction], Allocations | A],
        request_of: Callable[[Hold, Sequence[Invoice]], CheckoutRequest],
        plan: PlanStep | None = None,
    ) -> A | Opened | Gone | Failed | Busy:
        """The checkout for what is decided, or what is said instead; see ``Checkout.open_for``."""
        try:
            for _ in range(_ROUNDS):
                if not self._level(keys, decide, plan):
                    self.pause(_PAUSE_SECONDS)
                    continue
                answer = self._reserve(keys, decide, plan)
                if isinstance(answer, Hold):
                    return self._ask_provider(answer, request_of, plan)
                if not isinstance(answer, _InTheWay):
                    return answer
        except GatewayError as error:
            return Failed(error)
        return Busy()

    def close(self, key: str) -> bool:
        """Bring the ledger level on every open checkout that touches an invoice, and close it.

        False where one is just being opened.

        Raises:
            GatewayError: the provider could not be asked.
        """
        for _ in range(_ROUNDS):
            with self.ledger.transaction() as tx:
                holds = tx.holds(key, LIVE_STATES)
            if not holds:
                return True
            if not all(self._level_hold(hold, stays=False) for hold in holds):
                self.pause(_PAUSE_SECONDS)
        return False

    def _level(
        self, keys: Sequence[str], decide: Callable[[LedgerTransaction], Allocations | A], plan: PlanStep | None
    ) -> bool:
        """Bring the ledger level with the provider on every checkout still open; False to look again shortly.

        What does not serve is closed; where nothing is to be opened, nothing is closed for it either.
        """
        with self.ledger.transaction() as tx:
            tx.lock(*keys)
            holds = _live_holds(tx, keys)
            decided = decide(tx) if holds else ()
        wanted = decided if isinstance(decided, tuple) else None
        return all(self._level_hold(hold, stays=wanted is None or self._serves(hold, wanted, plan)) for hold in holds)

    def _level_hold(self, hold: Hold, *, stays: bool) -> bool:
        if hold.checkout_id is None:
            return self._look_up(hold, stays=stays)
        report = self.gateway.fetch_checkout(hold.checkout_id)
        if report.status is CheckoutStatus.OPEN and not stays:
            report = self.gateway.expire_checkout(hold.checkout_id)
        settle(report, self.ledger, self.now())
        return True

    def _look_up(self, hold: Hold, *, stays: bool) -> bool:
        """A hold without an answer: another click may be waiting for it, or its process died."""
        young = hold.state is HoldState.CREATING and self.now() - hold.created_at < STILL_CREATING
        if young:
            return stays
        report = self.gateway.find_checkout(hold)
        if report is not None:
            settle(report, self.ledger, self.now())
            return False
        # Its address was never given to anyone, so nobody can pay it, even if it came to be later.
        self._end(hold, HoldState.RELEASED)
        return True

    def _reserve(
        self, keys: Sequence[str], decide: Callable[[LedgerTransaction], Allocations | A], plan: PlanStep | None
    ) -> Hold | A | Busy | _InTheWay:
        """Check and write in one transaction, so that nobody comes between."""
        with self.ledger.transaction() as tx:
            tx.lock(*keys)
            decided = decide(tx)
            if not isinstance(decided, tuple):
                return decided
            if any(is_charged_now(tx, key) for key in keys):
                return Busy()
            holds = _live_holds(tx, keys)
            if any(not self._serves(hold, decided, plan) or hold.state is HoldState.UNKNOWN for hold in holds):
                return _InTheWay()
            if holds:
                return holds[0]
            hold = self._new_hold(decided, plan)
            tx.add_hold(hold)
            for proposed in plan.proposal if plan else ():
                propose(proposed, tx)
            return hold

    def _serves(self, hold: Hold, allocations: Allocations, plan: PlanStep | None) -> bool:
        """Whether an earlier checkout is what is asked for now.

        One of a plan never is, for it keeps a card or not; nor is one of another link, for it leads to its page, nor
        one in another language, for the provider's page keeps the one it was opened in.
        """
        same = (hold.allocations, hold.token, hold.language) == (allocations, self.token, self.language)
        return same and plan is None and hold.plan_id is None

    def _new_hold(self, allocations: Allocations, step: PlanStep | None) -> Hold:
        if not card_takes(allocations):
            raise ValueError("no card payment can carry what was decided")
        created = self.now()
        return Hold(
            # Stripe keeps idempotency keys for the account, so the id is random, never counted.
            hold_id=f"hold_{secrets.token_hex(16)}",
            allocations=allocations,
            state=HoldState.CREATING,
            created_at=created,
            expires_at=created + HOLD_LIFETIME,
            plan_id=step.checkout.plan_id if step else None,
            token=self.token,
            language=self.language,
        )

    def _ask_provider(
        self,
        hold: Hold,
        request_of: Callable[[Hold, Sequence[Invoice]], CheckoutRequest],
        plan: PlanStep | None,
    ) -> Opened | Gone | Failed | Busy:
        if hold.url is not None:
            return Opened(hold.url)
        invoices = [invoice for key in hold.invoice_keys if (invoice := self.ledger.invoice(key))]
        if len(invoices) < len(hold.invoice_keys):
            self._end(hold, HoldState.RELEASED)
            return Gone()
        try:
            request = replace(request_of(hold, invoices), plan=plan.checkout if plan else None)
            report = self.gateway.open_checkout(request)
        except GatewayUnreachableError as error:
            self._end(hold, HoldState.UNKNOWN)
            return Failed(error)
        except GatewayError as error:
            self._end(hold, HoldState.RELEASED)
            return Failed(error)
        return self._keep(hold, report)

    def _keep(self, hold: Hold, report: CheckoutReport) -> Opened | Busy:
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


def _live_holds(tx: LedgerTransaction, keys: Sequence[str]) -> tuple[Hold, ...]:
    """The reservations that touch any of these invoices and may still be paid, each once."""
    return tuple({hold.hold_id: hold for key in keys for hold in tx.holds(key, LIVE_STATES)}.values())


def is_charged_now(tx: LedgerTransaction, key: str) -> bool:
    """Whether a saved card may just be charged for this very money: until that is known, nothing is opened."""
    record = tx.plan_in_force(key)
    return record is not None and record.under_way is not None
