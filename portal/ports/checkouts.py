"""Checkouts as the operations see them: the reservation in the ledger, and what the provider is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.receivables.allocation import check_allocations, total_of

if TYPE_CHECKING:
    from datetime import datetime

    from portal.ports.plans import PlanCheckout
    from portal.receivables.allocation import Allocations
    from portal.receivables.money import Money


class HoldState(StrEnum):
    """The life of a reservation: creating -> open -> posted | released, with two detours.

    UNKNOWN: the provider did not answer. PROCESSING: paid by a bank debit that has not arrived yet.
    """

    CREATING = "creating"
    UNKNOWN = "unknown"
    OPEN = "open"
    PROCESSING = "processing"
    POSTED = "posted"
    RELEASED = "released"


LIVE_STATES = frozenset({HoldState.CREATING, HoldState.UNKNOWN, HoldState.OPEN})
"""States in which a checkout may still be paid."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A checkout as a reservation, on one invoice or several; its id is the idempotency key of the checkout.

    ``expires_at`` is when the provider closes the checkout by itself. Local clocks never release a hold.
    ``plan_id`` names the payment plan that it begins or goes on with. ``token`` is that of the link it was opened
    through, to whose page the customer comes back; None stands for the invoice's own. ``language`` is the one that was
    chosen on that page, in which the provider speaks; None where the page was in its customer's own.
    """

    hold_id: str
    allocations: Allocations
    state: HoldState
    created_at: datetime
    expires_at: datetime
    checkout_id: str | None = None
    url: str | None = None
    plan_id: str | None = None
    token: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        check_allocations(self.allocations)

    @property
    def amount(self) -> Money:
        """What its parts come to."""
        return total_of(self.allocations)

    @property
    def invoice_keys(self) -> tuple[str, ...]:
        """The invoices it is on."""
        return tuple(part.invoice_key for part in self.allocations)


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """What stands on the provider's page for one part of a payment."""

    title: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutRequest:
    """What the provider is asked for; the same hold always gives the same request.

    Attributes:
        opened_at: when the hold was made, to the second: the sum to pay counts for that day.
        allocations: for the payment's metadata, from which a lost ledger is made again.
        lines: one for each part, in the same order.
    """

    hold_id: str
    opened_at: datetime
    allocations: Allocations
    lines: tuple[CheckoutLine, ...]
    description: str
    customer_email: str | None
    locale: str
    expires_at: datetime
    success_url: str
    cancel_url: str
    plan: PlanCheckout | None = None
