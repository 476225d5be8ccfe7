"""Encrypted pages in a real browser: opened by a click and by the link alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pixels import symbols_in
from playwright.sync_api import expect
from world import World, served_world

from portal.ports.links import LinkKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

BANK = """
[[bank]]
iban = "CH58 0079 1123 0008 8901 2"
street = "Rue du Lac"
postcode = "2501"
town = "Biel"
country = "CH"
"""
DOCUMENT = "%PDF-1.4 a document\n"
pytestmark = pytest.mark.browser


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[World]:
    with served_world(tmp_path, 'languages = ["en", "de"]\n[links]\nencrypted = true\n') as here:
        yield here


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may not say anything is wrong: neither a refused script nor a refused style."""
    opened = browser.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    opened.close()
    assert said == []


def test_a_click_opens_it_and_its_buttons_work(locked: World, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(locked.open().url_of("1042"))
    expect(page.get_by_text("Sample Customer Ltd")).to_have_count(0)
    page.get_by_role("button", name="Show the invoice").click()
    expect(page.get_by_text("Sample Customer Ltd")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()
    assert len(asked) == 1, "nothing more is fetched to open it"
    page.get_by_role("link", name="Deutsch").click()
    page.get_by_role("button", name="Rechnung anzeigen").click()
    expect(page.get_by_role("button", name="840,00")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    page.get_by_role("button", name="840,00").click()
    expect(page).to_have_url(re.compile("/checkout/"))


def test_the_invoices_own_document_is_saved_once_it_is_asked_for(locked: World, page: Page) -> None:
    locked.write("invoices/1042.pdf", DOCUMENT)
    locked.build()
    url = locked.open().url_of("1042")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    expect(page.get_by_text("Save the invoice as PDF")).to_have_count(0)
    page.get_by_role("button", name="Show the invoice").click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save the invoice as PDF").click()
    assert saving.value.suggested_filename == "1042.pdf"
    assert saving.value.path().read_text(encoding="utf-8") == DOCUMENT
    address = url.partition("#")[0]
    assert [one for one in asked if not one.startswith("blob:")] == [address, f"{address}invoice.bin"]


def test_a_document_that_cannot_be_fetched_is_told(locked: World, browser: Browser) -> None:
    locked.write("invoices/1042.pdf", DOCUMENT)
    locked.build()
    page = browser.new_page()
    page.goto(locked.open().url_of("1042"))
    page.get_by_role("button", name="Show the invoice").click()
    page.route("**/invoice.bin", lambda route: route.fulfill(status=404))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("link", name="Save the invoice as PDF").click()
    expect(page.get_by_role("alert")).to_have_text(
        "The PDF could not be fetched. Please try again, or ask us for a copy."
    )
    page.close()


def test_an_opened_statement_has_all_its_buttons(locked: World, page: Page) -> None:
    locked.invoice("1043", "100.00")
    locked.build()
    portal = locked.open()
    (statement,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    page.goto(portal.url_of_link(statement))
    expect(page.get_by_text("940.00")).to_have_count(0)
    page.get_by_role("button", name="Show the statement").click()
    expect(page.get_by_role("link", name="Invoice 1043")).to_be_visible()
    page.get_by_text("Choose invoices to pay").click()
    page.get_by_label("Invoice 1043").check()
    page.get_by_role("button", name="Continue").first.click()
    page.get_by_role("button", name="Continue to payment").click()
    expect(page).to_have_url(re.compile("/checkout/"))


def test_an_opened_page_prints_its_payment_part(locked: World, page: Page) -> None:
    settings = locked.folders.content / "portal.toml"
    settings.write_text(settings.read_text() + BANK, encoding="utf-8")
    locked.invoice("1042", currency="CHF")
    locked.build()
    locked.serve_again()
    page.goto(locked.open().url_of("1042"))
    page.get_by_role("button", name="Show the invoice").click()
    expect(page.get_by_text("Sample Customer Ltd")).to_be_visible()
    page.emulate_media(media="print")
    (said,) = symbols_in(page.locator(".scan").screenshot())
    assert said.decode().startswith("SPC\r\n0200\r\n1\r\nCH5800791123000889012")


def test_who_left_the_checkout_reads_that_nothing_was_taken(locked: World, page: Page) -> None:
    url = locked.open().url_of("1042")
    page.goto(f"{url}!not-paid")
    page.get_by_role("button", name="Show the invoice").click()
    expect(page.get_by_text("No payment was made.")).to_be_visible()


def test_without_the_end_of_the_link_or_with_another_it_says_what_to_do(locked: World, page: Page) -> None:
    url = locked.open().url_of("1042")
    page.goto(url.partition("#")[0])
    expect(page.get_by_text("The end of this link is missing.")).to_be_visible()
    expect(page.get_by_role("button", name="Show the invoice")).to_be_hidden()
    page.goto(f"{url.partition('#')[0]}#{'a' * 32}")
    page.get_by_role("button", name="Show the invoice").click()
    expect(page.get_by_text("This link does not open it.")).to_be_visible()


def test_without_a_script_it_can_be_paid(locked: World, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(locked.open().url_of("1042"))
    expect(plain.get_by_text("please switch on JavaScript")).to_be_visible()
    plain.get_by_role("button", name="Pay £840.00 now").click()
    assert "/checkout/" in plain.url
    context.close()
