"""The append-only facts about an invoice; a correction is one more entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime, tzinfo

    from portal.receivables.money import Money
    from portal.receivables.schedules import PlanSchedule


class EntryKind(StrEnum):
    """What happened, and what it does to the balance.

    ==================  ======================================================================================
    PAYMENT             + paid. Stripe's PaymentIntent id, or the owner's own reference for cash and transfers
    PAYMENT_STARTED     on its way: a bank debit that arrives (PAYMENT) or fails (PAYMENT_FAILED), same external id
    PAYMENT_FAILED      ends what was on its way
    REFUND              - paid. Stripe's refund id, when it has succeeded
    REFUND_FAILED       + paid again: a refund that had succeeded came back, same external id
    DISPUTE_WITHDRAWN   - paid: the card network took money back. External id of the movement, not of the dispute
    DISPUTE_REINSTATED  + paid: it came back
    DISPUTE_OPENED      a flag; moves no money. External id of the dispute; then ``INQUIRY`` for a mere inquiry, and
                        ``/2`` and so on where it was opened again and money was withdrawn again
    DISPUTE_CLOSED      ends the flag, same external id
    CREDIT_NOTE         - due
    WRITE_OFF           - due: the owner no longer expects it
    FEE_WAIVED          - due, at most by the late fees
    VOID                nothing is due any more; its amount is the invoice's total
    REVERSAL            undoes the entry whose ``seq`` stands in ``reverses``
    PLAN_AGREED         moves no money: a payment plan came into force. Its amount is what was agreed in all, its
                        external id the plan's; ``schedule`` says when what is due
    PLAN_STOPPED        moves no money: that plan was stopped, same external id. A plan that was paid needs no end
    PROMISED            moves no money: the customer named the day ``value_on`` on which they pay the amount
    PROBLEM_REPORTED    moves no money: something is wrong with so much of it. ``method`` is the reason, ``note`` words
    SAID_PAID           moves no money: the customer says it was paid on ``value_on``, by ``method``
    REASON_GIVEN        moves no money: why it is late, in ``method``
    ANSWER_WITHDRAWN    the customer takes an answer of theirs back, same external id
    ANSWER_CLOSED       the owner has dealt with an answer, same external id; ``note`` is what customers read
    REMINDERS_PAUSED    moves no money: the owner keeps reminders back up to the day ``value_on``, both counted
    REMINDERS_RESUMED   ends that pause, same external id
    REMINDERS_STOPPED   moves no money: the customer wants no more reminders; ends by ANSWER_WITHDRAWN
    CREDIT_USED         - paid, beyond what was due: so much of a credit was set off against another invoice, which
                        got a CREDIT_NOTE with the same external id
    ==================  ======================================================================================
    """

    PAYMENT = "payment"
    PAYMENT_STARTED = "payment started"
    PAYMENT_FAILED = "payment failed"
    REFUND = "refund"
    REFUND_FAILED = "refund failed"
    DISPUTE_WITHDRAWN = "dispute withdrawn"
    DISPUTE_REINSTATED = "dispute reinstated"
    DISPUTE_OPENED = "dispute opened"
    DISPUTE_CLOSED = "dispute closed"
    CREDIT_NOTE = "credit note"
    WRITE_OFF = "write-off"
    FEE_WAIVED = "fee waived"
    VOID = "void"
    REVERSAL = "reversal"
    PLAN_AGREED = "plan agreed"
    PLAN_STOPPED = "plan stopped"
    PROMISED = "promised"
    PROBLEM_REPORTED = "problem reported"
    SAID_PAID = "said paid"
    REASON_GIVEN = "reason given"
    ANSWER_WITHDRAWN = "answer withdrawn"
    ANSWER_CLOSED = "answer closed"
    CREDIT_USED = "credit used"
    REMINDERS_PAUSED = "reminders paused"
    REMINDERS_RESUMED = "reminders resumed"
    REMINDERS_STOPPED = "reminders stopped"


ANSWER_ENDS = frozenset({EntryKind.ANSWER_WITHDRAWN, EntryKind.ANSWER_CLOSED})
"""What ends an answer: its customer takes it back, or the owner has dealt with it."""


WORDS_OF_PEOPLE = (
    EntryKind.PROMISED,
    EntryKind.PROBLEM_REPORTED,
    EntryKind.SAID_PAID,
    EntryKind.REASON_GIVEN,
    EntryKind.ANSWER_CLOSED,
    EntryKind.REMINDERS_PAUSED,
)
"""Kinds whose ``note`` is what a customer wrote, or the owner to or about them: the only words that are ever erased."""
ERASED = "[erased]"
"""What stands in the place of words that were erased."""
INQUIRY = "/inquiry"
"""Follows a dispute's id in the flag of a mere inquiry, so that a chargeback it turns into is flagged anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact, counted once by ``(kind, external_id, invoice_key)``.

    A payment over several invoices is one entry on each of them, with the same external id; so is what goes back of it.

    Attributes:
        invoice_key: which invoice it belongs to.
        amount: positive; the kind says what it does to the balance.
        occurred_at: when it happened at its source, aware UTC.
        external_id: the provider's id of the money movement, such as a PaymentIntent's.
        method: how it was paid, for people: ``Visa ending 4242``.
        seq: place in the ledger, given when it is appended; 0 before.
        value_on: the day that counts for terms, where it is not that of ``occurred_at``: a transfer's value date.
        note: the owner's reference or reason.
        reverses: for a REVERSAL, the ``seq`` of the entry that it undoes.
        schedule: for a PLAN_AGREED, what was agreed.
    """

    kind: EntryKind
    invoice_key: str
    amount: Money
    occurred_at: datetime
    external_id: str
    method: str | None = None
    seq: int = 0
    value_on: date | None = None
    note: str | None = None
    reverses: int | None = None
    schedule: PlanSchedule | None = None


def in_force(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that count: without reversals and without what they undo."""
    facts = tuple(entries)
    if not facts:
        return facts
    undone = {entry.reverses for entry in facts if entry.kind is EntryKind.REVERSAL}
    return tuple(entry for entry in facts if entry.kind is not EntryKind.REVERSAL and entry.seq not in undone)


def incoming(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry]]:
    """The money that came in or is on its way, in the order of the ledger: each payment with the entry that began it.

    For a bank debit that is the entry of its start, for any other payment the payment itself.
    """
    facts = in_force(entries)
    started = {entry.external_id: entry for entry in facts if entry.kind is EntryKind.PAYMENT_STARTED}
    ended = {entry.external_id for entry in facts if entry.kind in (EntryKind.PAYMENT, EntryKind.PAYMENT_FAILED)}
    for entry in facts:
        on_its_way = entry.kind is EntryKind.PAYMENT_STARTED and entry.external_id not in ended
        if entry.kind is EntryKind.PAYMENT or on_its_way:
            yield entry, started.get(entry.external_id, entry)


def open_disputes(facts: Iterable[Entry]) -> frozenset[str]:
    """External ids of the flags that stand, of entries in force: an inquiry is over once it has become a dispute."""
    opened, closed = set(), set()
    for entry in facts:
        if entry.kind is EntryKind.DISPUTE_OPENED:
            opened.add(entry.external_id)
        elif entry.kind is EntryKind.DISPUTE_CLOSED:
            closed.add(entry.external_id)
    return frozenset(one for one in opened - closed if one.removesuffix(INQUIRY) not in opened - {one})


def day_of(entry: Entry, zone: tzinfo) -> date:
    """The day that counts for terms."""
    return entry.value_on or entry.occurred_at.astimezone(zone).date()
