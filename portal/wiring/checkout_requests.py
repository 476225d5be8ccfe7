"""What is asked of the payment provider for a checkout, and what payments are called there, in customers' languages."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from portal.languages import provider_wish, speaking_to
from portal.links.addresses import page_address
from portal.ports import CheckoutLine, CheckoutRequest, Link, LinkKind
from portal.texts import chosen_language
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.links.page_links import PageLinks
    from portal.ports import Hold
    from portal.receivables.invoice import Invoice

_TITLES_LENGTH = 800
NOT_PAID_PLACE = "not-paid"
"""Where a customer comes back to who left the checkout without paying."""


def checkout_request(links: PageLinks, hold: Hold, invoices: Sequence[Invoice]) -> CheckoutRequest:
    """What is asked for in the name of the first invoice; back to the page it was opened on, or to that invoice's.

    Who has a pay-only link need not be the customer, so the customer's address is not laid before them.
    """
    invoice = invoices[0]
    opened = links.ledger.link(hold.token) if hold.token else None
    back = opened or Link(links.token_of(invoice.key), invoice.key)
    parts = zip(invoices, hold.allocations, strict=True)
    lines = tuple(CheckoutLine(_("Invoice %(number)s", number=one.number), part.amount) for one, part in parts)
    chosen = chosen_language()
    language = f"&lang={chosen}" if chosen else ""
    return CheckoutRequest(
        hold_id=hold.hold_id,
        opened_at=hold.created_at,
        allocations=hold.allocations,
        lines=lines,
        description=_described((one.title for one in lines), links.settings.business.name),
        customer_email=None if back.kind is LinkKind.PAY_ONLY else invoice.customer.email,
        locale=provider_wish(invoice.customer),
        expires_at=hold.expires_at,
        success_url=f"{links.settings.live_url}/return?link={back.token}{language}&checkout={{CHECKOUT_SESSION_ID}}",
        cancel_url=page_address(links.settings, back.kind, back.token, NOT_PAID_PLACE),
    )


def installment_description(links: PageLinks, invoice_keys: Sequence[str]) -> str:
    """As the receipt of the provider quotes it, in the customer's language."""
    found = [links.ledger.invoice(key) for key in invoice_keys]
    numbers = [one.number if one else key for key, one in zip(invoice_keys, found, strict=True)]
    business = links.settings.business.name
    with speaking_to(links.settings, found[0].customer if found[0] else None):
        if len(numbers) == 1:
            return _("Installment of invoice %(number)s, %(business)s", number=numbers[0], business=business)
        named = _shortened(numbers)
        return _("Installment of invoices %(numbers)s, %(business)s", numbers=named, business=business)


def _described(titles: Iterable[str], business: str) -> str:
    """What a payment is called on the provider's side, within its 1000 characters."""
    return f"{_shortened(titles)}, {business}"


def _shortened(titles: Iterable[str]) -> str:
    return textwrap.shorten(", ".join(titles), _TITLES_LENGTH, placeholder=" ...")
