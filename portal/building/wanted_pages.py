"""Which pages there ought to be, each with a fingerprint of all it shows: one that is unchanged is not made again."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from portal.adapters.ledger.invoice_json import digest_of_record, invoice_to_json
from portal.building.fingerprints import fingerprint_of, seq_of, site_key
from portal.building.rendering import View, WantedPages, file_of
from portal.building.site import answers_on, links_on, newer_token, statement_in
from portal.languages import further_languages, in_language
from portal.links.addresses import (
    RECEIPT_FOLDER,
    is_sealed,
    original_file,
    original_path,
    page_path,
    published_original,
    site_path,
)
from portal.pages import has_receipt, plans_over, what_is_offered
from portal.ports.links import LinkKind
from portal.receivables.plan_days import day_of_plans, days_that_count
from portal.receivables.plans import plan_standing
from portal.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flask import Flask

    from portal.building.site_contents import SiteContents
    from portal.config import Settings
    from portal.links.pages import LinkedPages
    from portal.ports.links import Link, StatementRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plan_days import DayOfPlans


_ALONE, _AND_RECEIPT = ("",), ("", RECEIPT_FOLDER)
FINAL = 2**31 - 1
"""The entry that a page is said to be made from which nothing older replaces, and nothing is newer than."""


def pages_of_links(contents: SiteContents, links: LinkedPages) -> Iterator[WantedPages]:
    """The page of every link, and a word where there was one until a newer took its place."""
    yield from invoice_pages(contents, links.invoices)
    yield from pay_only_pages(contents, links.pay_only)
    yield from statement_pages(contents, links.statements)
    yield from replaced_pages(contents, links)


def _own_pages(contents: SiteContents) -> tuple[object, ...]:
    return contents.terms, contents.terms_in, contents.privacy, contents.privacy_in


def site_pages(site: Flask, contents: SiteContents) -> Iterator[WantedPages]:
    """The pages that are the same for everybody: every address of the site without a variable part."""
    fingerprint = fingerprint_of(site_key(contents.settings), _own_pages(contents))
    for rule in site.url_map.iter_rules():
        if not rule.arguments:
            yield WantedPages((View(rule.rule, rule.rule),), fingerprint)


def invoice_pages(
    contents: SiteContents, by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]
) -> Iterator[WantedPages]:
    """Each invoice's pages, one per language. What the day changes is in the balance: a passing day changes no page."""
    key = site_key(contents.settings)
    day = day_of_plans((plan.bounds for plan in contents.settings.plans), contents.as_of)
    for token, (invoice, entries) in by_token.items():
        balance = contents.balance(invoice, entries)
        plan = _plan_shown(contents, invoice, entries, balance, day)
        link = contents.payment_link_of(invoice.key)
        answers = answers_on(contents, entries, balance)
        newer = newer_token(contents, invoice)
        pay_token = contents.pay_token_of(invoice.key) if is_sealed(contents.settings, LinkKind.INVOICE) else None
        shown = (
            _digest(contents, invoice),
            entries,
            balance,
            contents.terms is not None,
            plan,
            link,
            answers,
            newer,
            pay_token,
        )
        fingerprint = fingerprint_of(key, shown)
        folders = _AND_RECEIPT if has_receipt(invoice, entries) else _ALONE
        languages = further_languages(contents.settings, invoice.customer)
        views = _views(contents, LinkKind.INVOICE, languages, folders)
        yield WantedPages(views, fingerprint, token, seq_of(entries))


def statement_pages(contents: SiteContents, statements: Mapping[str, StatementRecord]) -> Iterator[WantedPages]:
    """One page per statement, made anew where one of its invoices is, or its day has come."""
    key = site_key(contents.settings) if statements else b""
    for token, record in statements.items():
        statement = statement_in(contents, token)
        if statement is None:
            continue
        seqs = [seq_of(facts) for _invoice, facts in record.documents]
        offered = what_is_offered(plans_over(statement, contents.settings, contents.as_of).offers, contents.as_of)
        links = links_on(contents, token, statement)
        fingerprint = fingerprint_of(key, (statement, seqs, contents.terms is not None, offered, links))
        views = _views(contents, LinkKind.STATEMENT, further_languages(contents.settings, statement.customer))
        yield WantedPages(views, fingerprint, token, record.seq)


def pay_only_pages(
    contents: SiteContents, by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]
) -> Iterator[WantedPages]:
    """What paying an invoice takes, and nothing else of it, one page per language."""
    key = site_key(contents.settings) if by_token else b""
    for token, (invoice, entries) in by_token.items():
        balance = contents.balance(invoice, entries)
        shown = (_digest(contents, invoice), entries, balance, contents.payment_link_of(invoice.key))
        fingerprint = fingerprint_of(key, shown)
        views = _views(contents, LinkKind.PAY_ONLY, further_languages(contents.settings, invoice.customer))
        yield WantedPages(views, fingerprint, token, seq_of(entries))


def replaced_pages(contents: SiteContents, links: LinkedPages) -> Iterator[WantedPages]:
    """A word at the old address of each link that was replaced; nothing that was made before may take its place."""
    key = site_key(contents.settings) if links.replaced else b""
    for link, customer in links.replaced.values():
        language = customer.language if customer else None
        fingerprint = fingerprint_of(key, ("replaced", language))
        views = tuple(view._replace(is_lasting=True) for view in _views(contents, link.kind, ()))
        yield WantedPages(views, fingerprint, link.token, FINAL)


def _views(
    contents: SiteContents, kind: LinkKind, languages: tuple[str, ...], folders: tuple[str, ...] = _ALONE
) -> tuple[View, ...]:
    """The pages of a link, in its own language and in further ones."""
    return _views_of(kind, languages, folders, is_sealed=is_sealed(contents.settings, kind))


@lru_cache(maxsize=256)
def _views_of(
    kind: LinkKind, languages: tuple[str, ...], folders: tuple[str, ...], *, is_sealed: bool
) -> tuple[View, ...]:
    """The same for most links of a kind."""
    form = site_path(kind, "{}")
    forms = [in_language(form + folder, language) for language in (None, *languages) for folder in folders]
    return tuple(View(one, one, is_sealed=is_sealed) for one in forms)


def files_of(settings: Settings, link: Link) -> tuple[str, ...]:
    """Every file that the pages of a link may be in, in whatever languages they were made."""
    page = page_path(settings, link.kind, link.token)
    urls = [in_language(f"{page}{folder}", one) for folder in ("", RECEIPT_FOLDER) for one in (None, *LANGUAGES)]
    # Both, for the owner may have switched encryption on or off since.
    urls += [original_path(link.token), published_original(settings, link.token)]
    return tuple(map(file_of, urls))


def originals(
    contents: SiteContents, by_token: Mapping[str, tuple[Invoice, tuple[Entry, ...]]]
) -> Iterator[WantedPages]:
    """The invoices' own documents; only the owner changes them, so payments never freeze them again."""
    sealed, place = is_sealed(contents.settings, LinkKind.INVOICE), site_path(LinkKind.INVOICE, "{}")
    view = View(original_path("{}"), place + original_file(contents.settings), is_sealed=sealed, is_lasting=True)
    for token, (invoice, _entries) in by_token.items():
        if invoice.original is not None:
            fingerprint = fingerprint_of(b"original", invoice.original)
            yield WantedPages((view,), fingerprint, token)


def _digest(contents: SiteContents, invoice: Invoice) -> bytes:
    known = contents.digests.get(invoice.key)
    return known or digest_of_record(invoice_to_json(invoice), invoice.source)


def _plan_shown(
    contents: SiteContents,
    invoice: Invoice,
    entries: Sequence[Entry],
    balance: InvoiceBalance,
    day: Sequence[DayOfPlans],
) -> tuple[object, ...]:
    """What the page shows of plans: where one stands that day, or what is on offer, of which it names no dates."""
    record = contents.plan_of(invoice.key)
    if record is not None:
        return record, plan_standing(record.plan, invoice, balance, entries, contents.as_of)
    return days_that_count(day, balance)
