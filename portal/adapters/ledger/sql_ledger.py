"""The ledger in an SQL database: what happened is only ever appended, and one writer at a time checks and writes."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from portal.adapters.ledger import rows
from portal.adapters.ledger.builds import BuildsOfLedger
from portal.adapters.ledger.counters import CountersOfLedger
from portal.adapters.ledger.engine import insert_or, lock, open_engine, reading, repeated, writing
from portal.adapters.ledger.holds import HoldsInTransaction, HoldsOfLedger
from portal.adapters.ledger.link_requests import LinkRequestsInTransaction, LinkRequestsOfLedger
from portal.adapters.ledger.links import LinksInTransaction, LinksOfLedger
from portal.adapters.ledger.messages import MailInTransaction, MailOfLedger
from portal.adapters.ledger.payment_links import PaymentLinksInTransaction, PaymentLinksOfLedger
from portal.adapters.ledger.plans import PlansInTransaction, PlansOfLedger
from portal.adapters.ledger.privacy import PrivacyOfLedger
from portal.adapters.ledger.reminders import RemindersInTransaction, RemindersOfLedger
from portal.adapters.ledger.seen_alarms import SeenAlarmsOfLedger
from portal.adapters.ledger.tables import (
    alarms,
    entries,
    events,
    invoices,
    outbox,
    pages,
    syncs,
)
from portal.adapters.ledger.versions import bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

    from portal.ports import GatewayEvent, PageRecord
    from portal.ports.alarms import Alarm
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

_APPEND = (
    insert_or(entries)
    .on_conflict_do_nothing(index_elements=[entries.c.kind, entries.c.external_id, entries.c.invoice_key])
    .returning(entries.c.seq)
)
_RAISE = (
    insert_or(alarms)
    .on_conflict_do_nothing(index_elements=[alarms.c.kind, alarms.c.external_id])
    .returning(alarms.c.alarm)
)
_KEEP_EVENT = insert_or(events).on_conflict_do_nothing(index_elements=[events.c.event_id])
_new_note = insert_or(outbox)
_NOTE = _new_note.on_conflict_do_update(index_elements=[outbox.c.invoice_key], set_={"seq": _new_note.excluded.seq})
_STRIKE = outbox.delete().where(outbox.c.invoice_key == bindparam("key"), outbox.c.seq <= bindparam("shown"))
_new_page = insert_or(pages)
_PUT_PAGE = _new_page.on_conflict_do_update(
    index_elements=[pages.c.output, pages.c.path],
    set_={"fingerprint": _new_page.excluded.fingerprint, "seq": _new_page.excluded.seq},
    where=_new_page.excluded.seq >= pages.c.seq,
)
_REMOVE_PAGE = pages.delete().where(pages.c.output == bindparam("of"), pages.c.path == bindparam("gone"))
_SOURCES = select(invoices.c.key, invoices.c.source)
_AT_ONCE = 500


def open_ledger(path_or_url: Path | str) -> SqlLedger:
    """The ledger in an SQLite file, by path or as ``sqlite:///path``, or in a PostgreSQL database by its address.

    Raises:
        LedgerError: the database cannot be opened, is no ledger, or was written by a newer portal.
    """
    engine = open_engine(path_or_url)
    try:
        bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlLedger(engine)


class SqlTransaction(
    HoldsInTransaction,
    PlansInTransaction,
    PaymentLinksInTransaction,
    LinksInTransaction,
    LinkRequestsInTransaction,
    MailInTransaction,
    RemindersInTransaction,
):
    """What may be read and written while nobody else writes; see ``portal.ports.LedgerTransaction``.

    Every method locks the invoice that it is about before it reads or writes anything of it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._locked: set[str] = set()
        self._stale: dict[str, None] = {}

    def lock(self, *keys: str) -> None:
        """Keep everybody else away from invoices, known or not, until the transaction ends.

        Several are locked in the order of their names, so that of two transactions that want the same ones, neither
        holds one that the other waits for.
        """
        for key in sorted(set(keys) - self._locked):
            lock(self._connection, f"invoice {key}")
            self._locked.add(key)

    def invoice(self, key: str) -> Invoice | None:
        """The invoice as last built."""
        self.lock(key)
        return rows.read_invoice(self._connection, key)

    def entries(self, key: str) -> tuple[Entry, ...]:
        """Its facts, in ledger order."""
        self.lock(key)
        return rows.read_entries(self._connection, key)

    def append(self, entry: Entry) -> bool:
        """Append a fact unless it is there already by (kind, external id, invoice); True where it is new."""
        self.lock(entry.invoice_key)
        return self._connection.execute(_APPEND, rows.entry_row(entry)).one_or_none() is not None

    def paid_on(self, payment_id: str) -> frozenset[str]:
        """The invoices on which a payment is posted, or on its way. They need not be locked, for there it stays."""
        return rows.paid_on(self._connection, payment_id)

    def record_event(self, event: GatewayEvent, outcome: str) -> None:
        """Keep a webhook's raw body once, with what became of it."""
        values = {
            "event_id": event.event_id,
            "kind": event.kind,
            "created_at": event.created_at,
            "checkout_id": event.checkout_id,
            "body": event.body,
            "outcome": outcome,
        }
        self._connection.execute(_KEEP_EVENT, values)

    def enqueue_freeze(self, key: str) -> None:
        """Note that the page of this invoice must be frozen again."""
        self.lock(key)
        self._stale[key] = None

    def raise_alarm(self, alarm: Alarm) -> bool:
        """Keep an alarm unless it is there already by (kind, external id); True where it is new."""
        return self._connection.execute(_RAISE, rows.alarm_row(alarm)).one_or_none() is not None

    def record_sync(self, started_at: datetime) -> None:
        """Note that everything the provider knew at that moment has been brought in."""
        self._connection.execute(syncs.insert(), {"started_at": started_at})

    def write_notes(self) -> None:
        """Write the notes about stale pages, last of all, so that each asks for the entries of this transaction too."""
        for key in self._stale:
            self._connection.execute(_NOTE, {"invoice_key": key, "seq": rows.last_seq(self._connection, key)})
            self.note_for_mail(key)


class SqlLedger(
    HoldsOfLedger,
    PlansOfLedger,
    PaymentLinksOfLedger,
    LinksOfLedger,
    LinkRequestsOfLedger,
    CountersOfLedger,
    MailOfLedger,
    SeenAlarmsOfLedger,
    PrivacyOfLedger,
    BuildsOfLedger,
    RemindersOfLedger,
):
    """The ledger; see ``portal.ports.Ledger``. Threads may share it, and so may processes that fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """The database behind it, for the other adapters of the same ledger."""
        return self._engine

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """A check-then-write that nobody can come between; durable when it ends, undone when it raises.

        Raises:
            LedgerBusyError: somebody else kept the ledger locked, or the database undid it all.
        """
        with writing(self._engine) as connection:
            transaction = SqlTransaction(connection)
            yield transaction
            transaction.write_notes()

    def invoice(self, key: str) -> Invoice | None:
        """One invoice as last built."""
        with reading(self._engine) as connection:
            return rows.read_invoice(connection, key)

    def invoices(self, keys: Iterable[str] | None = None) -> tuple[Invoice, ...]:
        """All invoices as last built, by key; or those of these keys that are known, in their order."""
        wanted = None if keys is None else list(keys)
        with reading(self._engine) as connection:
            if wanted is None:
                return rows.read_invoices(connection, None)
            parts = (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))
            found = {one.key: one for some in parts for one in rows.read_invoices(connection, some)}
        return tuple(found[key] for key in wanted if key in found)

    def entries_of(self, key: str) -> tuple[Entry, ...]:
        """The facts of one invoice, in ledger order."""
        with reading(self._engine) as connection:
            return rows.read_entries(connection, key)

    def entries_by_invoice(self) -> Mapping[str, tuple[Entry, ...]]:
        """The facts of all invoices that have any."""
        with reading(self._engine) as connection:
            return rows.read_all_entries(connection)

    def invoice_sources(self) -> Mapping[str, str]:
        """Key and source of every invoice as last built."""
        with reading(self._engine) as connection:
            return {row.key: row.source for row in connection.execute(_SOURCES)}

    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm that was ever raised, oldest first."""
        with reading(self._engine) as connection:
            return rows.read_alarms(connection)

    def last_sync(self) -> datetime | None:
        """When the last complete sync began."""
        with reading(self._engine) as connection:
            return rows.last_sync(connection)

    def stale_invoices(self) -> tuple[str, ...]:
        """Keys of the invoices whose pages wait to be frozen again, longest waiting first."""
        with reading(self._engine) as connection:
            return tuple(connection.scalars(select(outbox.c.invoice_key).order_by(outbox.c.note)))

    def freeze_done(self, key: str, seq: int) -> None:
        """Strike the notes about an invoice's page up to the entry it was made from."""

        def strike() -> None:
            with writing(self._engine) as connection:
                connection.execute(_STRIKE, {"key": key, "shown": seq})

        repeated(strike)

    def pages(self, output: str, paths: Iterable[str] | None = None) -> Mapping[str, PageRecord]:
        """Every page published to a folder, by path; or only those of these paths."""
        with reading(self._engine) as connection:
            if paths is None:
                return rows.read_pages(connection, output, None)
            found: dict[str, PageRecord] = {}
            remaining = iter(paths)
            while some := list(islice(remaining, _AT_ONCE)):
                found.update(rows.read_pages(connection, output, some))
            return found

    def record_pages(self, output: str, *, published: Iterable[PageRecord], removed: Iterable[str]) -> None:
        """Note pages that were published and removed; a page never goes back to an older entry."""
        put = [
            {"output": output, "path": page.path, "fingerprint": page.fingerprint, "seq": page.seq}
            for page in published
        ]
        gone = [{"of": output, "gone": path} for path in removed]

        def record() -> None:
            with writing(self._engine, "published pages") as connection:
                if put:
                    connection.execute(_PUT_PAGE, put)
                if gone:
                    connection.execute(_REMOVE_PAGE, gone)

        repeated(record)
