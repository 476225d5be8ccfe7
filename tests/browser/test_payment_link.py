"""Paying through a payment link in a real browser: no form, no script, and the same look in each size and scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.building.build import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    Picture = Callable[[Page, str], None]

pytestmark = pytest.mark.browser


def test_link_to_part_to_next_build(linked_world: World, phone: Page, picture: Picture) -> None:
    address = linked_world.open().url_of("1042")
    phone.goto(address)
    button = phone.get_by_role("link", name="Pay £840.00 now")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 660, "the pay button is not on the first screen of a mail program's browser"
    assert box["height"] >= 44
    assert phone.locator("form").count() == 0
    link = button.get_attribute("href")
    assert link is not None
    button.click()
    expect(phone.get_by_text("Sandbox").first).to_be_visible()
    phone.get_by_label("Amount in GBP").fill("300")
    picture(phone, "1-checkout")
    phone.get_by_role("button", name="Pay").click()
    expect(phone.get_by_text("It can take up to a day")).to_be_visible()
    picture(phone, "2-thanks")
    phone.goto(link)  # from a page that was still open: a webhook may have renewed the page itself
    expect(phone.get_by_text("This payment link was used or replaced")).to_be_visible()
    picture(phone, "3-used")
    build(linked_world.served())
    phone.goto(address)
    expect(phone.get_by_role("link", name="Pay £540.00 now")).to_be_visible()
    picture(phone, "4-next")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_overflows(linked_world: World, browser: Browser, picture: Picture, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(linked_world.open().url_of("1042"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("script").count() == 0
    picture(page, f"{width}-{scheme}")
    context.close()
    assert complaints == []
