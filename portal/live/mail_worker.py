"""Mails beside the requests: a thread of its own, so that a slow mail server keeps nobody waiting."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.mailing.post_office import PostOffice

LOOK_SECONDS = 2.0
CALENDAR_SECONDS = 3600.0
"""How often to look for what the day alone brings about."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 900.0
"""How long a mail server that takes nothing is left alone."""
_GRACE_SECONDS = 3
_log = logging.getLogger(__name__)


class MailWorker:
    """Writes and sends the mails that what happened calls for. No failure of its own reaches a payment."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
        self._calendar_at = 0.0
        self._pause = 0.0

    def start(self) -> None:
        """Begin looking; without ``[mail]`` there is nothing to look for."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the mail at hand, if that is quick, and end."""
        self._stopping.set()
        self._thread.join(_GRACE_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                pause = self._attend()
            except Exception:  # noqa: BLE001  the worker outlives any failure and tries again
                _log.exception("Mails could not be looked after; trying again")
                pause = FIRST_PAUSE_SECONDS
            if self._office.mailing is None:
                return
            self._stopping.wait(pause)

    def _attend(self) -> float:
        """One round; how long to wait after it."""
        calendar = time.monotonic() >= self._calendar_at
        report = self._office.attend(calendar=calendar, remind=calendar)
        if calendar:
            self._calendar_at = time.monotonic() + CALENDAR_SECONDS
        if report.delivered.server_problem is None:
            self._pause = 0.0
            return LOOK_SECONDS
        _log.warning("The mail server takes nothing now, mails wait: %s", report.delivered.server_problem)
        self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        return self._pause
