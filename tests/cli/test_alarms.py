"""What waits for the owner is listed, put away by one word, and told again where it grows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from portal.cli import main
from portal.payments.reconciliation import to_look_at
from portal.ports.alarms import Alarm, AlarmKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World


@pytest.fixture
def run(world: World) -> Callable[..., Result]:
    folders = world.folders

    def invoke(*arguments: str) -> Result:
        where = ("--content", folders.content, "--output", folders.output, "--state", folders.state)
        every = [*arguments, *map(str, where), "--as-of", world.day.isoformat()]
        return CliRunner(env={"PORTAL_STRIPE_KEY": None}).invoke(main, every)

    return invoke


def pay(run: Callable[..., Result], amount: str, reference: str) -> None:
    """A transfer comes beyond what is left."""
    options = ("--on", "2026-11-20", "--by", "transfer", "--reference", reference, "--overpaid")
    assert run("record", "1042", amount, *options).exit_code == 0


def waiting(world: World) -> list[str]:
    portal = world.open()
    return [problem.problem for problem in to_look_at(portal.ledger, portal.today())]


def overpaid(world: World, run: Callable[..., Result]) -> None:
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    pay(run, "10.00", "A")


def test_where_nothing_waits_it_says_so(run: Callable[..., Result]) -> None:
    assert run("alarms").output == "Nothing waits for you.\n"


def test_an_alarm_that_was_seen_is_told_no_more_until_it_grows(world: World, run: Callable[..., Result]) -> None:
    overpaid(world, run)
    raise_overpaid(world)
    assert waiting(world) == ["Invoice 1042 has received GBP 10.00 more than was due."]
    assert "1042: Invoice 1042 has received" in run("alarms").output
    assert run("alarms", "--seen", "1042", "--why", "They asked to keep it for the next one.").exit_code == 0
    assert waiting(world) == []
    assert "1042 (seen): " in run("alarms").output
    assert json.loads(run("alarms", "--json").output)[0]["seen"] is True
    pay(run, "5.00", "B")
    assert waiting(world) == ["Invoice 1042 has received GBP 15.00 more than was due."]


def test_what_does_not_wait_cannot_be_seen(world: World, run: Callable[..., Result]) -> None:
    answer = run("alarms", "--seen", "9999")
    assert answer.exit_code == 1
    assert "Nothing about '9999' waits for you." in answer.output
    assert world.open().ledger.seen_alarms() == frozenset()


def raise_overpaid(world: World) -> None:
    """The alarm that settling a payment too many raises."""
    with world.open().ledger.transaction() as tx:
        tx.raise_alarm(Alarm(AlarmKind.OVERPAID, "pi_9", "Too much.", datetime(2026, 11, 21, tzinfo=UTC), None, "1042"))
