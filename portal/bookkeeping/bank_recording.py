"""Record what a bank statement says: a transfer on the invoices it pays, or that the bank took one back; each once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from portal.bookkeeping.cases import check_amount
from portal.errors import EntryRefusedError, Problem
from portal.matching.names import key_of, return_id, transfer_id
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind, in_force
from portal.receivables.money import zero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.bookkeeping.cases import Case
    from portal.bookkeeping.entries import OwnerEntries
    from portal.ports import LedgerTransaction
    from portal.receivables.allocation import Allocation
    from portal.receivables.bookings import Booking
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money

_METHOD = "Bank transfer"
_LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class RecordedBooking:
    """What came of a booking.

    Attributes:
        entries: as they stand in the ledger, one on each invoice.
        is_new: False where they were there already, and nothing was written.
        balances: of the invoices, with them, in the same order.
        unclosed: a customer may still pay a checkout that could not be closed, since no provider is set.
    """

    entries: tuple[Entry, ...]
    is_new: bool
    balances: tuple[InvoiceBalance, ...]
    unclosed: bool = False


def record_transfer(
    owner: OwnerEntries, booking: Booking, allocations: Sequence[Allocation], *, overpaid: bool = False
) -> RecordedBooking:
    """Record a credit on the invoices that it pays, all or none of them, once.

    Args:
        owner: writes for the owner, once no checkout is open.
        booking: the credit.
        allocations: what of it is for which invoice; less than all of it where the rest is for none.
        overpaid: it may be more than is left of an invoice.

    Raises:
        UnknownInvoiceError: no invoice as last built has one of these keys.
        EntryRefusedError: it would not be right, or the customer has just paid; nothing was written.
        GatewayError: a checkout could not be closed; nothing was written.
    """
    keys = [part.invoice_key for part in allocations]

    def write(tx: LedgerTransaction, *, unclosed: bool) -> RecordedBooking:
        cases = [owner.case(key, tx) for key in keys]
        standing = [_standing(case, booking) for case in cases]
        known = [entry for entry in standing if entry is not None]
        if len(known) == len(keys) and all(
            entry.amount == part.amount for entry, part in zip(known, allocations, strict=True)
        ):
            return RecordedBooking(tuple(known), is_new=False, balances=tuple(case.balance for case in cases))
        if known:
            raise _already_on(known[0], booking)
        _pay(owner, tx, booking, allocations, overpaid=overpaid)
        return _recorded(owner, tx, keys, unclosed=unclosed)

    return owner.when_closed(keys, write)


def record_return(owner: OwnerEntries, booking: Booking, undoes: Sequence[Entry]) -> RecordedBooking:
    """Record that the bank took a transfer back: its payments on all invoices are undone, once.

    Raises:
        UnknownInvoiceError, EntryRefusedError, GatewayError: as in ``record_transfer``.
    """
    keys = [entry.invoice_key for entry in undoes]

    def write(tx: LedgerTransaction, *, unclosed: bool) -> RecordedBooking:
        cases = [owner.case(key, tx) for key in keys]
        name = return_id(booking.key)
        known = tuple(entry for case in cases for entry in case.entries if entry.external_id == name)
        if known:
            return RecordedBooking(known, is_new=False, balances=tuple(case.balance for case in cases))
        _undo(owner, tx, booking, undoes)
        return _recorded(owner, tx, keys, unclosed=unclosed)

    return owner.when_closed(keys, write)


def record_replacement(
    owner: OwnerEntries, booking: Booking, undoes: Sequence[Entry], allocations: Sequence[Allocation]
) -> RecordedBooking:
    """Record that the bank put a movement in the place of another: both or neither, so that nothing counts twice.

    Args:
        owner: writes for the owner, once no checkout is open.
        booking: what the bank lists now.
        undoes: the payments that became of what it takes the place of.
        allocations: what of it is for which invoice; it may be more than is left.

    Raises:
        UnknownInvoiceError, EntryRefusedError, GatewayError: as in ``record_transfer``.
    """
    paid = list(dict.fromkeys(part.invoice_key for part in allocations))
    keys = list(dict.fromkeys((*(entry.invoice_key for entry in undoes), *paid)))

    def write(tx: LedgerTransaction, *, unclosed: bool) -> RecordedBooking:
        cases = [owner.case(key, tx) for key in paid]
        known = [entry for case in cases if (entry := _standing(case, booking)) is not None]
        if known:
            return RecordedBooking(tuple(known), is_new=False, balances=tuple(case.balance for case in cases))
        _undo(owner, tx, booking, undoes)
        _pay(owner, tx, booking, allocations, overpaid=True)
        return _recorded(owner, tx, keys, unclosed=unclosed)

    return owner.when_closed(keys, write)


def _pay(
    owner: OwnerEntries, tx: LedgerTransaction, booking: Booking, allocations: Sequence[Allocation], *, overpaid: bool
) -> None:
    _check_rest(owner, tx, booking, allocations)
    for part in allocations:
        case = owner.case(part.invoice_key, tx)
        check_amount(part.amount, case)
        entry = _payment(owner, booking, case, part.amount)
        if not overpaid:
            _check_left(entry, case)
        tx.append(entry)
        tx.enqueue_freeze(part.invoice_key)


def _undo(owner: OwnerEntries, tx: LedgerTransaction, booking: Booking, undoes: Sequence[Entry]) -> None:
    for wrong in undoes:
        if wrong.seq not in {entry.seq for entry in in_force(owner.case(wrong.invoice_key, tx).entries)}:
            problem = f"Entry {wrong.seq} of invoice {wrong.invoice_key} was undone meanwhile."
            raise EntryRefusedError(Problem(problem, "Run `portal match` again."))
        tx.append(
            Entry(
                kind=EntryKind.REVERSAL,
                invoice_key=wrong.invoice_key,
                amount=wrong.amount,
                occurred_at=owner.now(),
                external_id=return_id(booking.key),
                value_on=booking.value_on,
                note=note_of(booking, "corrected by the bank" if booking.corrects else "taken back by the bank"),
                reverses=wrong.seq,
            )
        )
        tx.enqueue_freeze(wrong.invoice_key)


def _recorded(owner: OwnerEntries, tx: LedgerTransaction, keys: Sequence[str], *, unclosed: bool) -> RecordedBooking:
    """What was just written: the last entry of each invoice."""
    after = [owner.case(key, tx) for key in keys]
    entries = tuple(case.entries[-1] for case in after)
    return RecordedBooking(entries, is_new=True, balances=tuple(case.balance for case in after), unclosed=unclosed)


def note_of(booking: Booking, *words: str) -> str:
    """What the ledger keeps of a booking besides: the statement and its line, the payer and the payer's words."""
    name = PurePath(booking.file).name
    place = name if booking.line is None else f"{name}:{booking.line}"
    quoted = dict.fromkeys(part for part in (booking.payer, booking.text, *booking.references) if part)
    note = ", ".join((place, *words, *quoted))
    named = f", {booking.end_to_end}" if booking.end_to_end and booking.end_to_end not in note else ""
    return note[: _LONGEST_NOTE - len(named)] + named


def _payment(owner: OwnerEntries, booking: Booking, case: Case, amount: Money) -> Entry:
    undone = sum(1 for entry in case.entries if key_of(entry) == booking.key)
    return Entry(
        kind=EntryKind.PAYMENT,
        invoice_key=case.invoice.key,
        amount=amount,
        occurred_at=owner.now(),
        external_id=transfer_id(booking.key, undone),
        method=_METHOD,
        value_on=booking.value_on,
        note=note_of(booking),
    )


def _standing(case: Case, booking: Booking) -> Entry | None:
    """The payment in force that this booking became on an invoice."""
    return next((entry for entry in in_force(case.entries) if key_of(entry) == booking.key), None)


def _already_on(entry: Entry, booking: Booking) -> EntryRefusedError:
    return EntryRefusedError(
        Problem(
            f"{entry.amount} of {booking.line_id} is on invoice {entry.invoice_key} already.",
            f"`portal correct {entry.invoice_key} {entry.seq}` undoes that entry; then assign it again.",
        )
    )


def _check_rest(
    owner: OwnerEntries, tx: LedgerTransaction, booking: Booking, allocations: Sequence[Allocation]
) -> None:
    """Refuse more than the booking has left after what of it is on other invoices.

    The booking is locked like an invoice, so that two commands cannot spend it twice; it comes last for everybody.
    """
    tx.lock(transfer_id(booking.key))
    spent = zero(booking.amount.currency)
    for key in tx.paid_on(transfer_id(booking.key)) - {part.invoice_key for part in allocations}:
        standing = (one for one in in_force(owner.ledger.entries_of(key)) if key_of(one) == booking.key)
        spent = sum((one.amount for one in standing), spent)
    left = booking.amount - sum((part.amount for part in allocations), spent)
    if left.minor < 0:
        problem = f"{booking.line_id} is {booking.amount}, and this would come to {-left} more."
        raise EntryRefusedError(Problem(problem, "Name a smaller amount.", field="AMOUNT"))


def _check_left(entry: Entry, case: Case) -> None:
    """Refuse more than is left on the day the money came, which may be less than today, or more."""
    before, facts = case.balance, (*case.entries, entry)
    after = balance_of(case.invoice, facts, case.today)
    beyond = after.amount_overpaid - before.amount_overpaid
    beyond += max(after.amount_on_its_way - after.amount_remaining, zero(entry.amount.currency))
    if beyond:
        problem = f"{entry.amount} is {beyond} more than is left of invoice {entry.invoice_key}."
        remedy = "Look at it with `portal show`; if it is right all the same, accept it by its name."
        raise EntryRefusedError(Problem(problem, remedy))
