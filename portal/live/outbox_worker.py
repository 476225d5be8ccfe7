"""Pages beside the requests: frozen by a thread of the server, or left to `portal work` in a process of its own."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from portal.building.freeze import PageFreezer
    from portal.ports import Ledger

OUTBOX_SECONDS = 2.0
STORE_SECONDS = 60.0
"""How often to look whether an object store lacks pages that it did not take before."""
WAIT_SECONDS = 4.0
"""How long a request waits for its pages; longer than the worker takes from look to look, with time to freeze."""
TRUST_AGAIN_SECONDS = 30.0
"""For so long nobody waits for a worker that let somebody wait in vain."""
_LOOK_SECONDS = 0.1
_GRACE_SECONDS = 3
_log = logging.getLogger(__name__)


class OutboxWorker:
    """Freezes pages that a request could not: a full disk or a killed process never leaves one stale for long."""

    def __init__(self, freezer: PageFreezer, every_seconds: float = OUTBOX_SECONDS) -> None:
        self._freezer = freezer
        self._every_seconds = every_seconds
        self._store_at = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin looking for waiting pages."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the page at hand and end."""
        self._stopping.set()
        self._thread.join(_GRACE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(self._every_seconds):
            try:
                self._freezer.freeze_stale()
                if time.monotonic() >= self._store_at:
                    self._store_at = time.monotonic() + STORE_SECONDS
                    self._freezer.follow()
            except Exception:  # noqa: BLE001  the worker outlives any failure and tries again
                _log.exception("Pages that wait to be frozen could not be; trying again")


class LeftToWorker:
    """Stands in for the freezer where `portal work` freezes: a request waits until its pages are done, but not long.

    So a customer who comes back from paying finds a page that knows of it. Threads may share it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._distrusted_until = 0.0

    def freeze_stale(self) -> int:
        """Wait for the pages that are stale now; how many there were.

        Raises:
            PortalError: they are not done; the worker may not run.
        """
        waiting = frozenset(self._ledger.stale_invoices())
        until = 0.0 if time.monotonic() < self._distrusted_until else time.monotonic() + WAIT_SECONDS
        while waiting & frozenset(self._ledger.stale_invoices()):
            if time.monotonic() >= until:
                self._distrusted_until = time.monotonic() + TRUST_AGAIN_SECONDS
                raise PortalError(Problem("Pages wait to be frozen.", "Check that `portal work` runs."))
            time.sleep(_LOOK_SECONDS)
        return len(waiting)
