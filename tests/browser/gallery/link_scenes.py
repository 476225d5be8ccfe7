"""How the states of links are reached: for paying only, replaced, asked for again, and locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from staging import furnish, invoice, renew

from portal.building.freeze import PageFreezer
from portal.links.issuing import LinkPlace
from portal.ports.links import LinkKind

if TYPE_CHECKING:
    from states import Gallery
    from world import World

PAY_ONLY = LinkPlace(LinkKind.PAY_ONLY, "1042", "1042")


def given(world: World, gallery: Gallery) -> None:
    """A second link, a new one in its place, and somebody without one."""
    furnish(world)
    portal = world.open()
    first = portal.issuing().issue(PAY_ONLY).after
    _freeze(world)
    page = requests.get(portal.url_of_link(first), timeout=10)
    gallery.keep("for paying only", page)
    gallery.keep("for paying only, back without a payment", page, part="#not-paid")
    portal.issuing().rotate(PAY_ONLY)
    _freeze(world)
    gallery.keep("link replaced", requests.get(portal.url_of_link(first), timeout=10))
    form = {"email": "accounts@example.com", "words": "Invoice 1042"}
    gallery.keep("link asked for", requests.post(f"{world.url}/fresh-link", data=form, timeout=10))
    wrong = requests.post(f"{world.url}/fresh-link", data=form | {"email": "nobody"}, timeout=10)
    gallery.keep("link asked for without an address", wrong)


def locked(world: World, gallery: Gallery) -> None:
    """Encrypted pages: with the whole link, and without its end."""
    furnish(world, "[links]\nencrypted = true\n")
    invoice(world, "1043")
    renew(world)
    portal = world.open()
    (statement,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    for name, url in (("invoice", portal.url_of("1042")), ("statement", portal.url_of_link(statement))):
        page, _mark, key = url.partition("#")
        answer = requests.get(page, timeout=10)
        gallery.keep(f"locked {name}", answer, part=f"#{key}")
        gallery.keep(f"locked {name}, the end of its link is missing", answer)


def _freeze(world: World) -> None:
    PageFreezer(world.open()).freeze_stale()
