"""A mail as the bytes that travel: a head of ours, plain text and HTML, nothing that is fetched."""

from __future__ import annotations

import hashlib
import quopri
import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.adapters.mail.heads import LONGEST_LINE, head_of, name_and_address, text_value
from portal.errors import MailError, Problem
from portal.settings.mail_addresses import wire_address

if TYPE_CHECKING:
    from datetime import datetime

    from portal.ports.mail import Mail

_MESSAGE_ID = re.compile(r"[0-9a-f]{16,64}")
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails are from: the business's name and an address of its own domain."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain as it travels."""
        return wire_address(self.address).rpartition("@")[2]


def compose(mail: Mail, sender: Sender, at: datetime) -> bytes:
    """The whole mail, its lines ended by CR LF.

    Raises:
        MailError: an address, the subject or the name cannot be part of a mail.
    """
    forms = (_form("plain", mail.text), _form("html", mail.html))
    # Quoted-printable never has "=_" in it, so no text can hold the boundary.
    boundary = f"=_{hashlib.blake2b(b''.join(forms), digest_size=16).hexdigest()}"
    head = head_of(_fields(mail, sender, at) | {"Content-Type": f'multipart/alternative; boundary="{boundary}"'})
    line = f"--{boundary}".encode("ascii")
    whole = head + b"".join(b"\r\n" + line + b"\r\n" + form for form in forms) + b"\r\n" + line + b"--\r\n"
    _refuse_long_lines(whole)
    return whole


def recipient(mail: Mail) -> str:
    """The address of a mail as it travels.

    Raises:
        MailError: it cannot be written to.
    """
    return _address(mail.to, "recipient")


def _fields(mail: Mail, sender: Sender, at: datetime) -> dict[str, str]:
    address = _address(sender.address, "sender")
    fields = {
        "From": name_and_address(sender.name, address),
        "To": recipient(mail),
        "Reply-To": _address(mail.reply_to, "reply-to") if mail.reply_to else address,
        "Subject": text_value(mail.subject, "subject"),
        "Date": format_datetime(at),
        "Message-ID": f"<{_checked_id(mail.message_id)}@{sender.domain}>",
        # RFC 3834: nobody's holiday note answers it, and no list manager takes it for a request.
        "Auto-Submitted": "auto-generated",
    }
    if mail.list_unsubscribe:
        fields["List-Unsubscribe"] = f"<{_checked_url(mail.list_unsubscribe)}>"
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return fields | {"MIME-Version": "1.0"}


def _form(kind: str, text: str) -> bytes:
    """One of the two forms, in quoted-printable: short lines, and legible where nothing decodes it."""
    lines = _UNWANTED.sub("", text).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    body = quopri.encodestring(lines.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + body


def _address(address: str, whose: str) -> str:
    try:
        return wire_address(address)
    except ValueError as error:
        problem = f"The {whose}'s address {address!r} cannot be part of a mail: {error}."
        raise MailError(Problem(problem, "Correct the address where it comes from.")) from error


def _checked_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise MailError(Problem(f"{message_id!r} is no id of a message.", "Derive it from the mail's cause."))
    return message_id


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or not re.fullmatch(r"[!-;=?-~]{1,400}", url):
        raise MailError(Problem("The address to unsubscribe at is not plain https.", "Use the portal's own address."))
    return url


def _refuse_long_lines(whole: bytes) -> None:
    if any(len(line) > LONGEST_LINE or b"\r" in line or b"\n" in line for line in whole.split(b"\r\n")):
        raise MailError(Problem("A line of a mail is too long, or broken in a wrong way.", "Shorten the text."))
