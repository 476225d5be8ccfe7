"""Mails in the ledger: their rows, and what may be asked of and written to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from portal.adapters.ledger import rows
from portal.adapters.ledger.engine import insert_or, lock, reading, repeated, writing
from portal.adapters.ledger.mail_tables import mail_notes, mail_switches, messages
from portal.adapters.ledger.tables import alarms, entries, plans
from portal.ports.mail import Cause, Mail, MailKind, Message, MessageState, Switch
from portal.ports.plans import PlanLife
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection, Engine, Row

    from portal.ports.alarms import Alarm

_ADD = (
    insert_or(messages)
    .on_conflict_do_nothing(index_elements=[messages.c.subject_key, messages.c.kind, messages.c.cause])
    .returning(messages.c.message)
)
_ONE = select(messages).where(messages.c.message_id == bindparam("message_id"))
_ALL = select(messages).order_by(messages.c.message)
_IN_STATES = _ALL.where(messages.c.state.in_(bindparam("states", expanding=True)))
_CHANGES = ("state", "recipient", "subject", "text", "html", "reply_to", "list_unsubscribe")
_OUTCOME = ("tries", "tried_at", "answer")
_UPDATE = (
    messages.update()
    .where(messages.c.message_id == bindparam("which"))
    .values({name: bindparam(name) for name in (*_CHANGES, *_OUTCOME)})
)
_NOTE = insert_or(mail_notes).on_conflict_do_nothing(index_elements=[mail_notes.c.invoice_key])
_STRIKE = mail_notes.delete().where(mail_notes.c.invoice_key == bindparam("key"))
_payments = select(entries.c.external_id).where(
    entries.c.kind == EntryKind.PAYMENT.value, entries.c.invoice_key == bindparam("key")
)
_PAID_TOGETHER = select(entries.c.invoice_key).where(
    entries.c.kind == EntryKind.PAYMENT.value, entries.c.external_id.in_(_payments)
)
_agreements = select(plans.c.agreement_id).where(
    plans.c.invoice_key == bindparam("key"), plans.c.life == PlanLife.IN_FORCE.value
)
_AGREED_TOGETHER = select(plans.c.invoice_key).where(plans.c.agreement_id.in_(_agreements))
_SWITCH_ON = insert_or(mail_switches).on_conflict_do_nothing(index_elements=[mail_switches.c.kind])
_SWITCH_OFF = mail_switches.delete().where(mail_switches.c.kind == bindparam("of"))
_ALARMS_AFTER = select(alarms).where(alarms.c.alarm > bindparam("number")).order_by(alarms.c.alarm)


class MailInTransaction(ABC):
    """The part of a ledger transaction that is about mails; see ``portal.ports.mail.MailTransaction``."""

    _connection: Connection

    @abstractmethod
    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices until the transaction ends."""

    def add_message(self, message: Message) -> bool:
        """Keep a new message unless there is one with its cause already; True where it is new."""
        return self._connection.execute(_ADD, _row(message)).one_or_none() is not None

    def message(self, message_id: str) -> Message | None:
        """One message, locked until the transaction ends."""
        lock(self._connection, f"message {message_id}")
        row = self._connection.execute(_ONE, {"message_id": message_id}).one_or_none()
        return None if row is None else _message(row)

    def update_message(self, message: Message) -> None:
        """Keep a message's text, state, tries and answer; its cause never changes."""
        row = _row(message)
        values = {name: row[name] for name in (*_CHANGES, *_OUTCOME)}
        self._connection.execute(_UPDATE, {"which": message.mail.message_id, **values})

    def told_together_with(self, key: str) -> frozenset[str]:
        """An invoice, and all that its mails may speak of too; read without a lock, so as to lock them.

        Those are all on which one of its payments was posted, and those that share a plan with it.
        """
        others = (self._connection.scalars(query, {"key": key}) for query in (_PAID_TOGETHER, _AGREED_TOGETHER))
        return frozenset(chain([key], *others))

    def note_for_mail(self, key: str) -> None:
        """Note that something happened on an invoice that mails may have to be written about."""
        self.lock(key)
        self._connection.execute(_NOTE, {"invoice_key": key})

    def strike_mail_note(self, key: str) -> None:
        """Forget it again."""
        self.lock(key)
        self._connection.execute(_STRIKE, {"key": key})


class MailOfLedger:
    """The part of a ledger that is about mails; see ``portal.ports.mail.MailLedger``."""

    _engine: Engine

    def messages(self, states: Iterable[MessageState] | None = None) -> tuple[Message, ...]:
        """The messages in any of these states, or all; oldest first."""
        with reading(self._engine) as connection:
            if states is None:
                return tuple(map(_message, connection.execute(_ALL)))
            wanted = sorted(state.value for state in states)
            return tuple(map(_message, connection.execute(_IN_STATES, {"states": wanted})))

    def has_message(self, cause: Cause) -> bool:
        """Whether this was decided before."""
        with reading(self._engine) as connection:
            return connection.execute(_ONE, {"message_id": cause.message_id}).one_or_none() is not None

    def mail_notes(self) -> tuple[str, ...]:
        """Keys of the invoices on which something happened since mails were last decided on."""
        with reading(self._engine) as connection:
            return tuple(connection.scalars(select(mail_notes.c.invoice_key).order_by(mail_notes.c.invoice_key)))

    def mail_switches(self) -> Mapping[MailKind, Switch]:
        """Which kinds are switched on, and since when."""
        with reading(self._engine) as connection:
            found = connection.execute(select(mail_switches))
            return {MailKind(row.kind): Switch(row.on_since, row.entry_seq, row.alarm) for row in found}

    def switch_mail(self, on: Iterable[MailKind], off: Iterable[MailKind], now: datetime) -> None:
        """Switch kinds on from here on, and others off."""
        switched_on, switched_off = list(on), [{"of": kind.value} for kind in off]

        def switch() -> None:
            with writing(self._engine, "mail switches") as connection:
                places = {"entry_seq": _last(connection, entries.c.seq), "alarm": _last(connection, alarms.c.alarm)}
                for kind in switched_on:
                    connection.execute(_SWITCH_ON, {"kind": kind.value, "on_since": now, **places})
                if switched_off:
                    connection.execute(_SWITCH_OFF, switched_off)

        repeated(switch)

    def alarms_after(self, number: int) -> tuple[tuple[int, Alarm], ...]:
        """The alarms raised after the one of that number, each with its own."""
        with reading(self._engine) as connection:
            found = connection.execute(_ALARMS_AFTER, {"number": number})
            return tuple((row.alarm, rows.alarm_of_row(row)) for row in found)


def _last(connection: Connection, column: Any) -> int:  # noqa: ANN401  SQLAlchemy's column of numbers
    return connection.execute(select(func.max(column))).scalar_one() or 0


def _message(row: Row[Any]) -> Message:
    kind = MailKind(row.kind)
    return Message(
        cause=Cause(kind, row.subject_key, row.cause, row.invoice_key),
        mail=Mail(
            to=row.recipient,
            subject=row.subject,
            text=row.text,
            html=row.html,
            message_id=row.message_id,
            kind=kind,
            reply_to=row.reply_to,
            list_unsubscribe=row.list_unsubscribe,
        ),
        state=MessageState(row.state),
        created_at=row.created_at,
        tries=row.tries,
        tried_at=row.tried_at,
        answer=row.answer,
    )


def _row(message: Message) -> dict[str, Any]:
    cause, mail = message.cause, message.mail
    return {
        "message_id": cause.message_id,
        "subject_key": cause.subject_key,
        "kind": cause.kind.value,
        "cause": cause.cause,
        "invoice_key": cause.invoice_key,
        "state": message.state.value,
        "recipient": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "reply_to": mail.reply_to,
        "list_unsubscribe": mail.list_unsubscribe,
        "created_at": message.created_at,
        "tries": message.tries,
        "tried_at": message.tried_at,
        "answer": message.answer,
    }
