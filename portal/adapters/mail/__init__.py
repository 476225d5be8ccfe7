"""Mail on its way out: written down byte by byte, then through a mail server or into files."""

from __future__ import annotations

from portal.adapters.mail.files import FileMailer, remove_letters
from portal.adapters.mail.letters import Sender, compose
from portal.adapters.mail.smtp import Server, SmtpMailer

__all__ = ["FileMailer", "Sender", "Server", "SmtpMailer", "compose", "remove_letters"]
