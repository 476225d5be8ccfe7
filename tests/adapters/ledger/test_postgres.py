"""What PostgreSQL in particular has to do for the ledger: locks per invoice, append-only tables, a server that goes."""

from __future__ import annotations

import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import psycopg
import pytest
from postgres_server import Server, find_programs, running_server

from portal.adapters.ledger import engine as ledger_engine
from portal.adapters.ledger import postgres as ledger_postgres
from portal.adapters.ledger.sql_ledger import SqlLedger, SqlTransaction, open_ledger
from portal.errors import LedgerBusyError, LedgerError
from portal.ports import GatewayEvent, Hold, HoldState
from portal.ports.links import Link, LinkKind
from portal.receivables.allocation import Allocation
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2026, 11, 5, tzinfo=UTC)
EURO = Money(500, "EUR")


@pytest.fixture
def address(postgres: Server) -> str:
    return postgres.new_schema()


@pytest.fixture
def ledger(address: str) -> Iterator[SqlLedger]:
    with closing(open_ledger(address)) as opened:
        yield opened


def payment(external_id: str = "pi_1", key: str = "A-1") -> Entry:
    return Entry(EntryKind.PAYMENT, key, EURO, NOW, external_id)


def hold(hold_id: str, key: str = "A-1") -> Hold:
    return Hold(hold_id, (Allocation(key, EURO),), HoldState.OPEN, NOW, NOW + timedelta(hours=1))


def append(ledger: SqlLedger, entry: Entry) -> None:
    with ledger.transaction() as transaction:
        transaction.append(entry)
        transaction.record_event(GatewayEvent(f"evt_{entry.external_id}", "k", NOW, None, "{}"), "applied")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET amount_minor = 1",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "UPDATE events SET body = ''",
        "DELETE FROM events",
        "TRUNCATE events",
        "INSERT INTO entries SELECT * FROM entries ON CONFLICT (seq) DO UPDATE SET amount_minor = 1",
    ],
)
def test_what_happened_cannot_be_changed(ledger: SqlLedger, statement: str) -> None:
    append(ledger, payment())
    before = ledger.entries_of("A-1")
    with pytest.raises(Exception, match="append-only"), ledger._engine.connect() as connection:
        connection.exec_driver_sql(statement)
    assert ledger.entries_of("A-1") == before


ABOUT_ONE_INVOICE: dict[str, Callable[[SqlTransaction], object]] = {
    "invoice": lambda tx: tx.invoice("A-1"),
    "entries": lambda tx: tx.entries("A-1"),
    "holds": lambda tx: tx.holds("A-1", [HoldState.OPEN]),
    "hold": lambda tx: tx.hold("h1"),
    "add_hold": lambda tx: tx.add_hold(hold("h2")),
    "update_hold": lambda tx: tx.update_hold(hold("h1")),
    "append": lambda tx: tx.append(payment()),
    "enqueue_freeze": lambda tx: tx.enqueue_freeze("A-1"),
    "lock": lambda tx: tx.lock("A-1"),
}
ABOUT_NONE = {"record_event", "write_notes", "raise_alarm", "record_sync", "paid_on", "told_together_with"}
ABOUT_NONE |= {"add_message", "message", "update_message", "add_link_request", "end_link_request"}
"""What is kept once by an id of its own, whatever invoice it is about."""
LOCK_THE_BUILD = {"links_of", "put_link"}
"""What a build changes as a whole: see ``test_links_are_changed_by_one_at_a_time``."""
BY_ID = {"hold", "plan", "payment_link", "agreement"}
"""What has to be read before it is known which invoice to lock; it is read again under the lock."""
METHODS = {name for name, _ in inspect.getmembers(SqlTransaction, inspect.isfunction) if not name.startswith("_")}


class LockedFirst(Exception):  # noqa: N818  no error
    """Raised in place of locking."""


@pytest.mark.parametrize("name", sorted(METHODS - ABOUT_NONE - BY_ID - LOCK_THE_BUILD - {"lock"}))
def test_every_method_locks_before_all_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(_self: object, *_keys: str) -> None:
        raise LockedFirst

    monkeypatch.setattr(SqlTransaction, "lock", locked)
    connection = MagicMock()
    method = getattr(SqlTransaction(connection), name)
    taken = inspect.signature(method).parameters.values()
    named = {one.name: MagicMock() for one in taken if one.kind is inspect.Parameter.KEYWORD_ONLY}
    with pytest.raises(LockedFirst):
        method(*(MagicMock() for _ in range(len(taken) - len(named))), **named)
    assert connection.mock_calls == []


@pytest.mark.parametrize("name", ABOUT_ONE_INVOICE)
def test_one_invoice_waits_for_another_transaction_on_it(ledger: SqlLedger, name: str) -> None:
    with ledger.transaction() as first:
        first.add_hold(hold("h1"))
    going, order = threading.Event(), list[str]()

    def second() -> None:
        with ledger.transaction() as transaction:
            going.set()
            ABOUT_ONE_INVOICE[name](transaction)
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with ledger.transaction() as first:
            first.lock("A-1")
            waiting = pool.submit(second)
            going.wait(5)
            time.sleep(0.05)
            order.append("first")
        waiting.result(timeout=5)
    assert order == ["first", "second"]


def test_links_are_changed_by_one_at_a_time(ledger: SqlLedger) -> None:
    """Two owners who rotate a link at once get a version each: the second reads what the first has written."""
    going, read = threading.Event(), list[int]()

    def rotate() -> None:
        with ledger.transaction() as transaction:
            going.set()
            known = len(transaction.links_of(LinkKind.INVOICE, "A-1"))
            read.append(known)
            transaction.put_link(Link(f"token{known}", "A-1", version=known + 1))

    with ThreadPoolExecutor(1) as pool:
        with ledger.transaction() as first:
            first.put_link(Link("first", "A-1"))
            waiting = pool.submit(rotate)
            going.wait(5)
            time.sleep(0.05)
        waiting.result(timeout=5)
    assert read == [1]


def test_another_invoice_does_not_wait(ledger: SqlLedger) -> None:
    with ledger.transaction() as first, ledger.transaction() as second:
        first.append(payment("pi_1", "A-1"))
        second.append(payment("pi_2", "B-2"))
    assert ledger.entries_by_invoice().keys() == {"A-1", "B-2"}


def test_a_lock_that_stays_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ledger_postgres._SETTINGS, "lock_timeout", "50ms")
    with closing(open_ledger(address)) as ledger, ledger.transaction() as first:
        first.append(payment())
        with pytest.raises(LedgerBusyError, match="nothing was written"):
            append(ledger, payment("pi_2"))
        assert ledger.entries_of("A-1") == ()


def test_of_two_that_wait_for_each_other_one_is_undone_and_told(ledger: SqlLedger) -> None:
    both_hold_one = threading.Barrier(2)

    def cross(first: str, second: str) -> str:
        try:
            with ledger.transaction() as transaction:
                transaction.append(payment(f"pi_{first}", first))
                both_hold_one.wait(5)
                transaction.append(payment(f"pi_{first}{second}", second))
        except LedgerBusyError:
            return "undone"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(cross, ("A", "B"), ("B", "A"))) == ["done", "undone"]
    assert sum(len(entries) for entries in ledger.entries_by_invoice().values()) == 2


def test_what_is_about_no_single_check_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_engine, "_PAUSE_SECONDS", 0)
    tries = list[int]()

    def busy_twice() -> str:
        tries.append(1)
        if len(tries) < 3:
            raise LedgerBusyError(())
        return "done"

    assert ledger_engine.repeated(busy_twice) == "done"
    with pytest.raises(LedgerBusyError):
        ledger_engine.repeated(lambda: (_ for _ in ()).throw(LedgerBusyError(())))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://nobody@/nowhere?host=/nonexistent",
        "postgresql://portal:s3cret@127.0.0.1:1/portal",
    ],
)
def test_a_server_that_does_not_answer_is_named_without_its_password(address: str) -> None:
    with pytest.raises(LedgerError, match="cannot be reached") as caught:
        open_ledger(address)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("setting", ["fsync", "server_encoding"])
def test_a_database_that_may_lose_or_garble_is_refused(
    address: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ledger_postgres._NEEDED, setting, "otherwise")
    with pytest.raises(LedgerError, match=setting):
        open_ledger(address)


def test_every_connection_waits_for_its_commits_to_be_on_disk(ledger: SqlLedger) -> None:
    with ledger._engine.connect() as connection:
        said = [
            connection.exec_driver_sql(f"SHOW {name}").scalar_one()
            for name in ("synchronous_commit", "transaction_isolation", "lock_timeout")
        ]
    assert said == ["on", "read committed", "15s"]


def test_a_database_of_another_program_is_left_alone(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as raw:
        raw.execute("CREATE TABLE bookmarks (address TEXT)")
    with pytest.raises(LedgerError, match="another program"):
        open_ledger(address)


def test_two_invoices_rarely_share_a_number() -> None:
    numbers = {ledger_postgres.number_of(f"invoice {number}") for number in range(10_000)}
    assert len(numbers) == 10_000
    assert all(-(2**63) <= number < 2**63 for number in numbers)


def test_a_crash_of_the_server_loses_nothing_that_was_acknowledged() -> None:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with running_server(programs) as server, closing(open_ledger(server.url())) as ledger:
        acknowledged, busy = set[str](), 0
        crash = threading.Timer(0.2, server.crash_and_start_again)
        crash.start()
        number = 0
        while crash.is_alive() or number % 50:
            number += 1
            try:
                append(ledger, payment(f"pi_{number}"))
                acknowledged.add(f"pi_{number}")
            except LedgerError:  # undone, or in doubt: a webhook would come again
                busy += 1
        found = {entry.external_id for entry in ledger.entries_of("A-1")}
        assert acknowledged <= found
        assert busy <= 3, "the ledger waits for a server that starts again"
        assert len(acknowledged) >= 20
