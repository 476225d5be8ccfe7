"""What of a settled payment the owner has to look at: kept as alarms in the transaction that posts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.payments.facts import strange_words
from portal.ports.alarms import Alarm, AlarmKind
from portal.ports.provider_reports import PaymentReport, PaymentStatus
from portal.receivables.allocation import total_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import INQUIRY, EntryKind, in_force, open_disputes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from portal.ports import Hold, LedgerTransaction
    from portal.receivables.allocation import Allocations
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about, as far as the ledger knows it: the parts of its money, and the invoices they are for."""

    allocations: Allocations
    hold: Hold | None
    invoices: Mapping[str, Invoice | None]

    @property
    def names(self) -> str:
        """The invoices, for people."""
        return " and ".join(self.invoices)


def raise_alarms(
    subject: Subject, payment: PaymentReport, appended: Sequence[Entry], tx: LedgerTransaction, now: datetime
) -> None:
    """Keep what the owner has to look at of a payment; ``appended`` are its facts that are new in the ledger."""
    for external_id, what in strange_words(payment):
        key = subject.allocations[0].invoice_key
        tx.raise_alarm(Alarm(AlarmKind.UNFAMILIAR, external_id, what, now, invoice_key=key))
    _tell_of_the_gone(subject, payment, tx, now)
    _tell_of_disputes(subject, payment, appended, tx, now)
    touched = {fact.invoice_key for fact in appended}
    for key, invoice in subject.invoices.items():
        if invoice is None or key not in touched:
            continue
        # A late fee is due from a day of the business's own.
        today = now.astimezone(invoice.terms.zone).date()
        over = balance_of(invoice, tx.entries(key), today).amount_overpaid
        if over:
            what = f"Invoice {key} has received {over} more than was due."
            alarm = replace(alarm_about(AlarmKind.OVERPAID, what, payment, now, over), invoice_key=key)
            alone = len(subject.invoices) == 1
            tx.raise_alarm(alarm if alone else replace(alarm, external_id=f"{payment.payment_id} {key}"))


def alarm_about(kind: AlarmKind, what: str, payment: PaymentReport, now: datetime, amount: Money) -> Alarm:
    """An alarm about a payment, with what the provider holds beside it."""
    first = payment.allocations[0].invoice_key if payment.allocations else None
    return Alarm(kind, payment.payment_id, what, now, amount, first, payment.metadata)


def _tell_of_the_gone(subject: Subject, payment: PaymentReport, tx: LedgerTransaction, now: datetime) -> None:
    """Say which invoices of a payment are not listed: it is posted on them where this ledger opened it for them."""
    gone = [part for part in subject.allocations if subject.invoices[part.invoice_key] is None]
    if not gone or payment.status is not PaymentStatus.SUCCEEDED:
        return
    keys = " and ".join(part.invoice_key for part in gone)
    posted = subject.hold is not None or len(gone) == len(subject.allocations)
    what = (
        f"A payment was posted on invoice {keys}, which is no longer among the invoices."
        if posted
        else f"A payment names invoice {keys}, which is not among the invoices; {total_of(gone)} of it was not posted."
    )
    alarm = alarm_about(AlarmKind.UNMATCHED, what, payment, now, payment.amount)
    tx.raise_alarm(replace(alarm, invoice_key=gone[0].invoice_key))


def _tell_of_disputes(
    subject: Subject, payment: PaymentReport, appended: Iterable[Entry], tx: LedgerTransaction, now: datetime
) -> None:
    """Say that a dispute was opened, or opened again, as long as it is open: the bank sets a day to answer it by."""
    new = {fact.external_id for fact in appended if fact.kind is EntryKind.DISPUTE_OPENED}
    if not new:
        return
    facts = [fact for key in subject.invoices for fact in in_force(tx.entries(key))]
    known = {fact.external_id for fact in facts if fact.kind is EntryKind.DISPUTE_OPENED}
    disputes = {one.dispute_id: one for one in payment.disputes}
    for flag in sorted(new & open_disputes(facts)):
        earlier = {one for one in known - {flag} if one.partition("/")[0] in disputes}
        what = _opened(flag, earlier).format(f"a payment on invoice {subject.names}")
        amount, first = disputes[flag.partition("/")[0]].amount, subject.allocations[0].invoice_key
        tx.raise_alarm(Alarm(AlarmKind.DISPUTED, flag, what, now, amount, first))


def _opened(flag: str, earlier: Iterable[str]) -> str:
    """What was opened, in words; ``earlier`` are the flags of the same payment."""
    dispute_id, _slash, again = flag.partition("/")
    if flag.endswith(INQUIRY):
        return "The card's bank asks about {}, and has moved no money."
    if again:
        return "The card's bank has opened its dispute of {} again."
    if dispute_id + INQUIRY in earlier:
        return "The card's bank had asked about {}, and disputes it now."
    return "The card's bank disputes {} once more." if earlier else "The card's bank disputes {}."
