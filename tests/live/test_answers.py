"""The doors besides paying, as a customer's browser uses them, and what the owner does about it."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from portal.cli import main
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from world import World

    from portal.receivables.entries import Entry

PROMISE = {"want": "promise", "day": "2026-12-05"}
PROBLEM = {"want": "problem", "reason": "work", "words": "The door\r\nhas a <scratch>."}
PAID = {"want": "paid", "day": "2026-11-20", "by": "transfer"}


def answer(world: World, **fields: str) -> requests.Response:
    token = world.form(world.page())["token"]
    sent = {"token": token} | fields
    return requests.post(f"{world.url}/answer", data=sent, allow_redirects=False, timeout=60)


def noted(reply: requests.Response) -> str:
    """The page that a customer is sent on to."""
    assert reply.status_code == 303, reply.text
    page = requests.get(reply.headers["Location"], timeout=10)
    assert page.status_code == 200
    return words(page.text)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def kinds(world: World) -> list[EntryKind]:
    return [entry.kind for entry in world.entries()]


def last(world: World) -> Entry:
    return world.entries()[-1]


def test_a_day_is_named_and_stands_on_the_page(world: World) -> None:
    said = "You told us on"
    assert "you will pay by 5 December 2026. Thank you." in noted(answer(world, **PROMISE))
    assert said in words(world.page())
    assert last(world).value_on == date(2026, 12, 5)
    assert "Name another day" in world.page()
    assert "Pay on a day you name" not in world.page()


def test_a_part_that_was_paid_already_leaves_the_rest_to_pay(world: World) -> None:
    noted(answer(world, **PAID, amount="300"))
    page = words(world.page())
    assert "Left to pay £840.00" in page
    assert "£300.00 of it is paid, as you told us. It shows here once we have found it." in page
    assert "Pay £840.00 all the same" in page
    assert "You do not need to pay again" not in page


def test_a_problem_puts_the_invoice_on_hold(world: World) -> None:
    assert "something is not right" in noted(answer(world, **PROBLEM))
    page = world.page()
    assert "We are looking at this" in page
    assert "Pay £840.00 all the same" in page
    assert last(world).note == "The door\nhas a <scratch>."
    assert "has a <scratch>." in page  # world.page() has unescaped it


def test_what_customers_write_is_text_on_the_page(world: World) -> None:
    answer(world, **PROBLEM | {"words": "<script>alert(1)</script>"})
    raw = requests.get(world.open().url_of("1042"), timeout=10).text
    assert "&lt;script&gt;alert(1)" in raw
    assert "<script" not in raw


def test_what_is_said_to_be_paid_shows_as_on_its_way(world: World) -> None:
    noted(answer(world, **PAID))
    assert "Pay £840.00 all the same" in world.page()
    page = words(world.page())
    assert "On its way" in page
    assert "you paid £840.00 on 20 November 2026 (bank transfer). Thank you." in page


@pytest.mark.parametrize("fields", [PROMISE, PROBLEM, PAID])
def test_an_answer_given_twice_is_one(world: World, fields: dict[str, str]) -> None:
    answer(world, **fields)
    assert answer(world, **fields).status_code == 303
    assert len(world.entries()) == 1


@pytest.mark.parametrize("fields", [PROMISE, PROBLEM, PAID])
def test_an_answer_can_be_taken_back(world: World, fields: dict[str, str]) -> None:
    before = world.page()
    answer(world, **fields)
    answer(world, want="take_back", answer=last(world).external_id)
    answer(world, want="take_back", answer=last(world).external_id)
    assert kinds(world)[1:] == [EntryKind.ANSWER_WITHDRAWN]
    assert world.page() == before


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (PROMISE | {"day": "2026-11-20"}, "Choose a day that has not passed."),
        (PROMISE | {"day": "2027-11-20"}, "Choose a day at most 30 days ahead."),
        (PROMISE | {"day": "5.12.26"}, "Enter a day, such as 2026-12-01."),
        (PROBLEM | {"reason": "other", "words": " "}, "Please say in a few words what is not right."),
        (PROBLEM | {"words": "4242 4242 4242 4242"}, "Please never write a card number here."),
        (PROBLEM | {"words": "x" * 1001}, "Please use 1000 characters at most"),
        (PROBLEM | {"amount": "840.01"}, "Enter an amount up to £840.00"),
        (PROBLEM | {"amount": "lots"}, "Enter the amount in digits"),
        (PAID | {"day": "2026-11-22"}, "It cannot be a day to come."),
        (PAID | {"day": "2016-11-22"}, "Check the year"),
        (PAID | {"amount": "0"}, "Enter an amount up to £840.00"),
    ],
)
def test_what_cannot_be_taken_is_explained_and_keeps_what_was_typed(
    world: World, fields: dict[str, str], told: str
) -> None:
    reply = answer(world, **fields)
    assert reply.status_code == 422
    assert told in words(reply.text)
    assert "<title>Error: " in reply.text
    assert world.entries() == ()
    if len(fields.get("amount", "")) > 1:
        assert f'value="{fields["amount"]}"' in reply.text


@pytest.mark.parametrize(
    "fields",
    [{"want": "steal"}, PROBLEM | {"reason": "boredom"}, PAID | {"by": "magic"}, PROBLEM | {"line": "-1"}, {}],
)
def test_what_no_page_sends_is_refused(world: World, fields: dict[str, str]) -> None:
    assert answer(world, **fields).status_code == 400
    assert world.entries() == ()


@pytest.mark.parametrize(
    ("door", "label", "asked"),
    [
        ("promise", "Pay on a day you name", "Any day up to 21 December 2026."),
        ("paid", "I have paid already", "When did you pay?"),
        ("problem", "Something is not right", "What is it?"),
        ("late", "Why is it late?", "I cannot pay it all at once"),
    ],
)
def test_each_door_leads_from_the_page_to_its_form_and_opening_it_changes_nothing(
    world: World, door: str, label: str, asked: str
) -> None:
    found = re.search(rf'href="([^"]*door={door})"[^>]*>([^<]*)<', world.page())
    assert found is not None
    assert label in found[2]
    assert asked in words(requests.get(found[1], timeout=10).text)
    assert world.entries() == ()


def test_without_a_link_nothing_is_kept_or_shown(world: World) -> None:
    for token in ("", "a" * 32, "../x"):
        sent = {"token": token} | PROMISE
        assert requests.post(f"{world.url}/answer", data=sent, timeout=10).status_code == 404
        assert (
            requests.get(f"{world.url}/answer", params={"link": token, "door": "paid"}, timeout=10).status_code == 404
        )
        assert requests.get(f"{world.url}/answered", params={"link": token}, timeout=10).status_code == 404
    assert world.entries() == ()


def test_why_it_is_late_leads_to_the_way_that_helps(world: World) -> None:
    ways = {
        "paid": "When did you pay?",
        "wrong": "What is it?",
        "later": "The day on which you pay",
        "forgot": "Pay £840.00 now",
    }
    for reason, shown in ways.items():
        assert shown in words(answer(world, want="reason", reason=reason).text)
    assert kinds(world) == [EntryKind.REASON_GIVEN] * len(ways)
    assert "Why is it late?" not in world.page()


def test_the_owner_reads_answers_and_deals_with_them(world: World) -> None:
    answer(world, **PROBLEM)
    folders = world.folders
    options = ["--content", str(folders.content), "--output", str(folders.output), "--state", str(folders.state)]
    listed = CliRunner().invoke(main, ["inbox", *options])
    assert "says something is wrong with GBP 840.00 (work); waits for you" in listed.output
    found = json.loads(CliRunner().invoke(main, ["inbox", "--json", *options]).output)
    number = str(found[0]["answer"])
    done = CliRunner().invoke(main, ["answer", "1042", number, "--say", "We send another.", *options])
    assert done.exit_code == 0, done.output
    page = words(world.page())
    assert "We answered on" in page
    assert "We send another." in page
    assert "We are looking at this" not in page
    again = CliRunner().invoke(main, ["answer", "1042", number, *options])
    assert again.exit_code == 1
    assert "has no answer" in again.output


def test_without_a_server_the_doors_are_prepared_mails(linked_world: World) -> None:
    path = linked_world.folders.content / "portal.toml"
    path.write_text(path.read_text().replace("[portal]", 'email = "hello@example.com"\n[portal]'), encoding="utf-8")
    linked_world.build()
    page = linked_world.page()
    assert "mailto:hello@example.com?subject=Invoice%201042%3A%20I%20have%20paid%20already" in page
    assert "/answer" not in page


def test_doors_can_be_closed(world: World) -> None:
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + "[doors]\npromise = false\nproblem = false\npaid = false\n", encoding="utf-8")
    world.build()
    world.serve_again()
    page = world.page()
    assert "Something is not right" not in page.replace("Something not right?", "")
    for fields in (PROMISE, PROBLEM, PAID):
        assert "This is not offered here." in answer(world, **fields).text
