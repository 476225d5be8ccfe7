"""Links to pages: what was issued, and what each opens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice


class LinkKind(StrEnum):
    """What a link opens: all of one invoice, only what paying it takes, or all of one customer's in one currency."""

    INVOICE = "invoice"
    PAY_ONLY = "pay-only"
    STATEMENT = "statement"


class LinkEnd(StrEnum):
    """Why a link opens nothing any more.

    GONE: what it opened is no longer in the content; the link holds again when that is back. REVOKED: the owner took
    it back. REPLACED: a newer version stands in its place.
    """

    GONE = "gone"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was issued. The token is derived; the row says whether it still holds.

    Attributes:
        subject: what it opens: an invoice's key, or a statement's (``portal.receivables.customers``).
        version: counted up by the owner; the newest of a kind and subject is the one in use.
        expires_on: the last day on which it opens anything, where the owner named one.
        revoked_at: when it ended, and ``ended`` why.
    """

    token: str
    subject: str
    kind: LinkKind = LinkKind.INVOICE
    version: int = 1
    expires_on: date | None = None
    revoked_at: datetime | None = None
    ended: LinkEnd | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it has not ended, and its last day has not passed."""
        return self.revoked_at is None and (self.expires_on is None or day <= self.expires_on)

    def again(self) -> Link:
        """The same link, as what it opened is back in the content."""
        return replace(self, revoked_at=None, ended=None) if self.ended is LinkEnd.GONE else self


LinkState = tuple[LinkEnd | None, "date | None"]
"""Why a link ended, and its last day: all that ever changes of one."""
_AS_ISSUED: LinkState = (None, None)


def states_of(issued: Iterable[Link]) -> dict[str, LinkState]:
    """The states of links by their tokens; most are as they were issued, and share one."""
    return {link.token: _state_of(link) for link in issued}


def _state_of(link: Link) -> LinkState:
    return (link.ended, link.expires_on) if link.ended or link.expires_on else _AS_ISSUED


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Somebody without a link that works asked for one.

    Attributes:
        number: counted up, for the owner to name it.
        email: as typed; nothing is ever sent there by itself.
        words: their own, cleaned.
    """

    number: int
    asked_at: datetime
    email: str
    words: str


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """What a statement is made from, all of it as it was at one moment.

    Attributes:
        documents: its invoices as last built, by key, each with its facts in ledger order.
        seq: the last entry of the whole ledger then: never less later, also where a document has left the statement.
    """

    documents: tuple[tuple[Invoice, tuple[Entry, ...]], ...]
    seq: int


def newest_of(issued: Iterable[Link]) -> dict[LinkKind, dict[str, Link]]:
    """The newest version of each link, by kind and by subject; of two of one version, the one that was not left behind.

    There are two of one version where the portal was given another link key.
    """
    newest: dict[LinkKind, dict[str, Link]] = {kind: {} for kind in LinkKind}
    for link in issued:
        before = newest[link.kind].get(link.subject)
        same = before is not None and before.version == link.version
        if before is None or link.version > before.version or (same and link.ended is not LinkEnd.GONE):
            newest[link.kind][link.subject] = link
    return newest


class LinkTransaction(Protocol):
    """Links as they are changed, while nobody else may touch the invoice."""

    def links_of(self, kind: LinkKind, subject: str) -> tuple[Link, ...]:
        """Every version that was issued, oldest first."""

    def put_link(self, link: Link) -> None:
        """Keep a link: a new one, or what has become of one."""

    def add_link_request(self, email: str, words: str, asked_at: datetime) -> LinkRequest:
        """Keep a request for a link."""

    def end_link_request(self, number: int, now: datetime) -> None:
        """Strike a request, and what somebody said in it."""


class LinkLedger(Protocol):
    """Links, and what a statement's link opens."""

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token."""

    def links_in_force(self, kind: LinkKind) -> tuple[Link, ...]:
        """The links of a kind that were issued and have not ended; their last day may have passed."""

    def tokens_in_force(self, kind: LinkKind, day: date) -> Mapping[str, str]:
        """The tokens of the links of a kind that hold on a day, by subject."""

    def links_issued(self, subjects: Iterable[str] | None = None) -> tuple[Link, ...]:
        """Every link that was ever issued, or those of some subjects; older versions first."""

    def links_otherwise(self, before: Mapping[str, LinkState]) -> frozenset[str]:
        """The subjects of links that are new, or otherwise than they were: their states then, by token."""

    def newest_links(self, kind: LinkKind, subjects: Iterable[str] | None = None) -> Mapping[str, Link]:
        """The newest version of each link of a kind, by subject."""

    def link_requests(self) -> tuple[LinkRequest, ...]:
        """The requests for links that wait for the owner, oldest first."""

    def statement(self, key: str) -> StatementRecord:
        """The invoices of a statement with their facts; no documents where no invoice is on it."""
