"""What the operation on payment links needs from the outside, and the plain records that cross that border.

A payment link is an address at the provider that opens a checkout for whoever goes there. A ``Link`` is something
else: the address of an invoice's page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from portal.ports.provider_reports import CheckoutReport, PaymentReport
    from portal.receivables.link_terms import LinkTerms

_FINGERPRINT_BYTES = 16


class PaymentLinkState(StrEnum):
    """CREATING -> ACTIVE -> CLOSING -> DEACTIVATED. At the first and third of these a run may have been cut short.

    CREATING: written before the provider is asked, so it may exist there or not. CLOSING: written before it is
    switched off, so it may still be open, or checkouts on it.
    """

    CREATING = "creating"
    ACTIVE = "active"
    CLOSING = "closing"
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class PaymentLink:
    """A payment link as the ledger keeps it; its row id is the idempotency key of making it.

    Attributes:
        terms: what it may take.
        is_live: whether it belongs to the provider's world of real money. Each world has links of its own.
        request: a fingerprint of everything it was asked for with, so that a change of any of it is seen.
    """

    row_id: str
    invoice_key: str
    terms: LinkTerms
    is_live: bool
    request: str
    state: PaymentLinkState
    created_at: datetime
    price_id: str | None = None
    link_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentLinkRequest:
    """What the provider is asked for; the same row always gives the same request.

    Attributes:
        portal: whose link it is, for an account at the provider that serves several portals.
        inactive_message: what those read who open it after it was switched off.
        thanks: what those read who have paid.
    """

    row_id: str
    invoice_key: str
    portal: str
    terms: LinkTerms
    title: str
    description: str
    inactive_message: str
    thanks: str

    @property
    def fingerprint(self) -> str:
        """Of everything it is asked for with but its row."""
        words = repr(replace(self, row_id=""))
        return hashlib.blake2b(words.encode(), digest_size=_FINGERPRINT_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A payment link as the provider knows it; ``row_id`` is the ledger row that it was made for."""

    link_id: str
    url: str
    row_id: str
    price_id: str | None = None


class PaymentLinkGateway(Protocol):
    """The provider's payment links; all calls raise ``GatewayError`` and ``GatewayUnreachableError``."""

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""

    def make_link(self, request: PaymentLinkRequest) -> MadeLink:
        """Make the link of a row, or return the one this row already has."""

    def switch_off(self, link_id: str) -> None:
        """Let nobody open it any more; once is as good as twice."""

    def active_links(self, portal: str) -> Iterable[MadeLink]:
        """All links of a portal that are switched on."""

    def open_checkouts(self, link_id: str) -> tuple[str, ...]:
        """Ids of the checkouts that were opened through a link and may still be paid."""

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        """Close an open checkout; where it was just paid or had expired, say so instead."""

    def payments_through(self, link_id: str) -> tuple[PaymentReport, ...]:
        """The payments of all checkouts that were completed through a link."""


class PaymentLinkTransaction(Protocol):
    """What is read and written about payment links while nobody else may touch the invoice."""

    def payment_link(self, row_id: str) -> PaymentLink | None:
        """One row."""

    def payment_link_of(self, key: str, *, is_live: bool) -> PaymentLink | None:
        """The row of an invoice that is not deactivated; there is one at the most in each world."""

    def add_payment_link(self, link: PaymentLink) -> None:
        """Keep a new row, before the provider is asked."""

    def update_payment_link(self, link: PaymentLink) -> None:
        """Keep a row's state and the provider's ids; what it was asked for with never changes."""


class PaymentLinkLedger(Protocol):
    """What is read about payment links outside a transaction."""

    def payment_links(self, *, is_live: bool) -> tuple[PaymentLink, ...]:
        """The rows of a world that are not deactivated, oldest first."""

    def active_payment_link(self, key: str, *, is_live: bool) -> PaymentLink | None:
        """The link of an invoice that customers may be sent to."""
