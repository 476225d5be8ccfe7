"""The way from an invoice that was replaced to the one in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.pages.addresses import invoice_address
from portal.pages.pieces import PageLink
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.config import Settings
    from portal.pages.models import InvoicePage
    from portal.receivables.invoice import Invoice


def with_newer(page: InvoicePage, invoice: Invoice, settings: Settings, token: str | None) -> InvoicePage:
    """The page with a link to the newer invoice; without one where ``token``, that invoice's, is None."""
    newer = invoice.replaced_by
    if newer is None or token is None:
        return page
    words = _("Go to invoice %(number)s", number=newer.number)
    return page._replace(newer=PageLink(invoice_address(settings, token), words))
