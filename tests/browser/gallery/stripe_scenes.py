"""How the states of invoices are reached that were written in Stripe, and are paid on Stripe's page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from staging import alone, furnish, sync

from portal.ports.links import LinkKind

if TYPE_CHECKING:
    from states import Gallery
    from world import World

SHOWN = '[sources]\nstripe_invoices = "shown"\n[links]\npay_only = true\n'
NOT_YET, LATE = 1798675200, 1793404800
"""31 December and 31 October 2026, as Stripe counts."""
LINES = [("Oak alcove shelving", 64000), ("A coat of oil", 20000)]


def written_in_stripe(world: World, gallery: Gallery) -> None:
    """Open, overdue, paid in part there, and no longer open."""
    alone(world)
    furnish(world, SHOWN)
    for number, due in (("open", NOT_YET), ("late", LATE), ("part", LATE), ("paid", NOT_YET)):
        made = world.sandbox.invoice(f"S-{number}", LINES, customer_email="accounts@example.com", due_date=due)
        if number == "part":
            world.sandbox.pay_invoice(made["id"], 30000)
    sync(world)
    for name, number in (("open", "open"), ("overdue", "late"), ("partly paid", "part")):
        gallery.page(f"written in Stripe: {name}", world, f"S-{number}")
    portal = world.open()
    link = next(one for one in portal.ledger.links_in_force(LinkKind.PAY_ONLY) if one.subject == "S-open")
    gallery.keep("written in Stripe: for paying only", requests.get(portal.url_of_link(link), timeout=10))
    world.sandbox.pay_invoice(made["id"])
    sync(world)
    gallery.page("written in Stripe: no longer open", world, "S-paid")
