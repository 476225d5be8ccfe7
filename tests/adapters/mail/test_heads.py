"""No value ever becomes a header of its own: what is hostile is refused or stands there as plain text."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.adapters.mail import Sender, compose
from portal.adapters.mail.heads import head_of, text_value
from portal.errors import MailError
from portal.ports.mail import Mail, MailKind

AT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
SENDER = Sender("Harbour & Pine Joinery", "hello@example.com")
MAIL = Mail(
    to="maya@example.org",
    subject="Invoice 1042",
    text="Hello\n",
    html="<p>Hello</p>\n",
    message_id="0123456789abcdef",
    kind=MailKind.RECEIPT,
)
NAMES = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]
BREAKS = [
    "\r\n", "\n", "\r", "\n\n", "\r\n\r\n", "\n ", "\r\n\t", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85",
    "\u2028", "\u2029", "\x00", "\x7f", "\x08", "\x1b[2J", "\ud800", "\u202e", "\ufeff",
    "=?utf-8?q?=0a?=", "=?utf-8?q?a=0d=0a?=", "=?utf-8?b?Cg==?=", "=?UTF-8?Q?=0D=0A?=", "=?us-ascii?q?=0a?=",
    "=?utf-8?q?a=0a?=\t", "?= =?utf-8?q?=0a", "=?utf-8*en?q?=0a?=", "=?", "?=",
]  # fmt: skip
TAILS = ["Bcc: x@evil.test", "Bcc:_x@evil.test", "Content-Type: text/html", "Subject: other", "", " folded", "<script>"]
HOSTILE = [f"Sample{one}{tail}" for one, tail in product(BREAKS, TAILS)]
PLACES = ("subject", "name", "to", "reply_to", "sender", "message_id", "list_unsubscribe")


def composed(place: str, value: str) -> bytes:
    mail, sender = MAIL, SENDER
    if place == "name":
        sender = replace(SENDER, name=value)
    elif place == "sender":
        sender = replace(SENDER, address=value)
    else:
        mail = replace(MAIL, **{place: value})  # type: ignore[arg-type]  # one field
    return compose(mail, sender, AT)


def fields(letter: bytes) -> list[str]:
    return email.message_from_bytes(letter, policy=email.policy.SMTP).keys()


def test_there_are_two_hundred_hostile_values() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("place", PLACES)
def test_hostile_values_are_refused_everywhere(place: str) -> None:
    for value in HOSTILE:
        with pytest.raises(MailError):
            composed(place, value)


@pytest.mark.parametrize("place", ["to", "reply_to", "sender"])
@pytest.mark.parametrize(
    "address",
    [
        " ", "@", "a", "a@", "@b.example", "a@b", "a b@example.com", "a@exa mple.com", "a@example.com, b@example.com",
        "a@example.com;b@example.com", "<a@example.com>", "Maya <a@example.com>", '"a b"@example.com', "a@[127.0.0.1]",
        "a@127.0.0.1", "a..b@example.com", ".a@example.com", "a.@example.com", "a@-example.com", "a@example-.com",
        "a@example..com", "a@.example.com", "a@example.com.", "maja@ex\u00e4mple\u2028.com", "m\u00fcller@example.com",
        "a@" + "b" * 64 + ".com", "a" * 65 + "@example.com", "a@" + ".".join(["b" * 60] * 5), "a@example.com\n",
        "a@example.com%0aBcc:x@evil.test>", "a@example.com>", "a@example.com (c)", "a,b@example.com", "a@b@example.com",
        "=?utf-8?q?a?=@example.com", "a@\u2024example.com", "a@xn--.com\x00",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(place: str, address: str) -> None:
    with pytest.raises(MailError):
        composed(place, address)


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("maya@example.org", "maya@example.org"),
        ("Maya.O'Neill+invoices@Example.ORG", "Maya.O'Neill+invoices@example.org"),
        ("info@b\u00fccher.example", "info@xn--bcher-kva.example"),
        ("info@stra\u00dfe.example", "info@xn--strae-oqa.example"),
        ("x@\u4f8b\u3048.\u30c6\u30b9\u30c8", "x@xn--r8jz45g.xn--zckzah"),
    ],
)
def test_addresses_travel_in_ascii(address: str, wire: str) -> None:
    parsed = email.message_from_bytes(composed("to", address), policy=email.policy.SMTP)
    assert parsed["To"] == wire


@pytest.mark.parametrize(
    "name", ["Harbour & Pine", "Müller, Söhne & Co.", 'The "Best" \\ Shop', "例え株式会社" * 8, "A@B"]
)
def test_names_and_subjects_arrive_as_they_are(name: str) -> None:
    raw = email.message_from_bytes(composed("name", name))["From"].replace("\r\n", "")
    shown, address = parseaddr(raw)
    assert (str(make_header(decode_header(shown))), address) == (name, "hello@example.com")
    parsed = email.message_from_bytes(composed("subject", f"{name} x" * 3), policy=email.policy.SMTP)
    assert parsed["Subject"] == f"{name} x" * 3


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=260), st.sampled_from(["subject", "name"]))
@example("a" * 199, "subject")
@example(("b" * 70 + " ") * 2 + "c", "subject")
@example("a  b" + " " * 90 + "c", "subject")
def test_whatever_is_written_there_the_headers_are_ours(text: str, place: str) -> None:
    """Each header once and in order; and the value reads back as it was."""
    try:
        letter = composed(place, text)
    except MailError:
        return
    assert fields(letter) == NAMES
    head = letter.partition(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 998 for line in head.split("\r\n"))
    if place == "subject":
        raw = email.message_from_bytes(letter)["Subject"].replace("\r\n", "")
        assert str(make_header(decode_header(raw))) == text.strip()


@settings(max_examples=400, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_a_head_is_what_it_was_made_from_or_nothing(value: str) -> None:
    """Even without any check of the value before."""
    try:
        head = head_of({"Subject": value, "To": "maya@example.org"})
    except (MailError, UnicodeEncodeError):
        return
    assert email.message_from_bytes(head + b"\r\n").keys() == ["Subject", "To"]


def test_a_subject_of_spaces_is_none() -> None:
    for text in ("", "   ", "\N{NO-BREAK SPACE}"):
        with pytest.raises(MailError):
            text_value(text, "subject")
