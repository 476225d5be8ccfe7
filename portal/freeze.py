"""From the site to files: all pages that changed, or only those of the invoices a payment made stale.

Frozen-Flask renders, and the publisher puts page by page into the output, so that a reader never meets half a page. A
page whose inputs are unchanged is neither rendered nor written.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from portal.fingerprints import fingerprint_of, seq_of, site_key
from portal.languages import further_languages, in_language
from portal.link_ports import LinkKind, StatementRecord
from portal.pages import original_path, plans_on_offer, plans_over, what_is_offered
from portal.receivables.balance import balance_of
from portal.receivables.customers import statement_key
from portal.receivables.plans import plan_standing
from portal.rendering import WantedPage, publish_many, publish_pages
from portal.site import SiteContents, answers_on, create_site, statement_in
from portal.staging import StagingFreezer
from portal.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from flask import Flask

    from portal.payment_link_ports import PaymentLink
    from portal.plan_ports import PlanRecord
    from portal.ports import PageRecord
    from portal.receivables.balance import InvoiceBalance
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.wiring import Portal

TERMS_FILE = Path("pages") / "terms.md"
PRIVACY_FILE = Path("pages") / "privacy.md"


@dataclass(frozen=True, slots=True)
class FreezeReport:
    """How many pages were written anew, left as they were, and taken away."""

    written: int
    unchanged: int
    removed: int


def freeze_all(
    portal: Portal,
    invoices: Sequence[Invoice],
    *,
    keep: Iterable[str] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    rehearse: bool = False,
) -> FreezeReport:
    """Publish every page whose inputs changed, and take away the pages of invoices that are gone.

    Args:
        portal: the portal, with these invoices already in its ledger.
        invoices: all of them.
        keep: keys of invoices whose pages stay although they are not listed.
        progress: called with pages done and pages to do.
        rehearse: count what would be done, and do nothing.
    """
    entries = portal.ledger.entries_by_invoice()
    linked = zip(invoices, portal.links(invoices), strict=True)
    by_token = {link.token: (invoice, entries.get(invoice.key, ())) for invoice, link in linked}
    statements = _statements(portal, [*invoices, *portal.invoices_as_built(keep)], entries)
    plans, payment_links = portal.ledger.plans_in_force(), portal.payment_links()
    contents = _contents(portal, by_token.get, statements.get, plans.get, payment_links.get)
    site = create_site(contents)
    wanted = [
        *_site_pages(site, contents),
        *_invoice_pages(contents, by_token),
        *_statement_pages(contents, statements),
        *_originals(by_token),
    ]
    publisher = portal.publisher()
    known = publisher.known()
    stale = [page for page in wanted if not _is_current(known.get(page.path), page)]
    wanted_paths = {page.path for page in wanted}
    folders = tuple(portal.path_of(key).removeprefix("/") for key in keep)
    gone = sorted(path for path in known if path not in wanted_paths and not path.startswith(folders))
    if not rehearse:
        publish_many(portal, StagingFreezer(site), stale, progress)
        publisher.remove(gone)
        _strike_notes(portal, invoices, entries)
    return FreezeReport(written=len(stale), unchanged=len(wanted) - len(stale), removed=len(gone))


class PageFreezer:
    """Freezes the pages of single invoices after a payment; costs the same however many invoices there are.

    The site's templates are kept between two freezes of one day. Threads may share it.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._lock = threading.Lock()
        self._found: dict[str, tuple[Invoice, tuple[Entry, ...]]] = {}
        self._statements: dict[str, StatementRecord] = {}
        self._site: tuple[SiteContents, StagingFreezer] | None = None

    def freeze_stale(self) -> int:
        """Publish the pages of the invoices that wait for it; how many there were."""
        with self._lock:
            keys = self._portal.ledger.stale_invoices()
            frozen: set[str] = set()
            for key in keys:
                if key not in frozen:
                    frozen |= self._freeze(key, keys)
            return len(keys)

    def _freeze(self, key: str, stale: Collection[str]) -> set[str]:
        """Publish the page of an invoice and its statement's, and at once those of other stale ones on the statement.

        Returns the keys of the invoices whose pages were published.
        """
        ledger = self._portal.ledger
        entries = ledger.entries_of(key)
        invoice = ledger.invoice(key)
        link = self._portal.statement_link(invoice) if invoice else None
        statement = ledger.statement(link.subject) if link else None
        of_statement = {one.key: (one, facts) for one, facts in statement.documents} if statement else {}
        known = of_statement or ({key: (invoice, entries)} if invoice else {})
        found = {one: known[one] for one in stale if one in known}
        contents, freezer = self._fresh_site()
        self._found.clear()
        self._found.update({self._portal.token_of(one): document for one, document in found.items()})
        self._statements.clear()
        if link is not None and statement is not None:
            self._statements[link.token] = statement
        pages = [*_invoice_pages(contents, self._found), *_statement_pages(contents, self._statements)]
        publish_pages(self._portal, freezer, pages)
        for one, (_invoice, facts) in found.items():
            ledger.freeze_done(one, seq_of(facts))
        if invoice is None:
            ledger.freeze_done(key, seq_of(entries))
        return {key, *found}

    def _fresh_site(self) -> tuple[SiteContents, StagingFreezer]:
        if self._site is None or self._site[0].as_of != self._portal.today():
            plan_of = self._portal.ledger.plan_in_force
            find, statement_of = self._found.get, self._statements.get
            contents = _contents(self._portal, find, statement_of, plan_of, self._portal.payment_link)
            self._site = (contents, StagingFreezer(create_site(contents)))
        return self._site


def _contents(
    portal: Portal,
    find: Callable[[str], tuple[Invoice, tuple[Entry, ...]] | None],
    statement_of: Callable[[str], StatementRecord | None],
    plan_of: Callable[[str], PlanRecord | None],
    payment_link_of: Callable[[str], PaymentLink | None],
) -> SiteContents:
    (terms, terms_in), (privacy, privacy_in) = (
        _own_page(portal.folders.content / file) for file in (TERMS_FILE, PRIVACY_FILE)
    )
    return SiteContents(
        settings=portal.settings,
        as_of=portal.today(),
        find=find,
        find_statement=statement_of,
        token_of=portal.token_of,
        terms=terms,
        terms_in=terms_in,
        privacy=privacy,
        privacy_in=privacy_in,
        plan_of=plan_of,
        payment_link_of=payment_link_of,
        content=portal.folders.content,
    )


def _own_page(page: Path) -> tuple[str | None, dict[str, str]]:
    """A page of the owner's own words, where there is one; and ``terms.de.md`` beside ``terms.md``, by language."""
    files = {language: page.with_suffix(f".{language}.md") for language in LANGUAGES}
    further = {language: file.read_text(encoding="utf-8") for language, file in files.items() if file.is_file()}
    return page.read_text(encoding="utf-8") if page.is_file() else None, further


def _own_pages(contents: SiteContents) -> tuple[object, ...]:
    return contents.terms, contents.terms_in, contents.privacy, contents.privacy_in


def _site_pages(site: Flask, contents: SiteContents) -> Iterator[WantedPage]:
    """The pages that are the same for everybody: every address of the site without a variable part."""
    fingerprint = fingerprint_of(site_key(contents.settings), _own_pages(contents))
    for rule in site.url_map.iter_rules():
        if not rule.arguments:
            yield WantedPage(url=rule.rule, path=_file_of(rule.rule), fingerprint=fingerprint)


def _invoice_pages(
    contents: SiteContents, by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]
) -> Iterator[WantedPage]:
    """Each invoice's pages, one per language. What the day changes is in the balance: a passing day changes no page."""
    key = site_key(contents.settings)
    for token, (invoice, entries) in by_token.items():
        balance = balance_of(invoice, entries, contents.as_of)
        plan = _plan_shown(contents, invoice, entries, balance)
        link = contents.payment_link_of(invoice.key)
        answers = answers_on(contents, entries, balance)
        newer = contents.token_of(invoice.replaced_by.key) if invoice.replaced_by and invoice.replaced_by.key else None
        shown = (invoice, entries, balance, contents.terms is not None, plan, link, answers, newer)
        fingerprint = fingerprint_of(key, shown)
        for language in (None, *further_languages(contents.settings, invoice.customer)):
            url = in_language(f"/i/{token}/", language)
            yield WantedPage(url=url, path=_file_of(url), fingerprint=fingerprint, seq=seq_of(entries))


def _statements(
    portal: Portal, invoices: Iterable[Invoice], entries: Mapping[str, tuple[Entry, ...]]
) -> dict[str, StatementRecord]:
    """The statements whose links were issued, by token, from what was read at one moment."""
    by_key: dict[str | None, list[tuple[Invoice, tuple[Entry, ...]]]] = defaultdict(list)
    for invoice in invoices:
        by_key[statement_key(invoice)].append((invoice, entries.get(invoice.key, ())))
    seq = max((facts[-1].seq for facts in entries.values()), default=0)
    issued = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return {link.token: StatementRecord(tuple(by_key[link.subject]), seq) for link in issued if link.subject in by_key}


def _statement_pages(contents: SiteContents, statements: Mapping[str, StatementRecord]) -> Iterator[WantedPage]:
    """One page per statement, made anew where one of its invoices is, or its day has come."""
    key = site_key(contents.settings) if statements else b""
    for token, record in statements.items():
        statement = statement_in(contents, token)
        if statement is None:
            continue
        seqs = [seq_of(facts) for _invoice, facts in record.documents]
        offered = what_is_offered(plans_over(statement, contents.settings, contents.as_of).offers, contents.as_of)
        fingerprint = fingerprint_of(key, (statement, seqs, contents.terms is not None, offered))
        for language in (None, *further_languages(contents.settings, statement.customer)):
            url = in_language(f"/s/{token}/", language)
            yield WantedPage(url=url, path=_file_of(url), fingerprint=fingerprint, seq=record.seq)


def _originals(by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]) -> Iterator[WantedPage]:
    """The invoices' own documents; only the owner changes them, so payments never freeze them again."""
    for token, (invoice, _entries) in by_token.items():
        if invoice.original is not None:
            url = original_path(token)
            yield WantedPage(url=url, path=_file_of(url), fingerprint=fingerprint_of(b"original", invoice.original))


def _plan_shown(
    contents: SiteContents, invoice: Invoice, entries: Sequence[Entry], balance: InvoiceBalance
) -> tuple[object, ...]:
    """What the page shows of plans: where one stands that day, or what is on offer, of which it names no dates."""
    record = contents.plan_of(invoice.key)
    if record is not None:
        return record, plan_standing(record.plan, invoice, balance, entries, contents.as_of)
    return what_is_offered(plans_on_offer(contents.settings, balance, contents.as_of), contents.as_of)


def _file_of(url: str) -> str:
    """The file a web server answers an address with."""
    return (url + "index.html" if url.endswith("/") else url).removeprefix("/")


def _is_current(record: PageRecord | None, page: WantedPage) -> bool:
    return record is not None and record.fingerprint == page.fingerprint


def _strike_notes(portal: Portal, invoices: Sequence[Invoice], entries: Mapping[str, Sequence[Entry]]) -> None:
    """Pages just frozen need not be frozen again for what was known when they were read."""
    waiting = set(portal.ledger.stale_invoices())
    for key in (invoice.key for invoice in invoices if invoice.key in waiting):
        portal.ledger.freeze_done(key, seq_of(entries.get(key, ())))
