"""Somebody without a link that works asks for one: the owner hears of it, and the asker learns nothing."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner, Result

from portal.cli import main
from portal.links.requests import MOST_WAITING, LinkRequests
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

MAIL = '[mail]\nfrom = "portal@example.com"\nowner = "owner@example.com"\n'


def ask(world: World, email: str = "accounts@example.com", words: str = "My invoice", **more: str) -> requests.Response:
    fields = {"email": email, "words": words, **more}
    return requests.post(f"{world.url}/fresh-link", data=fields, allow_redirects=False, timeout=10)


def run(world: World, *words: str, status: int = 0) -> Result:
    where = ("--content", world.folders.content, "--output", world.folders.output, "--state", world.folders.state)
    arguments = [*words, *map(str, where), "--as-of", world.day.isoformat()]
    answer = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert answer.exit_code == status, answer.output
    return answer


def inbox(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(world, "inbox", "--json").stdout)
    return found


def with_mail(world: World) -> None:
    settings = world.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + MAIL)
    world.serve_again()


def test_the_page_of_an_address_that_leads_nowhere_has_the_form(world: World) -> None:
    page = requests.get(f"{world.url}/i/{'a' * 32}/", timeout=10)
    assert page.status_code == 404
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    assert action == f"{world.url}/fresh-link"
    assert re.findall(r'name="(email|words)"', page.text) == ["email", "words"]


def test_the_answer_is_the_same_whoever_asks(world: World) -> None:
    both = (ask(world, "accounts@example.com", "1042"), ask(world, "stranger@example.org", "9999"))
    answers = {(one.status_code, one.headers["Location"], one.text) for one in both}
    assert len(answers) == 1
    status, place, _text = answers.pop()
    assert status == 303
    assert "A person reads what you wrote" in requests.get(place, timeout=10).text


def test_looking_at_pages_keeps_nothing(world: World) -> None:
    for _ in range(2):
        requests.get(f"{world.url}/fresh-link", {"email": "accounts@example.com", "words": "1042"}, timeout=10)
    assert inbox(world) == []


def test_the_owner_reads_which_invoice_it_may_be_about_and_sends_the_link_by_one_command(world: World) -> None:
    with_mail(world)
    ask(world, "Accounts@example.com", "It said\r\npage not found")
    ask(world, "aunt@example.org", "I pay no. 1042.")
    ask(world, "nobody@example.org", "Hello there")
    found = inbox(world)
    assert [(one["request"], one["perhaps"]) for one in found] == [(1, ["1042"]), (2, ["1042"]), (3, [])]
    text = run(world, "inbox").stdout
    assert "Perhaps about: 1042, Sample Customer Ltd" in text
    assert "portal links send NUMBER --request R" in text
    run(world, "links", "send", "1042", "--request", "1")
    mails = {one["kind"]: one for one in json.loads(run(world, "mail", "--json").stdout)}
    assert mails["fresh link"]["to"] == "accounts@example.com", "the address on the invoice, not what was typed"
    sent = run(world, "mail", "--show", mails["fresh link"]["message"]).stdout
    assert world.open().url_of("1042") in sent
    run(world, "links", "ignore", "3")
    assert [one["request"] for one in inbox(world)] == [2]


def test_the_owner_is_mailed_what_was_asked_and_the_asker_nothing(world: World) -> None:
    with_mail(world)
    ask(world, "ada@example.org", "Where is my <b>invoice</b>?")
    (mail,) = json.loads(run(world, "mail", "--json").stdout)
    assert (mail["kind"], mail["to"]) == ("link notice", "owner@example.com")
    text = run(world, "mail", "--show", mail["message"]).stdout
    assert "ada@example.org" in text
    assert "Where is my <b>invoice</b>?" in text
    assert "1042" not in text


def test_without_mail_the_owner_is_told_what_to_send(world: World) -> None:
    assert world.open().url_of("1042") in run(world, "links", "send", "1042").stdout


@pytest.mark.parametrize(
    ("email", "words", "says"),
    [
        ("", "Hello", "Enter your email address"),
        ("not an address", "Hello", "Enter your email address"),
        ("a@example.com\r\nBcc: b@example.com", "Hello", "Enter your email address"),
        ("a@example.com", "x" * 1001, "1000 characters at most"),
        ("a@example.com", "4242 4242 4242 4242", "never write a card number"),
    ],
)
def test_what_cannot_be_kept_is_asked_for_again(world: World, email: str, words: str, says: str) -> None:
    answer = ask(world, email, words)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert says in answer.text
    assert inbox(world) == []


def test_the_same_request_waits_once_and_not_too_many_wait(world: World) -> None:
    assert {ask(world).status_code for _ in range(3)} == {303}
    assert len(inbox(world)) == 1
    requests_of = LinkRequests(world.open().ledger, now)
    for number in range(MOST_WAITING):
        requests_of.ask("a@example.com", str(number))
    assert ask(world, "late@example.com").status_code == 429
    assert len(inbox(world)) == MOST_WAITING


def test_a_field_that_no_form_has_is_refused(world: World) -> None:
    assert ask(world, token="x").status_code == 400


def test_a_struck_request_leaves_no_words_behind(world: World) -> None:
    ask(world, "ada@example.org", "secret words")
    run(world, "links", "ignore", "1")
    run(world, "links", "ignore", "1", status=1)
    assert not world.open().ledger.link_requests()
    with closing(sqlite3.connect(world.folders.state / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT email, words FROM link_requests").fetchall() == [("", "")]


def test_a_link_that_opens_nothing_is_not_sent(world: World) -> None:
    run(world, "links", "revoke", "1042")
    assert "portal links rotate 1042" in run(world, "links", "send", "1042", status=1).stderr
    assert "portal links pay-only 1042" in run(world, "links", "send", "1042", "--kind", "pay-only", status=1).stderr


def test_a_pay_only_link_goes_to_whom_the_owner_names_without_the_customers_name(world: World) -> None:
    with_mail(world)
    run(world, "links", "pay-only", "1042")
    run(world, "links", "send", "1042", "--kind", "pay-only", "--to", "aunt@example.org")
    (mail,) = [one for one in json.loads(run(world, "mail", "--json").stdout) if one["kind"] == "fresh link"]
    text = run(world, "mail", "--show", mail["message"]).stdout
    assert mail["to"] == "aunt@example.org"
    assert "/p/" in text
    assert "Sample Customer" not in text


def test_without_a_server_the_page_begins_a_mail(linked_world: World) -> None:
    settings = linked_world.folders.content / "portal.toml"
    settings.write_text(settings.read_text().replace("[business]\n", '[business]\nemail = "hello@example.com"\n'))
    linked_world.build()
    page = (linked_world.folders.output / "404.html").read_text(encoding="utf-8")
    assert "<form" not in page
    assert 'href="mailto:hello@example.com?subject=A%20new%20link%2C%20please"' in page
