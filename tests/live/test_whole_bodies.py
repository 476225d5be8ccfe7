"""Senders who take their time: what they send ends early, and no thread waits for them for long."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wrappers import Request, Response

from portal.live.whole_bodies import WholeBodies

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 100
SECONDS = 0.3


@Request.application
def echo(request: Request) -> Response:
    """Answers with the form that it read, and refuses one that is too long or cut short."""
    request.max_content_length = LARGEST
    return Response(",".join(f"{name}={value}" for name, value in request.form.items()))


@pytest.fixture
def wire() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's end of a connection, and its sender's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def answer(ours: socket.socket, says: int) -> tuple[int, bytes, float]:
    """Status and body for a form that says how long it is, and after how many seconds."""
    begun = time.monotonic()
    environ = create_environ(method="POST", content_type="application/x-www-form-urlencoded")
    environ |= {"CONTENT_LENGTH": str(says), "wsgi.input": _Told(ours, says), "gunicorn.socket": ours}
    body, status, _headers = run_wsgi_app(WholeBodies(echo, LARGEST, SECONDS), environ, buffered=True)
    return int(status[:3]), b"".join(body), time.monotonic() - begun


class _Told:
    """The server's own reader of a body: as long as the head said, unless nothing more comes."""

    def __init__(self, connection: socket.socket, length: int) -> None:
        self._connection = connection
        self._left = length

    def read(self, size: int) -> bytes:
        found = b""
        while self._left and len(found) < size and (more := self._connection.recv(min(size, self._left))):
            found += more
            self._left -= len(more)
        return found


def test_what_comes_in_time_is_read_and_the_connection_goes_on(wire: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = wire
    for _ in range(2):
        theirs.send(b"token=abc")
        assert answer(ours, 9)[:2] == (200, b"token=abc")


def test_what_stays_away_is_not_waited_for(wire: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = wire
    theirs.send(b"token=")
    status, _body, seconds = answer(ours, 50)
    assert status == 400
    assert SECONDS <= seconds < 5


def test_nor_is_what_comes_byte_by_byte(wire: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = wire
    over = threading.Event()

    def drip() -> None:
        while not over.wait(SECONDS / 6):
            theirs.send(b"a")

    sender = threading.Thread(target=drip)
    sender.start()
    status, _body, seconds = answer(ours, 90)
    over.set()
    sender.join()
    assert status == 400
    assert seconds < 5


def test_of_what_says_that_it_is_too_long_nothing_is_read(wire: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = wire
    theirs.send(b"token=")
    status, _body, seconds = answer(ours, LARGEST + 1)
    assert status == 413
    assert seconds < SECONDS
    ours.settimeout(1)
    assert ours.recv(10) == b"token="
    assert ours.recv(10) == b"", "the server would wait for the rest"


def test_another_server_reads_for_itself() -> None:
    environ = create_environ(method="POST", data={"token": "abc"})
    body, status, _headers = run_wsgi_app(WholeBodies(echo, LARGEST, SECONDS), environ, buffered=True)
    assert (status, b"".join(body)) == ("200 OK", b"token=abc")
