"""A checkout that a customer has open, and an invoice that the owner writes otherwise meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.building import build
from portal.ports import LIVE_STATES

if TYPE_CHECKING:
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
