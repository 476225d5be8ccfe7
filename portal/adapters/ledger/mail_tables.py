"""The ledger's tables about mails: each one once, what may have to be written about, and since when."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text, UniqueConstraint

from portal.adapters.ledger.tables import Moment, metadata
from portal.ports.mail import MessageState

__all__ = ["mail_notes", "mail_switches", "messages", "metadata"]

_STATES = ", ".join(f"'{state.value}'" for state in MessageState)

messages = Table(
    "messages",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("message_id", String(64), nullable=False, unique=True),
    Column("subject_key", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("cause", Text, nullable=False),
    Column("invoice_key", Text, index=True),
    Column("state", String(16), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("reply_to", Text),
    Column("list_unsubscribe", Text),
    Column("created_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("answer", Text),
    UniqueConstraint("subject_key", "kind", "cause", name="message_once"),
    CheckConstraint(f"state IN ({_STATES})", name="message_state"),
    Index("messages_by_age", "created_at"),
    sqlite_autoincrement=True,
)
"""Mails with their full text, written before any server is asked."""

mail_notes = Table(
    "mail_notes",
    metadata,
    Column("invoice_key", Text, primary_key=True),
)
"""Invoices on which something happened since mails were last decided on."""

mail_switches = Table(
    "mail_switches",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("on_since", Moment, nullable=False),
    Column("entry_seq", Integer, nullable=False),
    Column("alarm", Integer, nullable=False),
)
"""Kinds of mail that are switched on; nothing that happened before is written about."""
