"""Disputes that are opened, closed and opened again: the owner is told each time, and pages and plans know."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests

from portal.payments.reconciliation import reconcile, to_look_at
from portal.payments.syncing import sync
from portal.ports.alarms import AlarmKind
from portal.receivables.entries import EntryKind
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

BEGINS = "The card's bank disputes a payment on invoice 1042"
AGAIN = "The card's bank has opened its dispute of a payment on invoice 1042 again"
SECOND = "The card's bank disputes a payment on invoice 1042 once more"
ASKS = "The card's bank asks about a payment on invoice 1042, and has moved no money"
GOES_ON = "The card's bank had asked about a payment on invoice 1042, and disputes it now"


@pytest.fixture
def charge(world: World) -> str:
    """A payment of all of invoice 1042."""
    world.at_checkout(world.pay().headers["Location"])
    headers = {"Authorization": "Bearer sk_test_x"}
    return str(requests.get(f"{world.url}/sandbox/v1/charges", headers=headers, timeout=10).json()["data"][0]["id"])


def waits(world: World) -> dict[str | None, str]:
    """What waits for the owner now: about what, and the sentence before the amount."""
    return {one.field: one.problem.partition(":")[0] for one in to_look_at(world.open().ledger, world.day)}


def told(world: World, expected: dict[str, str]) -> bool:
    """Whether just this comes to wait for the owner, once the webhooks are there, and the invoice knows it."""
    until = time.monotonic() + 10
    while (waits(world), world.balance().is_disputed) != (expected, bool(expected)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_each_opening_of_a_dispute_is_told_and_flagged(world: World, charge: str) -> None:
    dispute = str(world.sandbox.open_dispute(charge)["id"])
    assert told(world, {dispute: BEGINS})
    world.sandbox.win_dispute(dispute)
    assert told(world, {})
    assert not world.balance().amount_remaining
    world.sandbox.reopen_dispute(dispute)
    assert told(world, {f"{dispute}/2": AGAIN})
    world.sandbox.lose_dispute(dispute)
    assert told(world, {})
    assert str(world.balance().amount_remaining) == "GBP 840.00"


@pytest.mark.parametrize("was_closed", [False, True])
def test_an_inquiry_that_becomes_a_dispute_is_told_again(world: World, charge: str, *, was_closed: bool) -> None:
    dispute = str(world.sandbox.open_dispute(charge, inquiry=True)["id"])
    assert told(world, {f"{dispute}/inquiry": ASKS})
    if was_closed:
        world.sandbox.win_dispute(dispute)
        assert told(world, {})
    world.sandbox.reopen_dispute(dispute)
    assert told(world, {dispute: GOES_ON})
    world.sandbox.win_dispute(dispute)
    assert told(world, {})
    assert not world.balance().amount_remaining


def test_a_second_dispute_of_one_payment_is_told_too(world: World, charge: str) -> None:
    first = str(world.sandbox.open_dispute(charge, amount=20000)["id"])
    assert told(world, {first: BEGINS})
    second = str(world.sandbox.open_dispute(charge, amount=30000)["id"])
    assert told(world, {first: BEGINS, second: SECOND})
    world.sandbox.win_dispute(first)
    assert told(world, {second: SECOND})
    assert str(world.balance().amount_remaining) == "GBP 300.00"


def test_with_every_webhook_lost_a_sync_tells_it_and_is_level_then(world: World, charge: str) -> None:
    world.sandbox.faults.lose_webhooks = True
    portal = world.served()
    assert portal.gateway is not None
    dispute = str(world.sandbox.open_dispute(charge)["id"])
    for act in (world.sandbox.win_dispute, world.sandbox.reopen_dispute):
        act(dispute)
        sync(portal.gateway, portal.ledger, now())
    assert waits(world) == {f"{dispute}/2": AGAIN}
    assert sync(portal.gateway, portal.ledger, now()).found_nothing
    assert not reconcile(portal.gateway, portal.ledger, world.day).differences


def test_a_dispute_that_is_over_when_it_is_heard_of_alarms_nobody(world: World, charge: str) -> None:
    """As in a ledger that is made again from what the provider lists."""
    world.sandbox.faults.lose_webhooks = True
    world.sandbox.win_dispute(str(world.sandbox.open_dispute(charge)["id"]))
    portal = world.served()
    assert portal.gateway is not None
    sync(portal.gateway, portal.ledger, now())
    assert EntryKind.DISPUTE_CLOSED in {one.kind for one in world.entries()}
    assert AlarmKind.DISPUTED not in {one.kind for one in portal.ledger.alarms()}
