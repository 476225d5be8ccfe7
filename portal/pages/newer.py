"""The way from an invoice that was replaced to the one in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portal.pages.addresses import invoice_address
from portal.pages.models import PageLink
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal.config import Settings
    from portal.pages.models import InvoicePage
    from portal.receivables.invoice import Invoice


def with_newer(page: InvoicePage, invoice: Invoice, settings: Settings, token_of: Callable[[str], str]) -> InvoicePage:
    """The page with a link to the newer invoice; without one where that may be another customer's."""
    newer = invoice.replaced_by
    if newer is None or newer.key is None:
        return page
    words = _("Go to invoice %(number)s", number=newer.number)
    return replace(page, newer=PageLink(invoice_address(settings, token_of(newer.key)), words))
