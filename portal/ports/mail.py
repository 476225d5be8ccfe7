"""What the operations on mail need from the outside, and the plain records that cross that border."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from portal.ports.alarms import Alarm

ID_BYTES = 8
"""Of a message's id: 16 hexadecimal digits."""


class MailKind(StrEnum):
    """What a mail is for; one job each. Those to the owner are the notices of answers, payments and alarms."""

    PLAN_AGREED = "plan agreed"
    PLAN_STOPPED = "plan stopped"
    CHARGE_NOTICE = "charge notice"
    CHARGE_DECLINED = "charge declined"
    CHARGE_APPROVAL = "charge needs approval"
    CHARGE_GIVEN_UP = "charge given up"
    RECEIPT = "receipt"
    ANSWER_NOTED = "answer noted"
    ANSWER_REPLY = "answer reply"
    ANSWER_NOTICE = "answer notice"
    PAYMENT_NOTICE = "payment notice"
    ALARM_NOTICE = "alarm notice"
    LINK_NOTICE = "link notice"
    FRESH_LINK = "fresh link"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader gets it; the sender and the date are added when it is sent.

    Attributes:
        to: one bare address; empty where the customer has none.
        text: the whole mail as plain text.
        html: the same as HTML.
        message_id: the part before the ``@`` of the Message-ID header.
        reply_to: one bare address; None takes the sender's.
        list_unsubscribe: an https address that takes one POST, where the mail is of a kind that can be ended.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    kind: MailKind
    reply_to: str | None = None
    list_unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought a mail about; there is one mail for each (subject key, kind, cause), ever.

    Attributes:
        subject_key: what the mail is about: an invoice's key, a payment's id or an alarm.
        cause: the provider's or the portal's own id of what happened.
        invoice_key: the invoice it belongs to, where there is one.
    """

    kind: MailKind
    subject_key: str
    cause: str
    invoice_key: str | None = None

    @property
    def message_id(self) -> str:
        """The same for the same cause, on every machine."""
        text = f"{self.kind.value}\0{self.subject_key}\0{self.cause}"
        return hashlib.blake2b(text.encode(), digest_size=ID_BYTES).hexdigest()


class MessageState(StrEnum):
    """The life of a message: planned -> sending -> sent | written | unknown | failed, or back to planned.

    SENDING: committed before the mail server is asked. UNKNOWN: the text was on its way when the answer was lost; only
    the owner sends it again. PLANNED again: nothing was handed over. WRITTEN: a file. FAILED: refused for good.
    OVERTAKEN: it would no longer be true. NO_ADDRESS: the customer has none.
    """

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    WRITTEN = "written"
    UNKNOWN = "unknown"
    FAILED = "failed"
    OVERTAKEN = "overtaken"
    NO_ADDRESS = "no address"


@dataclass(frozen=True, slots=True)
class Message:
    """A mail in the ledger, with its full text and what became of it.

    Attributes:
        tries: how often a mail server was asked.
        tried_at: when that was last.
        answer: the server's own words, or why it was not sent.
    """

    cause: Cause
    mail: Mail
    state: MessageState
    created_at: datetime
    tries: int = 0
    tried_at: datetime | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a mail that waited does not go after all, in words for the owner."""

    why: str


OUTDATED = Withheld("It would no longer be true.")


class Handover(StrEnum):
    """What became of one try; WAITS: nothing was handed over, so it may be tried again."""

    SENT = "sent"
    WRITTEN = "written"
    WAITS = "waits"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one try.

    Attributes:
        answer: the server's words, the file's name, or what went wrong.
        is_server_down: the server takes no mail at all, so that trying others now is no use.
    """

    outcome: Handover
    answer: str
    is_server_down: bool = False


class Mailer(Protocol):
    """Hands mails to whatever carries them."""

    def send(self, mail: Mail, at: datetime) -> Delivery:
        """Hand one mail over, dated ``at``; never raises for what the mail, the server or the disk does."""


@dataclass(frozen=True, slots=True)
class Switch:
    """When a kind of mail was switched on: only what happens after that is written about.

    Attributes:
        entry_seq: the ledger's last entry then.
        alarm: the number of its last alarm then.
    """

    on_since: datetime
    entry_seq: int
    alarm: int


class MailTransaction(Protocol):
    """What is read and written about mails while nobody else may touch the invoice."""

    def add_message(self, message: Message) -> bool:
        """Keep a new message unless there is one with its cause already; True where it is new."""

    def message(self, message_id: str) -> Message | None:
        """One message, locked until the transaction ends."""

    def update_message(self, message: Message) -> None:
        """Keep a message's text, state, tries and answer; its cause never changes."""

    def told_together_with(self, key: str) -> frozenset[str]:
        """An invoice, and all that its mails may speak of too; read without a lock, so as to lock them.

        Those are all on which one of its payments was posted, and those that share a plan with it.
        """

    def strike_mail_note(self, key: str) -> None:
        """Forget that something happened on an invoice that mails may have to be written about."""


class MailLedger(Protocol):
    """What is read about mails outside a transaction."""

    def messages(self, states: Iterable[MessageState] | None = None) -> tuple[Message, ...]:
        """The messages in any of these states, or all; oldest first."""

    def has_message(self, cause: Cause) -> bool:
        """Whether this was decided before."""

    def mail_notes(self) -> tuple[str, ...]:
        """Keys of the invoices on which something happened since mails were last decided on."""

    def mail_switches(self) -> Mapping[MailKind, Switch]:
        """Which kinds are switched on, and since when."""

    def switch_mail(self, on: Iterable[MailKind], off: Iterable[MailKind], now: datetime) -> None:
        """Switch kinds on from here on, and others off."""

    def alarms_after(self, number: int) -> tuple[tuple[int, Alarm], ...]:
        """The alarms raised after the one of that number, each with its own."""
