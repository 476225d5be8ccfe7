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


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """What a statement is made from, all of it as it was at one moment.

    Attributes:
        documents: its invoices as last built, by key, each with its facts in ledger order.
        seq: the last entry of the whole ledger then: never less later, also where a document has left the statement.
    """

    documents: tuple[tuple[Invoice, tuple[Entry, ...]], ...]
    seq: int


class LinkLedger(Protocol):
    """Links, and what a statement's link opens."""

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token."""

    def links_in_force(self, kind: LinkKind) -> tuple[Link, ...]:
        """The links of a kind that were issued and not revoked."""

    def statement(self, key: str) -> StatementRecord:
        """The invoices of a statement with their facts; no documents where no invoice is on it."""
