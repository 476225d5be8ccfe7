"""What the payment provider says, as plain records: checkouts, payments, refunds, disputes and events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from portal.receivables.allocation import Allocations
    from portal.receivables.money import Money


class CheckoutStatus(StrEnum):
    """What the provider says of a checkout."""

    OPEN = "open"
    EXPIRED = "expired"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckoutReport:
    """A checkout as the provider knows it now. ``payment_id`` is the one id by which its money counts.

    Attributes:
        allocations: which invoices it names, and what of it belongs to each; empty where it names none.
        is_garbled: it names invoices in words that cannot be read.
        is_anothers: it carries the mark of another portal on the same account.
        opened_at: when its reservation was made.
    """

    checkout_id: str
    status: CheckoutStatus
    hold_id: str | None
    allocations: Allocations
    amount: Money
    livemode: bool
    url: str | None = None
    payment_id: str | None = None
    method: str | None = None
    occurred_at: datetime | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    is_delayed: bool = False
    customer_id: str | None = None
    payment_method_id: str | None = None
    opened_at: datetime | None = None
    is_garbled: bool = False
    is_anothers: bool = False

    @property
    def names(self) -> str:
        """The invoices it names, for people."""
        return " and ".join(part.invoice_key for part in self.allocations)


class PaymentStatus(StrEnum):
    """What the provider says of a payment. OPEN: nobody has paid yet, and somebody still may."""

    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class RefundStatus(StrEnum):
    """What the provider says of a refund. FAILED: it came back, whether or not it was said to have arrived before."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


class DisputeStatus(StrEnum):
    """Whether a dispute, or a mere inquiry, waits for an answer. Money is moved by its movements alone."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefundReport:
    """A refund as the provider knows it now; ``word`` is the provider's own for its status.

    Attributes:
        failed_at: when the money came back; None where it did not, or where the provider does not say when.
    """

    refund_id: str
    payment_id: str | None
    status: RefundStatus
    amount: Money
    created_at: datetime
    word: str = ""
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeMovement:
    """Money a dispute moved: out of the owner's account where the amount is negative, back where it is positive."""

    movement_id: str
    amount: Money
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """A dispute as the provider knows it now; ``word`` is the provider's own for its status.

    Attributes:
        is_inquiry: the bank only asks; it may become a dispute of the same id, even after it was closed.
    """

    dispute_id: str
    payment_id: str | None
    status: DisputeStatus
    amount: Money
    created_at: datetime
    movements: tuple[DisputeMovement, ...] = ()
    word: str = ""
    is_inquiry: bool = False


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """Everything the provider knows of one payment, whatever brought it up.

    Attributes:
        payment_id: the one id by which its money counts.
        amount: what was received where it succeeded, otherwise what is asked for.
        is_delayed: paid by a means that takes days, such as a bank debit.
        is_foreign: of the other world (test and live) than the key's.
        metadata: what was written on it when it was made; hold and allocations are read from there.
        allocations: which invoices it names, and what of it belongs to each; empty where it names none.
        is_garbled: it names invoices in words that cannot be read.
        is_anothers: it carries the mark of another portal on the same account.
        opened_at: when its checkout's reservation was made, where it was made through one.
        checkout: the checkout it was made through, if any.
        gaps: what could not be read, in words.
        word: the provider's own for the status.
    """

    payment_id: str
    status: PaymentStatus
    amount: Money
    created_at: datetime
    hold_id: str | None = None
    allocations: Allocations = ()
    method: str | None = None
    is_delayed: bool = False
    is_foreign: bool = False
    is_garbled: bool = False
    is_anothers: bool = False
    opened_at: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    checkout: CheckoutReport | None = None
    refunds: tuple[RefundReport, ...] = ()
    disputes: tuple[DisputeReport, ...] = ()
    gaps: tuple[str, ...] = ()
    word: str = ""

    @property
    def names(self) -> str:
        """The invoices it names, for people."""
        return " and ".join(part.invoice_key for part in self.allocations)

    @property
    def is_overtaken(self) -> bool:
        """Whether its checkout, which was read after it, tells of a payment that it does not know of yet."""
        said = self.checkout.status if self.checkout else None
        paid = said is CheckoutStatus.PAID and self.status is not PaymentStatus.SUCCEEDED
        return paid or (said is CheckoutStatus.PROCESSING and self.status is PaymentStatus.FAILED)

    def joined(
        self,
        checkout: CheckoutReport | None,
        refunds: Iterable[RefundReport],
        disputes: Iterable[DisputeReport],
    ) -> PaymentReport:
        """The payment with everything else that is known of it.

        Where its own marks are gone it has those of its checkout: anybody with the key may clear them.
        """
        whole = replace(self, checkout=checkout, refunds=tuple(refunds), disputes=tuple(disputes))
        is_bare = not self.allocations and self.hold_id is None and not self.is_garbled and not self.is_anothers
        if checkout is None or not is_bare or checkout.is_garbled or checkout.is_anothers:
            return whole
        return replace(whole, hold_id=checkout.hold_id, allocations=checkout.allocations, opened_at=checkout.opened_at)


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A verified webhook: only ids are believed, everything else is asked for again.

    Attributes:
        checkout_id: the checkout it is about, if it is about one.
        payment_id: the payment that it, or its refund or dispute, is about.
        account: the account it happened in, where that is not the owner's own.
    """

    event_id: str
    kind: str
    created_at: datetime
    checkout_id: str | None
    body: str
    payment_id: str | None = None
    account: str | None = None


HANDLED_EVENTS = frozenset(
    """checkout.session.completed checkout.session.async_payment_succeeded checkout.session.async_payment_failed
    checkout.session.expired payment_intent.succeeded payment_intent.payment_failed charge.refunded refund.created
    refund.updated refund.failed charge.dispute.created charge.dispute.closed charge.dispute.funds_withdrawn
    charge.dispute.funds_reinstated""".split()
)
"""The kinds of events that are about money; all others are kept and change nothing."""
SELF_TEST_EVENT = "portal.self_test"
"""No kind of the provider's: what the portal sends to its own address to see whether signed events are taken."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Batch(Generic[R]):
    """A part of a list, newest first.

    Attributes:
        after: where the next part begins; None at the end.
        gaps: what could not be read, in words.
    """

    records: tuple[R, ...]
    after: str | None = None
    gaps: tuple[str, ...] = ()
