"""What the operations need from the outside, and the plain records that cross that border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from portal.ports.alarms import SeenAlarms
from portal.ports.builds import BuildLedger
from portal.ports.checkouts import LIVE_STATES, CheckoutLine, CheckoutRequest, Hold, HoldState
from portal.ports.links import Link, LinkEnd, LinkKind, LinkLedger, LinkTransaction
from portal.ports.mail import MailLedger, MailTransaction
from portal.ports.payment_links import PaymentLinkLedger, PaymentLinkTransaction
from portal.ports.plans import PlanLedger, PlanTransaction
from portal.ports.privacy import PrivacyLedger
from portal.ports.provider_reports import (
    Batch,
    CheckoutReport,
    CheckoutStatus,
    DisputeMovement,
    DisputeReport,
    DisputeStatus,
    GatewayEvent,
    PaymentReport,
    PaymentStatus,
    RefundReport,
    RefundStatus,
)
from portal.ports.reminders import ReminderLedger, ReminderTransaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from portal.ports.alarms import Alarm
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

__all__ = [
    "LIVE_STATES",
    "Batch",
    "CheckoutLine",
    "CheckoutReport",
    "CheckoutRequest",
    "CheckoutStatus",
    "DisputeMovement",
    "DisputeReport",
    "DisputeStatus",
    "GatewayEvent",
    "Hold",
    "HoldState",
    "Ledger",
    "LedgerTransaction",
    "Link",
    "LinkEnd",
    "LinkKind",
    "PageRecord",
    "PaymentGateway",
    "PaymentReport",
    "PaymentStatus",
    "RefundReport",
    "RefundStatus",
]


class PaymentGateway(Protocol):
    """The card payment provider."""

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        """Open a checkout, or return the one this hold already has.

        Raises:
            GatewayError: refused; nothing was made.
            GatewayUnreachableError: no answer or a fault of the provider; the outcome is unknown.
        """

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        """The checkout as it is now."""

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        """Close an open checkout; where it was just paid or had expired, say so instead."""

    def find_checkout(self, hold: Hold) -> CheckoutReport | None:
        """The checkout that was made for a hold whose outcome is unknown, if there is one."""

    def fetch_payment(self, payment_id: str) -> PaymentReport:
        """Everything about a payment as it is now: its checkout, its refunds, its disputes and what they moved.

        Raises:
            UnexpectedAnswerError: there is no such payment in this account.
        """

    def list_checkouts(self, since: datetime | None, after: str | None) -> Batch[CheckoutReport]:
        """Checkouts made since then, one batch.

        Raises:
            GatewayThrottledError: too many requests; the same call may be made again later.
        """

    def list_payments(self, since: datetime | None, after: str | None) -> Batch[PaymentReport]:
        """Payments begun since then, one batch; without their checkouts, refunds and disputes."""

    def list_refunds(self, since: datetime | None, after: str | None) -> Batch[RefundReport]:
        """Refunds made since then, one batch."""

    def list_disputes(self, since: datetime | None, after: str | None) -> Batch[DisputeReport]:
        """Disputes opened since then, one batch."""

    def list_events(self, since: datetime, after: str | None) -> Batch[GatewayEvent]:
        """What changed since then, one batch; the provider remembers 30 days."""

    def owns_id(self, external_id: str) -> bool:
        """Whether an id looks like one of the provider's: of a payment, refund, dispute or movement."""

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """Verify and read a webhook.

        Raises:
            ForgedEventError: not signed by the provider, too old, from the future, or of the other world.
        """


# ---- the ledger --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A published page: which inputs it was made from, so that an unchanged one is left alone.

    Attributes:
        path: place below the output folder: ``i/<token>/index.html``.
        fingerprint: of everything the page shows.
        seq: the ledger's last entry of that invoice when the page was made; an older page never replaces a newer.
    """

    path: str
    fingerprint: str
    seq: int


class LedgerTransaction(
    PlanTransaction, PaymentLinkTransaction, LinkTransaction, MailTransaction, ReminderTransaction, Protocol
):
    """Everything that is read and written about an invoice while nobody else may touch it.

    What is about several invoices locks them all at once, up front: so no two ever wait for each other.
    """

    def lock(self, *keys: str) -> None:
        """Keep everybody else away from these invoices, known or not, until the transaction ends."""

    def invoice(self, key: str) -> Invoice | None:
        """The invoice as last built."""

    def entries(self, key: str) -> tuple[Entry, ...]:
        """Its facts, in ledger order."""

    def holds(self, key: str, states: Iterable[HoldState]) -> tuple[Hold, ...]:
        """The reservations in any of these states that touch it, oldest first."""

    def hold(self, hold_id: str) -> Hold | None:
        """One reservation; all its invoices are locked."""

    def add_hold(self, hold: Hold) -> None:
        """Keep a new reservation."""

    def update_hold(self, hold: Hold) -> None:
        """Keep a reservation's new state, checkout id and address."""

    def append(self, entry: Entry) -> bool:
        """Append a fact unless it is there already by (kind, external id, invoice); True where it is new."""

    def paid_on(self, payment_id: str) -> frozenset[str]:
        """The invoices on which a payment is posted, or noted as on its way."""

    def record_event(self, event: GatewayEvent, outcome: str) -> None:
        """Keep a webhook's raw body once, with what became of it."""

    def enqueue_freeze(self, key: str) -> None:
        """Note that the page of this invoice must be frozen again."""

    def raise_alarm(self, alarm: Alarm) -> bool:
        """Keep an alarm unless it is there already by (kind, external id); True where it is new."""

    def record_sync(self, started_at: datetime) -> None:
        """Note that everything the provider knew at that moment has been brought in."""


class Ledger(
    PlanLedger,
    PaymentLinkLedger,
    LinkLedger,
    MailLedger,
    SeenAlarms,
    PrivacyLedger,
    BuildLedger,
    ReminderLedger,
    Protocol,
):
    """The append-only store of what happened, and what was issued."""

    def transaction(self) -> AbstractContextManager[LedgerTransaction]:
        """A check-then-write that nobody can come between; durable when it ends, undone when it raises."""

    def invoice(self, key: str) -> Invoice | None:
        """One invoice as last built."""

    def invoices(self, keys: Iterable[str] | None = None) -> tuple[Invoice, ...]:
        """All invoices as last built, by key; or those of these keys that are known, in their order."""

    def entries_of(self, key: str) -> tuple[Entry, ...]:
        """The facts of one invoice, in ledger order."""

    def entries_by_invoice(self) -> Mapping[str, tuple[Entry, ...]]:
        """The facts of all invoices that have any."""

    def invoice_sources(self) -> Mapping[str, str]:
        """Key and source of every invoice as last built."""

    def replace_invoices(
        self,
        invoices: Sequence[Invoice],
        links: Sequence[Link],
        *,
        keep: Iterable[str] = (),
        same: Mapping[str, bytes] = ...,
    ) -> None:
        """Make these the invoices as last built, all at once; those in ``keep`` stay although they are not listed."""

    def holds_in(self, states: Iterable[HoldState]) -> tuple[Hold, ...]:
        """The reservations of all invoices in any of these states, oldest first."""

    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm that was ever raised, oldest first."""

    def last_sync(self) -> datetime | None:
        """When the last complete sync began."""

    def stale_invoices(self) -> tuple[str, ...]:
        """Keys of the invoices whose pages wait to be frozen again."""

    def freeze_done(self, key: str, seq: int) -> None:
        """Strike the notes about an invoice's page up to the entry it was made from."""

    def pages(self, output: str, paths: Iterable[str] | None = None) -> Mapping[str, PageRecord]:
        """Every page published to a folder, by path; or only those of these paths."""

    def record_pages(self, output: str, *, published: Iterable[PageRecord], removed: Iterable[str]) -> None:
        """Note pages that were published and removed."""
