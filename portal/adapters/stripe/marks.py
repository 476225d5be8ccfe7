"""The portal's marks on what it makes at Stripe: whose it is, for which reservation, and for which invoices.

From them alone a lost ledger is made again. Source of the limits: Stripe, "Metadata" (50 keys of 40 characters, values
of 500).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.adapters.stripe.amounts import moment_of, money_of, provider_amount
from portal.receivables.allocation import Allocation, check_allocations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.receivables.allocation import Allocations
    from portal.receivables.money import Money

VALUE_LENGTH = 500
MOST_PIECES = 40
"""So many values hold the invoices at the most, beside the other marks."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What an object at Stripe says of itself; see ``CheckoutReport`` and ``PaymentReport`` for the fields."""

    hold_id: str | None
    allocations: Allocations
    is_garbled: bool
    is_anothers: bool
    opened_at: datetime | None


def invoice_marks(allocations: Allocations) -> dict[str, str]:
    """The metadata that names the invoices of a payment: one plainly, several with what of it belongs to each.

    Raises:
        ValueError: the invoices' names are too long to be written on one payment.
    """
    if len(allocations) == 1:
        return {"invoice": allocations[0].invoice_key}
    parts = [[part.invoice_key, provider_amount(part.amount)] for part in allocations]
    # Plain ASCII, so that nobody counts the characters otherwise; no blank that could be cut off at a piece's end.
    text = json.dumps(parts, separators=(",", ":")).replace(" ", "\\u0020")
    pieces = [text[at : at + VALUE_LENGTH] for at in range(0, len(text), VALUE_LENGTH)]
    if len(pieces) > MOST_PIECES:
        raise ValueError("the invoices of one payment have too long names to be written on it")
    return {f"invoices_{number}": piece for number, piece in enumerate(pieces, start=1)}


def marks_in(metadata: Mapping[str, str] | None, amount: Money, portal_id: str | None) -> Marks:
    """The marks in an object's metadata.

    Args:
        metadata: as Stripe has it; anybody with the account's key may have written it.
        amount: of the object; one invoice alone gets all of it.
        portal_id: this portal's own; None reads every portal's marks alike.
    """
    written = metadata or {}
    allocations = _allocations_in(written, amount)
    theirs = written.get("portal")
    return Marks(
        hold_id=written.get("hold"),
        allocations=allocations or (),
        is_garbled=allocations is None,
        is_anothers=portal_id is not None and theirs is not None and theirs != portal_id,
        opened_at=_moment_in(written.get("opened")),
    )


def _allocations_in(written: Mapping[str, str], amount: Money) -> Allocations | None:
    """The parts; None where invoices are named and cannot be read."""
    if "invoices_1" not in written:
        key = written.get("invoice")
        return (Allocation(key, amount),) if key else ()
    names = [f"invoices_{number}" for number in range(1, MOST_PIECES + 1)]
    try:
        parts = json.loads("".join(written.get(name, "") for name in names))
        allocations = tuple(_allocation(part, amount.currency) for part in parts)
        check_allocations(allocations)
    except (ValueError, TypeError, RecursionError):
        return None
    return allocations


def _allocation(part: Any, currency: str) -> Allocation:  # noqa: ANN401  whatever was written there
    key, number = part
    if not isinstance(key, str) or type(number) is not int or number <= 0:
        raise ValueError("a part is an invoice and what of the payment belongs to it")
    amount = money_of(number, currency)
    if amount.minor <= 0:
        raise ValueError("a part is at least the smallest unit of its currency")
    return Allocation(key, amount)


def _moment_in(text: str | None) -> datetime | None:
    if text is None or not text.isascii() or not text.isdecimal():
        return None
    try:
        return moment_of(int(text))
    except (ValueError, OverflowError, OSError):
        return None
