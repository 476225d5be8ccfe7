"""The main job in a real browser: link, part payment, the rest, paid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    Picture = Callable[[Page, str], None]

pytestmark = pytest.mark.browser


def test_link_to_part_to_rest_to_paid(world: World, phone: Page, picture: Picture) -> None:
    world.write("pages/terms.md", "# Payment terms\n\nPay within 30 days.\n")
    world.build()
    phone.goto(world.open().url_of("1042"))
    button = phone.get_by_role("button", name="Pay £840.00 now")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 660, "the pay button is not on the first screen of a mail program's browser"
    picture(phone, "1-invoice")

    phone.get_by_text("Pay a part").click()
    phone.get_by_label("Amount").fill("300")
    picture(phone, "2-part")
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("£300.00")
    picture(phone, "3-check")
    phone.get_by_role("button", name="Continue to payment").click()
    expect(phone.get_by_text("Sandbox").first).to_be_visible()
    picture(phone, "4-checkout")
    phone.get_by_role("button", name="Pay £300.00").click()

    expect(phone.get_by_role("heading", level=1)).to_contain_text("£540.00")
    picture(phone, "5-partly-paid")
    phone.get_by_role("button", name="Pay £540.00 now").click()
    phone.get_by_role("button", name="Pay £540.00").click()

    expect(phone.get_by_role("heading", level=1)).to_contain_text("Paid in full")
    assert phone.get_by_role("button").count() == 0
    assert phone.locator("form").count() == 0
    picture(phone, "6-paid")


def test_declined_card_leads_back_with_no_money_taken(world: World, phone: Page, picture: Picture) -> None:
    phone.goto(world.open().url_of("1042"))
    notice = phone.get_by_text("No payment was made.")
    expect(notice).to_be_hidden()
    phone.get_by_role("button", name="Pay £840.00 now").click()
    phone.get_by_label("0002").check()
    phone.get_by_role("button", name="Pay £840.00").click()
    expect(phone.get_by_text("No money has been taken").first).to_be_visible()
    picture(phone, "1-declined")
    phone.get_by_role("link", name="Back to").first.click()
    expect(notice).to_be_visible()
    expect(phone.get_by_text("No money has been taken").first).to_be_visible()
    picture(phone, "2-back")


def test_a_part_typed_wrong_is_explained_and_kept(world: World, phone: Page, picture: Picture) -> None:
    phone.goto(world.open().url_of("1042"))
    phone.get_by_text("Pay a part").click()
    phone.get_by_label("Amount").fill("lots")
    phone.get_by_role("button", name="Continue").click()
    expect(phone).to_have_title(re.compile("^Error: "))
    expect(phone.get_by_role("alert")).to_contain_text("There is a problem")
    assert phone.get_by_label("Amount").input_value() == "lots"
    picture(phone, "1-error")
    phone.get_by_label("Amount").fill("300.00")
    phone.get_by_role("button", name="Continue").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("£300.00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_overflows_and_one_request_is_enough(world: World, browser: Browser, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    portal = world.open()
    for path in [portal.path_of("1042"), "/", "/nothing-here"]:
        requests.clear()
        page.goto(world.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert [url for url in requests if not url.startswith("data:")] == [world.url + path]
        assert page.locator("script").count() == 0
    context.close()


def test_the_keyboard_reaches_the_button_and_it_shows(world: World, phone: Page) -> None:
    phone.goto(world.open().url_of("1042"))
    for _ in range(10):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.textContent.trim().startsWith('Pay £840.00')"):
            break
    assert phone.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Sandbox").first).to_be_visible()
