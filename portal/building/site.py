"""The pages customers see: GET only, made to be frozen, never served live."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import flask

from portal.building.fixed_pages import OwnText, add_fixed_pages
from portal.languages import further_languages, in_language, language_switch, speaking_to
from portal.links.addresses import RECEIPT_FOLDER, is_sealed, original_path, page_href, receipt_path
from portal.links.sealing import seal_document
from portal.pages import (
    StatementLinks,
    has_receipt,
    invoice_page,
    path_below_root,
    pay_only_page,
    receipt_page,
    replaced_page,
    sealed_page,
    statement_page,
    with_answers,
    with_newer,
    with_payment_link,
    with_plans,
)
from portal.ports.links import LinkKind
from portal.receivables.answers import answers_of
from portal.receivables.offers import offers_for
from portal.receivables.statement import Document, statement_of
from portal.receivables.statement_offers import statement_offers
from portal.texts import language_of, spoken
from portal.theming import theme

if TYPE_CHECKING:
    from portal.building.site_contents import SiteContents
    from portal.languages import LanguageLink
    from portal.pages import InvoicePage, PayOnlyPage
    from portal.receivables.answers import Answers
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.statement import Statement


def create_site(contents: SiteContents) -> flask.Flask:
    """The site as a Flask app.

    Endpoints: ``invoice`` /i/<token>/, ``original`` /i/<token>/invoice.pdf, ``receipt`` /i/<token>/receipt/,
    ``pay_only`` /p/<token>/, ``statement`` /s/<token>/, and those of ``portal.building.fixed_pages``.
    Each page can also be had in further languages, at its path with the language behind it. Pages are frozen by calling
    these views (``portal.building.staging``), so that nothing before or after a request would be heard.
    """
    app = flask.Flask("portal.building.site", static_folder=None)
    theme.install(app, contents.settings)
    _add_invoices(app, contents)
    _add_originals(app, contents)
    _add_receipts(app, contents)
    _add_pay_only(app, contents)
    _add_statements(app, contents)
    terms = OwnText(contents.terms, contents.terms_in) if contents.terms is not None else None
    privacy = OwnText(contents.privacy, contents.privacy_in) if contents.privacy else None
    add_fixed_pages(app, contents.settings, terms=terms, privacy=privacy)
    return app


def page_of(contents: SiteContents, token: str) -> InvoicePage | None:
    """What the page behind a token says in the language being spoken, or None where there is no such link."""
    found = contents.find(token)
    if found is None:
        return None
    invoice, entries = found
    settings = contents.settings
    balance = contents.balance(invoice, entries)
    offers = offers_for(balance, parts_allowed=settings.payments.part)
    page = invoice_page(invoice, balance, entries, offers, settings, token=token, as_of=contents.as_of)
    record = contents.plan_of(invoice.key)
    page = with_plans(page, invoice, record, balance, entries, settings, token=token, as_of=contents.as_of)
    answers = answers_on(contents, entries, balance)
    on_a_plan = record is not None
    page = with_answers(page, invoice, answers, balance, settings, token=token, on_a_plan=on_a_plan)
    page = with_newer(page, invoice, settings, newer_token(contents, invoice))
    if not settings.payments.by_links:
        return page
    return with_payment_link(page, contents.payment_link_of(invoice.key), offers, invoice)


def answers_on(contents: SiteContents, entries: tuple[Entry, ...], balance: InvoiceBalance) -> Answers:
    """What a customer has said about an invoice, as it stands on the day the pages speak of."""
    zone = ZoneInfo(contents.settings.portal.timezone)
    return answers_of(entries, contents.as_of, zone, left=balance.amount_remaining)


def _add_invoices(app: flask.Flask, contents: SiteContents) -> None:
    template = app.jinja_env.get_template("invoice.html")
    settings = contents.settings

    @app.get("/i/<token>/")
    @app.get("/i/<token>/<language>/")
    def invoice(token: str, language: str | None = None) -> str:
        found = contents.find(token)
        if found is None:
            return _replaced(contents, LinkKind.INVOICE, token)
        customer = _spoken_to(contents, found[0].customer, language)
        with speaking_to(settings, customer, language):
            page = page_of(contents, token)
            switch = _switch(contents, customer, LinkKind.INVOICE, token)
            html = template.render(page=page, switch=switch, terms_href=_terms_href(contents))
            return _sealed(contents, html, LinkKind.INVOICE, token)


def _add_receipts(app: flask.Flask, contents: SiteContents) -> None:
    template = app.jinja_env.get_template("receipt.html")
    settings = contents.settings

    @app.get(receipt_path("<token>"))
    @app.get(f"{receipt_path('<token>')}<language>/")
    def receipt(token: str, language: str | None = None) -> str:
        found = contents.find(token)
        if found is None or not has_receipt(*found):
            flask.abort(404)
        invoice, entries = found
        customer = _spoken_to(contents, invoice.customer, language)
        with speaking_to(settings, customer, language):
            balance = contents.balance(invoice, entries)
            page = receipt_page(invoice, balance, entries, settings, token=token, as_of=contents.as_of)
            switch = _switch(contents, customer, LinkKind.INVOICE, token, RECEIPT_FOLDER)
            return _sealed(contents, template.render(page=page, switch=switch), LinkKind.INVOICE, token)


def _add_pay_only(app: flask.Flask, contents: SiteContents) -> None:
    template = app.jinja_env.get_template("pay_only.html")
    settings = contents.settings

    @app.get("/p/<token>/")
    @app.get("/p/<token>/<language>/")
    def pay_only(token: str, language: str | None = None) -> str:
        found = contents.find_pay_only(token)
        if found is None:
            return _replaced(contents, LinkKind.PAY_ONLY, token)
        customer = _spoken_to(contents, found[0].customer, language)
        with speaking_to(settings, customer, language):
            page = _pay_only(contents, *found, token)
            return template.render(page=page, switch=_switch(contents, customer, LinkKind.PAY_ONLY, token))


def _pay_only(contents: SiteContents, invoice: Invoice, entries: tuple[Entry, ...], token: str) -> PayOnlyPage:
    balance = contents.balance(invoice, entries)
    link = contents.payment_link_of(invoice.key)
    return pay_only_page(invoice, balance, entries, contents.settings, link, token=token, as_of=contents.as_of)


def _sealed(contents: SiteContents, html: str, kind: LinkKind, token: str) -> str:
    """The page as it is published: as it is, or encrypted, with a button beside it that pays an invoice."""
    if not is_sealed(contents.settings, kind):
        return html
    found = contents.find(token) if kind is LinkKind.INVOICE else None
    pay_token = contents.pay_token_of(found[0].key) if found else None
    pay = _pay_only(contents, *found, pay_token) if found and pay_token else None
    page = sealed_page(html, kind, contents.settings, pay, token=token)
    return flask.render_template(page.template, page=page)


def _spoken_to(contents: SiteContents, customer: Customer, language: str | None) -> Customer:
    """The customer whose page it is, where it can be had in a language; else there is no such page."""
    if language and language not in further_languages(contents.settings, customer):
        flask.abort(404)
    return customer


def _switch(
    contents: SiteContents, customer: Customer, kind: LinkKind, token: str, folder: str = ""
) -> tuple[LanguageLink, ...]:
    settings = contents.settings
    return language_switch(
        settings, customer, lambda one: page_href(settings, kind, token, language=one, folder=folder)
    )


def _replaced(contents: SiteContents, kind: LinkKind, token: str) -> str:
    """The word at the old address of a link that was replaced, in its customer's language; it holds no data."""
    found = contents.replaced(token)
    if found is None or found[0].kind is not kind:
        flask.abort(404)
    with speaking_to(contents.settings, found[1]):
        page = replaced_page(contents.settings)
        return flask.render_template(page.template, page=page)


def newer_token(contents: SiteContents, invoice: Invoice) -> str | None:
    """The token of the invoice in the place of one that was replaced, where that has a page for the same customer."""
    key = invoice.replaced_by.key if invoice.replaced_by else None
    return contents.token_of(key) if key is not None and contents.is_open(key) else None


def links_on(contents: SiteContents, token: str, statement: Statement) -> StatementLinks:
    """The links of a statement's page: its own, and those of its invoices."""
    keys = [row.invoice.key for row in statement.rows]
    closed = frozenset(key for key in keys if not contents.is_open(key))
    return StatementLinks(token, {key: contents.token_of(key) for key in keys}, closed)


def _add_originals(app: flask.Flask, contents: SiteContents) -> None:
    @app.get(original_path("<token>"))
    def original(token: str) -> flask.Response:
        found = contents.find(token)
        document = found[0].original if found else None
        if document is None or contents.content is None:
            flask.abort(404)
        file = (contents.content / document.file).read_bytes()
        if is_sealed(contents.settings, LinkKind.INVOICE):
            return flask.Response(seal_document(token, file), mimetype="application/octet-stream")
        return flask.Response(file, mimetype="application/pdf")


def _terms_href(contents: SiteContents) -> str | None:
    """Where the terms are in the language of the page being made, or else in the portal's."""
    if contents.terms is None:
        return None
    language = language_of(spoken())
    further = language in further_languages(contents.settings, None)
    return path_below_root(contents.settings, in_language("/terms/", language if further else None))


def statement_in(contents: SiteContents, token: str) -> Statement | None:
    """The statement behind a token on the day of the site, or None where there is no such link."""
    found = contents.find_statement(token)
    if found is None or not found.documents:
        return None
    documents = (_on_statement(contents, invoice, entries) for invoice, entries in found.documents)
    return statement_of(documents, contents.as_of)


def _on_statement(contents: SiteContents, invoice: Invoice, entries: tuple[Entry, ...]) -> Document:
    balance, on = contents.balance(invoice, entries), contents.plan_of(invoice.key)
    if on is None:
        return Document(invoice, entries, balance=balance)
    return Document(invoice, entries, on.plan, on.refused_on, balance)


def _add_statements(app: flask.Flask, contents: SiteContents) -> None:
    settings = contents.settings
    template = app.jinja_env.get_template("statement.html")

    @app.get("/s/<token>/")
    @app.get("/s/<token>/<language>/")
    def statement(token: str, language: str | None = None) -> str:
        found = statement_in(contents, token)
        if found is None:
            return _replaced(contents, LinkKind.STATEMENT, token)
        customer = _spoken_to(contents, found.customer, language)
        offers = statement_offers(found, parts_allowed=settings.payments.part)
        with speaking_to(settings, customer, language):
            page = statement_page(found, offers, settings, links_on(contents, token, found), as_of=contents.as_of)
            switch = _switch(contents, customer, LinkKind.STATEMENT, token)
            html = template.render(page=page, switch=switch, terms_href=_terms_href(contents))
            return _sealed(contents, html, LinkKind.STATEMENT, token)
