"""Spreading an invoice in a real browser: choose, check, agree, pay, and what the page says then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.adapters.stripe.plans import stripe_collector
from portal.building.freeze import PageFreezer
from portal.payments.collection import Collected

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    Picture = Callable[[Page, str], None]

pytestmark = pytest.mark.browser
PLANS = """
[[plans]]
payments = [2, 4]
minimum_payment = "200.00"

[[plans]]
payments = 3
rhythms = "two-weekly"
collected = "by hand"
"""


def with_plans(world: World) -> None:
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + PLANS, encoding="utf-8")
    world.build()
    world.serve_again()


def choose(page: Page, world: World) -> None:
    page.goto(world.open().url_of("1042"))
    page.get_by_text("Need more time?").click()
    page.get_by_role("button", name="3 payments of £280.00 One now, then every month").click()


def pay_the_first(page: Page) -> None:
    page.get_by_role("button", name="Agree and pay £280.00 now").click()
    page.get_by_role("button", name="Pay £280.00").click()


def test_a_plan_is_chosen_checked_and_paid_into(world: World, phone: Page, picture: Picture) -> None:
    with_plans(world)
    phone.goto(world.open().url_of("1042"))
    button = phone.get_by_role("button", name="Pay £840.00 now").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] < 660
    phone.get_by_text("Need more time?").click()
    picture(phone, "1-door")
    phone.get_by_role("button", name="3 payments of £280.00 One now, then every month").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("3 payments of £280.00")
    expect(phone.get_by_text("21 January 2027").first).to_be_visible()
    picture(phone, "2-check")
    pay_the_first(phone)
    expect(phone.get_by_text("On a plan")).to_be_visible()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("£280.00 of £840.00")
    picture(phone, "3-on-a-plan")
    phone.get_by_role("button", name="Change the card").click()
    picture(phone, "4-card")
    phone.get_by_role("link", name="Leave it as it is").click()
    phone.get_by_role("button", name="Stop the plan").click()
    picture(phone, "5-stop")
    phone.get_by_role("button", name="Stop the plan").click()
    expect(phone.get_by_role("button", name="Pay £560.00 now")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_page_of_a_plan_fits(world: World, browser: Browser, picture: Picture, scheme: str, width: int) -> None:
    with_plans(world)
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    choose(page, world)
    picture(page, "check")
    steps: dict[str, Callable[[], object]] = {
        "3 payments of £280.00": lambda: None,
        "£280.00 of £840.00": lambda: pay_the_first(page),
        "Use another card": lambda: page.get_by_role("button", name="Change the card").click(),
    }
    for heading, step in steps.items():
        step()
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            "[...document.querySelectorAll('button')].filter(b => b.getBoundingClientRect().height < 44).length"
        )
        assert small == 0, "a button is too small for a thumb"
        assert page.locator("script").count() == 0
    page.go_back()
    picture(page, "on-a-plan")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_refused_charge_is_mended_on_the_page(world: World, browser: Browser, picture: Picture, scheme: str) -> None:
    with_plans(world)
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    choose(page, world)
    page.get_by_role("button", name="Agree and pay £280.00 now").click()
    page.get_by_label("0341").check()
    page.get_by_role("button", name="Pay £280.00").click()
    world.serve_again(date(2026, 12, 21))
    portal = world.served()
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    (result,) = portal.collection(portal.gateway, collector).collect()
    assert result.outcome is Collected.DECLINED
    PageFreezer(portal).freeze_stale()
    page.goto(portal.url_of("1042"))
    expect(page.get_by_text("Needs a new card")).to_be_visible()
    expect(page.get_by_text("Nothing else was charged.")).to_be_visible()
    picture(page, "refused")
    page.get_by_role("button", name="Pay £280.00 now").click()
    page.get_by_role("button", name="Pay £280.00").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("£560.00 of £840.00")
    context.close()
