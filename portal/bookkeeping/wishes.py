"""What the owner wants written about an invoice, as pure values: the entry it comes to, or why that is not right."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from portal.bookkeeping.cases import Case, check_amount, check_left, check_reference, plain, refuse
from portal.receivables.entries import Entry, EntryKind, in_force
from portal.receivables.statuses import NothingToPay

if TYPE_CHECKING:
    from datetime import date, datetime

    from portal.receivables.money import Money

_OWNER = "owner/"


class PaidBy(StrEnum):
    """How money came that the provider knows nothing of."""

    TRANSFER = "transfer"
    CASH = "cash"
    CHEQUE = "cheque"
    OTHER = "other"


_METHODS = {PaidBy.TRANSFER: "Bank transfer", PaidBy.CASH: "Cash", PaidBy.CHEQUE: "Cheque"}
"""How it stands on the page, where more than the day is worth saying."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be. ``occasion`` tells it from others of its kind on the same invoice: the same one counts once."""

    kind: EntryKind
    amount: Money
    occasion: tuple[str, ...] = ()
    method: str | None = None
    value_on: date | None = None
    note: str | None = None
    reverses: int | None = None

    def entry(self, case: Case, now: datetime) -> Entry:
        """The entry; one that was undone before may be written again, under a number of its own."""
        base = self._base(case)
        earlier = len(self._same(case.entries, base))
        return Entry(
            kind=self.kind,
            invoice_key=case.invoice.key,
            amount=self.amount,
            occurred_at=now,
            external_id=f"{base}/{earlier + 1}" if earlier else base,
            method=self.method,
            value_on=self.value_on,
            note=self.note,
            reverses=self.reverses,
        )

    def known(self, case: Case) -> Entry | None:
        """The entry in force that says the same already."""
        return next(iter(self._same(in_force(case.entries), self._base(case))), None)

    def _base(self, case: Case) -> str:
        return _OWNER + "/".join(quote(part, safe=" ") for part in (case.invoice.key, *self.occasion))

    def _same(self, entries: tuple[Entry, ...], base: str) -> list[Entry]:
        return [
            entry
            for entry in entries
            if entry.kind is self.kind and (entry.external_id == base or entry.external_id.startswith(f"{base}/"))
        ]


class Wish(Protocol):
    """Something the owner wants written."""

    def known(self, case: Case) -> Entry | None:
        """The entry that says it already."""

    def draft(self, case: Case) -> Draft:
        """The entry to be written.

        Raises:
            EntryRefusedError: it would not be right; says why.
        """


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """Money that arrived without the provider; ``overpaid`` where it may be more than is left."""

    amount: Money
    on: date
    by: PaidBy
    reference: str
    overpaid: bool = False

    def known(self, case: Case) -> Entry | None:
        """The same sum on the same day with the same reference."""
        return self._draft().known(case)

    def draft(self, case: Case) -> Draft:
        """A payment that counts from the day its value arrived."""
        check_amount(self.amount, case)
        check_reference(self.reference)
        if self.on > case.today:
            refuse(f"{self.on} is in the future.", "Record money when it has arrived.", "--on")
        if not self.overpaid:
            check_left(self.amount, case)
        return self._draft()

    def _draft(self) -> Draft:
        occasion = (str(self.amount), self.on.isoformat(), plain(self.reference).casefold())
        return Draft(EntryKind.PAYMENT, self.amount, occasion, _METHODS.get(self.by), self.on, plain(self.reference))


@dataclass(frozen=True, slots=True)
class GiveCredit:
    """A credit note: so much of the claim is given up, for the reason that ``reference`` names."""

    amount: Money
    reference: str
    overpaid: bool = False

    def known(self, case: Case) -> Entry | None:
        """The same sum with the same reference."""
        return self._draft().known(case)

    def draft(self, case: Case) -> Draft:
        """A credit note."""
        check_amount(self.amount, case)
        check_reference(self.reference)
        if not self.overpaid:
            check_left(self.amount, case, case.owed)
        return self._draft()

    def _draft(self) -> Draft:
        reference = plain(self.reference)
        return Draft(EntryKind.CREDIT_NOTE, self.amount, (str(self.amount), reference.casefold()), note=reference)


@dataclass(frozen=True, slots=True)
class WriteOff:
    """What is left is no longer expected."""

    why: str | None = None

    def known(self, case: Case) -> Entry | None:
        """Where nothing is left because it was written off."""
        return None if case.owed else case.last(EntryKind.WRITE_OFF)

    def draft(self, case: Case) -> Draft:
        """A write-off of all that is left."""
        if not case.owed:
            refuse("Nothing is left to write off.", "`portal show` says why.")
        return Draft(EntryKind.WRITE_OFF, case.owed, note=self.why)


@dataclass(frozen=True, slots=True)
class WaiveFee:
    """So much of the late fees is given up, once a day; None is all there are today."""

    amount: Money | None = None

    def known(self, case: Case) -> Entry | None:
        """The same sum on the same day; for all of them, where a waiver has left none."""
        if self.amount is not None:
            return _waiver(self.amount, case).known(case)
        return None if case.balance.amount_fees else case.last(EntryKind.FEE_WAIVED)

    def draft(self, case: Case) -> Draft:
        """A waiver of no more than there is."""
        fees = case.balance.amount_fees
        amount = fees if self.amount is None else self.amount
        if not fees:
            refuse("There is no late fee to waive.", "`portal show` says what is due.")
        check_amount(amount, case)
        if amount > fees:
            refuse(f"{amount} is more than the late fees, {fees}.", "Leave the amount out to waive all.", "AMOUNT")
        return _waiver(amount, case)


@dataclass(frozen=True, slots=True)
class VoidInvoice:
    """The invoice is cancelled: nothing is due any more, and what was paid on it is the customer's."""

    why: str

    def known(self, case: Case) -> Entry | None:
        """Where it was cancelled here before."""
        return case.last(EntryKind.VOID)

    def draft(self, case: Case) -> Draft:
        """A cancellation."""
        if case.balance.reason is NothingToPay.REPLACED:
            refuse("Another invoice has taken its place.", "There is nothing to do.")
        if case.balance.reason is NothingToPay.CANCELLED:
            refuse("The invoice's own file says that it was cancelled.", "There is nothing to do.")
        if case.invoice.total.minor <= 0:
            refuse("This invoice asks for nothing, so there is nothing to cancel.", "Correct it at its source.")
        return Draft(EntryKind.VOID, case.invoice.total, note=self.why)


@dataclass(frozen=True, slots=True)
class CorrectEntry:
    """An entry of the owner's own was wrong: ``seq`` is its number in ``portal show``."""

    seq: int
    why: str

    def known(self, case: Case) -> Entry | None:
        """Where it was undone before."""
        return next((entry for entry in case.entries if entry.reverses == self.seq), None)

    def draft(self, case: Case) -> Draft:
        """A reversal."""
        wrong = next((entry for entry in case.entries if entry.seq == self.seq), None)
        if wrong is None:
            refuse(f"Invoice {case.invoice.key} has no entry {self.seq}.", "`portal show` lists them.", "ENTRY")
        if wrong.kind is EntryKind.REVERSAL:
            refuse("That entry is a correction itself.", "Write what is right as a new entry.", "ENTRY")
        if wrong.kind in (EntryKind.PLAN_AGREED, EntryKind.PLAN_STOPPED):
            refuse(
                "That entry is about a payment plan.", "`portal plan NUMBER --cancel` stops a plan in force.", "ENTRY"
            )
        if not is_owners(wrong):
            refuse(
                "That entry came from the payment provider and follows what it says.",
                "Refund the payment there; `portal sync` brings it in.",
                "ENTRY",
            )
        return Draft(EntryKind.REVERSAL, wrong.amount, (str(self.seq),), note=self.why, reverses=self.seq)


def is_owners(entry: Entry) -> bool:
    """Whether an entry was written by the owner, not for what the provider said."""
    return entry.external_id.startswith(_OWNER)


def _waiver(amount: Money, case: Case) -> Draft:
    return Draft(EntryKind.FEE_WAIVED, amount, (str(amount), case.today.isoformat()))
