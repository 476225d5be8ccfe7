"""Opening the ledger's database and locking it: all that differs from one database to the next is here.

Source of the settings: SQLite, "Write-Ahead Logging" and "PRAGMA synchronous".
Only FULL keeps a commit over a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

from sqlalchemy import create_engine, event
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from portal.adapters.private_files import create_private_file, make_private_folder
from portal.errors import LedgerBusyError, LedgerError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection, Engine, RootTransaction
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = ["BUSY_SECONDS", "insert_or", "open_engine", "writing"]

BUSY_SECONDS = 5.0
"""How long one attempt waits for somebody else's lock."""
ATTEMPTS = 3
"""How often a locked ledger is tried before the caller hears of it."""
BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock before anything is read: a check made under it still holds when the write comes."""

_BEGIN = "ledger_begin"
_POOL = {"pool_size": 8, "max_overflow": -1}
_SETTINGS = {"foreign_keys": 1, "recursive_triggers": 1, "fullfsync": 1, "synchronous": 2}
"""``recursive_triggers`` lets REPLACE meet the triggers that refuse DELETE; ``synchronous`` 2 is FULL."""

_open_engines: WeakSet[Engine] = WeakSet()


def open_engine(path_or_url: Path | str) -> Engine:
    """An engine on a ledger file, which is made for its owner's eyes only where it is missing.

    Raises:
        LedgerError: not a database the ledger can live in, or one that cannot promise to keep what it was given.
    """
    path = _file_of(path_or_url)
    try:
        make_private_folder(path.parent)
        _make_private(path)
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
            **_POOL,
        )
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _emit_begin)
        _open_engines.add(engine)
        _turn_on_wal(engine)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise _unusable(path, error) from error
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection that holds the one write lock; committed at the end, undone where the block raises.

    Raises:
        LedgerBusyError: the lock was not free for ``ATTEMPTS * BUSY_SECONDS``.
    """
    with engine.connect() as connection:
        connection.execution_options(**{_BEGIN: BEGIN_WRITING})
        with _begin_when_free(connection):
            yield connection


def _begin_when_free(connection: Connection) -> RootTransaction:
    for _ in range(ATTEMPTS):
        try:
            return connection.begin()
        except OperationalError as error:
            if not _is_busy(error):
                raise
    raise LedgerBusyError(
        Problem(
            f"The ledger was locked for {ATTEMPTS * BUSY_SECONDS:.0f} seconds.",
            "Try again; if it stays locked, look for a command that hangs.",
        )
    )


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _file_of(path_or_url: Path | str) -> Path:
    if isinstance(path_or_url, Path) or "://" not in path_or_url:
        return Path(path_or_url)
    try:
        url = make_url(path_or_url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"} or url.query:
        raise LedgerError(
            Problem("The ledger lives in an SQLite file.", "Name it by its path, or as sqlite:///path/to/ledger.db.")
        )
    return Path(url.database or "")


def _make_private(path: Path) -> None:
    """Make the file, or take away what others may do with it.

    A file that is there is not opened: closing it again would drop the locks of this program's other connections.
    """
    try:
        create_private_file(path)
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _configure(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = raw.cursor()
    for name, wanted in _SETTINGS.items():
        cursor.execute(f"PRAGMA {name} = {wanted}")
        cursor.execute(f"PRAGMA {name}")
        if _answer(cursor) != wanted:
            raise LedgerError(
                Problem(f"SQLite did not take the setting {name} = {wanted}.", "Use a build of SQLite that has it.")
            )
    cursor.close()


def _emit_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _turn_on_wal(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        mode = _switch_to_wal(cursor)
        cursor.close()
    finally:
        raw.close()
    if mode != "wal":
        raise LedgerError(
            Problem(
                "This disk cannot hold a write-ahead log.", "Keep the state folder on a local disk, not on a share."
            )
        )


def _switch_to_wal(cursor: DBAPICursor) -> object:
    """Switch to the write-ahead log; SQLite does not wait for others who are just doing the same, so wait here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return _answer(cursor)
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _answer(cursor: DBAPICursor) -> object:
    row = cursor.fetchone()
    return row[0] if row else None


def _unusable(path: Path, error: Exception) -> LedgerError:
    reason = getattr(error, "orig", None) or error
    return LedgerError(
        Problem(
            f"The ledger cannot be opened: {reason}.",
            "Check that the folder is there and that the portal may write in it.",
            file=str(path),
        )
    )


def _close_idle_connections() -> None:
    for engine in tuple(_open_engines):
        engine.dispose()


def _forget_inherited_connections() -> None:
    for engine in tuple(_open_engines):
        engine.dispose(close=False)


# SQLite's connections must not be carried over a fork: a child would share its parent's locks and file offsets.
os.register_at_fork(before=_close_idle_connections, after_in_child=_forget_inherited_connections)
