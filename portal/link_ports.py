"""Links to pages: what was issued, and what each opens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice


class LinkKind(StrEnum):
    """What a link opens: one invoice, or all of one customer's in one currency."""

    INVOICE = "invoice"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was issued. The token is derived; the row says whether it still holds.

    ``subject`` is what it opens: an invoice's key, or a statement's (``portal.receivables.customers``).
    """

    token: str
    subject: str
    kind: LinkKind = LinkKind.INVOICE
    version: int = 1
    expires_on: date | None = None
    revoked_at: datetime | None = None


class LinkLedger(Protocol):
    """Links, and what a statement's link opens."""

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token."""

    def links_in_force(self, kind: LinkKind) -> tuple[Link, ...]:
        """The links of a kind that were issued and not revoked."""

    def invoices_of_statement(self, key: str) -> tuple[tuple[Invoice, tuple[Entry, ...]], ...]:
        """The invoices of a statement as last built, by key, with their facts, all as they were at one moment."""
