"""The pages customers see: GET only, made to be frozen, never served live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import flask

from portal import theme
from portal.headers import headers_file
from portal.pages import (
    front_page,
    invoice_page,
    no_link_page,
    path_below_root,
    terms_page,
    with_payment_link,
    with_plans,
)
from portal.receivables.balance import balance_of
from portal.receivables.offers import offers_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from portal.config import Settings
    from portal.pages import InvoicePage
    from portal.payment_link_ports import PaymentLink
    from portal.plan_ports import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice


@dataclass(frozen=True)
class SiteContents:
    """What the pages are made from.

    Attributes:
        settings: the owner's.
        as_of: the day the pages speak of.
        find: the invoice and its facts behind a link's token, or None where there is no such link.
        terms: ``content/pages/terms.md``, Markdown; None without it.
        plan_of: the payment plan that an invoice is on.
        payment_link_of: where an invoice is paid, if the pages have no pay buttons.
    """

    settings: Settings
    as_of: date
    find: Callable[[str], tuple[Invoice, tuple[Entry, ...]] | None]
    terms: str | None
    plan_of: Callable[[str], PlanRecord | None] = lambda _key: None
    payment_link_of: Callable[[str], PaymentLink | None] = lambda _key: None


def create_site(contents: SiteContents) -> flask.Flask:
    """The site as a Flask app.

    Endpoints: ``index`` /, ``invoice`` /i/<token>/, ``terms`` /terms/ (where there are terms), ``not_found`` /404.html,
    ``headers`` /_headers.
    """
    app = flask.Flask("portal.site", static_folder=None)
    theme.install(app, contents.settings)
    _add_invoices(app, contents)
    _add_fixed_pages(app, contents)
    return app


def page_of(contents: SiteContents, token: str) -> InvoicePage | None:
    """What the page behind a token says, or None where there is no such link."""
    found = contents.find(token)
    if found is None:
        return None
    invoice, entries = found
    settings = contents.settings
    balance = balance_of(invoice, entries, contents.as_of)
    offers = offers_for(balance, parts_allowed=settings.payments.part)
    page = invoice_page(invoice, balance, entries, offers, settings, token=token, as_of=contents.as_of)
    record = contents.plan_of(invoice.key)
    page = with_plans(page, invoice, record, balance, entries, settings, token=token, as_of=contents.as_of)
    if not settings.payments.by_links:
        return page
    return with_payment_link(page, contents.payment_link_of(invoice.key), offers, invoice, settings)


def _add_invoices(app: flask.Flask, contents: SiteContents) -> None:
    has_terms = contents.terms is not None
    app.jinja_env.globals["terms_href"] = path_below_root(contents.settings, "/terms/") if has_terms else None
    template = app.jinja_env.get_template("invoice.html")

    @app.get("/i/<token>/")
    def invoice(token: str) -> str:
        page = page_of(contents, token)
        if page is None:
            flask.abort(404)
        return template.render(page=page)


def _add_fixed_pages(app: flask.Flask, contents: SiteContents) -> None:
    settings = contents.settings
    missing = no_link_page(settings)

    @app.get("/")
    def index() -> str:
        page = front_page(settings)
        return flask.render_template(page.template, page=page)

    if contents.terms is not None:
        page_of_terms = terms_page(contents.terms, settings)

        @app.get("/terms/")
        def terms() -> str:
            return flask.render_template(page_of_terms.template, page=page_of_terms)

    @app.get("/404.html")
    def not_found() -> str:
        return flask.render_template(missing.template, page=missing)

    @app.errorhandler(404)
    def no_such_page(_error: Exception) -> tuple[str, int]:
        return not_found(), 404

    @app.get("/_headers")
    def headers() -> flask.Response:
        text = headers_file(settings, theme.theme_of(settings).css_hash)
        return flask.Response(text, mimetype="application/octet-stream")
