"""How the states of the pages are reached: what an owner sets, what customers click, and what their banks do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import requests
from door_scenes import doors
from link_scenes import given, locked
from plan_scenes import linked, many_plans, plans
from staging import alone, charge, furnish, invoice, pay, renew, sync
from statement_scenes import statement_on_its_way, statement_spread, statements
from stripe_scenes import written_in_stripe

from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import GiveCredit, PaidBy, RecordPayment, WriteOff
from portal.building.freeze import PageFreezer
from portal.links.issuing import LinkPlace
from portal.ports.links import LinkKind
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble
from portal.texts import LANGUAGES
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from states import Gallery
    from world import World

    from portal.bookkeeping.wishes import Wish

LATE = "2026-10-31"
NOT_YET = "2026-12-31"
ROOT = Path(__file__).parents[3]

TERMS = """
[[terms.discounts]]
days = 90
percent = "3"
[terms.late]
mode = "charged"
grace_days = 7
flat = { GBP = "40.00" }
"""


OTHER_WAYS = """
[[bank]]
iban = "DE89 3704 0044 0532 0130 00"
bic = "COBADEFFXXX"
[[bank]]
iban = "CH58 0079 1123 0008 8901 2"
street = "Sample Quay"
house_number = "1"
postcode = "EX4 0MP"
town = "Exampleton"
country = "GB"
[payments]
paypal_me = "https://paypal.me/sample"
cheque_to = "Harbour & Pine Joinery Ltd"
other = "Cash at the **counter**, from nine to five. [How to find us](https://example.com/map)."
"""
STAGES = """
[[terms.discounts]]
days = 90
percent = "3"
[terms.late]
mode = "charged"
flat = { EUR = "40.00", GBP = "40.00" }
"""


def owed(world: World, gallery: Gallery) -> None:
    """Invoices with something left to pay, and the pages that belong to none."""
    furnish(world)
    invoice(world, "open", due_on=NOT_YET)
    invoice(world, "small", "0.20")
    invoice(world, "large", "1234567.00", due_on=NOT_YET)
    invoice(world, "fraction", "310.505", currency="KWD")
    renew(world)
    pay(world, "1042", "300")
    invoice(world, "part-left", due_on=NOT_YET)
    invoice(world, "overdue")
    renew(world)
    pay(world, "part-left", "200")
    for name in ("open", "overdue", "small", "large", "fraction"):
        gallery.page(name, world, name)
    gallery.page("overdue and partly paid, with a plain invoice", world, "1042")
    gallery.page("partly paid", world, "part-left")
    address = world.open().url_of("overdue")
    gallery.keep("back without a payment", requests.get(address, timeout=10), part="#not-paid")
    for name, path in (("front", "/"), ("terms", "/terms/"), ("not found", "/i/nothing/")):
        gallery.keep(name, requests.get(world.url + path, timeout=10))


def settled(world: World, gallery: Gallery) -> None:
    """Paid, on its way, given back, taken back, cancelled, given up."""
    names = "paid", "two payments", "on its way", "refunded", "overpaid", "disputed", "written off", "credited"
    world.sandbox.faults.lose_webhooks = True
    alone(world)
    furnish(world)
    for name in names:
        invoice(world, name.replace(" ", "-"))
    invoice(world, "cancelled", more="cancelled_on = 2026-10-08")
    invoice(world, "zero", "0.00")
    invoice(world, "negative", "-20.00")
    renew(world)
    pay(world, "paid")
    pay(world, "two-payments", "300")
    pay(world, "two-payments")
    pay(world, "on-its-way", means="bank")
    pay(world, "refunded")
    world.sandbox.refund(charge(world), 84000)
    pay(world, "disputed")
    world.sandbox.open_dispute(charge(world))
    _write(world, "overpaid", RecordPayment(Money(90000, "GBP"), world.day, PaidBy.TRANSFER, "RF 1", overpaid=True))
    _write(world, "written-off", WriteOff("closed"))
    _write(world, "credited", GiveCredit(Money(84000, "GBP"), "CN-1"))
    sync(world)
    for name in (*names, "cancelled", "zero", "negative"):
        gallery.page(name, world, name.replace(" ", "-"))


def clicked(world: World, gallery: Gallery) -> None:
    """What a pay button answers instead of a checkout."""
    world.sandbox.faults.lose_webhooks = True
    furnish(world)
    invoice(world, "small", "0.20")
    invoice(world, "way")
    renew(world)
    pay(world, "way", means="bank")
    old = world.form(world.page())
    part = {**old, "want": "part", "amount": "300"}
    _answer(world, gallery, "part read back", part)
    for name, amount in (
        ("nothing typed", ""),
        ("no amount", "lots"),
        ("too much", "9000"),
        ("leaves little", "839.9"),
    ):
        _answer(world, gallery, f"part refused: {name}", part | {"amount": amount})
    _answer(world, gallery, "link unknown", old | {"token": "a" * 32})
    _answer(world, gallery, "form that makes no sense", old | {"want": "x"})
    for name in ("small", "way"):
        token = {"token": world.open().path_of(name).split("/")[2]}
        _answer(world, gallery, f"nothing to be paid by card: {name}", {**old, **token, "want": "all"})
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, only="POST /v1/checkout/sessions"), times=3)
    _answer(world, gallery, "problem", {**old, "want": "all"})
    pay(world, "1042", "300")
    _answer(world, gallery, "left to pay has changed", {**old, "want": "all"})
    paid = world.at_checkout(world.pay().headers["Location"])
    with patch("portal.building.freeze.publish_pages", side_effect=OSError("the disk is full")):
        gallery.keep("thanks", world.come_back(paid))
        world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, only="GET /v1/checkout/sessions"), times=9)
        gallery.keep("back, and nobody can say", world.come_back(paid))
    world.sandbox.faults.clear()
    _answer(world, gallery, "nothing left to pay", {**old, "want": "all"})


def terms(world: World, gallery: Gallery) -> None:
    """Paying early and paying late."""
    alone(world)
    furnish(world, TERMS)
    invoice(world, "early", due_on=NOT_YET)
    invoice(world, "late", more="discounts = []")
    invoice(world, "replaced")
    invoice(world, "newer", due_on=NOT_YET, more='replaces = "replaced"')
    renew(world)
    gallery.page("discount running", world, "early")
    gallery.page("replaced", world, "replaced")
    portal = world.open()
    portal.issuing().issue(LinkPlace(LinkKind.PAY_ONLY, "early", "early"))
    PageFreezer(portal).freeze_stale()
    (link,) = portal.ledger.links_in_force(LinkKind.PAY_ONLY)
    gallery.keep("for paying only, with a discount", requests.get(portal.url_of_link(link), timeout=10))
    gallery.page("late fee charged", world, "late")


def other_ways(world: World, gallery: Gallery) -> None:
    """Symbols for banking apps, one or one for each sum; and every other way to pay."""
    furnish(world, OTHER_WAYS)
    invoice(world, "sepa", currency="EUR", due_on=NOT_YET, more='yours = "PO 77"')
    invoice(world, "swiss", currency="CHF", due_on=NOT_YET)
    invoice(world, "little", "0.20", currency="EUR", due_on=NOT_YET)
    renew(world)
    for name in ("sepa", "swiss", "little"):
        gallery.page(f"other ways: {name}", world, name)
    # Three Swiss symbols, 56 mm each as their standard asks, take a second sheet.
    (world.folders.content / "invoices" / "swiss.md").unlink()
    furnish(world, OTHER_WAYS + STAGES)
    gallery.page("other ways: each sum with its days", world, "sepa")


def tongues(world: World, gallery: Gallery) -> None:
    """Every language the pages speak, with a switch between them."""
    alone(world)
    furnish(world)
    settings = world.folders.content / "portal.toml"
    every = ", ".join(f'"{language}"' for language in LANGUAGES)
    settings.write_text(
        settings.read_text().replace("timezone =", f"languages = [{every}]\ntimezone ="), encoding="utf-8"
    )
    invoice(world, "de")
    file = world.folders.content / "invoices" / "de.md"
    file.write_text(file.read_text().replace("customer = {", 'customer = { language = "de",'), encoding="utf-8")
    renew(world)
    gallery.page("in German", world, "de")


def sample(world: World, gallery: Gallery) -> None:
    """The sample business as it comes: what its settings turn on, e-invoices, a credit note, other currencies."""
    alone(world)
    content = ROOT / "content"
    for file in filter(Path.is_file, content.rglob("*")):
        text = re.sub(r'base_url = ".*"', f'base_url = "{world.url}"', file.read_text(encoding="utf-8"))
        text = re.sub(r"\nlanguages = .*", "", text)  # they have a scene of their own
        world.write(str(file.relative_to(content)), text)
    renew(world)
    gallery.page("credit note", world, "CN-17")


def _answer(world: World, gallery: Gallery, name: str, fields: dict[str, str]) -> None:
    gallery.keep(name, requests.post(f"{world.url}/pay", data=fields, allow_redirects=False, timeout=60))


def _write(world: World, key: str, wish: Wish) -> None:
    portal = world.served()
    OwnerEntries(portal.ledger, portal.gateway, now, portal.today).write(key, wish)


SCENES: tuple[Callable[[World, Gallery], None], ...] = (
    owed,
    settled,
    clicked,
    terms,
    other_ways,
    tongues,
    sample,
    doors,
    plans,
    many_plans,
    linked,
    written_in_stripe,
    statements,
    statement_on_its_way,
    statement_spread,
    given,
    locked,
)
"""All of them; each has a portal to itself."""
