"""How the states of payment plans and of payment links are reached."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from staging import furnish, invoice, pay, post, renew, sync

from portal.adapters.stripe.plans import stripe_collector
from portal.building.freeze import PageFreezer
from portal.payments.collection import Collected

if TYPE_CHECKING:
    import requests
    from states import Gallery
    from world import World

PLANS = """
[[plans]]
payments = [2, 3]
collected = "customer's choice"
"""
MANY_PLANS = """
[[plans]]
payments = [2, 12]
rhythms = ["monthly", "two-weekly", "payday"]
minimum_payment = "1.00"
"""
SECOND = date(2026, 12, 21)


def plans(world: World, gallery: Gallery) -> None:
    """From the offer to a card that no longer works."""
    furnish(world, PLANS)
    for name in ("by-hand", "refused", "whole"):
        invoice(world, name)
    renew(world)
    gallery.page("plans on offer", world, "1042")
    gallery.keep("plan read back", _choose(world, "1042", "automatic"))
    gallery.keep("plan no longer on offer", post(world, "/plan", "1042", want="choose", plan="9-weekly-by-hand"))
    for key, way, means in (
        ("1042", "automatic", "4242"),
        ("by-hand", "by-hand", "4242"),
        ("refused", "automatic", "0341"),
    ):
        _agree(world, key, way, means)
    gallery.page("on a plan", world, "1042")
    gallery.page("on a plan paid by hand", world, "by-hand")
    gallery.keep("plan: another card", post(world, "/plan", "1042", want="card"))
    gallery.keep("plan: stop it", post(world, "/plan", "1042", want="stop"))
    _collect(world, SECOND)
    gallery.page("plan payment failed", world, "refused")
    gallery.page("plan payment due by hand", world, "by-hand")
    sync(world, date(2027, 1, 30))
    gallery.page("plan payment missed", world, "by-hand")
    gallery.page("plan payment failed long ago", world, "refused")
    pay(world, "by-hand")
    gallery.page("plan paid in full", world, "by-hand")


def many_plans(world: World, gallery: Gallery) -> None:
    """More plans than buttons, and a day to be named."""
    furnish(world, MANY_PLANS)
    gallery.page("many plans on offer", world, "1042")
    no_day = post(world, "/plan", "1042", want="choose", plan="3-payday-automatic", payday="x")
    gallery.keep("plan on a payday that is none", no_day)


def linked(world: World, gallery: Gallery) -> None:
    """Pages that are paid through payment links."""
    furnish(world, '[payments]\ncheckout = "links"\n')
    invoice(world, "large", "1234567.00")
    sync(world)
    gallery.page("payment link", world, "1042")
    gallery.page("payment link for a part", world, "large")


def _choose(world: World, key: str, way: str) -> requests.Response:
    return post(world, "/plan", key, want="choose", plan=f"3-monthly-{way}")


def _agree(world: World, key: str, way: str, means: str) -> None:
    fields = world.form(_choose(world, key, way).text) | {"want": "agree"}
    opened = post(world, "/plan", key, **fields)
    assert opened.status_code == 303, opened.text
    world.come_back(world.at_checkout(opened.headers["Location"], means))


def _collect(world: World, day: date) -> None:
    """What ``portal collect`` does on a day."""
    world.serve_again(day)
    portal = world.served()
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    results = {one.outcome for one in portal.collection(portal.gateway, collector).collect()}
    assert results == {Collected.CHARGED, Collected.DECLINED}
    PageFreezer(portal).freeze_stale()
    sync(world)
