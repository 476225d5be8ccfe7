"""The ledger in an SQL database: what happened is only ever appended, and one writer at a time checks and writes."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, inspect, select

from portal.adapters import ledger_rows as rows
from portal.adapters.ledger_engine import insert_or, open_engine, writing
from portal.adapters.ledger_invoices import invoice_rows, replace_invoice_rows, replace_links
from portal.adapters.ledger_tables import (
    SCHEMA_VERSION,
    entries,
    events,
    holds,
    invoices,
    metadata,
    outbox,
    pages,
    schema_version,
)
from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

    from portal.ports import GatewayEvent, Hold, HoldState, Link, PageRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

_APPEND = insert_or(entries).on_conflict_do_nothing(index_elements=[entries.c.kind, entries.c.external_id])
_KEEP_EVENT = insert_or(events).on_conflict_do_nothing(index_elements=[events.c.event_id])
_UPDATE_HOLD = (
    holds.update()
    .where(holds.c.hold_id == bindparam("which"))
    .values(state=bindparam("state"), checkout_id=bindparam("checkout_id"), url=bindparam("url"))
)
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
_PATHS_AT_ONCE = 500


def open_ledger(path_or_url: Path | str) -> SqlLedger:
    """The ledger in an SQLite file, by path or as ``sqlite:///path``; made where it is missing.

    Raises:
        LedgerError: the file cannot be opened, is no ledger, or was written by a newer portal.
    """
    engine = open_engine(path_or_url)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return SqlLedger(engine)


class SqlTransaction:
    """What may be read and written while nobody else writes; see ``portal.ports.LedgerTransaction``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stale: dict[str, None] = {}

    def invoice(self, key: str) -> Invoice | None:
        """The invoice as last built."""
        return rows.read_invoice(self._connection, key)

    def entries(self, key: str) -> tuple[Entry, ...]:
        """Its facts, in ledger order."""
        return rows.read_entries(self._connection, key)

    def holds(self, key: str, states: Iterable[HoldState]) -> tuple[Hold, ...]:
        """Its reservations in any of these states, oldest first."""
        return rows.read_holds(self._connection, key, states)

    def hold(self, hold_id: str) -> Hold | None:
        """One reservation."""
        return rows.read_hold(self._connection, hold_id)

    def add_hold(self, hold: Hold) -> None:
        """Keep a new reservation."""
        self._connection.execute(holds.insert(), rows.hold_row(hold))

    def update_hold(self, hold: Hold) -> None:
        """Keep a reservation's new state, checkout id and address; its amount and times never change.

        Raises:
            KeyError: there is no such reservation.
        """
        values = {"which": hold.hold_id, "state": hold.state.value, "checkout_id": hold.checkout_id, "url": hold.url}
        if self._connection.execute(_UPDATE_HOLD, values).rowcount != 1:
            raise KeyError(hold.hold_id)

    def append(self, entry: Entry) -> bool:
        """Append a fact unless it is there already by (kind, external id); True where it is new."""
        return self._connection.execute(_APPEND, rows.entry_row(entry)).rowcount == 1

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
        self._stale[key] = None

    def write_notes(self) -> None:
        """Write the notes about stale pages, last of all, so that each asks for the entries of this transaction too."""
        for key in self._stale:
            self._connection.execute(_NOTE, {"invoice_key": key, "seq": rows.last_seq(self._connection, key)})


class SqlLedger:
    """The ledger; see ``portal.ports.Ledger``. Threads may share it, and so may processes that fork."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """A check-then-write that nobody can come between; durable when it ends, undone when it raises.

        Raises:
            LedgerBusyError: somebody else kept the ledger locked.
        """
        with writing(self._engine) as connection:
            transaction = SqlTransaction(connection)
            yield transaction
            transaction.write_notes()

    def invoice(self, key: str) -> Invoice | None:
        """One invoice as last built."""
        with self._engine.connect() as connection:
            return rows.read_invoice(connection, key)

    def entries_of(self, key: str) -> tuple[Entry, ...]:
        """The facts of one invoice, in ledger order."""
        with self._engine.connect() as connection:
            return rows.read_entries(connection, key)

    def entries_by_invoice(self) -> Mapping[str, tuple[Entry, ...]]:
        """The facts of all invoices that have any."""
        with self._engine.connect() as connection:
            return rows.read_all_entries(connection)

    def invoice_sources(self) -> Mapping[str, str]:
        """Key and source of every invoice as last built."""
        with self._engine.connect() as connection:
            return {row.key: row.source for row in connection.execute(_SOURCES)}

    def replace_invoices(self, invoices: Sequence[Invoice], links: Sequence[Link], *, keep: Iterable[str] = ()) -> None:
        """Make these the invoices as last built, all at once; those in ``keep`` stay although they are not listed.

        Links that are not listed are revoked, unless their invoice was kept; a link that is listed holds again.
        """
        listed = invoice_rows(invoices)
        kept = frozenset(keep) - listed.keys()
        with writing(self._engine) as connection:
            replace_invoice_rows(connection, listed, kept)
            replace_links(connection, links, kept)

    def link(self, token: str) -> Link | None:
        """The link that was issued under a token."""
        with self._engine.connect() as connection:
            return rows.read_link(connection, token)

    def stale_invoices(self) -> tuple[str, ...]:
        """Keys of the invoices whose pages wait to be frozen again, longest waiting first."""
        with self._engine.connect() as connection:
            return tuple(connection.scalars(select(outbox.c.invoice_key).order_by(outbox.c.note)))

    def freeze_done(self, key: str, seq: int) -> None:
        """Strike the notes about an invoice's page up to the entry it was made from."""
        with writing(self._engine) as connection:
            connection.execute(_STRIKE, {"key": key, "shown": seq})

    def pages(self, output: str, paths: Iterable[str] | None = None) -> Mapping[str, PageRecord]:
        """Every page published to a folder, by path; or only those of these paths."""
        with self._engine.connect() as connection:
            if paths is None:
                return rows.read_pages(connection, output, None)
            found: dict[str, PageRecord] = {}
            remaining = iter(paths)
            while some := list(islice(remaining, _PATHS_AT_ONCE)):
                found.update(rows.read_pages(connection, output, some))
            return found

    def record_pages(self, output: str, *, published: Iterable[PageRecord], removed: Iterable[str]) -> None:
        """Note pages that were published and removed; a page never goes back to an older entry."""
        put = [
            {"output": output, "path": page.path, "fingerprint": page.fingerprint, "seq": page.seq}
            for page in published
        ]
        gone = [{"of": output, "gone": path} for path in removed]
        with writing(self._engine) as connection:
            if put:
                connection.execute(_PUT_PAGE, put)
            if gone:
                connection.execute(_REMOVE_PAGE, gone)


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        version = _version_of(connection)
    if version is None:
        with writing(engine) as connection:
            version = _version_of(connection)
            if version is None:
                metadata.create_all(connection)
                connection.execute(schema_version.insert(), {"version": SCHEMA_VERSION})
                return
    if version > SCHEMA_VERSION:
        raise LedgerError(
            Problem(
                f"A newer portal wrote this ledger: its version is {version}, this portal's is {SCHEMA_VERSION}.",
                "Install the newer portal again; nothing was changed.",
            )
        )


def _version_of(connection: Connection) -> int | None:
    """The version of the tables; None where there are none yet."""
    names = inspect(connection).get_table_names()
    if schema_version.name in names:
        return int(connection.execute(select(schema_version.c.version)).scalar_one())
    if names:
        raise LedgerError(
            Problem("This database belongs to another program.", "Name another file, or none to have one made.")
        )
    return None
