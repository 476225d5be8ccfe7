"""A voucher, such as Multibanco's: its checkout is over at once, and its customer pays it days later, or never."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from portal.payments.reconciliation import reconcile
from portal.payments.syncing import sync
from portal.ports import HoldState
from portal.receivables.entries import EntryKind
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World


@pytest.fixture
def euros(world: World) -> World:
    """An invoice in the currency of the sandbox's voucher."""
    world.invoice("1050", "90.00", currency="EUR")
    world.build()
    return world


def comes(condition: Callable[[], bool]) -> bool:
    """Whether it comes to be so, once the webhooks are there."""
    until = time.monotonic() + 10
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def kinds(world: World) -> list[EntryKind]:
    return [entry.kind for entry in world.entries("1050")]


@pytest.mark.parametrize("door", ["webhook", "return page", "sync"])
def test_what_a_voucher_is_for_is_not_offered_again_by_any_door(euros: World, door: str) -> None:
    """It was asked for again, and both could be paid; and each later click failed, as nobody knew its word."""
    url = euros.pay("1050").headers["Location"]
    answer = euros.at_checkout(url, means="voucher", webhook="send" if door == "webhook" else "lose")
    if door == "return page":
        assert euros.come_back(answer).status_code == 303
    portal = euros.served()
    if door == "sync":
        assert portal.gateway is not None
        sync(portal.gateway, portal.ledger, now())
    assert comes(lambda: kinds(euros) == [EntryKind.PAYMENT_STARTED])
    assert not euros.balance("1050").amount_offerable
    assert not portal.ledger.alarms()
    assert [hold.state for hold in portal.ledger.holds_in(HoldState)] == [HoldState.PROCESSING]
    assert comes(lambda: "If you were given a voucher, please pay it" in euros.page("1050"))


@pytest.mark.parametrize("is_paid", [True, False])
def test_it_is_paid_later_or_never(euros: World, *, is_paid: bool) -> None:
    euros.come_back(euros.at_checkout(euros.pay("1050").headers["Location"], means="voucher"))
    euros.sandbox.settle_pending() if is_paid else euros.sandbox.fail_pending()
    ends = EntryKind.PAYMENT if is_paid else EntryKind.PAYMENT_FAILED
    assert comes(lambda: kinds(euros) == [EntryKind.PAYMENT_STARTED, ends])
    assert euros.balance("1050").amount_remaining.minor == (0 if is_paid else 9000)
    portal = euros.served()
    assert portal.gateway is not None
    assert not reconcile(portal.gateway, portal.ledger, euros.day).differences
    if not is_paid:
        again = euros.pay("1050")
        euros.come_back(euros.at_checkout(again.headers["Location"]))
        assert not euros.balance("1050").amount_remaining
