"""Switches for tests: what goes wrong with the next API calls, and with webhooks."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from portal.sandbox.call import Fate


class Trouble(StrEnum):
    """What goes wrong with an API call."""

    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    CONFLICT = "409"
    RATE_LIMIT = "429"
    DROP = "drop"  # the connection is closed without an answer
    HANG = "hang"  # nothing comes for a while, then the connection is closed
    CUT = "cut"  # half of the answer comes


@dataclass(frozen=True)
class Fault:
    """One call that goes wrong, before or after it took effect.

    `stored` makes the idempotency key remember the trouble, as Stripe's does for a 500 of its own; then no
    retry with this key ever succeeds. Otherwise the key remembers what really came out, if anything did.
    """

    trouble: Trouble
    when: Literal["before", "after"] = "before"
    stored: bool = False
    only: str = ""
    seconds: float = 30.0


class Faults:
    """What goes wrong next. Nothing does until a test says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._planned: list[Fault] = []
        self.lose_webhooks = False
        self.double_webhooks = False
        self.swap_webhooks = False
        self.delay_webhooks_seconds: float = 0

    def clear(self) -> None:
        """Let everything go well again; calls that hang end now."""
        with self._lock:
            self._planned.clear()
        self.lose_webhooks = self.double_webhooks = self.swap_webhooks = False
        self.delay_webhooks_seconds = 0
        self._released.set()
        self._released = threading.Event()

    def next_calls(self, fault: Fault, times: int = 1) -> None:
        """Plan it for the next `times` calls; `fault.only`, "POST /v1/refunds", names which (by beginning)."""
        with self._lock:
            self._planned += [fault] * times

    def take(self, method: str, path: str) -> Fault | None:
        """Return what goes wrong with this call, and cross it off."""
        with self._lock:
            for number, fault in enumerate(self._planned):
                if f"{method} {path}".startswith(fault.only):
                    return self._planned.pop(number)
        return None

    def wait(self, seconds: float) -> None:
        """Hang, until the time is over or the faults are cleared."""
        self._released.wait(seconds)

    def fate(self) -> Fate:
        """Return what becomes of webhooks at the moment."""
        copies = 0 if self.lose_webhooks else 2 if self.double_webhooks else 1
        return Fate(copies, self.delay_webhooks_seconds)
