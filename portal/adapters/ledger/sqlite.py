"""The ledger in an SQLite file: how it is opened, and what makes a commit last.

Source of the settings: SQLite, "Write-Ahead Logging" and "PRAGMA synchronous".
Only FULL keeps a commit over a power cut.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from portal.adapters.private_files import create_private_file, make_private_folder
from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 5.0
"""How long one attempt waits for somebody else's lock."""
BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Takes the write lock before anything is read: a check made under it still holds when the write comes."""
BEGIN = "ledger_begin"
"""The execution option that says how a connection begins; left out, it begins to read."""

_POOL = {"pool_size": 8, "max_overflow": -1}
_SETTINGS = {"foreign_keys": 1, "recursive_triggers": 1, "fullfsync": 1, "synchronous": 2}
"""``recursive_triggers`` lets REPLACE meet the triggers that refuse DELETE; ``synchronous`` 2 is FULL."""


_WRITABLE = (
    "Let the user who runs the portal write to its folder, to it, and to the files beside it that begin with its name."
)
_RESTORED = "Copy the state folder aside, then `portal restore` the newest backup and run `portal sync`."
_REMEDIES = {
    sqlite3.SQLITE_READONLY: _WRITABLE,
    sqlite3.SQLITE_CANTOPEN: _WRITABLE,
    sqlite3.SQLITE_PERM: _WRITABLE,
    sqlite3.SQLITE_FULL: "Make room on its disk.",
    sqlite3.SQLITE_IOERR: "Make room on its disk, and look whether the disk is sound.",
    sqlite3.SQLITE_CORRUPT: _RESTORED,
    sqlite3.SQLITE_NOTADB: _RESTORED,
}
"""What to do about what a disk refuses, by SQLite's own code."""


def open_sqlite(path: Path) -> Engine:
    """An engine on a ledger file, which is made for its owner's eyes only where it is missing.

    Raises:
        LedgerError: the file cannot be opened, or cannot promise to keep what it was given.
    """
    try:
        make_private_folder(path.parent)
        _make_private(path)
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
            hide_parameters=True,  # errors are logged, and tokens and words of customers are parameters
            **_POOL,
        )
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _emit_begin)
        _turn_on_wal(engine)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise unusable(path, error) from error
    return engine


def is_busy(error: DBAPIError) -> bool:
    """Whether somebody else holds the lock."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def refusal(error: DBAPIError, path: str | None) -> Problem | None:
    """What the disk refused, and what to do about it; None for what is not the disk's fault."""
    remedy = _remedy_of(error.orig)
    if remedy is None:
        return None
    return Problem(f"The ledger could not be used, and nothing was written: {error.orig}.", remedy, file=path)


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
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))


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


def unusable(path: Path, error: Exception) -> LedgerError:
    """What to say of a ledger that cannot be opened or read."""
    reason = getattr(error, "orig", None) or error
    remedy = _remedy_of(reason) or "Check that the folder is there and that the portal may write in it."
    return LedgerError(Problem(f"The ledger cannot be opened: {reason}.", remedy, file=str(path)))


def _remedy_of(reason: object) -> str | None:
    return _REMEDIES.get(getattr(reason, "sqlite_errorcode", 0) & 0xFF)
