"""How the states of the doors besides paying are reached: a day named, a problem reported, paid already."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import requests
from staging import alone, furnish, invoice, renew

from portal.ports.mail import MailKind

if TYPE_CHECKING:
    from states import Gallery
    from world import World

REMINDERS = """
[mail]
from = "hello@example.com"
[reminders]
weekdays = ["saturday"]
"""
SAID = {
    "promise": {"want": "promise", "day": "2026-12-05"},
    "problem": {"want": "problem", "reason": "work", "words": "The door\r\nhas a <scratch>."},
    "paid": {"want": "paid", "day": "2026-11-20", "by": "transfer"},
}


def doors(world: World, gallery: Gallery) -> None:
    """What customers can say besides paying, what was wrong with it, and how it stands afterwards."""
    alone(world)
    world.open().ledger.switch_mail({MailKind.REMINDER}, (), datetime(2026, 9, 1, tzinfo=UTC))
    furnish(world, "[doors]\nanswer_days = 2\n" + REMINDERS)
    for name in (*SAID, "stop"):
        invoice(world, name)
    renew(world)
    for name, fields in SAID.items():
        wrong = _say(world, name, fields | {"day": "2028-01-01", "words": "x" * 9999})
        gallery.keep(f"{name} refused", wrong)
        noted = _say(world, name, fields)
        assert noted.status_code == 303, noted.text
        gallery.keep(f"{name} noted", requests.get(noted.headers["Location"], timeout=10))
        gallery.page(f"{name} on the page", world, name)
    _stop_reminders(world, gallery)


def _stop_reminders(world: World, gallery: Gallery) -> None:
    """The others are held by what was said, so the mail is about the one invoice."""
    world.served().post_office().attend(remind=True, hurry=True)
    mail = next(one.mail for one in world.open().ledger.messages() if one.cause.kind is MailKind.REMINDER)
    address = next(line for line in mail.text.splitlines() if "/reminders?stop=" in line)
    gallery.keep("stop reminders", requests.get(address, timeout=10))
    gallery.keep("reminders stopped", requests.post(address, timeout=60))
    gallery.page("reminders stopped on the page", world, "stop")


def _say(world: World, key: str, fields: dict[str, str]) -> requests.Response:
    token = world.open().path_of(key).split("/")[2]
    return requests.post(f"{world.url}/answer", data={"token": token} | fields, allow_redirects=False, timeout=60)
