"""A mail server on loopback that can be told to misbehave at any step of a conversation."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STEPS = ("connect", "ehlo", "mail", "rcpt", "data", "text", "quit")


class Does(StrEnum):
    """What the server does at a step instead of what it should."""

    NOT_NOW = "451"
    NEVER = "554"
    CLOSING = "421"
    CLOSE = "close"
    SILENT = "silent"
    NONSENSE = "nonsense"
    LONG_LINE = "long line"
    TAKE_AND_CLOSE = "take and close"
    TAKE_AND_SILENT = "take and silent"


@dataclass
class Received:
    """A mail the server took: after its end-of-text, whatever it answered then."""

    sender: str
    recipients: list[str]
    text: bytes


@dataclass
class MailServer:
    """``trouble`` names the step to misbehave at; None is a server that works."""

    port: int = 0
    trouble: tuple[str, Does] | None = None
    context: ssl.SSLContext | None = None
    tls_at_once: bool = False
    login: str | None = None
    received: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    on_step: Callable[[str], None] = lambda _step: None
    stopping: threading.Event = field(default_factory=threading.Event)


class _Conversation(socketserver.StreamRequestHandler):
    here: MailServer

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            self._talk()

    def _talk(self) -> None:
        if self.here.tls_at_once and self.here.context is not None:
            self._secure(self.here.context)
        going = self._step("connect", "220 loopback ready")
        while going and (line := self.rfile.readline()):
            command = line.decode("utf-8", "replace").strip()
            self.here.commands.append(command)
            verb = command.partition(" ")[0].lower()
            answer = getattr(self, f"_{verb}", None)
            going = answer(command) if answer else self._say("250 ok")

    def _ehlo(self, _command: str) -> str:
        return self._step("ehlo", self._greeting())

    def _starttls(self, _command: str) -> str:
        if self.here.context is None:
            return self._say("502 no TLS here")
        going = self._step("starttls", "220 go")
        if going == "fine":
            self._secure(self.here.context)
        return going

    def _auth(self, command: str) -> str:
        right = command.lower() == f"auth plain {self.here.login}".lower()
        return self._step("auth", "235 welcome" if right else "535 5.7.8 wrong password")

    def _mail(self, command: str) -> str:
        self._sender, self._recipients = command, list[str]()
        return self._step("mail", "250 ok")

    def _rcpt(self, command: str) -> str:
        self._recipients.append(command)
        return self._step("rcpt", "250 ok")

    def _data(self, _command: str) -> str:
        going = self._step("data", "354 go ahead")
        return self._take(self._sender, self._recipients) if going == "fine" else going

    def _quit(self, _command: str) -> str:
        self._step("quit", "221 bye")
        return ""

    def _take(self, sender: str, recipients: list[str]) -> str:
        text = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return ""
            text += line[1:] if line.startswith(b".") else line
        trouble = self.here.trouble
        if trouble is None or trouble[0] != "text" or trouble[1] in {Does.TAKE_AND_CLOSE, Does.TAKE_AND_SILENT}:
            self.here.received.append(Received(sender, recipients, text))
        return self._step("text", "250 2.0.0 queued as 42")

    def _greeting(self) -> str:
        offers = ["loopback"]
        if self.here.context is not None and not isinstance(self.connection, ssl.SSLSocket):
            offers.append("STARTTLS")
        if self.here.login is not None:
            offers.append("AUTH PLAIN")
        return "\r\n".join(f"250{' ' if offer is offers[-1] else '-'}{offer}" for offer in offers)

    def _step(self, step: str, answer: str) -> str:
        """Answer as ordered; empty where the conversation is over, ``fine`` where it goes on as it should."""
        self.here.on_step(step)
        if self.here.trouble is None or self.here.trouble[0] != step:
            return self._say(answer)
        match self.here.trouble[1]:
            case Does.CLOSE | Does.TAKE_AND_CLOSE:
                return ""
            case Does.SILENT | Does.TAKE_AND_SILENT:
                self.here.stopping.wait(5)
                return ""
            case Does.NONSENSE:
                self._say("whatever you say")
            case Does.LONG_LINE:
                self._say("250 " + "x" * 100_000)
            case refusal:
                self._say(f"{refusal.value} no, at {step}")
        return "refused"

    def _say(self, answer: str) -> str:
        self.wfile.write(f"{answer}\r\n".encode())
        return "fine"

    def _secure(self, context: ssl.SSLContext) -> None:
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        with suppress(OSError):
            self.connection.close()


@contextmanager
def running(here: MailServer) -> Iterator[MailServer]:
    """The server, until the block ends."""

    class Conversation(_Conversation):
        pass

    Conversation.here = here

    class Threaded(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that fails is what some tests are about."""

    with Threaded(("127.0.0.1", here.port), Conversation) as server:
        here.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield here
        here.stopping.set()
        server.shutdown()
        thread.join()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """How the server proves who it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
