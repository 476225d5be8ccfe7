"""``portal build`` with payment links, as the owner runs it and reads it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import requests
from click.testing import CliRunner, Result

from portal.cli import main

if TYPE_CHECKING:
    from world import World


def run(world: World, *words: str) -> Result:
    """A build against the sandbox, reached as Stripe is: by key and address."""
    folders = world.folders
    arguments = ["build", *words, "--content", str(folders.content), "--output", str(folders.output)]
    environment = {"PORTAL_STRIPE_KEY": "sk_test_x", "PORTAL_STRIPE_API_BASE": f"{world.url}/sandbox"}
    answer = CliRunner().invoke(
        main, [*arguments, "--state", str(folders.state), "--as-of", "2026-11-21"], env=environment
    )
    assert answer.exit_code == 0, answer.output
    return answer


def test_the_owner_reads_what_was_done_and_where_somebody_may_pay_twice(linked_world: World) -> None:
    linked_world.invoice("1043", total="100.00")
    text = run(linked_world).output
    assert "Links     1 made, 0 switched off, 1 unchanged" in text
    assert "Paying twice: " in text
    assert "you refund it in Stripe" in text


def test_as_json(linked_world: World) -> None:
    links = json.loads(run(linked_world, "--json").stdout)["links"]
    assert links == {"made": 0, "switched_off": 0, "unchanged": 1, "closed_checkouts": 0}


def test_going_back_to_pay_buttons(linked_world: World) -> None:
    settings = linked_world.folders.content / "portal.toml"
    settings.write_text(settings.read_text().replace('checkout = "links"', 'checkout = "live"'))
    assert "Links     0 made, 1 switched off" in run(linked_world).output
    assert "Links" not in run(linked_world).output
    assert "<form" in linked_world.page()


def command(world: World, *words: str, key: str | None = "sk_test_x") -> Result:
    """Another command of the owner's, with a key or without."""
    where = ("--content", world.folders.content, "--output", world.folders.output, "--state", world.folders.state)
    environment = {"PORTAL_STRIPE_KEY": key, "PORTAL_STRIPE_API_BASE": f"{world.url}/sandbox"}
    arguments = [*words, *map(str, where), "--as-of", "2026-11-21"]
    answer = CliRunner(env=environment).invoke(main, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer


RECORD = ("record", "1042", "300", "--on", "2026-11-20", "--by", "transfer", "--reference", "RF 1")


def link_on(page: str) -> str:
    found = re.search(r'href="([^"]+/link/[^"?]+)', page)
    assert found
    return found[1]


def test_a_recorded_transfer_changes_the_link_at_once(linked_world: World) -> None:
    before = link_on(linked_world.page())
    command(linked_world, *RECORD)
    page = linked_world.page()
    assert "Pay £540.00 now" in page
    assert link_on(page) != before
    assert "used or replaced" in requests.get(before, timeout=10).text


def test_a_credit_that_is_set_off_changes_the_link_at_once(linked_world: World) -> None:
    linked_world.invoice("CN-1", total="-45.00")
    run(linked_world)
    before = link_on(linked_world.page())
    command(linked_world, "apply", "CN-1", "1042")
    page = linked_world.page()
    assert "Pay £795.00 now" in page
    assert "used or replaced" in requests.get(before, timeout=10).text
    assert link_on(page) != before


def test_without_a_key_the_owner_is_told_that_the_old_link_still_takes_money(linked_world: World) -> None:
    before = link_on(linked_world.page())
    told = command(linked_world, *RECORD, key=None)
    assert "payment links stay as they are" in told.output
    assert "used or replaced" not in requests.get(before, timeout=10).text


def test_a_sync_that_brings_a_payment_in_makes_the_next_link(linked_world: World) -> None:
    before = link_on(linked_world.page())
    linked_world.sandbox.faults.lose_webhooks = True
    opened = requests.get(before, allow_redirects=False, timeout=10)
    checkout = f"{linked_world.url}{opened.headers['Location'].removeprefix(linked_world.url)}/pay"
    paid = requests.post(
        checkout, data={"means": "4242", "amount": "300", "email": "a@example.com"}, allow_redirects=False, timeout=60
    )
    assert paid.status_code == 303, paid.text
    command(linked_world, "sync")
    page = linked_world.page()
    assert "Pay £540.00 now" in page
    assert link_on(page) != before
