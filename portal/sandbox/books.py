"""The sandbox's books: opens a `Call` for each piece of work, with overdue sessions closed first."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.sandbox.call import Call
from portal.sandbox.sessions import any_overdue, expire_overdue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from portal.sandbox.call import Fate
    from portal.sandbox.faults import Faults
    from portal.sandbox.store import Rows, Store


@dataclass(frozen=True)
class Books:
    """The store with a clock."""

    store: Store
    clock: Callable[[], datetime]
    public_url: str
    faults: Faults
    sends_webhooks: bool

    @property
    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock().timestamp())

    @contextmanager
    def change(self, fate: Fate | None = None, request_id: str | None = None, key: str | None = None) -> Iterator[Call]:
        """Work that changes something: all of it is kept, or nothing."""
        with self.store.writing() as rows:
            expire_overdue(self._call(rows, self.faults.fate()))
            yield self._call(rows, fate or self.faults.fate(), request_id, key)

    @contextmanager
    def look(self) -> Iterator[Call]:
        """Work that only reads."""
        self.close_overdue()
        with self.store.reading() as rows:
            yield self._call(rows, None)

    def close_overdue(self) -> None:
        """Close the sessions whose time is over."""
        with self.store.reading() as rows:
            overdue = any_overdue(rows, self.now)
        if overdue:
            with self.change():
                pass

    def _call(self, rows: Rows, fate: Fate | None, request_id: str | None = None, key: str | None = None) -> Call:
        fate = fate if self.sends_webhooks else None
        return Call(rows, self.now, self.public_url, fate, request_id, key)
