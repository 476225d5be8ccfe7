"""Movements that the bank itself corrects later: it deletes one that it had listed, or puts another in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.receivables.allocation import Allocation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from portal.matching.recorded import Transfer
    from portal.receivables.allocation import Allocations
    from portal.receivables.bookings import Booking
    from portal.receivables.entries import Entry


class Corrections:
    """Which movements are corrected by others, and what of them is recorded.

    Args:
        bookings: those that are being matched.
        transfers: what came from bank statements before, by the key of the booking.
    """

    def __init__(self, bookings: Sequence[Booking], transfers: Mapping[str, Transfer]) -> None:
        self._correcting = [one for one in bookings if one.corrects]
        self._bookings = bookings
        self._transfers = transfers

    def of(self, booking: Booking) -> Booking | None:
        """The movement that deletes or replaces this one; None where none of these statements has one."""
        found = (one for one in self._correcting if one is not booking and _is_named(booking.key, one.corrects))
        return next(found, None)

    def recorded(self, booking: Booking) -> tuple[Entry, ...]:
        """The payments in force that became of what a booking corrects; else of what that corrected in its turn."""
        found = (self._in_force(name) for name in self._names(booking, set()))
        return next((entries for entries in found if entries), ())

    def was_undone(self, booking: Booking) -> bool:
        """Whether anything became of what a booking corrects that does not count any more."""
        names = list(self._names(booking, set()))
        return any(one.undone for key, one in self._transfers.items() if any(_is_named(key, name) for name in names))

    def is_of_unseen(self, booking: Booking) -> bool:
        """Whether a booking corrects a movement of which neither these statements nor what is recorded knows.

        The owner may have recorded that one by hand, from the bank's own list: then both would count.
        """
        keys = {*self._transfers, *(one.key for one in self._bookings if one is not booking)}
        names = list(self._names(booking, set()))
        return bool(names) and not any(_is_named(key, name) for key in keys for name in names)

    def _in_force(self, name: str) -> tuple[Entry, ...]:
        return tuple(entry for key, one in self._transfers.items() if _is_named(key, name) for entry in one.entries)

    def _names(self, booking: Booking, seen: set[str]) -> Iterator[str]:
        if booking.corrects is None or booking.corrects in seen:
            return
        seen.add(booking.corrects)
        yield booking.corrects
        for one in self._bookings:
            if one is not booking and _is_named(one.key, booking.corrects):
                yield from self._names(one, seen)


def in_its_place(booking: Booking, recorded: Sequence[Entry]) -> Allocations:
    """What a booking is for that takes the place of these payments: the same invoices, filled in their order.

    The last takes what is beyond the others; none is left out but where the money does not reach it.
    """
    parts, left = [], booking.amount
    for entry in recorded:
        amount = left if entry is recorded[-1] else min(left, entry.amount)
        if amount.minor > 0:
            parts.append(Allocation(entry.invoice_key, amount))
            left -= amount
    return tuple(parts)


def _is_named(key: str, name: str | None) -> bool:
    return name is not None and (key == name or key.startswith(f"{name}/"))
