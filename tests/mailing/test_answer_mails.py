"""Mails about what customers say besides paying: each once, and none about what was taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from world import World

    from portal.ports.mail import Message

MAIL = '\n[mail]\nfrom = "hello@example.com"\nowner = "owner@example.com"\n'
PROBLEM = {"want": "problem", "reason": "work", "words": "The door\nhas a <scratch>."}


@pytest.fixture
def mailed(world: World) -> World:
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + MAIL, encoding="utf-8")
    world.build()
    world.serve_again()
    post(world)
    return world


def post(world: World) -> None:
    replace(world.served(), fixed_day=world.day).post_office().attend(hurry=True)


def say(world: World, **fields: str) -> None:
    sent = {"token": world.form(world.page())["token"]} | fields
    assert requests.post(f"{world.url}/answer", data=sent, timeout=60).status_code == 200


def messages(world: World) -> list[Message]:
    return list(world.open().ledger.messages())


def test_a_problem_is_confirmed_to_the_customer_and_told_to_the_owner(mailed: World) -> None:
    say(mailed, **PROBLEM)
    post(mailed)
    post(mailed)
    noted, notice = sorted(messages(mailed), key=lambda one: one.mail.to)
    assert noted.mail.to == "accounts@example.com"
    assert noted.mail.subject == "Invoice 1042: we have noted it"
    assert "> The door\n>\n> has a <scratch>." in noted.mail.text
    assert "&lt;scratch&gt;" in noted.mail.html
    assert "take it back on that page" in noted.mail.text
    assert notice.mail.to == "owner@example.com"
    assert f"portal answer 1042 {mailed.entries()[-1].seq}" in notice.mail.text


def test_a_named_day_and_a_payment_that_was_made_say_their_days(mailed: World) -> None:
    say(mailed, want="promise", day="2026-12-05")
    say(mailed, want="paid", day="2026-11-20", by="transfer")
    post(mailed)
    texts = "\n".join(message.mail.text for message in messages(mailed))
    assert "To be paid by: 5 December 2026" in texts
    assert "Paid on: 20 November 2026" in texts
    assert len(messages(mailed)) == 4


def test_nothing_is_written_about_what_was_taken_back_at_once(mailed: World) -> None:
    say(mailed, **PROBLEM)
    say(mailed, want="take_back", answer=mailed.entries()[-1].external_id)
    post(mailed)
    assert messages(mailed) == []


def test_nobody_hears_why_it_is_late(mailed: World) -> None:
    say(mailed, want="reason", reason="forgot")
    post(mailed)
    assert messages(mailed) == []


def test_the_owners_answer_reaches_the_customer_once(mailed: World) -> None:
    say(mailed, **PROBLEM)
    post(mailed)
    mailed.open().answering().close("1042", mailed.entries()[-1].seq, "We send another.\nOn Monday.")
    post(mailed)
    post(mailed)
    reply = messages(mailed)[-1]
    assert len(messages(mailed)) == 3
    assert reply.mail.to == "accounts@example.com"
    assert "We send another." in reply.mail.text
    assert "On Monday." in reply.mail.text


def test_an_answer_without_words_needs_no_mail(mailed: World) -> None:
    say(mailed, **PROBLEM)
    post(mailed)
    mailed.open().answering().close("1042", mailed.entries()[-1].seq, "")
    post(mailed)
    assert len(messages(mailed)) == 2


def test_each_is_plain_html_that_fetches_nothing(mailed: World) -> None:
    say(mailed, **PROBLEM)
    post(mailed)
    mailed.open().answering().close("1042", mailed.entries()[-1].seq, "We send another.")
    post(mailed)
    for message in messages(mailed):
        assert set(re.findall(r'(?:href|src)="([^"]*)"', message.mail.html)) == {mailed.open().url_of("1042")}
        assert not re.search(r"<(?:script|img|link|form)", message.mail.html)
        assert max(map(len, message.mail.text.splitlines())) <= 78
