"""Set a customer's credit off against an open invoice of theirs: an entry on either side, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from portal.bookkeeping.set_off_names import set_off_base
from portal.errors import EntryRefusedError, Problem
from portal.receivables.customers import statement_key
from portal.receivables.entries import Entry, EntryKind, in_force
from portal.receivables.statement import credit_of

if TYPE_CHECKING:
    from portal.bookkeeping.cases import Case
    from portal.bookkeeping.entries import OwnerEntries
    from portal.ports import LedgerTransaction
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class CreditSetOff:
    """What came of it.

    Attributes:
        used: the entry that uses the credit up.
        applied: the one that takes it off the invoice.
        is_new: False where both were there already, and nothing was written.
        credit_left: what is left of the credit.
        balance: of the invoice.
        unclosed: the customer may still pay a checkout that could not be closed, since no provider is set.
    """

    used: Entry
    applied: Entry
    is_new: bool
    credit_left: Money
    balance: InvoiceBalance
    unclosed: bool = False


def set_off(owner: OwnerEntries, credit_key: str, invoice_key: str, amount: Money | None = None) -> CreditSetOff:
    """Set a credit off against an invoice of the same customer and currency, the same sum once.

    Args:
        owner: writes for the owner, once no checkout is open.
        credit_key: a credit note, or an invoice that was overpaid.
        invoice_key: the invoice to take it off.
        amount: None is as much as both sides allow.

    Raises:
        UnknownInvoiceError: no document as last built has one of these keys.
        EntryRefusedError: it would not be right, or the customer has just paid; nothing was written.
        GatewayError: a checkout could not be closed; nothing was written.
    """

    def write(tx: LedgerTransaction, *, unclosed: bool) -> CreditSetOff:
        credit, invoice = owner.case(credit_key, tx), owner.case(invoice_key, tx)
        _check_customer(credit, invoice)
        known = _known(credit, invoice, amount)
        if known is not None:
            return CreditSetOff(*known, is_new=False, credit_left=_credit(credit), balance=invoice.balance)
        for entry in _entries(owner, credit, invoice, _sum(credit, invoice, amount)):
            tx.append(entry)
            tx.enqueue_freeze(entry.invoice_key)
        credit, invoice = owner.case(credit_key, tx), owner.case(invoice_key, tx)
        used, applied = credit.entries[-1], invoice.entries[-1]
        return CreditSetOff(used, applied, True, _credit(credit), invoice.balance, unclosed)

    if credit_key == invoice_key:
        _refuse("A credit cannot be set off against itself.", "Name the open invoice second.")
    return owner.when_closed((invoice_key, credit_key), write)


def _credit(case: Case) -> Money:
    return credit_of(case.invoice, case.entries, case.balance)


def _room(invoice: Case) -> Money:
    """What may be taken off: a discount for paying all of it at once is no reason to ask for less."""
    return invoice.balance.amount_without_discount


def _check_customer(credit: Case, invoice: Case) -> None:
    key = statement_key(credit.invoice)
    if key is None or key != statement_key(invoice.invoice):
        names = f"{credit.invoice.number} and {invoice.invoice.number}"
        _refuse(
            f"{names} are not of one customer in one currency, as far as the portal can tell.",
            "docs/content-format.md says what makes two documents one customer's.",
        )


def _known(credit: Case, invoice: Case, amount: Money | None) -> tuple[Entry, Entry] | None:
    """The two entries that say it already; without an amount, where no more can be set off."""
    if amount is None and min(_credit(credit), _room(invoice)):
        return None
    applied = {entry.external_id: entry for entry in in_force(invoice.entries)}
    for used in in_force(credit.entries):
        fits = used.external_id in applied and used.kind is EntryKind.CREDIT_USED
        if fits and amount in {None, used.amount}:
            return used, applied[used.external_id]
    return None


def _sum(credit: Case, invoice: Case, amount: Money | None) -> Money:
    """How much is set off, checked against both sides."""
    available, room = _credit(credit), _room(invoice)
    if not available:
        _refuse(
            f"{credit.invoice.number} has nothing left in the customer's favour.", "`portal show` says what it has."
        )
    if not room:
        _refuse(f"Nothing is left to pay on {invoice.invoice.number}.", "Name an open invoice.", "INVOICE")
    if amount is None:
        return min(available, room)
    if amount.currency != invoice.invoice.currency or amount.minor <= 0:
        _refuse(f"{amount} cannot be set off here.", f"Name an amount in {invoice.invoice.currency}.", "AMOUNT")
    if amount > min(available, room):
        problem = f"{amount} is more than can be set off: {available} is there, and {room} is left to pay."
        _refuse(problem, "Leave the amount out to set off as much as there is.", "AMOUNT")
    return amount


def _entries(owner: OwnerEntries, credit: Case, invoice: Case, amount: Money) -> tuple[Entry, Entry]:
    """The two sides under one external id, numbered, so that what was undone can be done again."""
    base = set_off_base(credit.invoice.key, invoice.invoice.key)
    earlier = sum(entry.external_id.startswith(f"{base}/") for entry in credit.entries)
    name, now = f"{base}/{earlier + 1}", owner.now()
    used = Entry(EntryKind.CREDIT_USED, credit.invoice.key, amount, now, name, note=f"for {invoice.invoice.number}")
    from_credit = f"from {credit.invoice.number}"
    return used, Entry(EntryKind.CREDIT_NOTE, invoice.invoice.key, amount, now, name, note=from_credit)


def _refuse(problem: str, remedy: str, field: str | None = None) -> NoReturn:
    raise EntryRefusedError(Problem(problem, remedy, field=field))
