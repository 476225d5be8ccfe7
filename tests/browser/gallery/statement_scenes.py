"""How the states of statements are reached: several invoices of one customer, paid together, in part, or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from plan_scenes import PLANS
from staging import furnish, invoice, renew

from portal.ports.links import LinkKind
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from states import Gallery
    from world import World


def statements(world: World, gallery: Gallery) -> None:
    """A statement as it is sent, what its buttons answer, and when nothing is left on it."""
    world.sandbox.faults.lose_webhooks = True
    furnish(world)
    invoice(world, "1043", "100.00", due_on="2026-11-30")
    invoice(world, "1044", "60.00", due_on="2026-12-31")
    invoice(world, "CN-18", "-45.00")
    renew(world)
    page = _page(world)
    gallery.keep("statement", page)
    gallery.keep("statement, back without a payment", page, part="#not-paid")
    old = world.form(page.text)
    two = {world.open().token_of(key): "1" for key in ("1042", "1044")}
    _answer(world, gallery, "statement: choice read back", old | two | {"want": "some"})
    amount = old | {"want": "amount", "amount": "880"}
    _answer(world, gallery, "statement: amount read back", amount)
    _answer(world, gallery, "statement: nothing chosen", old | {"want": "some"})
    _answer(world, gallery, "statement: no amount", amount | {"amount": "lots"})
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, only="POST /v1/checkout/sessions"), times=3)
    _answer(world, gallery, "statement: problem", old | {"want": "all"})
    world.come_back(world.at_checkout(world.pay("1043").headers["Location"]))
    _answer(world, gallery, "statement: left to pay has changed", old | two | {"want": "some", "confirmed": "1"})
    now = world.form(_page(world).text) | {"want": "all"}
    paid = _post(world, now)
    world.come_back(world.at_checkout(paid.headers["Location"]))
    gallery.keep("statement with nothing left", _page(world))
    _answer(world, gallery, "statement: nothing to be paid", now)


def statement_on_its_way(world: World, gallery: Gallery) -> None:
    """Everything was paid by bank debit."""
    furnish(world)
    invoice(world, "1043", "100.00", due_on="2026-11-30")
    renew(world)
    opened = _post(world, world.form(_page(world).text) | {"want": "all"})
    world.come_back(world.at_checkout(opened.headers["Location"], means="bank"))
    gallery.keep("statement on its way", _page(world))


def statement_spread(world: World, gallery: Gallery) -> None:
    """One plan over all invoices of a statement, from the offer to its first payment."""
    furnish(world, PLANS)
    invoice(world, "1043", "360.00", due_on="2026-11-30")
    renew(world)
    page = _page(world)
    gallery.keep("statement with plans on offer", page)
    door = world.form(page.text.partition('id="spread"')[2])
    check = _post(world, door | {"plan": "3-monthly-automatic"}, "/plan")
    gallery.keep("statement: plan read back", check)
    gone = _post(world, door | {"plan": "9-weekly-by-hand"}, "/plan")
    gallery.keep("statement: plan no longer on offer", gone)
    agreed = _post(world, world.form(check.text), "/plan")
    world.come_back(world.at_checkout(agreed.headers["Location"]))
    gallery.keep("statement on a plan", _page(world))


def _page(world: World) -> requests.Response:
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return requests.get(portal.url_of_link(link), timeout=10)


def _post(world: World, form: dict[str, str], path: str = "/pay") -> requests.Response:
    return requests.post(f"{world.url}{path}", data=form, allow_redirects=False, timeout=60)


def _answer(world: World, gallery: Gallery, name: str, form: dict[str, str]) -> None:
    gallery.keep(name, _post(world, form))
