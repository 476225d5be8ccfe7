"""Paying through a payment link: the plain button of the page, and the words beside and behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from portal.formats import spoken_formats
from portal.languages import provider_wish, speaking_to
from portal.pages.pieces import PayLink
from portal.pages.ways import first_opened
from portal.ports.payment_links import PaymentLinkRequest
from portal.ports.provider_locales import provider_locale
from portal.receivables.link_terms import link_terms_of
from portal.receivables.statuses import NothingToPay
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.models import InvoicePage
    from portal.ports.payment_links import PaymentLink
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.link_terms import LinkTerms
    from portal.receivables.offers import Offers


def with_payment_link(page: InvoicePage, link: PaymentLink | None, offers: Offers, invoice: Invoice) -> InvoicePage:
    """The page where nobody answers forms: a plain link in their place, or a word on why there is none now."""
    button = payment_button(link, offers, invoice)
    explanation = page.explanation
    if button is None and link_terms_of(offers) is not None:
        explanation = (_("Card payment is not ready for this amount yet. Please look here again tomorrow."),)
        if page.transfer is not None:
            explanation += (_("You can also pay by bank transfer: the details are below."),)
        page = first_opened(page)
    return page._replace(
        form=None, plan_door=None, plan=None, pay_link=button or page.pay_link, explanation=explanation
    )


def payment_link_request(
    settings: Settings, portal_id: str, row_id: str, invoice: Invoice, terms: LinkTerms
) -> PaymentLinkRequest:
    """What the provider is asked for, with the words that its pages show in our name, in the customer's language."""
    with speaking_to(settings, invoice.customer):
        return _request(settings, portal_id, row_id, invoice, terms)


def _request(settings: Settings, portal_id: str, row_id: str, invoice: Invoice, terms: LinkTerms) -> PaymentLinkRequest:
    title = _("Invoice %(number)s", number=invoice.number)
    return PaymentLinkRequest(
        row_id=row_id,
        invoice_key=invoice.key,
        portal=portal_id,
        terms=terms,
        title=title,
        description=f"{title}, {settings.business.name}",
        inactive_message=_(
            "This payment link was used or replaced, and no money has been taken here. If you have just paid, thank "
            "you: it can take up to a day until your invoice page shows it. If not, please open your invoice page "
            "again: it has the current link."
        ),
        thanks=_(
            "Thank you. It can take up to a day until your invoice page shows this payment. You do not need to make "
            "it again."
        ),
    )


def payment_button(link: PaymentLink | None, offers: Offers, invoice: Invoice) -> PayLink | None:
    """The button to an invoice's payment link; None where there is none, or where it is not true any more."""
    terms = link_terms_of(offers)
    if link is None or link.url is None or terms is None or link.terms != terms:
        return None
    formats = spoken_formats()
    return PayLink(
        href=_address(link.url, invoice),
        button=_("Pay %(amount)s now", amount=formats.money(terms.amount)),
        sentences=(*_about_parts(terms, formats), _("It can take up to a day until your payment shows here.")),
    )


def provider_button(invoice: Invoice, balance: InvoiceBalance) -> PayLink | None:
    """The button to the provider's own page of an invoice; None for any other invoice."""
    if balance.reason is not NothingToPay.ELSEWHERE or invoice.pay_at is None:
        return None
    formats = spoken_formats()
    return PayLink(
        href=invoice.pay_at,
        button=_("Pay %(amount)s now", amount=formats.money(invoice.stated_due)),
        sentences=(_("It can take up to a day until your payment shows here."),),
    )


def _about_parts(terms: LinkTerms, formats: Formats) -> tuple[str, ...]:
    """Bounds are all that a link knows, so that leaving too little for another card payment is asked for in words."""
    if terms.minimum is None:
        return ()
    return (
        _("You can change the amount on the next page if you would like to pay a part."),
        _(
            "Please leave %(minimum)s or more for later then: a card payment cannot be smaller.",
            minimum=formats.money(terms.minimum),
        ),
    )


def _address(url: str, invoice: Invoice) -> str:
    """The link's address, with what the customer need not type again."""
    wishes = {"locale": provider_locale(provider_wish(invoice.customer))}
    if invoice.customer.email:
        wishes["prefilled_email"] = invoice.customer.email
    return f"{url}{'&' if '?' in url else '?'}{urlencode(wishes)}"
