"""Who is one customer: which invoices may stand together on one page, and which never do.

A page that shows a customer somebody else's invoice cannot be taken back, so what is not certain is kept apart.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from portal.receivables.invoice import PaymentMeans

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.receivables.invoice import Customer, Invoice


_quoted = json.JSONEncoder().encode


def customer_key(customer: Customer) -> str | None:
    """What tells a customer from all others, as JSON text; None where nothing does for certain.

    The owner's own number for the customer, however the name is spelt; else name and e-mail address together. A name
    alone may be that of two customers, and one address may serve two: a couple, an accountant's office.
    """
    told = _told_by(customer)
    return _as_json(told) if told else None


def statement_key(invoice: Invoice) -> str | None:
    """The statement that an invoice belongs to, as JSON text: its customer's, in its currency.

    What is paid on the provider's page belongs to none: a statement is paid in one go, here.
    """
    if invoice.means is PaymentMeans.PROVIDER:
        return None
    told = _told_by(invoice.customer)
    return _as_json([invoice.currency, *told]) if told else None


def _as_json(texts: Iterable[str]) -> str:
    """As ``json.dumps`` writes a list of them, in a third of the time: each invoice has such a key."""
    return f"[{', '.join(map(_quoted, texts))}]"


def _told_by(customer: Customer) -> list[str]:
    if customer.reference and (reference := _blanks_folded(customer.reference)):
        return ["reference", reference]
    return ["name", _folded(customer.name), _folded(customer.email)] if customer.email else []


def _folded(text: str) -> str:
    return _blanks_folded(text).casefold()


def _blanks_folded(text: str) -> str:
    return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())
