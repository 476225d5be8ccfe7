"""What paying an invoice takes and nothing else of it: for accounts payable, or for somebody who pays for another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from portal.formats import spoken_formats
from portal.pages.contact import contact_of, page_title
from portal.pages.forms import explanation_of, form_of
from portal.pages.invoice import document_name, ways_beside_card
from portal.pages.payment_links import payment_button
from portal.pages.pieces import Row
from portal.pages.prices import price_rows
from portal.receivables.offers import offers_for
from portal.receivables.prices import price_list
from portal.receivables.statuses import NothingToPay
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.pages.pieces import Contact, PayForm, PayLink
    from portal.pages.way_models import Transfer, Way
    from portal.ports.payment_links import PaymentLink
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


@dataclass(frozen=True, slots=True)
class PayOnlyPage:
    """An amount and how to pay it (``pay_only.html``); nothing of the work, the customer, or what was before.

    Attributes:
        figure: what is left to pay; None where nothing is.
        rows: the number, and the day on which it is due.
        prices: what settles it until which day; empty where waiting changes nothing.
        form: the pay form; ``pay_link`` the button where nobody answers forms.
    """

    template: ClassVar[str] = "pay_only.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    figure: str | None
    rows: tuple[Row, ...]
    prices: tuple[Row, ...]
    form: PayForm | None
    pay_link: PayLink | None
    explanation: tuple[str, ...]
    transfer: Transfer | None
    ways: tuple[Way, ...]
    contact: Contact
    as_of: str


def pay_only_page(  # noqa: PLR0913  everything the page depends on, named
    invoice: Invoice,
    balance: InvoiceBalance,
    entries: tuple[Entry, ...],
    settings: Settings,
    link: PaymentLink | None,
    *,
    token: str,
    as_of: date,
) -> PayOnlyPage:
    """The pay-only page of an invoice as of a day.

    Args:
        invoice: as issued.
        balance: of this invoice on that day.
        entries: its facts.
        settings: the owner's.
        link: where it is paid, if pages have no pay buttons.
        token: of the pay-only link.
        as_of: the day the page speaks of.
    """
    formats, left, document = spoken_formats(), balance.amount_offerable, document_name(invoice)
    elsewhere = balance.reason is NothingToPay.ELSEWHERE
    asked = invoice.stated_due if elsewhere else left
    offers = offers_for(balance, parts_allowed=settings.payments.part)
    prices = price_list(invoice, entries, as_of, balance=balance)
    nameless = replace(invoice, customer=replace(invoice.customer, email=None))
    by_links = settings.payments.by_links
    whole_by_card = offers.full is not None
    transfer, ways = ways_beside_card(
        invoice, balance, prices, document, settings, formats, whole_by_card=whole_by_card
    )
    return PayOnlyPage(
        title=page_title(settings, _("Payment")),
        lang=formats.locale,
        direction=formats.direction,
        document=document,
        heading=_("Left to pay") if asked else _("Nothing left to pay"),
        figure=formats.money(asked) if asked else None,
        rows=_rows(invoice, formats) if asked else (),
        prices=price_rows(prices, formats) if left else (),
        form=None if by_links else form_of(offers, left, settings, formats, token=token),
        pay_link=payment_button(link, offers, nameless) if by_links else None,
        explanation=_provider_words()
        if elsewhere
        else explanation_of(offers, left, formats, by_transfer=transfer is not None, otherwise=bool(ways)),
        transfer=transfer,
        ways=ways,
        contact=contact_of(settings, _("If anything is unclear, please ask us."), about=document),
        as_of=_("Balance as of %(date)s, with every payment we knew of then.", date=formats.date(as_of)),
    )


def _provider_words() -> tuple[str, ...]:
    """Without the button: the provider's page tells what the invoice is for."""
    return (
        _("This invoice is paid on the page that Stripe has for it."),
        _("Please ask whoever sent you this link for the address of that page."),
    )


def _rows(invoice: Invoice, formats: Formats) -> tuple[Row, ...]:
    return (Row(_("Due"), formats.date(invoice.due_on)),) if invoice.due_on else ()
