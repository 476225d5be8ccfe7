"""The ledger's tables: what is kept, and which rules the database itself upholds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.types import TypeDecorator

from portal.ports import HoldState, LinkKind
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Dialect

SCHEMA_VERSION = 1
"""Raised with every change of a table, together with a step that brings older ledgers there."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as ISO text in UTC with microseconds, so that the order of texts is the order in time."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002  SQLAlchemy's
        """The text of a moment.

        Raises:
            ValueError: the moment has no time zone, so nobody knows when it was.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002  SQLAlchemy's signature
        """The moment of a text."""
        return None if value is None else datetime.fromisoformat(value)


def _one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)


metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("invoice_key", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("method", Text),
    Column("value_on", Date),
    Column("note", Text),
    Column("reverses", Integer),
    UniqueConstraint("kind", "external_id", name="entry_counts_once"),
    CheckConstraint("amount_minor > 0", name="entry_amount_positive"),
    CheckConstraint("length(currency) = 3", name="entry_currency"),
    _one_of("kind", EntryKind, "entry_kind"),
    Index("entries_of_invoice", "invoice_key", "seq"),
    sqlite_autoincrement=True,
)
"""Facts about invoices, including those of invoices that are no longer listed."""

holds = Table(
    "holds",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("checkout_id", Text),
    Column("url", Text),
    CheckConstraint("amount_minor > 0", name="hold_amount_positive"),
    CheckConstraint("length(currency) = 3", name="hold_currency"),
    _one_of("state", HoldState, "hold_state"),
    Index("holds_of_invoice", "invoice_key", "state"),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("checkout_id", Text),
    Column("body", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)
"""Webhooks as they came."""

outbox = Table(
    "outbox",
    metadata,
    Column("note", Integer, primary_key=True),
    Column("invoice_key", Text, nullable=False, unique=True),
    Column("seq", Integer, nullable=False),
    sqlite_autoincrement=True,
)
"""Invoices whose pages wait to be frozen again, at least with the entry ``seq`` on them."""

links = Table(
    "links",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_on", Date),
    Column("revoked_at", Moment),
    _one_of("kind", LinkKind, "link_kind"),
    Index("links_of_invoice", "invoice_key"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("record", Text, nullable=False),
)
"""Invoices as last built; ``record`` is JSON."""

pages = Table(
    "pages",
    metadata,
    Column("output", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("seq", Integer, nullable=False),
)


def _refuse_changes(table: Table) -> None:
    """Have the database refuse to change or remove what was once written; a correction is one more row."""
    for verb in ("UPDATE", "DELETE"):
        trigger: DDL = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
            f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{table.name} are append-only'); END"
        )
        event.listen(table, "after_create", trigger.execute_if(dialect="sqlite"))


_refuse_changes(entries)
_refuse_changes(events)
