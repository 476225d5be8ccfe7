"""Idempotency keys: the same call again gets the same answer, for 24 hours."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from portal.sandbox.answers import Answer
from portal.sandbox.errors import invalid, key_in_use, key_reused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.sandbox.store import Rows
    from portal.sandbox.wire import Wire

KEPT_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255


class Claims:
    """The keys of calls that are not answered yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def holding(self, key: str | None) -> Iterator[None]:
        """Hold the key for the time of a call, or answer 409 if another call holds it."""
        if key is None:
            yield
            return
        if len(key) > LONGEST_KEY:
            raise invalid(f"Idempotency keys must be at most {LONGEST_KEY} characters.")
        with self._lock:
            if key in self._held:
                raise key_in_use(key)
            self._held.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(key)


def fingerprint(method: str, path: str, tree: dict[str, Wire]) -> str:
    """What makes two calls the same."""
    return hashlib.sha256(json.dumps([method, path, tree], sort_keys=True).encode()).hexdigest()


def recall(rows: Rows, key: str, request: str, now: int) -> Answer | None:
    """Return what the key remembers, or refuse it if it was used for something else."""
    sql = "SELECT request, status, body FROM idempotency WHERE key = ? AND created > ?"
    row = rows.connection.execute(sql, (key, now - KEPT_SECONDS)).fetchone()
    if row is None:
        return None
    if row[0] != request:
        raise key_reused(key)
    return Answer(row[1], json.loads(row[2]))


def remember(rows: Rows, key: str, request: str, now: int, answer: Answer) -> None:
    """Keep the answer; one that is older than a day gives way."""
    sql = "INSERT OR REPLACE INTO idempotency (key, request, created, status, body) VALUES (?, ?, ?, ?, ?)"
    values = (key, request, now, answer.status, json.dumps(answer.body))
    rows.connection.execute(sql, values)
