"""How the two entries of a credit that was set off find each other: by one external id, which names both documents."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from portal.receivables.entries import Entry

_SET_OFF = "owner//set-off/"
"""As all entries of the owner begin with ``owner/``; no invoice has an empty key, so no other wish begins like this."""


def set_off_base(credit_key: str, invoice_key: str) -> str:
    """What the external ids of these two documents begin with; a number follows."""
    return _SET_OFF + "/".join(quote(key, safe="") for key in (credit_key, invoice_key))


def partner_of(entry: Entry) -> str | None:
    """The key of the document that has the other entry of a credit that was set off; None for all other entries."""
    if not entry.external_id.startswith(_SET_OFF):
        return None
    credit, invoice, _number = map(unquote, entry.external_id.removeprefix(_SET_OFF).split("/"))
    return invoice if entry.invoice_key == credit else credit
