"""The receipt: a page below the invoice's own link that says what was paid, as long as the link holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import requests

from portal.building.freeze import PageFreezer
from portal.config import Settings
from portal.links.addresses import receipt_path
from portal.links.issuing import LinkPlace
from portal.pages import has_receipt, receipt_page
from portal.ports.links import LinkKind
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.invoice import StatedPayment
from portal.receivables.money import Money
from portal.settings.bank import Bank
from portal.settings.business import Business

if TYPE_CHECKING:
    from collections.abc import Callable

    from world import World

    from portal.pages import ReceiptPage
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice

DAY = date(2026, 11, 21)
SETTINGS = Settings(
    business=Business(name="Harbour & Pine", legal_name="Harbour & Pine Ltd"),
    bank=(Bank(sort_code="00-00-00", account_number="00000000"),),
)


def page(invoice: Invoice, *entries: Entry) -> ReceiptPage:
    balance = balance_of(invoice, entries, DAY)
    return receipt_page(invoice, balance, entries, SETTINGS, token="t" * 32, as_of=DAY)


def test_it_says_what_was_paid_of_what_and_what_is_left(
    make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]
) -> None:
    before = StatedPayment(Money(4000, "GBP"), date(2026, 10, 3), "bank transfer")
    invoice = make_invoice(payments=(before,), stated_due=Money(80000, "GBP"))
    said = page(invoice, make_entry(30000))
    assert said.figure == "£340.00"
    assert said.sentences == ("£340.00 of £840.00 is paid.", "£500.00 is left to pay.")
    assert [(row.label, row.value) for row in said.payments] == [
        ("3 October 2026, bank transfer", "£40.00"),
        ("20 November 2026, Visa ending 4242", "£300.00"),
        ("Paid in total", "£340.00"),
    ]
    assert ("From", "Harbour & Pine Ltd") in [(row.label, row.value) for row in said.facts]
    assert ("For", "Sample Customer Ltd") in [(row.label, row.value) for row in said.facts]


def test_what_went_back_is_taken_off(make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]) -> None:
    refund = make_entry(84000, kind=EntryKind.REFUND, external_id="re_1")
    said = page(make_invoice(), make_entry(84000), refund)
    assert said.figure == "£0.00"
    assert [row.value for row in said.payments] == ["£840.00", "\N{MINUS SIGN}£840.00", "£0.00"]
    assert said.sentences[-1] == "£840.00 is left to pay."


def test_paid_in_full_is_said_so(make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]) -> None:
    assert page(make_invoice(), make_entry(84000)).sentences == ("Thank you. It is paid in full.",)
    cancelled = make_invoice(cancelled_on=DAY)
    assert page(cancelled, make_entry(84000)).sentences == ("There is nothing left to pay.",)


def test_without_a_payment_there_is_none(
    make_invoice: Callable[..., Invoice], make_entry: Callable[..., Entry]
) -> None:
    started = replace(make_entry(84000), kind=EntryKind.PAYMENT_STARTED)
    assert not has_receipt(make_invoice(), (started,))
    assert has_receipt(make_invoice(), (make_entry(84000),))


def test_it_is_there_after_the_payment_and_goes_with_the_link(world: World) -> None:
    portal = world.open()
    address = world.url + receipt_path(portal.token_of("1042"))
    assert requests.get(address, timeout=10).status_code == 404
    assert "receipt/" not in world.page()
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    receipt = unescape(requests.get(address, timeout=10).text)
    assert "£840.00" in receipt
    assert "Visa ending 4242" in receipt
    assert not re.search("<form|<button", receipt)
    assert f'href="{receipt_path(portal.token_of("1042"))}"' in world.page()
    portal.issuing().rotate(LinkPlace(LinkKind.INVOICE, "1042", "1042"))
    PageFreezer(portal).freeze_stale()
    assert requests.get(address, timeout=10).status_code == 404
    assert "£840.00" in requests.get(world.url + receipt_path(portal.token_of("1042")), timeout=10).text
