"""The page of one invoice: content, ledger entries and day in, finished words out."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.languages import foreign, own_words
from portal.links.addresses import RECEIPT_FOLDER, is_sealed, page_href, published_original
from portal.markdown_text import html_of_notes
from portal.pages.addresses import path_below_root
from portal.pages.contact import contact_of, page_title
from portal.pages.due_parts import part_rows
from portal.pages.forms import explanation_of, form_of
from portal.pages.genuine import genuine_of
from portal.pages.known_words import line_in_words, method_in_words, tax_in_words, unit_in_words
from portal.pages.models import InvoicePage
from portal.pages.paid import has_receipt, payments_of, receipt_rows
from portal.pages.payment_links import provider_button
from portal.pages.pieces import Download, Row
from portal.pages.plan_words import words_on_stopped
from portal.pages.prices import price_rows, price_sums, price_words
from portal.pages.standing import fresh_until, progress_of, standing_of
from portal.pages.transfer import part_stages, transfer_panel, transfer_stages
from portal.pages.ways import ways_of
from portal.pages.went_back import went_back_rows, went_back_words
from portal.payees import payee_of, reference_of
from portal.ports.links import LinkKind
from portal.receivables.invoice import DocumentKind
from portal.receivables.prices import price_list
from portal.receivables.statuses import InvoiceStatus, NothingToPay
from portal.sources.skonto import prose_without_skonto
from portal.texts import chosen_language
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.languages import Words
    from portal.pages.way_models import Transfer, Way
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice, StatedPayment
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.offers import Offers
    from portal.receivables.prices import PriceList


def invoice_page(  # noqa: PLR0913  everything a page depends on, named
    invoice: Invoice,
    balance: InvoiceBalance,
    entries: tuple[Entry, ...],
    offers: Offers,
    settings: Settings,
    *,
    token: str,
    as_of: date,
) -> InvoicePage:
    """The page of an invoice as of a day.

    Args:
        invoice: as issued.
        balance: of this invoice on that day, from ``balance_of``.
        entries: its facts, from the ledger.
        offers: what may be paid by card, from ``offers_for``.
        settings: the owner's.
        token: of the invoice's link, for the pay form.
        as_of: the day the page speaks of.
    """
    formats = spoken_formats()
    left = balance.amount_offerable
    payments = payments_of(invoice, entries, settings)
    prices = price_list(invoice, entries, as_of, balance=balance)
    stands = standing_of(invoice, balance, formats, as_of=as_of, last_paid_on=_last_day(payments))
    words = price_words(invoice, balance, prices, settings, formats)
    words = (*words, *went_back_words(entries, balance, settings, formats))
    words = (*words, *words_on_stopped(entries, balance, settings, formats))
    went_back = went_back_rows(entries, balance, settings, formats)
    taken_off = went_back_rows(entries, balance, settings, formats, taken_off=True)
    form = form_of(offers, left, settings, formats, token=token)
    whole_by_card = offers.full is not None
    paid = balance.status is InvoiceStatus.PAID
    document = document_name(invoice)
    transfer, ways = ways_beside_card(
        invoice, balance, prices, document, settings, formats, whole_by_card=whole_by_card
    )
    return InvoicePage(
        title=page_title(settings, _("Your invoice")),
        lang=formats.locale,
        direction=formats.direction,
        document=document,
        subject=invoice.subject,
        words_lang=foreign(invoice.written_in, settings),
        standing=replace(stands, sentences=(*stands.sentences, *words)) if words else stands,
        prices=price_rows(prices, formats),
        ways=ways,
        genuine=genuine_of(invoice, settings, asks_for_money=bool(left) or balance.reason is NothingToPay.ELSEWHERE),
        parts=part_rows(balance, formats, as_of),
        progress=progress_of(balance, formats),
        form=form,
        pay_link=provider_button(invoice, balance),
        explanation=explanation_of(offers, left, formats, by_transfer=transfer is not None, otherwise=bool(ways)),
        reassurance=_reassurance(balance),
        receipt=receipt_rows(payments, taken_off, balance, formats) if paid else (),
        facts=_facts(invoice, formats, in_parts=bool(balance.parts)),
        lines=tuple(_line_row(*fields, formats) for fields in invoice.lines.fields()),
        sums=_sums(invoice, balance, payments, went_back, formats),
        notes=html_of_notes(invoice.notes) if invoice.notes else None,
        terms_summary=None if paid or balance.reason is not None else terms_summary(settings),
        terms_text=prose_without_skonto(invoice.terms_text or "") or None,
        transfer=transfer,
        original=_download(invoice, settings, token),
        receipt_href=_receipt_href(settings, token) if has_receipt(invoice, entries) else None,
        contact=contact_of(settings, _help_sentence(balance), about=document),
        as_of=_("Balance as of %(date)s, with every payment we knew of then.", date=formats.date(as_of)),
        fresh_until=fresh_until(invoice, balance, prices, as_of),
    )


def terms_summary(settings: Settings) -> Words | None:
    """The owner's terms in a few words, where they gave any."""
    terms = settings.terms
    return own_words(terms.summary, terms.summary_in, settings) if terms.summary else None


def ways_beside_card(  # noqa: PLR0913, PLR0917  everything they depend on, named
    invoice: Invoice,
    balance: InvoiceBalance,
    prices: PriceList,
    document: str,
    settings: Settings,
    formats: Formats,
    *,
    whole_by_card: bool,
) -> tuple[Transfer | None, tuple[Way, ...]]:
    """The ways to pay without a card; the first is unfolded where a card cannot pay it all."""
    stages = transfer_stages(prices)
    payee = payee_of(invoice, settings)
    reference = reference_of(invoice, payee, settings)
    transfer = None
    if payee is not None and stages:
        sums = (*part_stages(balance, stages, formats), *stages)
        transfer = transfer_panel(payee, sums, reference, document, formats, is_open=not whole_by_card)
    opens = transfer is None and not whole_by_card
    quoted = invoice.payment_reference or invoice.number
    return transfer, ways_of(stages, quoted, settings, formats, opens=opens)


def _download(invoice: Invoice, settings: Settings, token: str) -> Download | None:
    """The document below the invoice's own link, never under a name that could be guessed."""
    if invoice.original is None:
        return None
    name = re.sub(r"[^\w.-]+", "-", invoice.number).strip("-.")
    return Download(
        path_below_root(settings, published_original(settings, token)),
        f"{name or 'invoice'}.pdf",
        is_sealed=is_sealed(settings, LinkKind.INVOICE),
    )


def _receipt_href(settings: Settings, token: str) -> str:
    """The receipt in the language that the reader chose."""
    return page_href(settings, LinkKind.INVOICE, token, language=chosen_language(), folder=RECEIPT_FOLDER)


def document_name(invoice: Invoice) -> str:
    """What the document is called: "Invoice 1042", "Credit note 17"."""
    if invoice.kind is DocumentKind.CREDIT_NOTE:
        return _("Credit note %(number)s", number=invoice.number)
    return _("Invoice %(number)s", number=invoice.number)


def _last_day(payments: tuple[StatedPayment, ...]) -> date | None:
    """The day of the last payment; None where one of them has no date, for that may have been the last."""
    days = [payment.paid_on for payment in payments]
    return max((day for day in days if day is not None), default=None) if None not in days else None


def _facts(invoice: Invoice, formats: Formats, *, in_parts: bool) -> tuple[Row, ...]:
    rows = [Row(_("For"), invoice.customer.name)]
    if invoice.issued_on:
        rows.append(Row(_("Issued"), formats.date(invoice.issued_on)))
    if invoice.due_on and invoice.kind is DocumentKind.INVOICE and not in_parts:
        rows.append(Row(_("Due"), formats.date(invoice.due_on)))
    return tuple(rows)


def _line_row(  # noqa: PLR0913, PLR0917  the fields of a line
    description: str, minor: int, currency: str, quantity: str | None, unit: str | None, formats: Formats
) -> Row:
    small = None
    if quantity is not None:
        quantity = f"{Decimal(quantity).normalize():f}".replace(".", formats.decimal_mark)
        small = f"{quantity} {unit_in_words(unit)}" if unit else f"{quantity} \N{MULTIPLICATION SIGN}"
    return Row(line_in_words(description), formats.minor_units(minor, currency), small)


def _sums(
    invoice: Invoice,
    balance: InvoiceBalance,
    payments: tuple[StatedPayment, ...],
    went_back: tuple[Row, ...],
    formats: Formats,
) -> tuple[Row, ...]:
    rows = [Row(tax_in_words(tax.label, formats.decimal_mark), formats.money(tax.amount)) for tax in invoice.taxes]
    rows.append(Row(_("Total"), formats.money(invoice.total), strong=balance.reason is not None))
    if invoice.adjustment:
        rows.append(Row(_("Adjustment stated on the invoice"), formats.money(invoice.adjustment)))
    rows += price_sums(balance, formats)
    rows += [Row(_paid_label(payment, formats), formats.money(-payment.amount)) for payment in payments]
    rows += [*went_back, *_corrections(balance, formats)]
    if balance.amount_on_its_way:
        rows.append(Row(_("On its way"), formats.money(-balance.amount_on_its_way)))
    if balance.reason is None:
        rows.append(Row(_("Left to pay"), formats.money(balance.amount_offerable), strong=True))
    return tuple(rows)


def _corrections(balance: InvoiceBalance, formats: Formats) -> list[Row]:
    """What else changed the sum, each only where it did."""
    amounts = (
        (_("Credit note"), -balance.amount_credited),
        (_("No longer asked for"), -balance.amount_written_off),
    )
    return [Row(label, formats.money(amount)) for label, amount in amounts if amount]


def _paid_label(payment: StatedPayment, formats: Formats) -> str:
    method = method_in_words(payment.method) if payment.method else None
    if payment.paid_on is None:
        return _("Paid, %(method)s", method=method) if method else _("Paid")
    on = formats.date(payment.paid_on)
    if method:
        return _("Paid on %(date)s, %(method)s", date=on, method=method)
    return _("Paid on %(date)s", date=on)


def _reassurance(balance: InvoiceBalance) -> str | None:
    """For those who paid and still see an overdue page."""
    if balance.status is not InvoiceStatus.OVERDUE or not balance.amount_offerable:
        return None
    return _("Paid already? Thank you. It shows here once we have recorded it.")


def _help_sentence(balance: InvoiceBalance) -> str:
    if balance.amount_offerable:
        return _(
            "If the amount looks wrong, or paying is hard right now, please tell us. We would rather hear from you."
        )
    return _("If anything on this page looks wrong, please tell us and we will put it right.")
