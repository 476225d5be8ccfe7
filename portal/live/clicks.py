"""A click that meets a busy ledger is answered again, as nothing was written; the customer need not press twice."""

from __future__ import annotations

import time
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

from portal.errors import LedgerBusyError

if TYPE_CHECKING:
    from collections.abc import Callable

TRIES = 4
PATIENCE_SECONDS = 10.0
"""After so long no other try is begun: whoever waits at a button, or the server before us, gives up soon."""
_PAUSE_SECONDS = 0.25

R = TypeVar("R")


def patient(answer: Callable[[], R], pause: Callable[[float], None] = time.sleep) -> Callable[[], R]:
    """The same answer, begun again where others hold the ledger; only for what may be done twice.

    Raises:
        LedgerBusyError: the ledger stays busy.
    """

    @wraps(answer)
    def again() -> R:
        begun = time.monotonic()
        for number in range(1, TRIES):
            try:
                return answer()
            except LedgerBusyError:
                if time.monotonic() - begun > PATIENCE_SECONDS:
                    raise
                pause(_PAUSE_SECONDS * number)
        return answer()

    return again
