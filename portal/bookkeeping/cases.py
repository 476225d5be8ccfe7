"""What the owner's wishes are held against: one invoice as it stands, and what is never right whatever is wished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from portal.errors import EntryRefusedError, Problem
from portal.receivables.entries import Entry, EntryKind, in_force

if TYPE_CHECKING:
    from datetime import date

    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money

_REFERENCE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Case:
    """What a wish is held against: an invoice, what has happened, and where it stands today."""

    invoice: Invoice
    entries: tuple[Entry, ...]
    balance: InvoiceBalance
    today: date

    @property
    def left(self) -> Money:
        """What is left to pay and not on its way."""
        return self.balance.amount_offerable

    @property
    def owed(self) -> Money:
        """The same with a discount that is still on offer: who gives up the claim gives up all of it."""
        return self.balance.amount_without_discount

    def last(self, kind: EntryKind) -> Entry | None:
        """The last entry of a kind that is in force."""
        return next((entry for entry in reversed(in_force(self.entries)) if entry.kind is kind), None)


def check_amount(amount: Money, case: Case) -> None:
    """Refuse an amount that is nothing, or in another currency."""
    if amount.currency != case.invoice.currency:
        refuse(
            f"Invoice {case.invoice.key} is in {case.invoice.currency}, not in {amount.currency}.",
            "Say the amount in the invoice's currency.",
            "AMOUNT",
        )
    if amount.minor <= 0:
        refuse(f"{amount} is not more than nothing.", "Write an amount such as 840.00.", "AMOUNT")


def check_reference(reference: str) -> None:
    """Refuse a reference that tells nothing apart."""
    if not 0 < len(plain(reference)) <= _REFERENCE_LENGTH or not reference.isprintable():
        refuse(
            "The reference is empty, too long or not plain text.",
            f"Say in up to {_REFERENCE_LENGTH} characters what tells this one from the next.",
            "--reference",
        )


def check_left(amount: Money, case: Case, left: Money | None = None) -> None:
    """Refuse more than is left; ``left`` where that is not what settles it."""
    left = case.left if left is None else left
    if amount > left:
        way = case.balance.amount_on_its_way
        besides = f", and {way} is on its way" if way else ""
        refuse(
            f"{amount} is {amount - left} more than is left: {left}{besides}.",
            "Compare it with `portal show`; say --overpaid if it is right all the same.",
            "AMOUNT",
        )


def plain(reference: str) -> str:
    """A reference without needless blanks."""
    return " ".join(reference.split())


def refuse(problem: str, remedy: str, field: str | None = None) -> NoReturn:
    """Refuse to write."""
    raise EntryRefusedError(Problem(problem, remedy, field=field))
