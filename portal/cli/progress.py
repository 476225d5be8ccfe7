"""How far something is: at a terminal one line that is written over, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_AT_A_TERMINAL_SECONDS = 0.2
_ELSEWHERE_SECONDS = 5.0
_QUIET_SECONDS = 1.0
"""What is done sooner than this needs no progress."""
_CLEAR_LINE = "\r\033[K"


def say(step: str) -> None:
    """Tell what is being done, beside the output."""
    click.echo(step, err=True)


class Progress:
    """Tells how many of how many are done; quick work stays quiet.

    Args:
        things: what is counted: ``pages``.
    """

    def __init__(self, things: str) -> None:
        self._things = things
        self._at_a_terminal = sys.stderr.isatty()
        self._told: float | None = None
        self._began = time.monotonic()
        self._is_line_open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def __call__(self, done: int, to_do: int) -> None:
        """Tell it, unless it was told a moment ago."""
        now = time.monotonic()
        pause = _AT_A_TERMINAL_SECONDS if self._at_a_terminal else _ELSEWHERE_SECONDS
        if now - self._began < _QUIET_SECONDS or (self._told is not None and now - self._told < pause):
            return
        self._told = now
        line = f"  {done:,} of {to_do:,} {self._things}"
        if self._at_a_terminal:
            click.echo(_CLEAR_LINE + line, err=True, nl=False)
            self._is_line_open = True
        else:
            say(line)

    def _clear(self) -> None:
        """Leave the line to what is said next."""
        if self._is_line_open:
            click.echo(_CLEAR_LINE, err=True, nl=False)
            self._is_line_open = False
