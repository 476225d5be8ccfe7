"""What the ledger holds of bank statements already, and what the owner has recorded by hand that may be the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from portal.matching.names import OWNERS, key_of, returned_by
from portal.receivables.entries import Entry, EntryKind, in_force
from portal.receivables.money import zero

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from portal.receivables.bookings import Booking
    from portal.receivables.money import Money

NEAR = timedelta(7)
"""So far apart may the day the owner wrote and the bank's value date be for one transfer."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A booking as the ledger has it: the payments that it became.

    Attributes:
        entries: in force.
        undone: that were, and are not any more.
        returned: whether that was because the bank took the money back.
    """

    entries: tuple[Entry, ...]
    undone: tuple[Entry, ...]
    returned: bool

    @property
    def amount(self) -> Money:
        """What of it is on invoices."""
        facts = self.entries or self.undone
        return sum((one.amount for one in self.entries), zero(facts[0].amount.currency))

    @property
    def names(self) -> str:
        """The invoices that it is on, or was."""
        return " and ".join(dict.fromkeys(one.invoice_key for one in self.entries or self.undone))


class Recorded:
    """The ledger's payments, looked at as a bank statement does.

    Args:
        entries: of all invoices, by key.
        here: keys of the bookings that are being matched; those are surely not each other.
    """

    def __init__(self, entries: Mapping[str, Sequence[Entry]], here: Collection[str]) -> None:
        self._here = here
        self._by_amount: dict[Money, list[Entry]] = defaultdict(list)
        self.transfers = transfers_of(entries)
        self._returns = returns_of(entries)
        for facts in entries.values():
            for entry in in_force(facts):
                if entry.kind is EntryKind.PAYMENT and entry.external_id.startswith(OWNERS):
                    self._by_amount[entry.amount].append(entry)

    def of(self, booking: Booking) -> Transfer | None:
        """What a booking became: itself, or where it is a batch, its payments."""
        if found := self.transfers.get(booking.key):
            return found
        prefix = f"{booking.key}/"
        parts = [one for key, one in self.transfers.items() if booking.payments > 1 and key.startswith(prefix)]
        if parts:
            return Transfer(tuple(entry for one in parts for entry in one.entries), parts[0].undone, returned=False)
        return self.transfers.get(booking.batch) if booking.batch else None

    def undone_for(self, booking: Booking) -> tuple[Entry, ...]:
        """The reversals that a return became."""
        return self._returns.get(booking.key, ())

    def perhaps_same(self, booking: Booking, is_candidate: Callable[[str], bool]) -> Entry | None:
        """A payment of the owner's own that may be this booking, on an invoice whose key is a candidate."""
        for entry in self._by_amount.get(booking.amount, ()):
            key = key_of(entry)
            day = entry.value_on or entry.occurred_at.date()
            near = min(abs(day - booking.value_on), abs(day - booking.booked_on)) <= NEAR
            if near and key not in self._here and is_candidate(entry.invoice_key):
                return entry
        return None


def transfers_of(entries: Mapping[str, Iterable[Entry]]) -> dict[str, Transfer]:
    """What came from bank statements, by the key of the booking, in the order of the ledger."""
    found: dict[str, list[tuple[Entry, Entry | None]]] = defaultdict(list)
    for facts in entries.values():
        undone = {entry.reverses: entry for entry in facts if entry.kind is EntryKind.REVERSAL}
        for entry in facts:
            if key := key_of(entry):
                found[key].append((entry, undone.get(entry.seq)))
    return {key: _transfer(pairs) for key, pairs in sorted(found.items(), key=lambda one: one[1][0][0].seq)}


def returns_of(entries: Mapping[str, Iterable[Entry]]) -> dict[str, tuple[Entry, ...]]:
    """The reversals that the bank's returns became, by the key of the booking."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in (one for facts in entries.values() for one in facts):
        if key := returned_by(entry):
            found[key].append(entry)
    return {key: tuple(facts) for key, facts in found.items()}


def _transfer(pairs: Sequence[tuple[Entry, Entry | None]]) -> Transfer:
    return Transfer(
        entries=tuple(entry for entry, undone in pairs if undone is None),
        undone=tuple(entry for entry, undone in pairs if undone is not None),
        returned=any(undone is not None and returned_by(undone) is not None for _entry, undone in pairs),
    )
