"""What the owner does to links: issue one, put a new one in its place, take it back, or say how long it holds.

Each is one transaction, in which a note is left that the pages must be made anew: a program that is killed in between
leaves the link as it was, or ended with its page on the way out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.ports.links import Link, LinkEnd, newest_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from portal.ports import Ledger, LedgerTransaction, LinkKind


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A link as the owner names it, whatever its version.

    Attributes:
        subject: what it opens: an invoice's key, or a statement's.
        page_of: an invoice with whose page the link's page is made: the invoice itself, or one of the statement's.
    """

    kind: LinkKind
    subject: str
    page_of: str


@dataclass(frozen=True, slots=True)
class LinkChange:
    """What became of a link; ``before`` is None where there was none."""

    before: Link | None
    after: Link


@dataclass(frozen=True, slots=True)
class Issuing:
    """Issues, replaces and ends links.

    Attributes:
        token_of: the token of a kind, subject and version.
        now: the clock.
    """

    ledger: Ledger
    token_of: Callable[[LinkKind, str, int], str]
    now: Callable[[], datetime]

    def issue(self, place: LinkPlace) -> LinkChange:
        """A link where there is none; one that was issued before stays as it is, unless it was left behind."""
        return self._change(place, lambda link: link.again() if link else self._version(place, 1))

    def rotate(self, place: LinkPlace) -> LinkChange:
        """The next version in place of the newest, which opens nothing from now on but the word that it was replaced.

        Of a link that was taken back before, nothing is said at its address: it stays as unknown as any other.
        """
        with self.ledger.transaction() as tx:
            before = _newest(place, tx)
            if before is not None and before.ended is None:
                tx.put_link(replace(before, revoked_at=self.now(), ended=LinkEnd.REPLACED))
            # A link that the ledger has lost may have been sent all the same, so the first version is never new.
            after = self._version(place, (before.version if before else 1) + 1)
            tx.put_link(after)
            tx.enqueue_freeze(place.page_of)
        return LinkChange(before, after)

    def revoke(self, place: LinkPlace) -> LinkChange:
        """End the newest link, for good: only a new version opens the page again."""

        def revoked(link: Link | None) -> Link:
            known = link or self._version(place, 1)
            if known.ended in {LinkEnd.REVOKED, LinkEnd.REPLACED}:
                return known
            return replace(known, revoked_at=self.now(), ended=LinkEnd.REVOKED)

        return self._change(place, revoked)

    def expire(self, place: LinkPlace, last_day: date | None) -> LinkChange:
        """Have the newest link hold until a day, that day included, or, with None, without an end."""
        return self._change(place, lambda link: replace(link or self._version(place, 1), expires_on=last_day))

    def _change(self, place: LinkPlace, become: Callable[[Link | None], Link]) -> LinkChange:
        with self.ledger.transaction() as tx:
            before = _newest(place, tx)
            after = become(before)
            if after != before:
                tx.put_link(after)
            tx.enqueue_freeze(place.page_of)
        return LinkChange(before, after)

    def _version(self, place: LinkPlace, version: int) -> Link:
        return Link(self.token_of(place.kind, place.subject, version), place.subject, place.kind, version)


def _newest(place: LinkPlace, tx: LedgerTransaction) -> Link | None:
    """The newest version, while neither a build nor another command of the owner's changes it."""
    tx.lock(place.page_of)
    return newest_of(tx.links_of(place.kind, place.subject))[place.kind].get(place.subject)
