"""The ledger in a PostgreSQL database: how it is opened, and how one invoice is locked.

Sources: PostgreSQL, "Explicit Locking" (advisory locks) and "Transaction Isolation". Under READ COMMITTED each
statement sees what is committed when it starts; so a check that reads after the lock holds until the commit.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import BigInteger

from portal.errors import LedgerError, Problem

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

LOCK_SECONDS = 15
"""How long a lock is waited for before the caller hears of it."""
IDLE_SECONDS = 60
"""A command that hangs in the middle of a transaction loses its locks after this long."""
CONNECT_SECONDS = 5
_POOL = {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}
_SETTINGS = {
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    # A database may be set to lose its last commits at a power cut; the ledger's are never among them.
    "synchronous_commit": "on",
}
_NEEDED = {"fsync": "on", "server_encoding": "UTF8"}
_PASSING = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}
"""Serialization failure, deadlock, lock not available, and a server that stops, crashed or is starting."""
_CONNECTION_LOST = "08"
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))


def open_postgres(url: URL) -> Engine:
    """An engine on a PostgreSQL database.

    Raises:
        LedgerError: the driver is missing, the server cannot be reached, or it may lose what it was given.
    """
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": CONNECT_SECONDS},
            hide_parameters=True,  # errors are logged, and tokens and words of customers are parameters
            **_POOL,
        )
        event.listen(engine, "connect", _configure)
        engine.connect().close()
    except ModuleNotFoundError as error:
        raise LedgerError(
            Problem("PostgreSQL's driver is not installed.", "Run `pip install 'invoice-payment-portal[postgres]'`.")
        ) from error
    except DBAPIError as error:
        raise LedgerError(
            Problem(
                f"The ledger's database cannot be reached: {' '.join(str(error.orig).split())}",
                "Check that the server runs, and PORTAL_LEDGER_URL.",
                field=url.render_as_string(hide_password=True),
            )
        ) from error
    return engine


def is_postgres(address: str) -> bool:
    """Whether an address names a PostgreSQL database."""
    return make_url(address).get_backend_name() == "postgresql"


def lock(connection: Connection, subject: str) -> None:
    """Keep every other transaction away from a subject, such as one invoice, until this one ends.

    The lock is on a number made of the name, since an invoice may be unknown and have no row to lock.
    """
    connection.execute(_LOCK, {"number": number_of(subject)})


def number_of(subject: str) -> int:
    """The number, of 64 bits with a sign, under which a subject is locked."""
    digest = hashlib.blake2b(subject.encode(), digest_size=8, person=b"portal ledger").digest()
    return int.from_bytes(digest, "big", signed=True)


def is_passing(error: DBAPIError) -> bool:
    """Whether the database undid the transaction for a reason that passes."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state in _PASSING or state.startswith(_CONNECTION_LOST)


def _configure(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = raw.cursor()
    for name, wanted in _SETTINGS.items():
        cursor.execute(f"SET {name} = '{wanted}'")
    for name, wanted in _NEEDED.items():
        cursor.execute(f"SHOW {name}")
        row = cursor.fetchone()
        if row is None or row[0] != wanted:
            raise LedgerError(
                Problem(
                    f"The ledger's database has {name} = {row[0] if row else None}; it needs {wanted}.",
                    "Use a database that has it: without, payments could be lost or garbled.",
                )
            )
    cursor.close()
    raw.commit()
