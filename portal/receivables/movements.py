"""What the entries of one invoice add up to, in whatever order they came: the sums every balance is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from portal.receivables.entries import EntryKind, in_force, open_disputes
from portal.receivables.money import Money, zero

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.receivables.entries import Entry


@dataclass(frozen=True, slots=True)
class Movements:
    """The sums of the entries in force.

    A movement back (refund, withdrawal) that is known before the payment it belongs to never raises what is left
    above what was asked for, and one that is undone before it is known itself never counts as money received.

    Attributes:
        received: payments.
        refunded: refunds that stood; a refund that came back is not among them.
        disputed: what card networks withdrew, less what they gave back; never negative.
        credited: credit notes.
        written_off: write-offs as written, before they are held against what is left.
        waived: late fees given up, as written.
        on_its_way: bank payments started and neither arrived nor failed.
        is_void: the invoice was cancelled.
        is_disputed: a dispute is open.
        used: of a credit that was set off against other invoices.
    """

    received: Money
    refunded: Money
    disputed: Money
    credited: Money
    written_off: Money
    waived: Money
    on_its_way: Money
    is_void: bool
    is_disputed: bool
    used: Money

    @property
    def taken_back(self) -> Money:
        """What was received and went back, or went to another invoice."""
        return self.refunded + self.disputed + self.used


def movements_of(entries: Iterable[Entry], currency: str) -> Movements:
    """The sums of one invoice's entries, in its currency."""
    facts = in_force(entries)
    return _movements_of(facts, currency) if facts else _unmoved(currency)


@lru_cache(maxsize=256)
def _unmoved(currency: str) -> Movements:
    """Of an invoice about which nothing is known but itself, as of most of those that were just sent."""
    return _movements_of((), currency)


def _movements_of(facts: tuple[Entry, ...], currency: str) -> Movements:
    came_back = _ids(facts, EntryKind.REFUND_FAILED)
    ended = _ids(facts, EntryKind.PAYMENT, EntryKind.PAYMENT_FAILED)
    withdrawn = _sum(facts, EntryKind.DISPUTE_WITHDRAWN, currency)
    reinstated = _sum(facts, EntryKind.DISPUTE_REINSTATED, currency)
    return Movements(
        received=_sum(facts, EntryKind.PAYMENT, currency),
        refunded=_sum(facts, EntryKind.REFUND, currency, without=came_back),
        disputed=max(withdrawn - reinstated, zero(currency)),
        credited=_sum(facts, EntryKind.CREDIT_NOTE, currency),
        written_off=_sum(facts, EntryKind.WRITE_OFF, currency),
        waived=_sum(facts, EntryKind.FEE_WAIVED, currency),
        on_its_way=_sum(facts, EntryKind.PAYMENT_STARTED, currency, without=ended),
        is_void=any(entry.kind is EntryKind.VOID for entry in facts),
        is_disputed=bool(open_disputes(facts)),
        used=_sum(facts, EntryKind.CREDIT_USED, currency),
    )


def _ids(facts: tuple[Entry, ...], *kinds: EntryKind) -> frozenset[str]:
    return frozenset(entry.external_id for entry in facts if entry.kind in kinds)


def _sum(facts: tuple[Entry, ...], kind: EntryKind, currency: str, *, without: frozenset[str] = frozenset()) -> Money:
    amounts = (entry.amount for entry in facts if entry.kind is kind and entry.external_id not in without)
    return sum(amounts, zero(currency))
