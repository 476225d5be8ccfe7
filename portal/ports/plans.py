"""What the operations on payment plans need from the outside, and the plain records that cross that border."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from portal.receivables.allocation import Allocations
    from portal.receivables.money import Money
    from portal.receivables.plans import PaymentPlan

MOST_ATTEMPTS = 3
"""How often one installment is charged off-session, each time on a later day."""


class PlanLife(StrEnum):
    """PROPOSED until its first payment is there, then IN_FORCE until it is STOPPED. Whether it is paid is derived."""

    PROPOSED = "proposed"
    IN_FORCE = "in force"
    STOPPED = "stopped"


class AttemptState(StrEnum):
    """BEGUN: written before the provider was asked, so the outcome is unknown until one of the others follows.

    ABANDONED: nothing was charged, for a reason that is not the card's; it does not count as a try.
    """

    BEGUN = "begun"
    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    DECLINED = "declined"
    NEEDS_APPROVAL = "needs approval"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One charge of a saved card for one installment, as far as it is for one invoice.

    Attributes:
        installment: its number in the agreement.
        number: from 1; of those that the card's bank answered there are ``MOST_ATTEMPTS`` at the most.
        begun_on: the day in the business's time zone, so that the next try comes on a later one.
        reason: the bank's own word for a refusal, such as ``insufficient_funds``.
        agreement_id: of an agreement over several invoices: the parts of one charge share its key.
    """

    plan_id: str
    invoice_key: str
    installment: int
    number: int
    amount: Money
    state: AttemptState
    begun_at: datetime
    begun_on: date
    payment_id: str | None = None
    reason: str | None = None
    agreement_id: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key: a refusal is stored by the provider under it, so each try has its own."""
        return f"plan-{self.agreement_id or self.plan_id}-{self.installment}-try{self.number}"


REFUSED = frozenset({AttemptState.DECLINED, AttemptState.NEEDS_APPROVAL})
"""What a bank says of a charge that it does not make."""


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as the ledger keeps it, with all its attempts, oldest first."""

    plan: PaymentPlan
    life: PlanLife
    ended_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()

    @property
    def under_way(self) -> Attempt | None:
        """The charge whose outcome nobody knows yet; until it is known, nothing else may be charged or opened."""
        return next((attempt for attempt in self.attempts if attempt.state is AttemptState.BEGUN), None)

    @property
    def refused_on(self) -> date | None:
        """The day of the last charge, where the bank refused it; also where what it was for was paid since."""
        last = self.attempts[-1] if self.plan.automatic and self.attempts else None
        return last.begun_on if last is not None and last.state in REFUSED else None


@dataclass(frozen=True, slots=True)
class PlanCheckout:
    """What a checkout has to do for a plan.

    Attributes:
        plan_id: for the payment's metadata: that of the agreement.
        installment: its number.
        saves_card: whether the card is kept for the payments to come.
        customer_id: the provider's customer to keep it for; None makes one.
        message: shown beside the provider's pay button.
    """

    plan_id: str
    installment: int
    saves_card: bool
    customer_id: str | None
    message: str


class ChargeOutcome(StrEnum):
    """What the provider says of a charge; NEEDS_APPROVAL: only the customer can give it, so trying again is no use."""

    SUCCEEDED = "succeeded"
    PROCESSING = "processing"
    DECLINED = "declined"
    NEEDS_APPROVAL = "needs approval"


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A charge of a saved card; the same key always goes with the same request."""

    key: str
    allocations: Allocations
    plan_id: str
    installment: int
    customer_id: str
    payment_method_id: str
    description: str


@dataclass(frozen=True, slots=True)
class ChargeReport:
    """What became of a charge; ``reason`` is the bank's own word for a refusal."""

    outcome: ChargeOutcome
    payment_id: str | None = None
    reason: str | None = None


class Collector(Protocol):
    """Charges saved cards while the customer is away."""

    def charge(self, request: ChargeRequest) -> ChargeReport:
        """Charge, or tell what became of the charge that was made with this key within a day.

        Raises:
            GatewayError: refused for a reason that is not the card's; nothing was charged.
            GatewayUnreachableError: the outcome is unknown.
        """

    def find_charge(self, request: ChargeRequest) -> ChargeReport | None:
        """The charge that was made with a key, however long ago, if there is one."""

    def payments_of(self, plan_id: str, customer_id: str) -> tuple[str, ...]:
        """Ids of the payments for an agreement that went through or are on their way, whoever began them."""


class PlanTransaction(Protocol):
    """What is read and written about plans while nobody else may touch the invoice."""

    def add_plan(self, record: PlanRecord) -> None:
        """Keep a plan; its attempts are kept by ``add_attempt``."""

    def plan(self, plan_id: str) -> PlanRecord | None:
        """One plan."""

    def plan_in_force(self, key: str) -> PlanRecord | None:
        """The plan that an invoice is on."""

    def plans_of(self, key: str) -> tuple[PlanRecord, ...]:
        """All plans an invoice ever had, oldest first."""

    def agreement(self, agreement_id: str) -> tuple[PlanRecord, ...]:
        """The plans of an agreement, in its order; all their invoices are locked."""

    def update_plan(self, record: PlanRecord) -> None:
        """Keep a plan's life, and the provider's ids of customer and card; nothing else of it changes."""

    def add_attempt(self, attempt: Attempt) -> None:
        """Keep a new attempt, before the provider is asked."""

    def update_attempt(self, attempt: Attempt) -> None:
        """Keep an attempt's outcome."""


class PlanLedger(Protocol):
    """What is read about plans outside a transaction."""

    def plan_in_force(self, key: str) -> PlanRecord | None:
        """The plan that an invoice is on."""

    def agreement(self, agreement_id: str) -> tuple[PlanRecord, ...]:
        """The plans of an agreement, in its order; one where it is about one invoice."""

    def plans_in_force(self) -> Mapping[str, PlanRecord]:
        """All plans in force, by invoice."""
