"""Payment links at the build: what is made, when nothing is asked, and what trouble at the provider leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from link_shop import KEY, PORTAL_ID, URL, LinkShop

from portal.ports import CheckoutLine, CheckoutRequest, Hold, HoldState
from portal.ports.payment_links import PaymentLink, PaymentLinkState
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.link_terms import LinkTerms
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)


def gbp(minor: int) -> Money:
    return Money(minor, "GBP")


@pytest.fixture
def shop() -> Iterator[LinkShop]:
    here = LinkShop()
    yield here
    here.close()


def row_of(shop: LinkShop) -> PaymentLink:
    rows = shop.ledger.payment_links(is_live=False)
    assert len(rows) == 1
    return rows[0]


def test_an_open_invoice_gets_one_link_that_takes_any_part_and_all_of_it(shop: LinkShop) -> None:
    report = shop.build()
    assert report is not None
    assert (report.made, report.problems) == (1, ())
    link = shop.books("payment_links")[0]
    price = shop.books(f"payment_links/{link['id']}/line_items")[0]["price"]
    assert price["custom_unit_amount"] == {"minimum": 30, "maximum": 84000, "preset": 84000}
    assert link["restrictions"]["completed_sessions"] == {"count": 0, "limit": 1}
    assert link["payment_method_types"] == ["card"]
    marks = {"invoice": KEY, "payment_link": row_of(shop).row_id, "portal": PORTAL_ID}
    assert link["metadata"] == link["payment_intent_data"]["metadata"] == marks


def test_without_parts_the_amount_is_fixed(shop: LinkShop) -> None:
    shop.parts = False
    shop.build()
    link = shop.books("payment_links")[0]
    assert shop.books(f"payment_links/{link['id']}/line_items")[0]["price"]["unit_amount"] == 84000
    assert not any(path == "/v1/prices" for _method, path in shop.stripe.requests)


def test_a_balance_too_small_for_two_payments_is_fixed_and_below_the_minimum_there_is_no_link(shop: LinkShop) -> None:
    shop.list_invoice(59)
    shop.build()
    assert row_of(shop).terms == LinkTerms(gbp(59))
    shop.list_invoice(29)
    shop.build()
    assert shop.ledger.payment_links(is_live=False) == ()
    assert shop.active() == []


def test_what_no_single_payment_can_carry_is_taken_in_parts(shop: LinkShop) -> None:
    shop.list_invoice(200_000_000)
    shop.build()
    assert row_of(shop).terms == LinkTerms(gbp(99_999_999), gbp(30))


def test_an_unchanged_build_asks_nothing(shop: LinkShop) -> None:
    shop.build()
    shop.stripe.requests.clear()
    report = shop.build(syncs=False)
    assert report is not None
    assert (report.made, report.switched_off, report.unchanged) == (0, 0, 1)
    assert shop.stripe.requests == []


def test_the_old_link_is_closed_before_the_next_is_made(shop: LinkShop) -> None:
    shop.build()
    shop.open_link(0)
    old = row_of(shop)
    shop.enter(30000)
    shop.stripe.requests.clear()
    report = shop.build(syncs=False)
    assert report is not None
    assert (report.made, report.switched_off, report.closed_checkouts) == (1, 1, 1)
    writes = [path for method, path in shop.stripe.requests if method == "POST"]
    off, expired, price, link = writes
    assert off == f"/v1/payment_links/{old.link_id}"
    assert expired == f"/v1/checkout/sessions/{shop.sessions[0]}/expire"
    assert (price, link) == ("/v1/prices", "/v1/payment_links")
    assert row_of(shop).terms.amount == gbp(54000)
    shop.pay(0, "840")
    assert shop.left() == 54000, "a page that was open on the old link was still paid"


def test_what_was_paid_through_the_old_link_is_counted_before_the_next_is_made(shop: LinkShop) -> None:
    shop.build()
    shop.open_link(0)
    shop.pay(0, "300")
    shop.enter(10000)
    report = shop.build(syncs=False)
    assert report is not None
    assert row_of(shop).terms.amount == gbp(44000)
    assert shop.active() == [44000]


def test_a_paid_void_or_gone_invoice_loses_its_link(shop: LinkShop) -> None:
    shop.build()
    shop.open_link(0)
    shop.pay(0, "840")
    shop.build()
    assert shop.active() == []
    assert shop.ledger.payment_links(is_live=False) == ()
    shop.list_invoice(90000)
    shop.build()
    assert shop.active() == [6000]
    shop.list_invoice(None)
    shop.build()
    assert shop.active() == []


def test_money_through_a_link_counts_although_its_invoice_is_gone_since(shop: LinkShop) -> None:
    shop.build()
    shop.open_link(0)
    shop.pay(0, "300")
    shop.list_invoice(None)
    shop.build()
    assert [entry.amount for entry in shop.ledger.entries_of(KEY)] == [gbp(30000)]
    assert len(shop.ledger.alarms()) == 1


def test_too_much_through_pages_that_were_open_is_an_overpayment_and_alarms(shop: LinkShop) -> None:
    shop.build()
    shop.open_link(0)
    shop.open_link(0)
    shop.pay(0, "840")
    shop.pay(1, "840")
    shop.build()
    assert shop.listed is not None
    balance = balance_of(shop.listed, shop.ledger.entries_of(KEY), shop.now().date())
    assert balance.amount_overpaid == gbp(84000)
    assert [alarm.amount for alarm in shop.ledger.alarms()] == [gbp(84000)]


def test_a_lost_ledger_finds_the_links_of_the_old_one_and_switches_them_off(shop: LinkShop) -> None:
    shop.build()
    other = LinkShop()
    shop.ledger, lost = other.ledger, shop.ledger
    try:
        shop.build()
    finally:
        shop.ledger = lost
        other.close()
    links = shop.books("payment_links")
    assert [link["active"] for link in links] == [True, False]


def test_a_link_of_another_portal_in_the_same_account_is_left_alone(shop: LinkShop) -> None:
    links = shop.links(shop.ledger)
    shop.ledger.replace_invoices([shop.listed] if shop.listed else [], [])
    another = replace(
        links,
        portal="https://other.example",
        request_of=lambda row, invoice, terms: replace(
            links.request_of(row, invoice, terms), portal="https://o.example"
        ),
    )
    another.level([shop.listed] if shop.listed else [])
    row = row_of(shop)
    with shop.ledger.transaction() as tx:
        tx.update_payment_link(replace(row, state=PaymentLinkState.DEACTIVATED))
    shop.build()
    assert shop.active() == [84000, 84000]


def test_a_link_switched_off_by_hand_is_made_anew_when_anything_changes(shop: LinkShop) -> None:
    shop.build()
    old = row_of(shop)
    shop.browser.post(
        f"/v1/payment_links/{old.link_id}", data={"active": "false"}, headers={"Authorization": "Bearer sk_test_x"}
    )
    shop.enter(30000)
    shop.build()
    assert shop.active() == [54000]


def test_an_answer_that_never_came_is_looked_up_and_not_asked_for_twice(shop: LinkShop) -> None:
    shop.sandbox.faults.next_calls(
        Fault(Trouble.SERVER_ERROR, when="after", stored=False, only="POST /v1/payment_links")
    )
    report = shop.build()
    assert report is not None
    assert [problem.problem for problem in report.problems][-1].startswith("Not all payment links")
    assert row_of(shop).state is PaymentLinkState.CREATING
    assert shop.ledger.active_payment_link(KEY, is_live=False) is None
    shop.wait(HOUR)
    report = shop.build()
    assert report is not None
    assert report.problems == ()
    assert len(shop.books("payment_links")) == 1
    assert row_of(shop).state is PaymentLinkState.ACTIVE


def test_a_refusal_is_reported_with_its_invoice_and_leaves_no_row(shop: LinkShop) -> None:
    links = shop.links(shop.ledger)
    assert shop.listed is not None
    shop.ledger.replace_invoices([shop.listed], [])
    nameless = replace(links, request_of=lambda *given: replace(links.request_of(*given), title="x" * 6000))
    report = nameless.level([shop.listed])
    assert [problem.field for problem in report.problems] == [f"invoice {KEY}"]
    assert shop.ledger.payment_links(is_live=False) == ()


def test_too_many_requests_are_waited_for(shop: LinkShop) -> None:
    shop.sandbox.faults.next_calls(Fault(Trouble.RATE_LIMIT, only="POST /v1/prices"), times=2)
    report = shop.build(syncs=False)
    assert report is not None
    assert (report.made, report.problems) == (1, ())
    assert shop.active() == [84000]


def test_going_back_to_pay_buttons_switches_all_links_off(shop: LinkShop) -> None:
    shop.build()
    report = replace(shop.links(shop.ledger), wanted=False).level([shop.listed] if shop.listed else [])
    assert (report.switched_off, report.made) == (1, 0)
    assert shop.active() == []


def test_a_checkout_of_a_pay_button_is_closed_before_there_is_a_link(shop: LinkShop) -> None:
    now = datetime.now(UTC)
    parts = (Allocation(KEY, gbp(84000)),)
    hold = Hold("hold_1", parts, HoldState.CREATING, now, now + HOUR)
    lines = (CheckoutLine("Invoice", gbp(84000)),)
    request = CheckoutRequest("hold_1", now, parts, lines, "Invoice", None, "en-GB", now + HOUR, f"{URL}/a", f"{URL}/b")
    opened = shop.gateway.open_checkout(request)
    with shop.ledger.transaction() as tx:
        tx.add_hold(replace(hold, state=HoldState.OPEN, checkout_id=opened.checkout_id, url=opened.url))
    shop.build(syncs=False)
    assert shop.books("checkout/sessions", "&status=open") == []
    assert shop.active() == [84000]
    with shop.ledger.transaction() as tx:
        held = tx.hold("hold_1")
    assert held is not None
    assert held.state is HoldState.RELEASED
