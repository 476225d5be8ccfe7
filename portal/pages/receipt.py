"""The receipt of an invoice: a page of its own, to print and keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.formats import spoken_formats
from portal.links.addresses import page_address
from portal.pages.contact import contact_of, page_title
from portal.pages.invoice import document_name
from portal.pages.paid import payments_of, receipt_rows
from portal.pages.pieces import Row
from portal.pages.reading_models import ReceiptPage
from portal.pages.went_back import went_back_rows
from portal.ports.links import LinkKind
from portal.texts import gettext as _

if TYPE_CHECKING:
    from datetime import date

    from portal.config import Settings
    from portal.formats import Formats
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


def receipt_page(  # noqa: PLR0913  everything a page depends on, named
    invoice: Invoice,
    balance: InvoiceBalance,
    entries: tuple[Entry, ...],
    settings: Settings,
    *,
    token: str,
    as_of: date,
) -> ReceiptPage:
    """The receipt of an invoice as of a day; for the arguments see ``invoice_page``."""
    formats = spoken_formats()
    payments = payments_of(invoice, entries, settings)
    taken_off = went_back_rows(entries, balance, settings, formats, taken_off=True)
    paid = formats.money(balance.amount_paid)
    return ReceiptPage(
        title=page_title(settings, _("Receipt")),
        lang=formats.locale,
        direction=formats.direction,
        document=document_name(invoice),
        subject=invoice.subject,
        figure=paid,
        sentences=_summary(balance, formats),
        facts=_facts(invoice, settings, formats),
        payments=receipt_rows(payments, taken_off, balance, formats),
        back_href=page_address(settings, LinkKind.INVOICE, token),
        contact=contact_of(
            settings, _("If anything on this page looks wrong, please tell us and we will put it right.")
        ),
        as_of=_("Balance as of %(date)s, with every payment we knew of then.", date=formats.date(as_of)),
    )


def _summary(balance: InvoiceBalance, formats: Formats) -> tuple[str, ...]:
    """Paid X of Y, and Z left."""
    paid, due = formats.money(balance.amount_paid), formats.money(balance.amount_due)
    if balance.reason is not None:
        return (_("There is nothing left to pay."),)
    if not balance.amount_remaining:
        return (_("Thank you. It is paid in full."),)
    left = formats.money(balance.amount_remaining)
    return _("%(paid)s of %(due)s is paid.", paid=paid, due=due), _("%(amount)s is left to pay.", amount=left)


def _facts(invoice: Invoice, settings: Settings, formats: Formats) -> tuple[Row, ...]:
    business = settings.business
    rows = [Row(_("From"), business.legal_name or business.name), Row(_("For"), invoice.customer.name)]
    if invoice.issued_on:
        rows.append(Row(_("Issued"), formats.date(invoice.issued_on)))
    rows.append(Row(_("Total"), formats.money(invoice.total)))
    return tuple(rows)
