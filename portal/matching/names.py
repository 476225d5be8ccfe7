"""How entries that came from a bank statement are named, so that one movement counts once in whatever statement it is.

As all entries of the owner they begin with ``owner/``; no invoice has an empty key, so no other wish begins like this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from portal.receivables.entries import Entry

_CREDIT = "owner//bank/"
_RETURN = "owner//bank-return/"
OWNERS = "owner/"
"""What all entries of the owner's own begin with."""


def transfer_id(key: str, again: int = 0) -> str:
    """The external id of the payments that a booking became; ``again`` counts how often it was undone before."""
    base = _CREDIT + quote(key, safe=" ")
    return f"{base}/{again + 1}" if again else base


def return_id(key: str) -> str:
    """The external id of the reversals that a return became."""
    return _RETURN + quote(key, safe=" ")


def key_of(entry: Entry) -> str | None:
    """The key of the booking that became this payment; None for all other entries."""
    if not entry.external_id.startswith(_CREDIT):
        return None
    return unquote(entry.external_id.removeprefix(_CREDIT).split("/")[0])


def returned_by(entry: Entry) -> str | None:
    """The key of the return that became this reversal; None for all other entries."""
    return unquote(entry.external_id.removeprefix(_RETURN)) if entry.external_id.startswith(_RETURN) else None
