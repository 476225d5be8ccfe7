"""A process that may die, or be overtaken by somebody else, between any two of its steps at ledger and provider."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from portal.adapters.ledger.sql_ledger import SqlLedger, SqlTransaction


class KilledError(BaseException):
    """The process is gone; nothing below may catch it."""


class Fate:
    """What befalls the process after so many steps; nothing where ``left`` or ``steps`` is None.

    Attributes:
        left: writes until it is killed, those inside a transaction included.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self._steps: int | None = None
        self._meanwhile: Callable[[], object] | None = None

    def write(self) -> None:
        """One more write, here or at the provider."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KilledError

    def overtake(self, steps: int, meanwhile: Callable[[], object]) -> None:
        """Let somebody else act after so many steps."""
        self._steps, self._meanwhile = steps, meanwhile

    def pause(self) -> None:
        """A moment in which nothing is locked, so that others may come between."""
        if self._steps is None or self._meanwhile is None:
            return
        self._steps -= 1
        if self._steps < 0:
            meanwhile = self._meanwhile
            self.spare()
            meanwhile()

    def spare(self) -> None:
        """Nothing befalls it any more."""
        self.left = self._steps = self._meanwhile = None


class Deadly:
    """The provider, for a process that may die just before a request or just after its effect."""

    def __init__(self, app: WSGIApplication, fate: Fate) -> None:
        self._app, self._fate = app, fate
        self.requests: list[tuple[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._fate.pause()
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        writes = environ["REQUEST_METHOD"] == "POST"
        if writes:
            self._fate.write()
        answer = list(self._app(environ, start_response))
        if writes:
            self._fate.write()
        return answer


class DeadlyLedger:
    """The ledger, for a process that may die just before a commit or just after it."""

    def __init__(self, ledger: SqlLedger, fate: Fate) -> None:
        self._ledger, self._fate = ledger, fate

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the ledger has
        return getattr(self._ledger, name)

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """A transaction between two moments in which others may act."""
        self._fate.pause()
        with self._ledger.transaction() as tx:
            yield tx
            self._fate.write()
        self._fate.write()
        self._fate.pause()
