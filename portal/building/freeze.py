"""From the site to files: all pages that changed, or only those of the invoices a payment made stale.

Frozen-Flask renders, and the publisher puts page by page into the output, so that a reader never meets half a page. A
page whose inputs are unchanged is neither rendered nor written.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from portal.building.at_hand import AtHand, contents_of
from portal.building.fingerprints import seq_of
from portal.building.rendering import publish_many, publish_pages
from portal.building.site import create_site
from portal.building.staging import StagingFreezer
from portal.building.wanted_pages import files_of, originals, pages_of_links, site_pages
from portal.links.addresses import page_path
from portal.links.pages import LinkedPages, linked_pages, of_statements
from portal.ports.links import LinkKind, states_of
from portal.receivables.balance import balance_of
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from portal.adapters.following import StoreFollower
    from portal.building.rendering import WantedPages
    from portal.building.shares import Share
    from portal.building.site_contents import SiteContents
    from portal.documents import Documents
    from portal.links.pages import Document
    from portal.ports import Link, PageRecord
    from portal.ports.links import LinkState, StatementRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.wiring.portal import Portal

_ROUNDS = 3
_NONE: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FreezeReport:
    """How many pages were written anew, left as they were, and taken away."""

    written: int
    unchanged: int
    removed: int


def freeze_all(  # noqa: PLR0913  each is named at the call
    portal: Portal,
    documents: Documents,
    *,
    keep: Iterable[Invoice] = (),
    digests: Mapping[str, bytes] = _NONE,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    rehearse: bool = False,
    share: Share | None = None,
) -> FreezeReport:
    """Publish every page whose inputs changed, and take away the pages of invoices that are gone.

    Args:
        portal: the portal, with these invoices already in its ledger.
        documents: all that have pages to make.
        keep: invoices that are not listed, whose pages stay: they are shown on their statements.
        digests: of the invoices' records, by key, those that are at hand.
        progress: called with pages done and pages to do, first before any is made.
        rehearse: count what would be done, and do nothing.
        share: of the pages; None is all. What waits to be frozen goes on waiting then, for some of it is elsewhere.
    """
    links, states = _all_links(portal, documents, keep)
    plans, payment_links = portal.ledger.plans_in_force(), portal.payment_links()
    contents = replace(
        contents_of(portal, AtHand(portal, links), plans.get, payment_links.get),
        digests=digests,
        balance_of=partial(_balance, documents),
    )
    site = create_site(contents)
    wanted = chain(site_pages(site, contents), pages_of_links(contents, links), originals(contents, links.invoices))
    publisher = portal.publisher()
    found = _compared(wanted, publisher.known(), share)
    elsewhere = (page_path(portal.settings, link.kind, link.token) for link in links.elsewhere.values())
    stays = tuple(path.removeprefix("/") for path in elsewhere)
    gone = sorted(path for path in found.others if not path.startswith(stays))
    if not rehearse:
        progress(0, found.to_do)
        publish_many(portal, StagingFreezer(site), found.stale, progress)
        publisher.remove(gone)
        if share is None:
            _strike_notes(portal, documents)
        PageFreezer(portal).catch_up(states)
    # An app is a ring of objects, for which a build seldom looks: what its views hold may go now.
    site.view_functions.clear()
    return FreezeReport(written=found.to_do, unchanged=found.unchanged, removed=len(gone))


@dataclass(frozen=True, slots=True)
class _Compared:
    """Pages that have to be made, how many need not be, and the paths of others that are there."""

    stale: list[WantedPages]
    unchanged: int
    others: list[str]

    @property
    def to_do(self) -> int:
        """How many have to be made."""
        return sum(map(len, self.stale))


def _compared(wanted: Iterable[WantedPages], known: dict[str, PageRecord], share: Share | None) -> _Compared:
    """The pages there ought to be beside those ``known``, which are taken out as they are met."""
    stale: list[WantedPages] = []
    unchanged = 0
    # One at a time: there may be very many, and most of them are as they were.
    for some in wanted:
        due = []
        for view in some.views:
            path = some.path_of(view)
            if share is not None and not share.has(path):
                continue
            if _is_current(known.pop(path, None), some):
                unchanged += 1
            else:
                due.append(view)
        if due:
            stale.append(some.only(due))
    return _Compared(stale, unchanged, [path for path in known if share is None or share.has(path)])


@dataclass(frozen=True, slots=True)
class _Read:
    """What pages are made from, as it was read.

    ``seqs`` has the last entry of every invoice whose pages are made; ``subjects`` are what all ``issued`` links open.
    """

    documents: dict[str, Document]
    statements: dict[str, StatementRecord]
    seqs: dict[str, int]
    subjects: tuple[str, ...]
    issued: tuple[Link, ...]


class PageFreezer:
    """Freezes the pages of single invoices after a payment; costs the same however many invoices there are.

    The site's templates are kept between two freezes of one day. Threads may share it.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._lock = threading.Lock()
        self._at_hand = AtHand(portal, LinkedPages())
        self._site: tuple[SiteContents, StagingFreezer] | None = None
        self._follower: StoreFollower | None = None

    def freeze_stale(self) -> int:
        """Publish the pages of the invoices that wait for it; how many there were."""
        with self._lock:
            keys = self._portal.ledger.stale_invoices()
            frozen: set[str] = set()
            for key in keys:
                if key not in frozen:
                    frozen |= self._freeze(key, keys)
            return len(keys)

    def follow(self) -> None:
        """Copy to the owner's object store what differs there, where there is one.

        Raises:
            PortalError: it did not take a page.
        """
        if self._portal.settings.publish.to is None:
            return
        self._follower = self._follower or self._portal.store_follower()
        if self._follower is not None:
            self._follower.follow()

    def catch_up(self, before: Mapping[str, LinkState]) -> None:
        """Freeze again what the owner did to links since they stood so: a page must not come back after them."""
        changed = self._portal.ledger.links_otherwise(before)
        with self._lock:
            for key in self._portal.invoices_behind(changed):
                self._freeze(key, (key,), copies=False)

    def _freeze(self, key: str, stale: Collection[str], *, copies: bool = True) -> set[str]:
        """Publish the pages of an invoice and its statement's, and at once those of other stale ones on the statement.

        What the owner does to their links meanwhile is seen in the end, and all is done again. With ``copies`` an
        object store has the pages too before they count as done; a build copies them by itself in the end.
        Returns the keys of the invoices whose pages were published.
        """
        for _ in range(_ROUNDS):
            read = self._read(key, stale)
            self._publish(read)
            if self._portal.ledger.links_issued(read.subjects) == read.issued:
                break
        if copies:
            self.follow()
        for one, seq in read.seqs.items():
            self._portal.ledger.freeze_done(one, seq)
        return set(read.seqs)

    def _read(self, key: str, stale: Collection[str]) -> _Read:
        """What the pages are made from; the links last, so that what was done to them since is seen."""
        ledger = self._portal.ledger
        entries, invoice = ledger.entries_of(key), ledger.invoice(key)
        named = statement_key(invoice) if invoice else None
        has_statement = named is not None and bool(ledger.newest_links(LinkKind.STATEMENT, [named]))
        statements = {named: ledger.statement(named)} if named and has_statement else {}
        known = {one.key: (one, facts) for record in statements.values() for one, facts in record.documents}
        known = known or ({key: (invoice, entries)} if invoice else {})
        documents = {one: known[one] for one in stale if one in known}
        subjects = (*dict.fromkeys([key, *known]), *statements)
        seqs = {key: seq_of(entries)} | {one: seq_of(facts) for one, (_invoice, facts) in documents.items()}
        return _Read(documents, statements, seqs, subjects, ledger.links_issued(subjects))

    def _publish(self, read: _Read) -> None:
        links = self._at_hand.links = linked_pages(self._portal, read.issued, read.documents, read.statements)
        contents, freezer = self._fresh_site()
        wanted = [*pages_of_links(contents, links), *originals(contents, links.invoices)]
        publish_pages(self._portal, freezer, _due(self._portal, wanted))
        there = {some.path_of(view) for some in wanted for view in some.views}
        ended = [*links.closed, *(link for link, _customer in links.replaced.values())]
        ours = (link for link in ended if link.subject in read.seqs or link.subject in read.statements)
        files = (path for link in ours for path in files_of(self._portal.settings, link))
        self._portal.publisher().remove(path for path in files if path not in there)

    def _fresh_site(self) -> tuple[SiteContents, StagingFreezer]:
        if self._site is None or self._site[0].as_of != self._portal.today():
            plan_of = self._portal.ledger.plan_in_force
            contents = contents_of(self._portal, self._at_hand, plan_of, self._portal.payment_link)
            self._site = (contents, StagingFreezer(create_site(contents)))
        return self._site


def _due(portal: Portal, wanted: Sequence[WantedPages]) -> list[WantedPages]:
    """Pages to publish, without those that payments never change where they are there already."""
    lasting = [some.path_of(view) for some in wanted for view in some.views if view.is_lasting]
    known = portal.ledger.pages(portal.publisher().name, lasting) if lasting else {}
    due = (
        some.only([view for view in some.views if not _is_current(known.get(some.path_of(view)), some)])
        for some in wanted
    )
    return [some for some in due if some.views]


def _balance(documents: Documents, invoice: Invoice, entries: tuple[Entry, ...]) -> InvoiceBalance:
    """Where an invoice stands, worked out once for all its pages; one that is only on a statement is not listed."""
    if invoice.key in documents.invoices:
        return documents.balance(invoice.key)
    return balance_of(invoice, entries, documents.as_of)


def _all_links(
    portal: Portal, documents: Documents, keep: Iterable[Invoice]
) -> tuple[LinkedPages, dict[str, LinkState]]:
    """What every link opens, and their states when that was read; invoices in ``keep`` only on their statements."""
    issued = portal.ledger.links_issued()
    states = states_of(issued)
    listed = {key: (invoice, documents.entries_of(key)) for key, invoice in documents.invoices.items()}
    if not any(link.kind is LinkKind.STATEMENT for link in issued):
        return linked_pages(portal, issued, listed, {}), states
    kept = [(invoice, documents.entries_of(invoice.key)) for invoice in keep]
    statements = of_statements([*listed.values(), *kept], documents.seq)
    return linked_pages(portal, issued, listed, statements), states


def _is_current(record: PageRecord | None, wanted: WantedPages) -> bool:
    return record is not None and record.fingerprint == wanted.fingerprint


def _strike_notes(portal: Portal, documents: Documents) -> None:
    """Pages just frozen need not be frozen again for what was known when they were read."""
    for key in portal.ledger.stale_invoices():
        if key in documents.invoices:
            portal.ledger.freeze_done(key, seq_of(documents.entries_of(key)))
