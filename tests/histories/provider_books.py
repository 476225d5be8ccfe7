"""The provider's own books, copied as they are written: what the auditor believes, without asking for it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from portal.sandbox.store import BUSY_SECONDS, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portal.sandbox.store import Store

Json = dict[str, Any]


class ProviderBooks:
    """Every object that the sandbox has committed, by kind and id, in the order in which they came to be.

    Watching the writes costs nothing, where listing the books anew after each step took most of a history's time.
    """

    def __init__(self, store: Store) -> None:
        self._things: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        self._writing = store.writing
        self._pool = _Pool(store)
        store.writing = self._watched  # type: ignore[method-assign]
        store._connect = self._pool.connect  # type: ignore[method-assign]

    def close(self) -> None:
        """Close what the sandbox's store left open."""
        self._pool.close()

    @contextmanager
    def _watched(self) -> Iterator[Rows]:
        with self._writing() as rows:
            watched = _WatchedRows(rows.connection)
            yield watched
        for thing in watched.written:
            self._things[thing["object"]][thing["id"]] = thing

    # ---- what there is

    def intents(self) -> Iterable[Json]:
        """All PaymentIntents."""
        return self._things["payment_intent"].values()

    def sessions(self) -> Iterable[Json]:
        """All Checkout Sessions."""
        return self._things["checkout.session"].values()

    def refunds(self) -> Iterable[Json]:
        """All refunds."""
        return self._things["refund"].values()

    def disputes(self) -> Iterable[Json]:
        """All disputes."""
        return self._things["dispute"].values()

    def events(self) -> list[Json]:
        """Everything that was ever announced, oldest first."""
        return list(self._things["event"].values())

    def charges(self) -> list[Json]:
        """Charges that succeeded and neither went back in full nor are disputed."""
        return [
            one
            for one in self._things["charge"].values()
            if one["status"] == "succeeded" and not one["refunded"] and not one["disputed"]
        ]

    def undisputed(self) -> dict[str, int]:
        """What of each charge that succeeded a bank could still ask for, where that is anything; by its id."""
        charges = {one["id"]: one["amount"] for one in self._things["charge"].values() if one["status"] == "succeeded"}
        for one in self.disputes():
            charges[one["charge"]] -= 0 if one["status"] in {"won", "warning_closed"} else one["amount"]
        refunded = {key for key, one in self._things["charge"].items() if one["refunded"]}
        return {key: rest for key, rest in charges.items() if rest > 0 and key not in refunded}

    def charge(self, charge_id: str) -> Json:
        """One charge."""
        return self._things["charge"][charge_id]


class _WatchedRows(Rows):
    """The rows of one transaction, and what was written to them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.written: list[Json] = []

    def add(self, thing: Json) -> Json:
        """Keep a new object."""
        self.written.append(thing)
        return super().add(thing)

    def put(self, thing: Json) -> Json:
        """Keep what became of an object."""
        self.written.append(thing)
        return super().put(thing)


class _Pool:
    """Connections that are used again: opening one anew for each transaction is most of a transaction's time."""

    def __init__(self, store: Store) -> None:
        self._file = store._file
        self._free: list[sqlite3.Connection] = []
        self._all: list[_Lent] = []

    def connect(self, *, anywhere: bool = False) -> sqlite3.Connection:
        """A connection that goes back to the pool when it is closed."""
        if not anywhere and self._free:
            return self._free.pop()
        made = sqlite3.connect(self._file, timeout=BUSY_SECONDS, isolation_level=None, factory=_Lent)
        made.execute("PRAGMA synchronous = OFF")
        made.pool = self._free
        self._all.append(made)
        return made

    def close(self) -> None:
        """Close them all."""
        for one in self._all:
            one.end()


class _Lent(sqlite3.Connection):
    """A connection that does not close."""

    pool: list[sqlite3.Connection]

    def close(self) -> None:
        """Give it back."""
        if self.in_transaction:
            self.execute("ROLLBACK")
        self.pool.append(self)

    def end(self) -> None:
        """Really close it."""
        super().close()
