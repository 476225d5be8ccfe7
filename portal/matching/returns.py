"""Which recorded transfer the bank took back: by what both are named, else by amount and words, to be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.matching.words import same_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.matching.recorded import Transfer
    from portal.receivables.bookings import Booking

_TELLING = 6
"""A reference shorter than this can be anybody's."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The transfer that a return undoes, and how certain that is."""

    transfer: Transfer
    is_sure: bool
    words: str


def undone_by(booking: Booking, transfers: Mapping[str, Transfer]) -> Undoing | None:
    """The recorded transfer of the same amount that a return takes back; None where none is like it.

    Args:
        booking: a return.
        transfers: what came from bank statements, by the key of the booking.
    """
    fitting = {
        key: one
        for key, one in transfers.items()
        if one.entries and one.amount == booking.amount and _before(one, booking)
    }
    named = [one for key, one in fitting.items() if _shares_name(booking, key, one)]
    if len(named) == 1:
        return Undoing(named[0], True, f"the bank names the transfer recorded on {named[0].names}")
    like = [one for one in named or fitting.values() if named or _is_like(booking, one)]
    if like:
        other = f", or of {len(like) - 1} like it" if len(like) > 1 else ""
        return Undoing(like[-1], False, f"same amount and payer as the transfer recorded on {like[-1].names}{other}")
    return None


def _before(transfer: Transfer, booking: Booking) -> bool:
    return all((entry.value_on or booking.booked_on) <= booking.booked_on for entry in transfer.entries)


def _shares_name(booking: Booking, key: str, transfer: Transfer) -> bool:
    """Whether the bank's reference or the payer's is the same."""
    payers = booking.end_to_end or ""
    no_names = {(booking.account or "").replace("/", "-"), "return", str(booking.amount)}
    names = {*booking.key.split("/"), payers.replace("/", "-")} - no_names
    if any(len(name) >= _TELLING and not name.startswith("#") for name in names & set(key.split("/"))):
        return True
    return len(payers) >= _TELLING and any(payers in (entry.note or "") for entry in transfer.entries)


def _is_like(booking: Booking, transfer: Transfer) -> bool:
    """Whether the payer's name, or an invoice the transfer is on, stands in the words of the return."""
    notes = " ".join(entry.note or "" for entry in transfer.entries)
    if booking.payer and any(same_name(booking.payer, part) for part in notes.split(", ")):
        return True
    return any(entry.invoice_key.casefold() in booking.words.casefold() for entry in transfer.entries)
