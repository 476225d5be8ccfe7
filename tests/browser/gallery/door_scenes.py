"""How the states of the doors besides paying are reached: a day named, a problem reported, paid already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from staging import alone, furnish, invoice, renew

if TYPE_CHECKING:
    from states import Gallery
    from world import World

SAID = {
    "promise": {"want": "promise", "day": "2026-12-05"},
    "problem": {"want": "problem", "reason": "work", "words": "The door\r\nhas a <scratch>."},
    "paid": {"want": "paid", "day": "2026-11-20", "by": "transfer"},
}


def doors(world: World, gallery: Gallery) -> None:
    """What customers can say besides paying, what was wrong with it, and how it stands afterwards."""
    alone(world)
    furnish(world, "[doors]\nanswer_days = 2\n")
    for name in SAID:
        invoice(world, name)
    renew(world)
    for name, fields in SAID.items():
        wrong = _say(world, name, fields | {"day": "2028-01-01", "words": "x" * 9999})
        gallery.keep(f"{name} refused", wrong)
        noted = _say(world, name, fields)
        assert noted.status_code == 303, noted.text
        gallery.keep(f"{name} noted", requests.get(noted.headers["Location"], timeout=10))
        gallery.page(f"{name} on the page", world, name)


def _say(world: World, key: str, fields: dict[str, str]) -> requests.Response:
    token = world.open().path_of(key).split("/")[2]
    return requests.post(f"{world.url}/answer", data={"token": token} | fields, allow_redirects=False, timeout=60)
