"""Sends the webhooks that are due: signed, over real HTTP, again later when the answer is not 2xx."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests
import stripe

from portal.sandbox.events import public, with_pending

if TYPE_CHECKING:
    from portal.sandbox.books import Books

TIMEOUT_SECONDS = (3.0, 15.0)
# After this many seconds each; then the delivery counts as failed. Stripe's test mode tries three times in
# a few hours; the first tries here are close together because somebody is watching.
BACK_OFF_SECONDS = (2, 10, 60, 300, 1800, 7200)
POLL_SECONDS = 0.2


@dataclass
class Courier:
    """Works off the `deliveries` table, so a restart loses nothing."""

    books: Books
    url: str
    secret: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Send in the background, within milliseconds of each commit."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the background thread; what is unsent stays in the table."""
        if self._thread is not None:
            self._stop.set()
            self.books.store.changed.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stop.is_set():
            self.books.store.changed.wait(POLL_SECONDS)
            self.books.store.changed.clear()
            # A full disk or a locked file must not end the thread: the rows are still there next time.
            with contextlib.suppress(OSError, sqlite3.Error):
                self.deliver_due()

    def deliver_due(self) -> None:
        """Send all that is due now, each once; sessions whose time is over expire now too."""
        with self._lock:
            self.books.close_overdue()
            for seq, event_id in self._due():
                self._deliver(seq, event_id)

    def _due(self) -> list[tuple[int, str]]:
        order = "DESC" if self.books.faults.swap_webhooks else "ASC"
        sql = f"SELECT seq, event FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY seq {order}"  # noqa: S608 - one of two constants
        with self.books.store.reading() as rows:
            return rows.connection.execute(sql, (self.books.clock().timestamp(),)).fetchall()

    def _deliver(self, seq: int, event_id: str) -> None:
        with self.books.store.reading() as rows:
            event = with_pending(rows, rows.get("event", event_id))
        answer = self._post(json.dumps(public(event)))
        with self.books.store.writing() as rows:
            self._note(rows.connection, seq, answer)

    def _post(self, body: str) -> str:
        """Post it, and return the status code or what went wrong."""
        # Signed anew at every try, by the real clock: receivers compare it with theirs.
        signature = stripe.WebhookSignature.generate_signature_header(body, self.secret)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (sandbox)",
        }
        try:
            answer = requests.post(
                self.url, body.encode(), headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            return type(error).__name__
        return str(answer.status_code)

    def _note(self, connection: sqlite3.Connection, seq: int, answer: str) -> None:
        (attempts,) = connection.execute("SELECT attempts FROM deliveries WHERE seq = ?", (seq,)).fetchone()
        due = self.books.clock().timestamp()
        if answer.startswith("2"):
            state = "sent"
        elif attempts < len(BACK_OFF_SECONDS):
            state, due = "pending", due + BACK_OFF_SECONDS[attempts]
        else:
            state = "failed"
        sql = "UPDATE deliveries SET state = ?, due = ?, attempts = ?, answer = ? WHERE seq = ?"
        connection.execute(sql, (state, due, attempts + 1, answer, seq))
