"""From the site to files: all pages that changed, or only those of the invoices a payment made stale.

Frozen-Flask renders into a staging folder; the publisher then moves page by page into the output, so that a reader
never meets half a page. A page whose inputs are unchanged is neither rendered nor written.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask_frozen import Freezer

from portal.adapters.publish import Page
from portal.languages import further_languages, in_language
from portal.pages import original_path, plans_on_offer
from portal.receivables.balance import balance_of
from portal.receivables.plans import plan_standing
from portal.site import SiteContents, answers_on, create_site
from portal.texts import LANGUAGES, TRANSLATIONS
from portal.theme import theme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from flask import Flask

    from portal.payment_link_ports import PaymentLink
    from portal.plan_ports import PlanRecord
    from portal.ports import PageRecord
    from portal.receivables.balance import InvoiceBalance
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.wiring import Portal

TERMS_FILE = Path("pages") / "terms.md"
_FINGERPRINT_BYTES = 16


@dataclass(frozen=True, slots=True)
class FreezeReport:
    """How many pages were written anew, left as they were, and taken away."""

    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page that ought to be there: its address in the site, and what it is made from."""

    url: str
    path: str
    fingerprint: str
    seq: int = 0


class _StagingFreezer(Freezer):  # type: ignore[misc]  # the package has no type hints
    """Frozen-Flask into a staging folder, without what costs time per page.

    URL logging, the removal walk and the root worked out anew for each page are off. One freezer may freeze several
    times; each time it freezes the addresses it is given.
    """

    def __init__(self, app: Flask) -> None:
        app.config["FREEZER_REMOVE_EXTRA_FILES"] = False
        app.config["FREEZER_IGNORE_MIMETYPE_WARNINGS"] = True
        super().__init__(app, with_static_files=False, with_no_argument_rules=False, log_url_for=False)
        self._staging = Path()
        self._urls: Iterable[str] = ()
        self.register_generator(lambda: iter(self._urls))

    @property
    def root(self) -> Path:
        return self._staging

    def freeze_into(self, staging: Path, urls: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Render these addresses; yields each with its bytes."""
        self._staging, self._urls = staging, urls
        for frozen in self.freeze_yield():
            yield frozen.url, (staging / frozen.path).read_bytes()

    def _check_endpoints(self, seen_endpoints: set[str]) -> None:
        """Only what changed is frozen, so an endpoint without a page this time is no mistake."""


def freeze_all(
    portal: Portal,
    invoices: Sequence[Invoice],
    *,
    keep: Iterable[str] = (),
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> FreezeReport:
    """Publish every page whose inputs changed, and take away the pages of invoices that are gone.

    Args:
        portal: the portal, with these invoices already in its ledger.
        invoices: all of them.
        keep: keys of invoices whose pages stay although they are not listed.
        progress: called with pages done and pages to do.
    """
    entries = portal.ledger.entries_by_invoice()
    linked = zip(invoices, portal.links(invoices), strict=True)
    by_token = {link.token: (invoice, entries.get(invoice.key, ())) for invoice, link in linked}
    contents = _contents(portal, by_token.get, portal.ledger.plans_in_force().get, portal.payment_links().get)
    site = create_site(contents)
    wanted = [*_site_pages(site, contents), *_invoice_pages(contents, by_token), *_originals(by_token)]
    publisher = portal.publisher()
    known = publisher.known()
    stale = [page for page in wanted if not _is_current(known.get(page.path), page)]
    _publish(portal, _StagingFreezer(site), stale, progress)
    wanted_paths = {page.path for page in wanted}
    folders = tuple(portal.path_of(key).removeprefix("/") for key in keep)
    gone = sorted(path for path in known if path not in wanted_paths and not path.startswith(folders))
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
        self._site: tuple[SiteContents, _StagingFreezer] | None = None

    def freeze_stale(self) -> int:
        """Publish the pages of the invoices that wait for it; how many there were."""
        with self._lock:
            keys = self._portal.ledger.stale_invoices()
            for key in keys:
                self._freeze(key)
            return len(keys)

    def _freeze(self, key: str) -> None:
        entries = self._portal.ledger.entries_of(key)
        invoice = self._portal.ledger.invoice(key)
        if invoice is not None:
            contents, freezer = self._fresh_site()
            self._found.clear()
            self._found.update({link.token: (invoice, entries) for link in self._portal.links([invoice])})
            _publish(self._portal, freezer, _invoice_pages(contents, self._found))
        self._portal.ledger.freeze_done(key, _seq_of(entries))

    def _fresh_site(self) -> tuple[SiteContents, _StagingFreezer]:
        if self._site is None or self._site[0].as_of != self._portal.today():
            plan_of = self._portal.ledger.plan_in_force
            contents = _contents(self._portal, self._found.get, plan_of, self._portal.payment_link)
            self._site = (contents, _StagingFreezer(create_site(contents)))
        return self._site


def _contents(
    portal: Portal,
    find: Callable[[str], tuple[Invoice, tuple[Entry, ...]] | None],
    plan_of: Callable[[str], PlanRecord | None],
    payment_link_of: Callable[[str], PaymentLink | None],
) -> SiteContents:
    terms = portal.folders.content / TERMS_FILE
    return SiteContents(
        settings=portal.settings,
        as_of=portal.today(),
        find=find,
        terms=terms.read_text(encoding="utf-8") if terms.is_file() else None,
        terms_in=_terms_in_other_languages(terms),
        plan_of=plan_of,
        payment_link_of=payment_link_of,
        content=portal.folders.content,
    )


def _terms_in_other_languages(terms: Path) -> dict[str, str]:
    """``terms.de.md`` beside ``terms.md``, by language."""
    files = {language: terms.with_suffix(f".{language}.md") for language in LANGUAGES}
    return {language: file.read_text(encoding="utf-8") for language, file in files.items() if file.is_file()}


def _publish(
    portal: Portal,
    freezer: _StagingFreezer,
    wanted: Iterable[_Wanted],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Render into a staging folder below the state, then move page by page into the output."""
    pages = {page.url: page for page in wanted}
    if not pages:
        return
    with tempfile.TemporaryDirectory(prefix="staging-", dir=portal.folders.state) as folder:
        portal.publisher().publish(_rendered(freezer, Path(folder), pages, progress))


def _rendered(
    freezer: _StagingFreezer, staging: Path, pages: Mapping[str, _Wanted], progress: Callable[[int, int], None]
) -> Iterator[Page]:
    for done, (url, body) in enumerate(freezer.freeze_into(staging, pages), start=1):
        page = pages[url]
        yield Page(path=page.path, body=body, fingerprint=page.fingerprint, seq=page.seq)
        progress(done, len(pages))


def _site_pages(site: Flask, contents: SiteContents) -> Iterator[_Wanted]:
    """The pages that are the same for everybody: every address of the site without a variable part."""
    fingerprint = _hash_of(_site_key(contents), (contents.terms, contents.terms_in))
    for rule in site.url_map.iter_rules():
        if not rule.arguments:
            yield _Wanted(url=rule.rule, path=_file_of(rule.rule), fingerprint=fingerprint)


def _invoice_pages(
    contents: SiteContents, by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]
) -> Iterator[_Wanted]:
    """Each invoice's pages, one per language. What the day changes is in the balance: a passing day changes no page."""
    key = _site_key(contents)
    for token, (invoice, entries) in by_token.items():
        balance = balance_of(invoice, entries, contents.as_of)
        plan = _plan_shown(contents, invoice, entries, balance)
        link = contents.payment_link_of(invoice.key)
        answers = answers_on(contents, entries, balance)
        shown = (invoice, entries, balance, contents.terms is not None, plan, link, answers)
        fingerprint = _hash_of(key, shown)
        for language in (None, *further_languages(contents.settings, invoice.customer)):
            url = in_language(f"/i/{token}/", language)
            yield _Wanted(url=url, path=_file_of(url), fingerprint=fingerprint, seq=_seq_of(entries))


def _originals(by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]) -> Iterator[_Wanted]:
    """The invoices' own documents; only the owner changes them, so payments never freeze them again."""
    for token, (invoice, _entries) in by_token.items():
        if invoice.original is not None:
            url = original_path(token)
            yield _Wanted(url=url, path=_file_of(url), fingerprint=_hash_of(b"original", invoice.original))


def _plan_shown(
    contents: SiteContents, invoice: Invoice, entries: Sequence[Entry], balance: InvoiceBalance
) -> tuple[object, ...]:
    """What the page shows of plans: where one stands that day, or what is on offer, of which it names no dates."""
    record = contents.plan_of(invoice.key)
    if record is not None:
        return record, plan_standing(record.plan, invoice, balance, entries, contents.as_of)
    offers = plans_on_offer(contents.settings, balance, contents.as_of)
    return tuple(
        (offer.key, offer.grace_days, [one.amount for one in offer.installments], offer.first.due_on > contents.as_of)
        for offer in offers
    )


def _file_of(url: str) -> str:
    """The file a web server answers an address with."""
    return (url + "index.html" if url.endswith("/") else url).removeprefix("/")


def _is_current(record: PageRecord | None, page: _Wanted) -> bool:
    return record is not None and record.fingerprint == page.fingerprint


def _seq_of(entries: Sequence[Entry]) -> int:
    return entries[-1].seq if entries else 0


def _strike_notes(portal: Portal, invoices: Sequence[Invoice], entries: Mapping[str, Sequence[Entry]]) -> None:
    """Pages just frozen need not be frozen again for what was known when they were read."""
    waiting = set(portal.ledger.stale_invoices())
    for invoice in invoices:
        if invoice.key in waiting:
            portal.ledger.freeze_done(invoice.key, _seq_of(entries.get(invoice.key, ())))


def _site_key(contents: SiteContents) -> bytes:
    """What every page depends on: settings, stylesheet, logo, and the portal's own code and templates."""
    look = theme_of(contents.settings)
    return hashlib.blake2b(repr((_software(), contents.settings, look)).encode()).digest()


@lru_cache(maxsize=1)
def _software() -> bytes:
    package = Path(__file__).parent
    digest = hashlib.blake2b()
    for path in sorted([*package.rglob("*.py"), *(package / "templates").rglob("*.html"), *TRANSLATIONS.rglob("*.po")]):
        digest.update(path.read_bytes())
    return digest.digest()


def _hash_of(key: bytes, inputs: object) -> str:
    """A fingerprint of plain values; their ``repr`` names every field."""
    return hashlib.blake2b(repr(inputs).encode(), key=key, digest_size=_FINGERPRINT_BYTES).hexdigest()
