"""The story of one invoice: what happened, what was said, which mails went out, which steps were passed over.

Everything in it is in the ledger. In English, as all that the owner reads in commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

from portal.ports.mail import MailKind, MessageState
from portal.receivables.entries import Entry, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, tzinfo

    from portal.ports import Ledger
    from portal.ports.mail import Message
    from portal.ports.reminders import ReminderClaim
    from portal.receivables.invoice import Invoice

_WORDS = {
    EntryKind.PAYMENT: "{amount} was paid{by}",
    EntryKind.PAYMENT_STARTED: "a payment of {amount} was started{by}",
    EntryKind.PAYMENT_FAILED: "that payment of {amount} failed, on a day that is not known",
    EntryKind.REFUND: "{amount} was paid back",
    EntryKind.REFUND_FAILED: "the refund of {amount} came back",
    EntryKind.DISPUTE_WITHDRAWN: "the card's bank took {amount} back",
    EntryKind.DISPUTE_REINSTATED: "the card's bank returned {amount}",
    EntryKind.DISPUTE_OPENED: "the card's bank began to look into a payment; reminders are held",
    EntryKind.DISPUTE_CLOSED: "the card's bank was done with it, on a day that is not known",
    EntryKind.CREDIT_NOTE: "{amount} was credited",
    EntryKind.WRITE_OFF: "{amount} was written off",
    EntryKind.FEE_WAIVED: "{amount} of late fees was waived",
    EntryKind.VOID: "the invoice was cancelled",
    EntryKind.REVERSAL: "an entry of {amount} was undone",
    EntryKind.PLAN_AGREED: "a payment plan over {amount} was agreed; reminders are held while it is kept",
    EntryKind.PLAN_STOPPED: "the payment plan was stopped",
    EntryKind.PROMISED: "the customer promised {amount} by {on}; reminders are held until then",
    EntryKind.PROBLEM_REPORTED: "the customer reported a problem with {amount}{by}; reminders wait for your answer",
    EntryKind.SAID_PAID: "the customer said {amount} was paid on {on}{by}; reminders are held until you look into it",
    EntryKind.REASON_GIVEN: "the customer said why it is late: {method}",
    EntryKind.ANSWER_WITHDRAWN: "the customer took an answer back",
    EntryKind.ANSWER_CLOSED: "you answered",
    EntryKind.CREDIT_USED: "{amount} of its credit was set off against another invoice",
    EntryKind.REMINDERS_PAUSED: "you paused reminders until {on}",
    EntryKind.REMINDERS_RESUMED: "you ended the pause of reminders",
    EntryKind.REMINDERS_STOPPED: "the customer asked for no more reminders; none is sent",
}
_STATES = {
    MessageState.PLANNED: "waits to be sent",
    MessageState.SENDING: "is being sent",
    MessageState.SENT: "was sent",
    MessageState.WRITTEN: "was written to a file",
    MessageState.UNKNOWN: "may or may not have arrived",
    MessageState.FAILED: "was refused",
    MessageState.OVERTAKEN: "was not sent, for it was no longer true or the hour was wrong",
    MessageState.NO_ADDRESS: "was not sent, for there is no address",
}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened.

    Attributes:
        at: when, aware; where only the day is known (``is_day``), its first moment in the business's zone.
        what: a sentence without a full stop.
        words: somebody's own words, line by line.
        is_mail: whether it is about a mail to the customer or to the owner.
    """

    at: datetime
    what: str
    words: tuple[str, ...] = ()
    is_mail: bool = False
    is_day: bool = False

    def when(self, zone: tzinfo) -> str:
        """The day, with the time where it is known: ``2026-11-22 08:48``."""
        return f"{self.at.astimezone(zone):%Y-%m-%d}" if self.is_day else f"{self.at.astimezone(zone):%Y-%m-%d %H:%M}"


def mails_about(ledger: Ledger, key: str) -> tuple[Message, ...]:
    """The mails about an invoice, the oldest first; a reminder about several is about each of them."""
    ids = {claim.message_id for claim in ledger.reminder_claims_by_invoice().get(key, ())}
    return tuple(one for one in ledger.messages() if one.cause.invoice_key == key or one.mail.message_id in ids)


def story_from(ledger: Ledger, invoice: Invoice, zone: tzinfo) -> tuple[StoryLine, ...]:
    """The story of an invoice, from everything the ledger holds about it."""
    claims = ledger.reminder_claims_by_invoice().get(invoice.key, ())
    return story_of(invoice, ledger.entries_of(invoice.key), mails_about(ledger, invoice.key), claims, zone)


def story_of(
    invoice: Invoice,
    entries: Iterable[Entry],
    messages: Iterable[Message],
    claims: Iterable[ReminderClaim],
    zone: tzinfo,
) -> tuple[StoryLine, ...]:
    """The story of an invoice, the earliest first.

    Args:
        invoice: as issued.
        entries: its facts, in the order of the ledger.
        messages: the mails about it.
        claims: the steps of the ladder that are done with on it.
        zone: the business's, in which moments become days.
    """
    steps = {claim.message_id: claim.name for claim in claims if claim.message_id}
    lines = [
        *_issued(invoice, zone),
        *(_of_entry(entry) for entry in entries),
        *(_of_message(message, steps.get(message.mail.message_id)) for message in messages),
        *(_passed(claim, zone) for claim in claims if claim.message_id is None),
    ]
    return tuple(sorted(lines, key=lambda line: line.at))


def _issued(invoice: Invoice, zone: tzinfo) -> Iterator[StoryLine]:
    if invoice.issued_on is not None:
        due = f", due on {invoice.due_on}" if invoice.due_on else ", without a due date"
        what = f"invoice {invoice.number} was issued: {invoice.total}{due}"
        yield StoryLine(_start(invoice.issued_on, zone), what, is_day=True)


def _of_entry(entry: Entry) -> StoryLine:
    what = _WORDS[entry.kind].format(
        amount=entry.amount,
        on=entry.value_on or "-",
        by=f" ({entry.method})" if entry.method else "",
        method=entry.method or "-",
    )
    return StoryLine(entry.occurred_at, what, tuple((entry.note or "").splitlines()))


def _of_message(message: Message, step: str | None) -> StoryLine:
    kind = f"reminder {step}" if step and message.cause.kind is MailKind.REMINDER else message.cause.kind.value
    to = f" to {message.mail.to}" if message.mail.to else ""
    what = f'{kind}{to} {_STATES[message.state]}: "{message.mail.subject}"'
    return StoryLine(message.tried_at or message.created_at, what, is_mail=True)


def _passed(claim: ReminderClaim, zone: tzinfo) -> StoryLine:
    what = f"reminder {claim.name} was passed over, for a later one was due"
    return StoryLine(_start(claim.on, zone), what, is_day=True)


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)
