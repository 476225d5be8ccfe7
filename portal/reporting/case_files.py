"""Everything the ledger holds on one invoice, read at one moment: what its case file is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.bookkeeping.entries import not_built
from portal.ports import HoldState
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.fee_reckoning import FeeReckoning, fee_reckoning
from portal.receivables.hindsight import happened_on
from portal.reporting.invoice_stories import mails_about

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from portal.ports import Ledger
    from portal.ports.alarms import Alarm
    from portal.ports.checkouts import Hold
    from portal.ports.mail import Message
    from portal.ports.plans import PlanRecord
    from portal.ports.reminders import ReminderClaim
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What an invoice came to on a day, from the facts by then; ``fee`` is how its late fee comes about, if any."""

    entries: tuple[Entry, ...]
    balance: InvoiceBalance
    fee: FeeReckoning | None
    as_of: date


@dataclass(frozen=True, slots=True)
class WriteOffDecision:
    """The owner's decision to expect no more, and what the invoice came to just before it."""

    entry: Entry
    before: Reckoned


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One invoice with all that was said, agreed, sent and paid about it; each in the order of the ledger.

    Attributes:
        now: what it comes to on the day of the file, from all its facts.
        write_off: the last one that stands; None without one.
        holds: checkouts that were opened, paid or not.
        messages: mails about it, with their text, sent and not sent.
        claims: the steps of the ladder of reminders that are done with on it.
        alarms: what the owner was told about it.
    """

    invoice: Invoice
    as_of: date
    now: Reckoned
    write_off: WriteOffDecision | None
    plans: tuple[PlanRecord, ...]
    holds: tuple[Hold, ...]
    messages: tuple[Message, ...]
    claims: tuple[ReminderClaim, ...]
    alarms: tuple[Alarm, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All its facts."""
        return self.now.entries

    @property
    def sums(self) -> Reckoned:
        """What its arithmetic is about: the invoice before it was written off, else as it is now."""
        return self.write_off.before if self.write_off else self.now


def case_file_of(ledger: Ledger, key: str, as_of: date, zone: tzinfo) -> CaseFile:
    """Everything on one invoice, with its balance on a day.

    Raises:
        UnknownInvoiceError: no invoice as last built has that key.
    """
    with ledger.transaction() as tx:
        invoice, entries = tx.invoice(key), tx.entries(key)
        plans, holds, claims = tx.plans_of(key), tx.holds(key, HoldState), tx.reminder_claims(key)
    if invoice is None:
        raise not_built(key)
    return CaseFile(
        invoice=invoice,
        as_of=as_of,
        now=_reckoned(invoice, entries, as_of),
        write_off=_write_off(invoice, entries, zone),
        plans=plans,
        holds=holds,
        messages=mails_about(ledger, key),
        claims=claims,
        alarms=tuple(one for one in ledger.alarms() if one.invoice_key == key),
    )


def _reckoned(invoice: Invoice, entries: tuple[Entry, ...], as_of: date) -> Reckoned:
    balance = balance_of(invoice, entries, as_of)
    return Reckoned(entries, balance, fee_reckoning(invoice, entries, balance, as_of), as_of)


def _write_off(invoice: Invoice, entries: tuple[Entry, ...], zone: tzinfo) -> WriteOffDecision | None:
    found = [entry for entry in in_force(entries) if entry.kind is EntryKind.WRITE_OFF]
    if not found:
        return None
    before = tuple(entry for entry in entries if entry.seq < found[-1].seq)
    return WriteOffDecision(found[-1], _reckoned(invoice, before, happened_on(found[-1], zone)))
