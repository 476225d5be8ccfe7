"""What travels: both forms whole, a stable id, the date of the clock that was passed in, nothing that is fetched."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.adapters.mail import Sender, compose
from portal.errors import MailError
from portal.ports.mail import Cause, Mail, MailKind

AT = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
SENDER = Sender("Harbour & Pine Joinery", "hello@example.com")
CAUSE = Cause(MailKind.RECEIPT, "pi_1", "payment", "1042")
MAIL = Mail(
    to="maya@example.org",
    subject="Invoice 1042: £280.00 received, thank you",
    text="Hello Maya,\n\n.\n.hidden\nFrom here on: £280.00 = zwei\u2028hundert\n" + "x" * 3000 + "\n",
    html="<p>£280.00</p>\n",
    message_id=CAUSE.message_id,
    kind=MailKind.RECEIPT,
    reply_to="jo@example.com",
)


def parsed(mail: Mail) -> email.message.EmailMessage:
    message = email.message_from_bytes(compose(mail, SENDER, AT), policy=email.policy.SMTP)
    assert isinstance(message, email.message.EmailMessage)
    assert not message.defects
    return message


def test_a_mail_program_reads_both_forms() -> None:
    message = parsed(MAIL)
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html


def test_the_headers_of_an_automatic_mail() -> None:
    message = parsed(MAIL)
    assert message["From"] == "Harbour & Pine Joinery <hello@example.com>"
    assert message["Reply-To"] == "jo@example.com"
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == f"<{CAUSE.message_id}@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in message


def test_without_a_reply_to_answers_go_to_the_sender() -> None:
    assert parsed(replace(MAIL, reply_to=None))["Reply-To"] == "hello@example.com"


def test_a_mail_that_can_be_ended_says_how() -> None:
    message = parsed(replace(MAIL, list_unsubscribe="https://pay.example.com/unsubscribe?t=abc"))
    assert message["List-Unsubscribe"] == "<https://pay.example.com/unsubscribe?t=abc>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with pytest.raises(MailError):
        parsed(replace(MAIL, list_unsubscribe="http://pay.example.com/"))


def test_the_date_keeps_its_zone() -> None:
    at = AT.astimezone(timezone(timedelta(hours=-5)))
    assert b"\r\nDate: Sun, 22 Nov 2026 00:30:00 -0500\r\n" in compose(MAIL, SENDER, at)


def test_ids_are_stable_and_each_cause_has_its_own() -> None:
    assert CAUSE.message_id == Cause(MailKind.RECEIPT, "pi_1", "payment", "other").message_id
    others = {
        Cause(MailKind.RECEIPT, "pi_1", "payment2").message_id,
        Cause(MailKind.PAYMENT_NOTICE, "pi_1", "payment").message_id,
        Cause(MailKind.RECEIPT, "pi_1p", "ayment").message_id,
    }
    assert len(others | {CAUSE.message_id}) == 4


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_travels_in_short_plain_lines(text: str, html: str) -> None:
    """Nothing in it can end the mail, or a part of it, early."""
    letter = compose(replace(MAIL, text=text, html=html), SENDER, AT)
    assert letter.isascii()
    lines = letter.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 200
    message = email.message_from_bytes(letter, policy=email.policy.SMTP)
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]
