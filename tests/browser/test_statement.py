"""Several invoices paid at once on a phone: statement, choice, check, checkout, and every page says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from portal.ports.links import LinkKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    Picture = Callable[[Page, str], None]

pytestmark = pytest.mark.browser


def statement_of(world: World) -> str:
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return portal.url_of_link(link)


def test_two_of_three_invoices_are_chosen_checked_and_paid(world: World, phone: Page, picture: Picture) -> None:
    world.invoice("1043", total="100.00", due_on="2026-11-30")
    world.invoice("1044", total="60.00", due_on="2026-12-31")
    world.build()
    address = statement_of(world)
    phone.goto(address)
    heading = phone.get_by_role("heading", level=1)
    expect(heading).to_contain_text("£1,000.00")
    box = phone.get_by_role("button", name="Pay £1,000.00 now").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 660, "the pay button is not on the first screen of a mail program's browser"

    phone.get_by_text("Choose invoices to pay").click()
    phone.get_by_label(re.compile("Invoice 1043")).check()
    phone.get_by_label(re.compile("Invoice 1044")).check()
    picture(phone, "1-chosen")
    phone.locator("#choose").get_by_role("button", name="Continue").click()
    expect(heading).to_contain_text("You are about to pay £160.00")
    expect(phone.get_by_role("rowheader", name="Invoice 1043")).to_be_visible()
    picture(phone, "2-check")
    phone.get_by_role("button", name="Continue to payment").click()
    expect(phone.get_by_text("Invoice 1044")).to_be_visible()
    picture(phone, "3-checkout")
    phone.get_by_role("button", name="Pay £160.00").click()

    expect(phone).to_have_url(address)
    expect(heading).to_contain_text("£840.00")
    picture(phone, "4-statement")
    for number, left in (("1043", "Paid in full"), ("1044", "Paid in full"), ("1042", "£840.00")):
        phone.goto(address)
        phone.get_by_role("link", name=f"Invoice {number}").click()
        expect(heading).to_contain_text(left)


def test_an_amount_typed_wrong_is_explained_and_kept(world: World, phone: Page, picture: Picture) -> None:
    world.invoice("1043", total="100.00", due_on="2026-11-30")
    world.build()
    phone.goto(statement_of(world))
    phone.get_by_text("Pay another amount").click()
    phone.get_by_label("Amount").fill("lots")
    phone.get_by_role("button", name="Continue").filter(visible=True).click()
    expect(phone).to_have_title(re.compile("^Error: "))
    expect(phone.get_by_role("alert")).to_contain_text("There is a problem")
    assert phone.get_by_label("Amount").input_value() == "lots"
    picture(phone, "1-error")
    phone.get_by_label("Amount").fill("£ 900")
    phone.get_by_role("button", name="Continue").filter(visible=True).click()
    expect(phone.get_by_text("£40.00 stays left on it")).to_be_visible()
