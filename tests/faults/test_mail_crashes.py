"""A sender that is killed at any step of the conversation: the mail arrives once at the most."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from subprocess import Popen
from typing import TYPE_CHECKING

import pytest
from mail_server import STEPS, MailServer, running

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.mail import Sender, Server, SmtpMailer
from portal.mailing.sending import Mailing
from portal.ports.mail import Cause, Mail, MailKind, MessageState

if TYPE_CHECKING:
    from pathlib import Path

SENDING = """
import os, pathlib, signal, sys
from datetime import UTC, datetime
from portal.adapters.mail import Sender, Server, SmtpMailer
from portal.adapters.ledger.sql_ledger import open_ledger
from portal.mailing.sending import Mailing

path, port, die_at = sys.argv[1:]
ledger = open_ledger(pathlib.Path(path))
mailer = SmtpMailer(Server("127.0.0.1", int(port), "none"), Sender("Sample", "hello@example.com"))
if die_at == "decided":
    ledger.messages = lambda states: os.kill(os.getpid(), signal.SIGKILL)
Mailing(ledger, mailer, lambda message, _tx: message.mail, lambda: datetime.now(UTC)).deliver_waiting()
if die_at == "concluded":
    os.kill(os.getpid(), signal.SIGKILL)
"""
CAUSE = Cause(MailKind.RECEIPT, "pi_1", "payment", "1042")
MAIL = Mail("maya@example.org", "Hello", "Hello\n", "<p>Hello</p>", CAUSE.message_id, CAUSE.kind)
KILLED_AT = ("decided", *STEPS, "concluded")


@pytest.mark.parametrize("die_at", KILLED_AT)
def test_a_killed_sender_never_sends_twice(tmp_path: Path, die_at: str) -> None:
    path = tmp_path / "ledger.db"
    later = datetime.now(UTC) + timedelta(hours=1)
    with closing(open_ledger(path)) as ledger, running(MailServer()) as server:
        command = [sys.executable, "-c", SENDING, str(path), str(server.port), die_at]
        sender: list[Popen[bytes]] = []
        server.on_step = lambda step: sender[0].kill() if step == die_at else None
        mailer = SmtpMailer(Server("127.0.0.1", server.port, "none"), Sender("Sample", "hello@example.com"))
        desk = Mailing(ledger, mailer, lambda message, _tx: message.mail, lambda: later)
        desk.post(MAIL, CAUSE)
        with Popen(command) as process:
            sender.append(process)
        assert process.returncode == -signal.SIGKILL
        server.on_step = lambda _step: None
        for _ in range(3):
            desk.deliver_waiting(hurry=True)
        (message,) = ledger.messages()
        assert len(server.received) <= 1
        known = die_at in {"decided", "concluded"}
        assert message.state is (MessageState.SENT if known else MessageState.UNKNOWN)
        if known:
            assert len(server.received) == 1
