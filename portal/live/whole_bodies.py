"""What is sent is read whole, and soon, before it is answered: slow senders never keep every thread of the server.

A web server before this one reads the head of a request by itself, but may pass on the rest byte by byte, as Caddy does
unless told otherwise.
"""

from __future__ import annotations

import io
import socket
from contextlib import suppress
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

BODY_SECONDS = 10.0
"""Enough for a form over the slowest phone; Stripe sends its webhooks within one."""


class WholeBodies:
    """Reads the body of each request before the app sees it. One that takes too long ends early, and is refused for it.

    Args:
        app: answers requests; it refuses what is larger than it takes, and what is shorter than it says.
        largest: bytes that are read; of a body that says it is longer nothing is.
        seconds: how long a sender may take.
    """

    def __init__(self, app: WSGIApplication, largest: int, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._largest = largest
        self._seconds = seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        length = environ.get("CONTENT_LENGTH") or "0"
        connection = environ.get("gunicorn.socket")
        if connection is not None and (length != "0" or "HTTP_TRANSFER_ENCODING" in environ):
            if int(length) > self._largest:
                # The server itself would wait for the rest, however long that takes, before the next request.
                _receive_no_more(connection)
            else:
                environ["wsgi.input"] = io.BytesIO(self._read(environ, connection))
        return self._app(environ, start_response)

    def _read(self, environ: WSGIEnvironment, connection: socket.socket) -> bytes:
        """What came in time. A timeout of the socket itself would begin anew with every byte."""
        timer = Timer(self._seconds, _receive_no_more, (connection,))
        timer.start()
        try:
            body: bytes = environ["wsgi.input"].read(self._largest + 1)
        finally:
            timer.cancel()
        return body


def _receive_no_more(connection: socket.socket) -> None:
    """Whoever waits for more goes on; an answer can still be sent, and is the last on this connection."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
