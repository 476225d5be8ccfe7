"""``portal build`` with payment links, as the owner runs it and reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
