"""Open a checkout for what the customer asked, if the ledger agrees at this moment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from portal.payments.planning import fits
from portal.payments.reserving import HOLD_LIFETIME, STILL_CREATING, Busy, Failed, Gone, Opened, Reserving
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.card_limits import card_limits
from portal.receivables.offers import NoCard, Offers, PartRefusal, offers_for, refusal_of_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from portal.payments.planning import PlanStep
    from portal.ports import CheckoutRequest, Hold, Ledger, LedgerTransaction, PaymentGateway
    from portal.receivables.allocation import Allocations
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money

__all__ = [
    "HOLD_LIFETIME",
    "STILL_CREATING",
    "Answer",
    "Busy",
    "Changed",
    "Checkout",
    "Failed",
    "Gone",
    "Opened",
    "PayWish",
    "Refused",
]


@dataclass(frozen=True, slots=True)
class PayWish:
    """What the customer asked for. ``part`` None is all that is left; ``shown`` is what the page said is left.

    ``plan`` says which installment the part is; such a part keeps to the plan and not to the bounds of free parts.
    """

    shown: str
    part: Money | None = None
    plan: PlanStep | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What is left differs from what the page showed: nothing was opened, the customer is asked again."""

    offers: Offers


@dataclass(frozen=True, slots=True)
class Refused:
    """This amount cannot be paid by card: nothing was opened."""

    reason: PartRefusal | NoCard
    offers: Offers


Answer = Opened | Changed | Refused | Gone | Failed | Busy


A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Checkout:
    """Opens checkouts.

    Attributes:
        request_of: the provider's request for a hold on invoices.
        parts_allowed: whether the owner lets customers pay a part.
        now: the clock; ``today`` the day in the business's time zone.
        pause: waits between two looks at another click's checkout.
        token: of the link through which checkouts are opened. One that was opened through another link serves nobody
            here, for it leads back to that link's page.
        language: the one that the customer chose, at the moment of the click; None for their own.
    """

    ledger: Ledger
    gateway: PaymentGateway
    request_of: Callable[[Hold, Sequence[Invoice]], CheckoutRequest]
    parts_allowed: bool
    now: Callable[[], datetime]
    today: Callable[[], date]
    pause: Callable[[float], None] = time.sleep
    token: str | None = None
    language: Callable[[], str | None] = lambda: None

    def open(self, invoice_key: str, wish: PayWish) -> Answer:
        """The checkout for a wish about one invoice, worked out again from the ledger, or why there is none."""
        return self.open_for((invoice_key,), lambda tx: self._decide(invoice_key, wish, tx), plan=wish.plan)

    def open_for(
        self,
        keys: Sequence[str],
        decide: Callable[[LedgerTransaction], Allocations | A],
        *,
        plan: PlanStep | None = None,
    ) -> A | Opened | Gone | Failed | Busy:
        """One checkout over several invoices, or why there is none.

        An earlier checkout that is still open serves where its parts are the same, in the same order; every other one
        that touches one of the invoices is brought level and closed first.

        Args:
            keys: the invoices; they are locked while ``decide`` looks at them.
            decide: called within a transaction, more than once: what to pay on which invoice, due first coming first,
                or what to answer instead. ``card_takes`` has to hold for the parts.
            plan: what the payment is for, where it belongs to a payment plan.

        Raises:
            ValueError: no card payment can carry what was decided.
            LedgerBusyError: others hold the ledger; nothing was opened.
        """
        return self._reserving.open(keys, decide, self.request_of, plan)

    def close(self, invoice_key: str) -> bool:
        """Bring the ledger level on every open checkout that touches an invoice, and close it.

        False where one is just being opened.

        Raises:
            GatewayError: the provider could not be asked.
        """
        return self._reserving.close(invoice_key)

    @property
    def _reserving(self) -> Reserving:
        return Reserving(self.ledger, self.gateway, self.now, self.pause, self.token, self.language())

    def _decide(self, key: str, wish: PayWish, tx: LedgerTransaction) -> Allocations | Changed | Refused | Gone:
        """What a wish comes to now."""
        invoice = tx.invoice(key)
        if invoice is None:
            return Gone()
        offers = offers_for(balance_of(invoice, tx.entries(key), self.today()), parts_allowed=self.parts_allowed)
        refusal = _refusal(offers, wish) or _refusal_of_step(offers, wish, key, tx)
        amount = wish.part or offers.full
        if refusal is not None or amount is None:
            return refusal or Changed(offers)
        return (Allocation(key, amount),)


def _refusal(offers: Offers, wish: PayWish) -> Changed | Refused | None:
    if str(offers.left) != wish.shown:
        return Changed(offers)
    if wish.plan is not None:
        return None
    if wish.part is not None:
        refused = refusal_of_part(offers, wish.part)
        return Refused(refused, offers) if refused else None
    return Refused(offers.no_card, offers) if offers.no_card else None


def _refusal_of_step(offers: Offers, wish: PayWish, invoice_key: str, tx: LedgerTransaction) -> Changed | None:
    """A plan begins only where there is none, goes on only while it is in force, and asks for no more than is left."""
    step, amount = wish.plan, wish.part
    if step is None:
        return None
    payable = amount is not None and amount <= offers.left and card_limits(amount.currency).allow(amount)
    return None if payable and fits(step, (invoice_key,), tx) else Changed(offers)
