"""A checkout that a customer has open, and an invoice that the owner writes otherwise meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from portal.building.build import build
from portal.cli import main
from portal.ports import LIVE_STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

PAID = '[[payments]]\namount = "840.00"\npaid_on = 2026-11-20\n'
PAID_PARTLY = '[[payments]]\namount = "1.00"\npaid_on = 2026-11-20\n'
CANCELLED = "cancelled_on = 2026-11-20\n"


def written(world: World, more: str) -> None:
    """The owner adds something to the invoice's file, and builds."""
    path = world.folders.content / "invoices" / "1042.md"
    text = path.read_text(encoding="utf-8").rstrip().removesuffix("+++")
    path.write_text(f"{text}{more}+++\n", encoding="utf-8")
    assert build(world.served()).problems == ()


@pytest.mark.parametrize("more", [PAID, PAID_PARTLY, CANCELLED], ids=["paid", "paid partly", "cancelled"])
def test_nobody_pays_an_open_checkout_for_what_is_not_owed_any_more(world: World, more: str) -> None:
    url = world.pay().headers["Location"]
    written(world, more)
    assert world.open().ledger.holds_in(LIVE_STATES) == ()
    world.at_checkout(url)
    assert world.entries() == ()


def test_a_checkout_for_no_more_than_is_left_stays_open(world: World) -> None:
    url = world.pay(want="part", amount="400.00", confirmed="1").headers["Location"]
    written(world, PAID_PARTLY)
    world.come_back(world.at_checkout(url))
    assert str(world.balance().amount_remaining) == "GBP 439.00"


def test_a_currency_that_changes_under_a_payment_is_refused_and_harms_no_other(world: World) -> None:
    """It stopped the build of all pages, and each later webhook of the invoice."""
    world.invoice("1043", "50.00")
    build(world.served())
    world.come_back(world.at_checkout(world.pay(want="part", amount="100.00", confirmed="1").headers["Location"]))
    world.invoice("1042", currency="EUR")
    world.invoice("1043", "60.00")
    found = build(world.served())
    (problem,) = found.problems
    assert "1042 was in GBP and is in EUR now" in problem.problem
    assert (problem.file, found.invoices.rejected) == ("invoices/1042.md", 1)
    assert str(world.balance().amount_remaining) == "GBP 740.00"
    assert "\u00a360.00" in world.page("1043")
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    assert not world.balance().amount_remaining


def test_a_currency_may_change_before_anything_was_recorded(world: World) -> None:
    url = world.pay().headers["Location"]
    world.invoice("1042", currency="EUR")
    assert build(world.served()).problems == ()
    world.at_checkout(url)
    assert str(world.balance().amount_remaining) == "EUR 840.00"


def test_a_checkout_is_closed_when_money_that_was_given_back_comes_back(world: World) -> None:
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    headers = {"Authorization": "Bearer sk_test_x"}
    (charge,) = requests.get(f"{world.url}/sandbox/v1/charges", headers=headers, timeout=10).json()["data"]
    refund = world.sandbox.refund(charge["id"], None)
    until(lambda: bool(world.balance().amount_remaining))
    url = world.pay().headers["Location"]
    world.sandbox.fail_refund(refund["id"])
    until(lambda: not world.balance().amount_remaining)
    until(lambda: not world.open().ledger.holds_in(LIVE_STATES))
    world.at_checkout(url)
    assert not world.balance().amount_overpaid


@pytest.mark.parametrize("how", ["sync", "build"])
def test_a_checkout_is_closed_also_where_every_webhook_was_lost(world: World, how: str) -> None:
    """What came back between two looks at Stripe makes an open checkout too large; it waited for one build more."""
    world.sandbox.faults.lose_webhooks = True
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    headers = {"Authorization": "Bearer sk_test_x"}
    (charge,) = requests.get(f"{world.url}/sandbox/v1/charges", headers=headers, timeout=10).json()["data"]
    refund = world.sandbox.refund(charge["id"], None)
    brought_in(world, how)
    url = world.pay().headers["Location"]
    world.sandbox.fail_refund(refund["id"])
    assert world.balance().amount_remaining
    brought_in(world, how)
    assert world.open().ledger.holds_in(LIVE_STATES) == ()
    world.at_checkout(url)
    assert not world.balance().amount_overpaid


def brought_in(world: World, how: str) -> None:
    """What Stripe knows, by the command that asks it."""
    if how == "build":
        build(world.served())
        return
    folders = [f"--{name}={getattr(world.folders, name)}" for name in ("content", "output", "state")]
    assert CliRunner().invoke(main, ["sync", *folders, "--as-of", world.day.isoformat()]).exit_code == 0


def until(is_so: Callable[[], bool]) -> None:
    """Webhooks come a moment later."""
    for _ in range(100):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("The webhook never came.")
