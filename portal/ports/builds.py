"""What the ledger keeps about builds: when each was, and what invoices asked for before their owner changed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from portal.receivables.invoice import Invoice


@dataclass(frozen=True, slots=True)
class BuildRecord:
    """A finished build: when, for which day, and the ledger's last entry then."""

    finished_at: datetime
    as_of: date
    seq: int


@dataclass(frozen=True, slots=True)
class EarlierClaim:
    """What an invoice asked for until a build found another amount under its number."""

    invoice: Invoice
    until: datetime


@dataclass(frozen=True, slots=True)
class InvoiceComparison:
    """The owner's invoices beside those of the last build, by key.

    Attributes:
        new: keys of invoices that no build has had.
        changed: as the last build had them, those that are otherwise now; one that had gone and is back too.
        gone: as the last build had them, those that are not listed; ``gone_on`` says since when, where it is not new.
        same: those that are as the last build had them, each with a digest of its record.
    """

    new: tuple[str, ...]
    changed: Mapping[str, Invoice]
    gone: Mapping[str, Invoice]
    same: Mapping[str, bytes]


class BuildLedger(Protocol):
    """What builds read and leave behind, beside the invoices themselves."""

    def compare_invoices(self, invoices: Sequence[Invoice]) -> InvoiceComparison:
        """What differs from the invoices as last built; writes nothing."""

    def earlier_claims(self, key: str) -> tuple[EarlierClaim, ...]:
        """What an invoice asked for before, oldest first."""

    def last_build(self) -> BuildRecord | None:
        """The newest build that was finished; None before the first."""

    def last_entry(self) -> int:
        """The place of the ledger's newest entry; 0 before the first."""

    def record_build(self, build: BuildRecord) -> None:
        """Note that a build was finished."""
