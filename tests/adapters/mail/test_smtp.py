"""Against a mail server that misbehaves at every step: handed over, not handed over, or unknown, and never wrong."""

from __future__ import annotations

import base64
import email
import email.policy
import shutil
import ssl
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import TYPE_CHECKING

import pytest
from mail_server import STEPS, Does, MailServer, closed_port, running, server_context

from portal.adapters.mail import Sender, Server, SmtpMailer
from portal.ports.mail import Handover, Mail, MailKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
MAIL = Mail(
    to="maya@b\u00fccher.example",
    subject="Invoice 1042",
    text="Hello\n.\n..two\n",
    html="<p>Hello</p>\n",
    message_id="0123456789abcdef",
    kind=MailKind.RECEIPT,
)
IN_TEXT = {
    Does.NOT_NOW: Handover.WAITS,
    Does.NEVER: Handover.REFUSED,
    Does.CLOSING: Handover.WAITS,
    Does.CLOSE: Handover.UNKNOWN,
    Does.SILENT: Handover.UNKNOWN,
    Does.NONSENSE: Handover.UNKNOWN,
    Does.LONG_LINE: Handover.UNKNOWN,
    Does.TAKE_AND_CLOSE: Handover.UNKNOWN,
    Does.TAKE_AND_SILENT: Handover.UNKNOWN,
}
BEFORE = [does for does in Does if does not in {Does.TAKE_AND_CLOSE, Does.TAKE_AND_SILENT}]
REFUSALS = {Does.NOT_NOW, Does.NEVER, Does.CLOSING, Does.NONSENSE}
FAULTS: list[tuple[str, Does]] = [
    *((step, does) for step, does in product(STEPS, BEFORE) if step != "text"),
    *(("text", does) for does in IN_TEXT),
]


def mailer(port: int, security: str = "none", **more: str) -> SmtpMailer:
    server = Server("127.0.0.1", port, security, **more)
    sender = Sender("Sample Business", "hello@example.com")
    return SmtpMailer(server, sender, answer_seconds=0.3)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running(MailServer()) as here:
        yield here


def test_a_mail_arrives_as_it_was_written(server: MailServer) -> None:
    delivery = mailer(server.port).send(MAIL, AT)
    assert (delivery.outcome, delivery.answer) == (Handover.SENT, "250 2.0.0 queued as 42")
    (received,) = server.received
    assert received.sender == "MAIL FROM:<hello@example.com>"
    assert received.recipients == ["RCPT TO:<maya@xn--bcher-kva.example>"]
    message = email.message_from_bytes(received.text, policy=email.policy.SMTP)
    assert next(message.iter_parts()).get_content() == "Hello\r\n.\r\n..two\r\n"
    assert server.commands[0] == "ehlo example.com"
    assert server.commands[-1] == "quit"


def test_there_are_more_than_forty_faults() -> None:
    assert len(FAULTS) > 40


@pytest.mark.parametrize(("step", "does"), FAULTS)
def test_every_fault_is_judged_by_whether_the_text_was_on_its_way(server: MailServer, step: str, does: Does) -> None:
    server.trouble = (step, does)
    delivery = mailer(server.port).send(MAIL, AT)
    if step == "text":
        assert delivery.outcome is IN_TEXT[does]
        assert delivery.answer
    elif step == "quit" or (step == "ehlo" and does in REFUSALS):
        assert delivery.outcome is Handover.SENT, "EHLO refused: HELO will do"
        assert len(server.received) == 1
    elif (step, does) == ("rcpt", Does.LONG_LINE) or (step in {"rcpt", "data"} and does is Does.NEVER):
        assert delivery.outcome in {Handover.REFUSED, Handover.WAITS}
        assert server.received == []
    else:
        assert delivery.outcome is Handover.WAITS
        assert server.received == []


def test_only_a_refused_recipient_leaves_the_server_up(server: MailServer) -> None:
    server.trouble = ("rcpt", Does.NEVER)
    refused = mailer(server.port).send(MAIL, AT)
    assert (refused.outcome, refused.is_server_down) == (Handover.REFUSED, False)
    server.trouble = ("rcpt", Does.NOT_NOW)
    assert not mailer(server.port).send(MAIL, AT).is_server_down
    server.trouble = ("mail", Does.NEVER)
    assert mailer(server.port).send(MAIL, AT).is_server_down


def test_a_server_that_is_not_there_is_waited_for() -> None:
    delivery = mailer(closed_port()).send(MAIL, AT)
    assert (delivery.outcome, delivery.is_server_down) == (Handover.WAITS, True)
    assert "refused" in delivery.answer


def test_a_conversation_that_never_ends_is_cut(server: MailServer) -> None:
    server.on_step = lambda _step: time.sleep(0.2)
    started = time.monotonic()
    delivery = replace(mailer(server.port), longest_seconds=0.3).send(MAIL, AT)
    assert delivery.outcome is Handover.WAITS
    assert time.monotonic() - started < 3


def test_what_is_no_mail_never_reaches_the_server(server: MailServer) -> None:
    delivery = mailer(server.port).send(replace(MAIL, subject="Hello\r\nBcc: x@evil.test"), AT)
    assert delivery.outcome is Handover.REFUSED
    assert server.commands == []


def test_a_login_with_the_wrong_password_waits_and_tells_no_password(server: MailServer) -> None:
    server.login = base64.b64encode(b"\0jo\0right").decode()
    assert mailer(server.port, user="jo", password="right").send(MAIL, AT).outcome is Handover.SENT
    wrong = mailer(server.port, user="jo", password="hunter2").send(MAIL, AT)
    assert (wrong.outcome, wrong.is_server_down) == (Handover.WAITS, True)
    assert wrong.answer == "535 5.7.8 wrong password"
    none = mailer(server.port, user="jo").send(MAIL, AT)
    assert "PORTAL_SMTP_PASSWORD" in none.answer
    assert "hunter2" not in repr(mailer(server.port, user="jo", password="hunter2"))
    assert len(server.received) == 1


# ---- TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but these tests trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "cert.pem", folder / "key.pem"
    asked = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, *asked, *named, "-out", str(made), "-keyout", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_with_a_certificate_that_is_trusted(certificate: tuple[Path, Path], security: str) -> None:
    here = MailServer(context=server_context(*certificate), tls_at_once=security == "tls")
    with running(here):
        trusting = ssl.create_default_context(cafile=certificate[0])
        assert replace(mailer(here.port, security), context=trusting).send(MAIL, AT).outcome is Handover.SENT
    assert len(here.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted_ends_it(certificate: tuple[Path, Path], security: str) -> None:
    here = MailServer(context=server_context(*certificate), tls_at_once=security == "tls")
    with running(here):
        delivery = mailer(here.port, security).send(MAIL, AT)
    assert (delivery.outcome, delivery.is_server_down) == (Handover.WAITS, True)
    assert "certificate is not valid" in delivery.answer
    assert here.received == []


@pytest.mark.parametrize("does", [Does.NOT_NOW, Does.NEVER, Does.CLOSE, Does.SILENT, Does.NONSENSE])
def test_without_tls_nothing_is_said(certificate: tuple[Path, Path], does: Does) -> None:
    here = MailServer(context=server_context(*certificate), trouble=("starttls", does))
    with running(here):
        assert mailer(here.port, "starttls", user="jo", password="x").send(MAIL, AT).outcome is Handover.WAITS
    assert not [command for command in here.commands if command.lower().startswith(("auth", "mail"))]


def test_a_server_without_starttls_gets_no_mail(server: MailServer) -> None:
    delivery = mailer(server.port, "starttls").send(MAIL, AT)
    assert (delivery.outcome, delivery.is_server_down) == (Handover.WAITS, True)
    assert server.commands == ["ehlo example.com"]
