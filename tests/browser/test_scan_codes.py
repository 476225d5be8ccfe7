"""Symbols for banking apps, read back from the page as a customer sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest
from pixels import symbols_in
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page
    from world import World

    Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.browser
SETTINGS = """
[[bank]]
account_name = "{name}"
iban = "DE89 3704 0044 0532 0130 00"
[[bank]]
account_name = "{name}"
iban = "CH58 0079 1123 0008 8901 2"
street = "Rue du Lac"
house_number = "1268"
postcode = "2501"
town = "Biel"
country = "CH"
"""
DISCOUNT = """
[[terms.discounts]]
days = 90
percent = "2"
"""
NAME = "François D'Alsace & Söhne <S.A.>"
SEPA = f"BCD\n002\n1\nSCT\n\n{NAME}\nDE89370400440532013000\nEUR{{amount}}\n\nRF971042".format
MM = 96 / 25.4
"""Pixels of CSS."""
BILL_MM = {
    ".stubof": (62, 105),
    ".payof": (148, 105),
    ".scan": (46, 46),
    ".payof .field": (65, 25),
    ".stubof .field": (52, 20),
}
LOOKS = [(width, scheme) for width in (390, 1280) for scheme in ("light", "dark")]


def furnished(world: World, currency: str, settings: str = "") -> str:
    """The address of invoice 1042 in this currency."""
    toml = world.folders.content / "portal.toml"
    toml.write_text(toml.read_text() + SETTINGS.format(name=NAME) + settings, encoding="utf-8")
    world.invoice("1042", currency=currency, due_on="2031-01-31")
    world.build()
    return world.open().url_of("1042")


def read(browser: Browser, url: str, width: int, scheme: Scheme, picture: Callable[[Page, str], None]) -> list[str]:
    """What is to be scanned on a page."""
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    try:
        page.goto(url)
        page.get_by_text("Pay by bank transfer").click()
        picture(page, f"{width}-{scheme}")
        shots = [code.screenshot() for code in page.locator(".code", has=page.get_by_role("img", name="QR code")).all()]
    finally:
        page.close()
    return [said.decode() for shot in shots for said in symbols_in(shot)]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_sepa_symbol(
    world: World, browser: Browser, width: int, scheme: Scheme, picture: Callable[[Page, str], None]
) -> None:
    assert read(browser, furnished(world, "EUR"), width, scheme, picture) == [SEPA(amount="840")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_swiss_symbol_in_spite_of_its_cross(
    world: World, browser: Browser, width: int, scheme: Scheme, picture: Callable[[Page, str], None]
) -> None:
    (said,) = read(browser, furnished(world, "CHF"), width, scheme, picture)
    lines = said.split("\r\n")
    assert lines[3:11] == ["CH5800791123000889012", "S", NAME, "Rue du Lac", "1268", "2501", "Biel", "CH"]
    assert lines[18:20] == ["840.00", "CHF"]
    assert lines[27:] == ["SCOR", "RF971042", "Invoice 1042", "EPD"]


@pytest.mark.parametrize(("currency", "medium"), [("EUR", "screen"), ("EUR", "print"), ("CHF", "screen")])
def test_a_symbol_has_its_white_edge_and_its_cross(
    world: World, browser: Browser, currency: str, medium: Literal["screen", "print"]
) -> None:
    """Four modules of ISO/IEC 18004, 5 mm of SIX; 46 mm of symbol and 7 of cross."""
    page = browser.new_page()
    page.goto(furnished(world, currency))
    page.get_by_text("Pay by bank transfer").click()
    page.emulate_media(media=medium)
    symbol = page.get_by_role("img", name="QR code")
    inner, outer = symbol.bounding_box(), page.locator(".codes .code").bounding_box()
    assert inner is not None
    assert outer is not None
    modules = symbol.evaluate("symbol => symbol.naturalWidth")
    edge = inner["x"] - outer["x"]
    assert edge >= inner["width"] * max(4 / modules, 5 / 46) - 0.5
    assert (outer["width"], outer["height"]) == pytest.approx((inner["width"] + 2 * edge,) * 2, abs=0.5)
    if currency == "CHF":
        cross = page.locator(".codes .code svg").bounding_box()
        assert cross is not None
        assert cross["width"] == pytest.approx(inner["width"] * 7 / 46, abs=1)
        assert cross["x"] + cross["width"] / 2 == pytest.approx(inner["x"] + inner["width"] / 2, abs=1)
    if medium == "print":
        assert outer["width"] / MM == pytest.approx(32, abs=0.3)
    page.close()


def test_swiss_symbols_are_printed_in_their_size_where_there_is_no_payment_part(world: World, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(furnished(world, "CHF", DISCOUNT))
    page.get_by_text("Pay by bank transfer").click()
    page.emulate_media(media="print")
    for symbol in page.get_by_role("img", name="QR code").all():
        box = symbol.bounding_box()
        assert box is not None
        assert (box["width"] / MM, box["height"] / MM) == pytest.approx((46, 46), abs=0.3)
    page.close()


def test_a_symbol_for_each_sum(world: World, browser: Browser, picture: Callable[[Page, str], None]) -> None:
    said = read(browser, furnished(world, "EUR", DISCOUNT), 390, "light", picture)
    assert said == [SEPA(amount="823.2"), SEPA(amount="840")]


def test_a_qr_bill_is_printed_with_its_payment_part_in_the_sizes_of_the_standard(
    world: World, browser: Browser, picture: Callable[[Page, str], None]
) -> None:
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.goto(furnished(world, "CHF"))
    expect(page.locator(".bill")).to_be_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2
    page.emulate_media(media="print")
    picture(page, "printed")
    for part, size in BILL_MM.items():
        box = page.locator(part).bounding_box()
        assert box is not None
        assert (box["width"] / MM, box["height"] / MM) == pytest.approx(size, abs=0.3), part
    (said,) = symbols_in(page.locator(".scan").screenshot())
    shown = page.locator(".payof").inner_text()
    for words in ("CH58 0079 1123 0008 8901 2", NAME, "2501 Biel", "RF97 1042", "840.00", "Payable by (name/address)"):
        assert words in shown, words
    assert said.decode().split("\r\n")[3] == "CH5800791123000889012"
    expect(page.locator("figure")).to_be_hidden()
    page.close()


def test_without_one_sum_there_is_no_payment_part(world: World, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(furnished(world, "CHF", DISCOUNT))
    expect(page.locator("figure")).to_have_count(2)
    expect(page.locator(".bill")).to_have_count(0)
    page.close()
