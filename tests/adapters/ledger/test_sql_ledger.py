"""What SQLite in particular has to do for the ledger: modes, durability, append-only tables, versions, locks."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from portal.adapters.ledger import engine as ledger_engine
from portal.adapters.ledger import sqlite as ledger_sqlite
from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.errors import LedgerBusyError, LedgerError
from portal.ports import GatewayEvent
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.engine.interfaces import DBAPIConnection

NOW = datetime(2026, 11, 5, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqlLedger]:
    with closing(open_ledger(path)) as opened:
        yield opened


def payment(external_id: str = "pi_1") -> Entry:
    return Entry(EntryKind.PAYMENT, "A-1", Money(500, "GBP"), NOW, external_id)


def append(ledger: SqlLedger, entry: Entry) -> None:
    with ledger.transaction() as transaction:
        transaction.append(entry)
        transaction.record_event(GatewayEvent(f"evt_{entry.external_id}", "k", NOW, None, "{}"), "applied")


def test_nobody_else_can_read_the_ledger(ledger: SqlLedger, path: Path) -> None:
    append(ledger, payment())
    assert path.parent.stat().st_mode & 0o777 == 0o700
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("ledger.db", "ledger.db-wal", "ledger.db-shm"), "0o600")


def test_a_ledger_that_others_could_read_is_closed_to_them(path: Path) -> None:
    open_ledger(path).close()
    path.chmod(0o644)
    open_ledger(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_every_connection_keeps_what_it_commits(ledger: SqlLedger) -> None:
    with ledger._engine.connect() as first, ledger._engine.connect() as second:
        for connection in (first, second):
            settings = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "recursive_triggers")
            ]
            assert settings == ["wal", 2, 5000, 1, 1]


def test_a_ledger_that_cannot_promise_to_keep_is_not_opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ledger_sqlite._SETTINGS, "synchronous", 9)
    with pytest.raises(LedgerError, match="synchronous"):
        open_ledger(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET amount_minor = 1",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries",
        "UPDATE events SET body = ''",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events",
    ],
)
def test_what_happened_cannot_be_changed(ledger: SqlLedger, statement: str) -> None:
    append(ledger, payment())
    before = ledger.entries_of("A-1")
    with pytest.raises(Exception, match="append-only"), ledger._engine.connect() as connection:
        connection.exec_driver_sql(statement)
    assert ledger.entries_of("A-1") == before


@pytest.mark.parametrize(
    ("table", "column"), [("entries", "kind"), ("holds", "state"), ("links", "kind"), ("entries", "currency")]
)
def test_unknown_kinds_and_states_are_refused(ledger: SqlLedger, table: str, column: str) -> None:
    amount: dict[str, str | int] = {"invoice_key": "A", "amount_minor": 1, "currency": "GBP"}
    rows: dict[str, dict[str, str | int]] = {
        "entries": {**amount, "kind": "payment", "occurred_at": "x", "external_id": "e"},
        "holds": {"currency": "GBP", "hold_id": "h", "state": "open", "created_at": "x", "expires_at": "x"},
        "links": {"token": "t", "subject": "A", "kind": "invoice", "version": 1},
    }
    good = rows[table]
    insert = f"INSERT INTO {table} ({', '.join(good)}) VALUES ({', '.join('?' * len(good))})"  # noqa: S608  fixed names
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql(insert, tuple(good.values()))
        connection.rollback()
        with pytest.raises(Exception, match="CHECK"):
            connection.exec_driver_sql(insert, tuple({**good, column: "strange"}.values()))


def test_a_ledger_is_opened_again_by_path_and_by_address(path: Path) -> None:
    with closing(open_ledger(path)) as ledger:
        append(ledger, payment())
    for name in (str(path), f"sqlite:///{path}"):
        with closing(open_ledger(name)) as again:
            assert len(again.entries_of("A-1")) == 1


@pytest.mark.parametrize(
    "address",
    ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro", "mysql://localhost/portal", "nonsense://", "://"],
)
def test_other_databases_are_refused(address: str) -> None:
    with pytest.raises(LedgerError, match="SQLite file"):
        open_ledger(address)


def test_a_ledger_of_a_newer_portal_is_refused(path: Path) -> None:
    open_ledger(path).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer portal"):
        open_ledger(path)


def test_a_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE bookmarks (address TEXT)")
    with pytest.raises(LedgerError, match="another program"):
        open_ledger(path)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]


def _write_noise(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("spoil", [_write_noise, lambda path: path.mkdir(parents=True)], ids=["noise", "folder"])
def test_what_is_no_database_is_refused_by_name(path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(path)
    with pytest.raises(LedgerError, match=r"ledger\.db"):
        open_ledger(path)


def test_a_ledger_whose_making_was_cut_short_is_made_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("portal.adapters.ledger.versions.version_table.create", killed)
        with pytest.raises(KeyboardInterrupt):
            open_ledger(path)
    with closing(open_ledger(path)) as ledger:
        append(ledger, payment())


def test_a_lock_that_is_let_go_in_time_is_waited_for(ledger: SqlLedger, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.execute, ["ROLLBACK"])
        timer.start()
        append(ledger, payment())
        timer.join()
    assert len(ledger.entries_of("A-1")) == 1


def test_a_lock_that_stays_is_named_and_reading_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_sqlite, "BUSY_SECONDS", 0.05)
    with closing(open_ledger(path)) as ledger, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(LedgerBusyError, match="locked"):
            append(ledger, payment())
        assert time.monotonic() - started < 2
        assert ledger.entries_of("A-1") == ()
        other.execute("ROLLBACK")
        append(ledger, payment())


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_opens_connections_of_its_own(ledger: SqlLedger) -> None:
    append(ledger, payment("pi_parent"))
    child = os.fork()
    if not child:
        try:
            append(ledger, payment("pi_child"))
        finally:
            os._exit(len(ledger.entries_of("A-1")))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    append(ledger, payment("pi_after"))
    assert [entry.external_id for entry in ledger.entries_of("A-1")] == ["pi_parent", "pi_child", "pi_after"]


def test_no_idle_connection_crosses_a_fork(ledger: SqlLedger) -> None:
    append(ledger, payment())
    assert ledger._engine.pool.checkedin() > 0  # type: ignore[attr-defined]  # a queue, for files
    ledger_engine._close_idle_connections()
    assert ledger._engine.pool.checkedin() == 0  # type: ignore[attr-defined]  # the same


def test_ten_thousand_invoices_are_kept_in_seconds_and_unchanged_ones_not_written(ledger: SqlLedger) -> None:
    total = Money(100, "GBP")
    many = [Invoice(f"A-{n}", f"A-{n}", Customer("Ada"), total, total, None, None, f"a.csv:{n}") for n in range(10_000)]
    started = time.monotonic()
    ledger.replace_invoices(many, [])
    assert time.monotonic() - started < 5
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER once BEFORE UPDATE ON invoices BEGIN SELECT RAISE(ABORT, 'write'); END"
        )
        connection.commit()
    ledger.replace_invoices(many, [])
    with pytest.raises(Exception, match="write"):
        ledger.replace_invoices([*many[1:], Invoice("A-0", "A-0", Customer("Eve"), total, total, None, None, "a")], [])


@pytest.mark.parametrize(
    ("pragma", "said", "remedy"),
    [
        ("query_only = 1", "attempt to write a readonly database", "write to its folder"),
        ("max_page_count = 1", "database or disk is full", "Make room"),
    ],
)
def test_what_the_disk_refuses_is_said_and_nothing_is_written(
    ledger: SqlLedger, path: Path, pragma: str, said: str, remedy: str
) -> None:
    append(ledger, payment())
    ledger._engine.dispose()

    @event.listens_for(ledger._engine, "connect")
    def _refuse(raw: DBAPIConnection, _entry: object) -> None:
        raw.cursor().execute(f"PRAGMA {pragma}")

    with pytest.raises(LedgerError) as caught:
        append(ledger, replace(payment("pi_2"), note="x" * 1_000_000))
    (problem,) = caught.value.problems
    assert (said in problem.problem, remedy in problem.remedy, problem.file) == (True, True, str(path))
    assert [entry.external_id for entry in ledger.entries_of("A-1")] == ["pi_1"]
