"""A portal without a server, over HTTP: the page's plain link, the sandbox's page behind it, and the next build."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import requests
from link_paying import link_on, pay

from portal.building.build import build
from portal.payments.settlement import settle_payment
from portal.receivables.money import Money

if TYPE_CHECKING:
    from world import World


def test_the_page_has_a_plain_link_and_nothing_that_needs_a_server(linked_world: World) -> None:
    answer = requests.get(linked_world.open().url_of("1042"), timeout=10)
    page = linked_world.page()
    assert "Pay £840.00 now" in page
    assert "You can change the amount on the next page" in page
    assert "Please leave £0.30 or more for later" in page
    assert "It can take up to a day until your payment shows here." in page
    assert "<form" not in page
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    href = link_on(page)
    assert parse_qs(urlsplit(href).query) == {"locale": ["en-GB"], "prefilled_email": ["accounts@example.com"]}


def test_what_the_address_carries_is_encoded(linked_world: World) -> None:
    path = linked_world.invoice("1042")
    path.write_text(path.read_text().replace("accounts@example.com", "a+b@example.com"))
    build(linked_world.served())
    raw = requests.get(linked_world.open().url_of("1042"), timeout=10).text
    assert "prefilled_email=a%2Bb%40example.com" in raw


def test_paid_in_part_and_then_in_full(linked_world: World) -> None:
    href = link_on(linked_world.page())
    thanks = pay(linked_world, href, "300")
    assert "It can take up to a day until your invoice page shows this payment." in thanks.text
    assert "no longer active" in requests.get(href, timeout=10).text
    report = build(linked_world.served())
    assert report.links is not None
    assert (report.links.made, report.links.switched_off) == (1, 1)
    page = linked_world.page()
    assert "£300.00 paid" in page
    pay(linked_world, link_on(page), "540")
    build(linked_world.served())
    page = linked_world.page()
    assert "Paid in full" in page
    assert 'class="btn"' not in page
    assert [entry.amount for entry in linked_world.entries()] == [Money(30000, "GBP"), Money(54000, "GBP")]


def test_a_page_whose_link_is_not_true_any_more_offers_none(linked_world: World) -> None:
    pay(linked_world, link_on(linked_world.page()), "300")
    portal = linked_world.served()
    without_key = replace(portal, gateway=None)
    assert portal.gateway is not None
    payment = portal.gateway.list_payments(None, None).records[0]
    settle_payment(portal.gateway.fetch_payment(payment.payment_id), portal.ledger, payment.created_at)
    report = build(without_key)
    assert any("no Stripe key" in warning.problem for warning in report.warnings)
    page = linked_world.page()
    assert "Card payment is not ready for this amount yet." in page
    assert 'class="btn"' not in page


def test_the_server_answers_no_pay_button(linked_world: World) -> None:
    answer = requests.post(f"{linked_world.url}/pay", data={"token": "x"}, timeout=10)
    assert answer.status_code in {404, 405}


def test_an_unchanged_build_renders_nothing_and_leaves_every_link(linked_world: World) -> None:
    report = build(linked_world.served())
    assert report.pages.written == 0
    assert report.links is not None
    assert (report.links.made, report.links.switched_off, report.links.unchanged) == (0, 0, 1)
