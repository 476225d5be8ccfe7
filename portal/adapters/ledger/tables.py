"""The ledger's tables: what is kept, and which rules the database itself upholds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    text,
)
from sqlalchemy.types import TypeDecorator

from portal.adapters.ledger.triggers import Erasable, refuse_changes
from portal.ports import HoldState
from portal.ports.alarms import AlarmKind
from portal.ports.links import LinkEnd, LinkKind
from portal.ports.payment_links import PaymentLinkState
from portal.ports.plans import AttemptState, PlanLife
from portal.receivables.entries import WORDS_OF_PEOPLE, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Dialect


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
    Column("schedule", JSON(none_as_null=True)),
    UniqueConstraint("kind", "external_id", "invoice_key", name="entry_counts_once"),
    CheckConstraint("amount_minor > 0", name="entry_amount_positive"),
    CheckConstraint("length(currency) = 3", name="entry_currency"),
    _one_of("kind", EntryKind, "entry_kind"),
    Index("entries_of_invoice", "invoice_key", "seq"),
    sqlite_autoincrement=True,
)
"""Facts about invoices, including those of invoices that are no longer listed; ``schedule`` is what a plan agreed."""

holds = Table(
    "holds",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("checkout_id", Text),
    Column("url", Text),
    Column("plan_id", Text),
    Column("token", String(64)),
    Column("language", String(8)),
    CheckConstraint("length(currency) = 3", name="hold_currency"),
    _one_of("state", HoldState, "hold_state"),
    Index("holds_in_state", "state"),
)

hold_allocations = Table(
    "hold_allocations",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    UniqueConstraint("hold_id", "invoice_key", name="hold_names_invoice_once"),
    CheckConstraint("amount_minor > 0", name="allocation_amount_positive"),
    Index("allocations_of_invoice", "invoice_key"),
)
"""What of a hold is for which invoice, from position 0 on."""

events = Table(
    "events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("checkout_id", Text),
    Column("body", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("events_by_age", "created_at"),
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
    Column("subject", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_on", Date),
    Column("revoked_at", Moment),
    Column("ended", String(16)),
    _one_of("kind", LinkKind, "link_kind"),
    _one_of("ended", LinkEnd, "link_ended"),
    Index("links_of_subject", "subject"),
)

invoices = Table(
    "invoices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("statement_key", Text),
    Index("invoices_of_statement", "statement_key"),
)
"""Invoices as last built; ``record`` is JSON, and ``statement_key`` what all invoices of one statement share."""

pages = Table(
    "pages",
    metadata,
    Column("output", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("seq", Integer, nullable=False),
)


alarms = Table(
    "alarms",
    metadata,
    Column("alarm", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", String(3)),
    Column("invoice_key", Text),
    Column("metadata", Text, nullable=False),
    UniqueConstraint("kind", "external_id", name="alarm_counts_once"),
    _one_of("kind", AlarmKind, "alarm_kind"),
    sqlite_autoincrement=True,
)
"""What the owner has to look at: money that was set aside, and unfamiliar words; ``metadata`` is JSON."""

syncs = Table(
    "syncs",
    metadata,
    Column("sync", Integer, primary_key=True),
    Column("started_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)
"""When everything the payment provider knew was brought in."""

plans = Table(
    "plans",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("life", String(16), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("agreed_at", Moment, nullable=False),
    Column("since_seq", Integer, nullable=False),
    Column("grace_days", Integer, nullable=False),
    Column("terms_version", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("customer_id", Text),
    Column("payment_method_id", Text),
    Column("ended_at", Moment),
    Column("agreement_id", Text, nullable=False),
    _one_of("life", PlanLife, "plan_life"),
    Index("plans_of_agreement", "agreement_id"),
    Index(
        "one_plan_in_force",
        "invoice_key",
        unique=True,
        sqlite_where=text("life = 'in force'"),
        postgresql_where=text("life = 'in force'"),
    ),
)
"""Payment plans as agreed; ``schedule`` is JSON. An invoice has one in force at the most."""

plan_attempts = Table(
    "plan_attempts",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("installment", Integer, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(16), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("begun_on", Date, nullable=False),
    Column("payment_id", Text),
    Column("reason", Text),
    CheckConstraint("amount_minor > 0", name="attempt_amount_positive"),
    CheckConstraint("attempt > 0", name="attempt_number"),
    _one_of("state", AttemptState, "attempt_state"),
)
"""Charges of saved cards, written before the provider is asked."""

payment_links = Table(
    "payment_links",
    metadata,
    Column("row_id", Text, primary_key=True),
    Column("invoice_key", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("minimum_minor", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("request", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("price_id", Text),
    Column("link_id", Text),
    Column("url", Text),
    CheckConstraint("amount_minor > 0", name="payment_link_amount_positive"),
    _one_of("state", PaymentLinkState, "payment_link_state"),
    Index(
        "one_payment_link",
        "invoice_key",
        "is_live",
        unique=True,
        sqlite_where=text("state <> 'deactivated'"),
        postgresql_where=text("state <> 'deactivated'"),
    ),
)
"""Payment links, written before the provider is asked for them. An invoice has one at the most in each world."""

counters = Table(
    "counters",
    metadata,
    Column("subject", String(32), primary_key=True),
    Column("time_window", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
)
"""How often a link or a network address sent forms in a window of time; digests only."""


refuse_changes(entries, Erasable("note", "kind", WORDS_OF_PEOPLE))
refuse_changes(events, Erasable("body"))
refuse_changes(alarms)
