"""Where an invoice stands, in words: the tag, the figure, and dated sentences that stay true while the page is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from portal.pages.due_parts import part_sentences
from portal.pages.pieces import Look, Progress, Standing, Tag
from portal.pages.waiting import voucher_sentences
from portal.receivables.statuses import InvoiceStatus, NothingToPay
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.formats import Formats
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.prices import PriceList


def standing_of(
    invoice: Invoice, balance: InvoiceBalance, formats: Formats, *, as_of: date, last_paid_on: date | None
) -> Standing:
    """What the page says first. ``last_paid_on`` is the day of the last payment, where one is known."""
    if balance.reason is not None:
        return _nothing_to_pay(invoice, balance, balance.reason, formats)
    if balance.status is InvoiceStatus.PAID:
        return _paid(balance, formats, last_paid_on)
    if not balance.amount_offerable:
        return _on_its_way(balance, formats)
    return _left_to_pay(invoice, balance, formats, as_of)


def progress_of(balance: InvoiceBalance, formats: Formats) -> Progress | None:
    """The bar of what was paid, for an invoice that is partly paid."""
    if not (balance.amount_paid.minor > 0 and balance.amount_remaining):
        return None
    percent = min(max(100 * balance.amount_paid.minor // balance.amount_due.minor, 1), 99)
    return Progress(
        percent=f"{percent}%",
        paid=_("%(amount)s paid, thank you", amount=formats.money(balance.amount_paid)),
        of=_("of %(amount)s", amount=formats.money(balance.amount_due)),
    )


def fresh_until(invoice: Invoice, balance: InvoiceBalance, prices: PriceList, as_of: date) -> date | None:
    """The day after which the page would use other words or sums although nobody paid."""
    waits = balance.status in (InvoiceStatus.OPEN, InvoiceStatus.PARTLY_PAID)
    coming = (part.due_on for part in balance.parts if part.rest and part.due_on >= as_of)
    days = (invoice.due_on if waits else None, next(coming, None), prices.fresh_until)
    return min((day for day in days if day is not None), default=None)


def _left_to_pay(invoice: Invoice, balance: InvoiceBalance, formats: Formats, as_of: date) -> Standing:
    sentences = part_sentences(balance, formats, as_of)
    due = formats.date(invoice.due_on) if invoice.due_on else None
    match balance.status:
        case InvoiceStatus.OVERDUE:
            tag = Tag(_("Overdue"), Look.LATE, "clock")
            sentences = sentences or [_("It was due on %(date)s.", date=due or "")]
        case InvoiceStatus.PARTLY_PAID:
            tag = Tag(_("Partly paid"), Look.CALM, "part")
        case _:
            tag = Tag(_("Open"), Look.PLAIN, "open")
    if due and not sentences:
        sentences = [_("Please pay by %(date)s.", date=due)]
    if balance.amount_on_its_way:
        sentences += [
            _("%(amount)s more is on its way.", amount=formats.money(balance.amount_on_its_way)),
            _("Bank payments can take some working days to arrive."),
            *voucher_sentences(balance.amount_on_its_way),
        ]
    heading = _("Left to pay")
    if balance.discount_until is not None:
        heading = _("Left to pay until %(date)s", date=formats.date(balance.discount_until))
    return Standing(tag, heading, formats.money(balance.amount_offerable), tuple(sentences))


def _on_its_way(balance: InvoiceBalance, formats: Formats) -> Standing:
    return Standing(
        Tag(_("On its way"), Look.CALM, "way"),
        _("Payment on its way"),
        formats.money(balance.amount_on_its_way),
        (
            _("Thank you. Bank payments can take some working days to arrive."),
            *voucher_sentences(balance.amount_on_its_way),
            _("You do not need to pay this again."),
        ),
    )


def _paid(balance: InvoiceBalance, formats: Formats, last_paid_on: date | None) -> Standing:
    if last_paid_on is None:
        thanks = _("Thank you. This invoice is paid in full.")
    else:
        thanks = _("Thank you. This invoice was paid in full on %(date)s.", date=formats.date(last_paid_on))
    sentences = [thanks]
    if balance.amount_overpaid:
        sentences.append(_more_than_due(balance, formats))
    return Standing(
        Tag(_("Paid"), Look.GOOD, "tick"), _("Paid in full"), formats.money(balance.amount_paid), tuple(sentences)
    )


def _more_than_due(balance: InvoiceBalance, formats: Formats) -> str:
    over = formats.money(balance.amount_overpaid)
    return _("%(amount)s more than was due has arrived. Please ask us about it.", amount=over)


def _nothing_to_pay(invoice: Invoice, balance: InvoiceBalance, reason: NothingToPay, formats: Formats) -> Standing:
    tag, heading = Tag(_("Nothing to pay"), Look.PLAIN, "none"), _("Nothing to pay here")
    sentences: tuple[str, ...]
    match reason:
        case NothingToPay.CANCELLED:
            tag = Tag(_("Cancelled"), Look.PLAIN, "none")
            sentences = (_cancelled(invoice, formats),)
        case NothingToPay.REPLACED:
            tag, heading = Tag(_("Replaced"), Look.PLAIN, "none"), _("This invoice was replaced")
            sentences = _replaced(invoice, formats)
        case NothingToPay.CREDIT_NOTE:
            tag = Tag(_("Credit note"), Look.GOOD, "tick")
            credit = formats.money(invoice.total if invoice.total.minor >= 0 else -invoice.total)
            sentences = (_("This is a credit note of %(amount)s in your favour.", amount=credit),)
        case NothingToPay.NEGATIVE:
            credit = formats.money(-invoice.stated_due)
            sentences = (_("This invoice comes to %(amount)s in your favour.", amount=credit),)
        case NothingToPay.DIRECT_DEBIT:
            tag = Tag(_("Direct debit"), Look.CALM, "way")
            sentences = (_direct_debit(invoice, formats), _("You do not need to do anything."))
        case NothingToPay.ELSEWHERE:
            return _elsewhere(invoice, formats)
        case NothingToPay.NO_LONGER_OPEN:
            tag = Tag(_("No longer open"), Look.PLAIN, "none")
            sentences = (
                _("This invoice is no longer open, so you do not need to pay it here."),
                _("Please ask us if that surprises you."),
            )
        case NothingToPay.ZERO | NothingToPay.CREDITED | NothingToPay.WRITTEN_OFF:
            sentences = (_nothing_left(reason),)
    if balance.amount_overpaid:
        sentences = (*sentences, _more_than_due(balance, formats))
    return Standing(tag, heading, None, sentences)


def _elsewhere(invoice: Invoice, formats: Formats) -> Standing:
    """What is left, for the provider's own page of the invoice to take; said so that a passing day changes nothing."""
    sentences = [_("You pay this invoice on the page that Stripe has for it.")]
    if invoice.due_on is not None:
        sentences.insert(0, _("Due on %(date)s.", date=formats.date(invoice.due_on)))
    return Standing(
        Tag(_("Open"), Look.PLAIN, "open"), _("Left to pay"), formats.money(invoice.stated_due), tuple(sentences)
    )


def _nothing_left(reason: Literal[NothingToPay.ZERO, NothingToPay.CREDITED, NothingToPay.WRITTEN_OFF]) -> str:
    match reason:
        case NothingToPay.ZERO:
            return _("The amount due on this invoice is zero.")
        case NothingToPay.CREDITED:
            return _("We credited this invoice in full. You do not need to pay it.")
        case NothingToPay.WRITTEN_OFF:
            return _("We no longer ask for payment of what was left on this invoice.")


def _cancelled(invoice: Invoice, formats: Formats) -> str:
    if invoice.cancelled_on is None:
        return _("We cancelled this invoice. You do not need to pay it.")
    on = formats.date(invoice.cancelled_on)
    return _("We cancelled this invoice on %(date)s. You do not need to pay it.", date=on)


def _replaced(invoice: Invoice, formats: Formats) -> tuple[str, ...]:
    newer = invoice.replaced_by
    number, on = (newer.number, newer.issued_on) if newer else ("", None)
    if on is None:
        which = _("Invoice %(number)s has taken its place.", number=number)
    else:
        which = _("Invoice %(number)s of %(date)s has taken its place.", number=number, date=formats.date(on))
    return which, _("You do not need to pay this one.")


def _direct_debit(invoice: Invoice, formats: Formats) -> str:
    amount = formats.money(invoice.stated_due)
    if invoice.due_on is None:
        return _("We collect %(amount)s by direct debit.", amount=amount)
    on = formats.date(invoice.due_on)
    return _("We collect %(amount)s by direct debit, due on %(date)s.", amount=amount, date=on)
