"""Opening the ledger's database, locking it, and what to make of its errors."""

from __future__ import annotations

import atexit
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakSet

# SQLite took ON CONFLICT over from PostgreSQL, and SQLAlchemy renders this one statement for both.
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from portal.adapters.ledger import postgres as ledger_postgres
from portal.adapters.ledger import sqlite as ledger_sqlite
from portal.errors import LedgerBusyError, LedgerError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import Connection, Engine, RootTransaction

__all__ = ["insert_or", "lock", "open_engine", "reading", "repeated", "writing"]

ATTEMPTS = 3
"""How often a locked ledger is tried before the caller hears of it."""
RECONNECT_SECONDS = 5.0
"""How long a database that was there before is waited for."""
_PAUSE_SECONDS = 0.1

T = TypeVar("T")
_open_engines: WeakSet[Engine] = WeakSet()


def open_engine(path_or_url: Path | str) -> Engine:
    """An engine on a ledger: a file by path or as ``sqlite:///path``, or ``postgresql://user@host/database``.

    Raises:
        LedgerError: not a database the ledger can live in, or one that cannot promise to keep what it was given.
    """
    if isinstance(path_or_url, Path) or "://" not in path_or_url:
        engine = ledger_sqlite.open_sqlite(Path(path_or_url))
    else:
        engine = _open_url(path_or_url)
    _open_engines.add(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read with.

    Raises:
        LedgerBusyError: the database went away meanwhile.
        LedgerError: the disk refused.
    """
    with _connection_to(engine) as connection, _undone(engine):
        yield connection


@contextmanager
def writing(engine: Engine, subject: str | None = None) -> Iterator[Connection]:
    """A connection to check and write with; committed at the end, undone where the block raises.

    On SQLite it holds the one write lock. On PostgreSQL it holds the lock on ``subject``, and on what ``lock`` names.

    Raises:
        LedgerBusyError: a lock was not free in time, or the database undid it all.
        LedgerError: the disk refused, or the database went away during the commit.
    """
    with _connection_to(engine) as connection:
        connection.execution_options(**{ledger_sqlite.BEGIN: ledger_sqlite.BEGIN_WRITING})
        with _undone(engine):
            begun = _begin_when_free(connection)
            if subject is not None:
                lock(connection, subject)
            yield connection
        _commit(begun, engine)


def lock(connection: Connection, subject: str) -> None:
    """Lock a subject until the transaction ends. On SQLite whoever writes holds the lock on everything already."""
    if connection.dialect.name == "postgresql":
        ledger_postgres.lock(connection, subject)


def repeated(work: Callable[[], T]) -> T:
    """Do again, as a whole, what the database undid; only for what may be done twice."""
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except LedgerBusyError:
            time.sleep(_PAUSE_SECONDS)
    return work()


def _open_url(address: str) -> Engine:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    backend = url.get_backend_name() if url else ""
    if url and backend == "postgresql":
        return ledger_postgres.open_postgres(url)
    if not url or backend != "sqlite" or url.database in {None, "", ":memory:"} or url.query:
        raise LedgerError(
            Problem(
                "The ledger lives in an SQLite file or a PostgreSQL database.",
                "Name it by its path, as sqlite:///path/to/ledger.db or as postgresql://user@host/database.",
            )
        )
    return ledger_sqlite.open_sqlite(Path(url.database or ""))


def _connection_to(engine: Engine) -> Connection:
    """A connection; a server that is just starting again is waited for."""
    deadline = time.monotonic() + RECONNECT_SECONDS
    while True:
        try:
            return engine.connect()
        except DBAPIError as error:
            if time.monotonic() > deadline:
                raise LedgerBusyError(_gone(error)) from error
            time.sleep(_PAUSE_SECONDS)


def _begin_when_free(connection: Connection) -> RootTransaction:
    for _ in range(ATTEMPTS):
        try:
            return connection.begin()
        except DBAPIError as error:
            if not ledger_sqlite.is_busy(error):
                raise
    raise LedgerBusyError(
        Problem(
            f"The ledger was locked for {ATTEMPTS * ledger_sqlite.BUSY_SECONDS:.0f} seconds.",
            "Try again; if it stays locked, look for a command that hangs.",
        )
    )


@contextmanager
def _undone(engine: Engine) -> Iterator[None]:
    """Say plainly that nothing was written where the database gave a transaction up."""
    try:
        yield
    except DBAPIError as error:
        if ledger_postgres.is_passing(error):
            raise LedgerBusyError(_gone(error)) from error
        _raise_refusal(error, engine)
        raise


def _raise_refusal(error: DBAPIError, engine: Engine) -> None:
    """Say what the disk refused, where it is that."""
    refused = ledger_sqlite.refusal(error, engine.url.database) if engine.dialect.name == "sqlite" else None
    if refused is not None:
        raise LedgerError(refused) from error


def _commit(begun: RootTransaction, engine: Engine) -> None:
    try:
        begun.commit()
    except DBAPIError as error:
        if not ledger_postgres.is_passing(error):
            _raise_refusal(error, engine)
            raise
        raise LedgerError(
            Problem(
                f"The ledger's database went away during a commit: {_said(error)}",
                "It may have been written or not; do the same again, what is there already is not counted twice.",
            )
        ) from error


def _gone(error: DBAPIError) -> Problem:
    return Problem(f"The ledger's database gave up, and nothing was written: {_said(error)}", "Try again in a moment.")


def _said(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())


def _close_idle_connections() -> None:
    for engine in tuple(_open_engines):
        engine.dispose()


def _forget_inherited_connections() -> None:
    for engine in tuple(_open_engines):
        engine.dispose(close=False)


# Connections must not be carried over a fork: a child would share its parent's locks, file offsets and sockets.
os.register_at_fork(before=_close_idle_connections, after_in_child=_forget_inherited_connections)
# SQLite puts its journal into the ledger with the last connection, so that the ledger is one file between two commands.
atexit.register(_close_idle_connections)
