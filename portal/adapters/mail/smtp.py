"""Mails through a mail server, with the one question answered exactly: was it handed over?

Until the server has asked for the text (354 after DATA) nothing was handed over, whatever breaks. From then on a lost
answer means that nobody knows. Sources: RFC 5321, 4.2.1 (replies) and 6.1 (a 250 after the text is a promise).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.adapters.mail.letters import compose, recipient
from portal.errors import MailError
from portal.ports.mail import Delivery, Handover
from portal.settings.mail_addresses import wire_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from portal.adapters.mail.letters import Sender
    from portal.ports.mail import Mail

ANSWER_SECONDS = 30.0
"""How long one answer of the server is waited for."""
LONGEST_SECONDS = 180.0
"""How long all of a conversation may take; then the connection is cut."""
_LEAVING_SECONDS = 2.0
_GO_AHEAD, _OK, _FORWARDED = 354, 250, 251
_CLOSING = 421
_NOT_THE_MAILS_FAULT = frozenset({503, 530, 535})
"""The server lost its thread, or asks for a login: RFC 5321 and RFC 4954, 6."""
_LONGEST_ANSWER = 200


@dataclass(frozen=True, slots=True)
class Server:
    """The owner's mail server. The password is never part of what is shown or logged."""

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


class _DownError(Exception):
    """The server takes no mail at all now."""


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands mails to a server, one connection each. Certificates are always verified; TLS is never given up."""

    server: Server
    sender: Sender
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    answer_seconds: float = ANSWER_SECONDS
    longest_seconds: float = LONGEST_SECONDS

    def send(self, mail: Mail, at: datetime) -> Delivery:
        """Hand one mail over."""
        try:
            letter, to = compose(mail, self.sender, at), recipient(mail)
        except MailError as error:
            return Delivery(Handover.REFUSED, str(error))
        try:
            with self._connected() as connection:
                delivery = _hand_over(connection, wire_address(self.sender.address), to, letter)
                _leave(connection)
                return delivery
        except (_DownError, OSError, smtplib.SMTPException) as error:
            return Delivery(Handover.WAITS, _said(error), is_server_down=True)

    def log_in(self) -> str | None:
        """Connect and log in as for a mail, and send none; why that does not work, or None."""
        try:
            with self._connected() as connection:
                _leave(connection)
        except (_DownError, OSError, smtplib.SMTPException) as error:
            return _said(error)
        return None

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection on which mail may be sent, or an error; how it ends afterwards is of no interest."""
        connection = self._opened()
        cut = threading.Timer(self.longest_seconds, _cut, (connection,))
        cut.daemon = True
        cut.start()
        try:
            with closing(connection):
                self._greet(connection)
                yield connection
        finally:
            cut.cancel()

    def _opened(self) -> smtplib.SMTP:
        # Named by the sender's domain: looking up the machine's own name can take long, and says more than is needed.
        name = self.sender.domain
        server, seconds = self.server, self.answer_seconds
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, name, timeout=seconds, context=self.context)
        return smtplib.SMTP(server.host, server.port, name, timeout=seconds)

    def _greet(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self.server.security == "starttls":
            code, answer = connection.starttls(context=self.context)
            if code != 220:  # noqa: PLR2004  RFC 3207: ready to start TLS
                raise _DownError(f"The server refuses STARTTLS: {code} {_readable(answer)}")
            connection.ehlo_or_helo_if_needed()
        if self.server.user:
            if not self.server.password:
                raise _DownError("A user is set, but no password: set PORTAL_SMTP_PASSWORD in the environment.")
            connection.login(self.server.user, self.server.password)


def _hand_over(connection: smtplib.SMTP, sender: str, to: str, letter: bytes) -> Delivery:
    try:
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA"):
            code, answer = connection.docmd(command)
            wanted = {_GO_AHEAD} if command == "DATA" else {_OK, _FORWARDED}
            if code not in wanted:
                return _refusal(code, answer, of_sender=command.startswith("MAIL"))
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(Handover.WAITS, _said(error), is_server_down=True)
    try:
        connection.send(_stuffed(letter))
        code, answer = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Delivery(Handover.UNKNOWN, f"The answer after the text was lost: {_said(error)}")
    if code == _OK:
        return Delivery(Handover.SENT, f"{code} {_readable(answer)}")
    if not 400 <= code < 600:  # noqa: PLR2004  what says no
        return Delivery(Handover.UNKNOWN, f"The answer after the text is none: {code} {_readable(answer)}")
    return _refusal(code, answer)


def _refusal(code: int, answer: bytes, *, of_sender: bool = False) -> Delivery:
    """4xx: not now. 5xx: not this mail; where the sender is refused, none at all."""
    said = f"{code} {_readable(answer)}"
    for_all = of_sender or code in _NOT_THE_MAILS_FAULT
    if 500 <= code < 600 and not for_all:  # noqa: PLR2004  for good
        return Delivery(Handover.REFUSED, said)
    return Delivery(Handover.WAITS, said, is_server_down=for_all or code == _CLOSING)


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; whatever is answered changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        if connection.sock is not None:
            connection.sock.settimeout(_LEAVING_SECONDS)
        connection.quit()


def _stuffed(letter: bytes) -> bytes:
    """The text as it is transmitted: RFC 5321, 4.5.2, and the line that ends it."""
    return letter.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _cut(connection: smtplib.SMTP) -> None:
    with suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _said(error: Exception) -> str:
    """An error in one line, without what the client sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_readable(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The server's certificate is not valid: {error.verify_message}."
    plain = error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    return " ".join((plain or str(error)).split())[:_LONGEST_ANSWER] or type(error).__name__


def _readable(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST_ANSWER]
