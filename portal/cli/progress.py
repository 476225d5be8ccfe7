"""How far something is: at a terminal one line that is written over, elsewhere a line now and then."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

_AT_A_TERMINAL_SECONDS = 0.2
_ELSEWHERE_SECONDS = 10.0
_QUIET_SECONDS = 1.5
"""What is done sooner than this needs no progress."""
_TICK_SECONDS = 1.0
_CLEAR_LINE = "\r\033[K"


def say(step: str) -> None:
    """Tell what is being done, beside the output."""
    click.echo(step, err=True)


class Progress:
    """Tells each step, then how long it has taken so far or how many of its things are done; quick work stays quiet.

    While the time is told, a thread runs; it has ended when the first count is told, so that pages may be made by
    several processes.

    Args:
        things: what is counted: ``pages``.
    """

    def __init__(self, things: str = "pages") -> None:
        self._things = things
        self._at_a_terminal = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._is_line_open = False
        self._ticker: _Ticker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def step(self, what: str) -> None:
        """Tell what is done now, and from then on how long it takes."""
        self._end()
        say(what)
        self._began = self._told = time.monotonic()
        self._ticker = _Ticker(self._tell_time)

    def count(self, done: int, to_do: int) -> None:
        """Tell how many are done, unless something was told a moment ago."""
        self._stop_ticking()
        if self._is_time():
            self._tell(f"  {done:,} of {to_do:,} {self._things}")

    def _tell_time(self) -> None:
        if self._is_time():
            self._tell(f"  {time.monotonic() - self._began:.0f} s")

    def _is_time(self) -> bool:
        now = time.monotonic()
        pause = _AT_A_TERMINAL_SECONDS if self._at_a_terminal else _ELSEWHERE_SECONDS
        return now - self._began >= _QUIET_SECONDS and now - self._told >= pause

    def _tell(self, line: str) -> None:
        self._told = time.monotonic()
        if self._at_a_terminal:
            click.echo(_CLEAR_LINE + line, err=True, nl=False)
            self._is_line_open = True
        else:
            say(line)

    def _end(self) -> None:
        """Leave the line to what is told next."""
        self._stop_ticking()
        if self._is_line_open:
            click.echo(_CLEAR_LINE, err=True, nl=False)
            self._is_line_open = False

    def _stop_ticking(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None


class _Ticker:
    """Calls something every second, in a thread of its own, until it is stopped."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_SECONDS):
            self._tick()

    def stop(self) -> None:
        """Call it no more; it has returned for the last time when this does."""
        self._stopping.set()
        self._thread.join()
