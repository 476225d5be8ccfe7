"""The sandbox's SQLite file: one row per object as JSON, the idempotency keys, and the deliveries."""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, cast

from portal.sandbox.errors import no_such

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from portal.sandbox.errors import Json

BUSY_SECONDS = 20.0
SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_of_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS open_sessions ON objects (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    created INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    due REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'lost')),
    answer TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (due) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event);
COMMIT;
"""


class Rows:
    """The rows, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def add(self, thing: Json) -> Json:
        """Keep a new object."""
        created = thing["_created"] if "_created" in thing else thing["created"]
        values = (thing["id"], thing["object"], created, json.dumps(thing))
        self.connection.execute("INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?)", values)
        return thing

    def put(self, thing: Json) -> Json:
        """Keep what became of an object."""
        self.connection.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"]))
        return thing

    def find(self, kind: str, object_id: str) -> Json | None:
        """Return the object, or None."""
        sql = "SELECT body FROM objects WHERE id = ? AND kind = ?"
        row = self.connection.execute(sql, (object_id, kind)).fetchone()
        return None if row is None else cast("Json", json.loads(row[0]))

    def get(self, kind: str, object_id: str, *, param: str | None = None) -> Json:
        """Return the object, or raise Stripe's "No such ..."; `param` names where the id was given."""
        thing = self.find(kind, object_id)
        if thing is None:
            raise no_such(kind, object_id, param=param)
        return thing

    def where(self, kind: str, condition: str = "1", values: Sequence[object] = ()) -> list[Json]:
        """Return the objects of a kind that meet an SQL condition written in this package, newest first."""
        sql = f"SELECT body FROM objects WHERE kind = ? AND {condition} ORDER BY seq DESC"  # noqa: S608 - constants
        return [json.loads(row[0]) for row in self.connection.execute(sql, (kind, *values))]


class Store:
    """Opens the file. Each transaction has a connection of its own, so any thread may ask."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = folder / "sandbox.sqlite"
        # Set after every commit: the courier wakes up on it.
        self.changed = threading.Event()
        # Stays open as long as the store: SQLite clears its log away whenever the last connection closes,
        # which would be after every transaction.
        keeper = self._connect(anywhere=True)
        weakref.finalize(self, keeper.close)
        keeper.execute("PRAGMA journal_mode = WAL")
        keeper.executescript(SCHEMA)

    def _connect(self, *, anywhere: bool = False) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=not anywhere
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """One consistent view; nothing is kept."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield Rows(connection)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """One change, whole or not at all. It waits its turn: there is one writer at a time."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        self.changed.set()
