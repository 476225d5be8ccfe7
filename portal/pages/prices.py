"""What settles the invoice until when, and what a discount or a fee does to it: dated words that stay true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.languages import own_words
from portal.pages.pieces import Row
from portal.receivables.statuses import InvoiceStatus
from portal.receivables.terms import LateMode
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.languages import Words
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.prices import PriceList, PriceStage
    from portal.receivables.terms import LateFee


def price_rows(prices: PriceList, formats: Formats) -> tuple[Row, ...]:
    """One row for each stage, where there is more than one: "Until 10 May 2026", "£490.00"."""
    if len(prices.stages) < 2:  # noqa: PLR2004  one stage is the figure above
        return ()
    return tuple(Row(_until(stage, formats), formats.money(stage.amount)) for stage in prices.stages)


def price_words(
    invoice: Invoice, balance: InvoiceBalance, prices: PriceList, settings: Settings, formats: Formats
) -> tuple[str | Words, ...]:
    """What a discount saves or a late fee added, and where it is so, that none was."""
    if not balance.amount_offerable:
        return ()
    sentences = _on_discount(balance, settings, formats)
    sentences += _on_fee(invoice, balance, prices, formats)
    if prices.goes_on:
        sentences.append(_("After that, interest is added on what is still open."))
    return tuple(sentences)


def price_sums(balance: InvoiceBalance, formats: Formats) -> list[Row]:
    """The rows of a discount and a fee among the sums of the invoice."""
    amounts = (
        (_("Early payment discount"), -(balance.amount_discounted + balance.discount_offered)),
        (_("Late fee"), balance.amount_fees),
    )
    return [Row(label, formats.money(amount)) for label, amount in amounts if amount]


def _until(stage: PriceStage, formats: Formats) -> str:
    return _("Until %(date)s", date=formats.date(stage.until)) if stage.until else _("After that")


def _on_discount(balance: InvoiceBalance, settings: Settings, formats: Formats) -> list[str | Words]:
    if not balance.discount_offered or balance.discount_until is None:
        return []
    sentence = _(
        "You save %(amount)s by paying all of it by %(date)s.",
        amount=formats.money(balance.discount_offered),
        date=formats.date(balance.discount_until),
    )
    terms = settings.terms
    if not terms.discount_note:
        return [sentence]
    note = own_words(terms.discount_note, terms.discount_note_in, settings)
    return [sentence, note if note.lang else note.text]


def _on_fee(invoice: Invoice, balance: InvoiceBalance, prices: PriceList, formats: Formats) -> list[str]:
    if balance.amount_fees:
        return [_("This includes a late fee of %(amount)s.", amount=formats.money(balance.amount_fees))]
    late = invoice.terms.late
    if balance.status is InvoiceStatus.OVERDUE:
        # Said only where no later day adds one, for the page may be read then.
        return [_("We have not added a late fee.")] if prices.fresh_until is None else []
    if late is not None and late.mode is LateMode.SHOWN:
        return [_("We may charge a late fee from %(date)s.", date=formats.date(_first_day(late, balance)))]
    return []


def _first_day(late: LateFee, balance: InvoiceBalance) -> date:
    """The day on which a fee may begin: that of the first part that is not paid."""
    parts = zip(late.parts, balance.parts, strict=False)
    return next((days.starts_on for days, part in parts if part.rest), late.starts_on)
