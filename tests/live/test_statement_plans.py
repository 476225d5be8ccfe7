"""Spreading several invoices at once from their statement, as a customer's browser does it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests

from portal.adapters.stripe.plans import stripe_collector
from portal.payments.collection import Collected
from portal.ports import HoldState
from portal.ports.links import LinkKind
from portal.receivables.entries import EntryKind

if TYPE_CHECKING:
    from world import World

    from portal.ports.plans import PlanRecord

PLANS = """
[[plans]]
payments = [2, 3]
collected = "customer's choice"
"""
AUTOMATIC = "3-monthly-automatic"
BY_HAND = "3-monthly-by-hand"
KEYS = ("1042", "1043")
SECOND, THIRD = date(2026, 12, 21), date(2027, 1, 21)


def allow(world: World, settings: str = PLANS, due_on: str = "2026-11-30") -> None:
    """Two invoices of one customer, 1042 (840.00, due first) and 1043 (360.00), and the owner's bounds."""
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")
    world.invoice("1043", "360.00", due_on=due_on)
    world.build()
    world.serve_again()


@pytest.fixture
def two(world: World) -> World:
    allow(world)
    return world


def address(world: World) -> str:
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return portal.url_of_link(link)


def page(world: World) -> str:
    return unescape(requests.get(address(world), timeout=10).text)


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(text)))


def door(world: World) -> dict[str, str]:
    """The hidden fields of the plans on the statement's page."""
    return world.form(page(world).partition('id="spread"')[2])


def post(world: World, form: dict[str, str], **fields: str) -> requests.Response:
    return requests.post(f"{world.url}/plan", data=form | fields, allow_redirects=False, timeout=60)


def choose(world: World, plan: str = AUTOMATIC) -> requests.Response:
    return post(world, door(world), plan=plan)


def agree(world: World, plan: str = AUTOMATIC) -> requests.Response:
    return post(world, world.form(choose(world, plan).text))


def begin(world: World, plan: str = AUTOMATIC) -> requests.Response:
    return world.come_back(world.at_checkout(agree(world, plan).headers["Location"]))


def records(world: World) -> dict[str, PlanRecord]:
    return dict(world.open().ledger.plans_in_force())


def paid(world: World) -> list[list[int]]:
    return [[e.amount.minor for e in world.entries(key) if e.kind is EntryKind.PAYMENT] for key in KEYS]


def collect(world: World, day: date) -> list[tuple[tuple[str, ...], str, Collected]]:
    portal = replace(world.served(), fixed_day=day)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings, portal.portal_id)
    assert collector is not None
    done = portal.collection(portal.gateway, collector).collect()
    return [(one.invoice_keys, one.amount.decimal_text, one.outcome) for one in done]


def test_the_door_is_there_where_plans_are_allowed_and_two_can_be_spread(world: World) -> None:
    allow(world, "")
    assert "Need more time" not in page(world)
    allow(world, PLANS)
    shown = words(page(world))
    assert "Need more time? Spread it" in shown
    assert "3 payments of £400.00 One now, then every month. Taken from your card by itself." in shown
    assert "One plan over 2 invoices, £1,200.00 in total." in shown
    world.come_back(world.at_checkout(world.pay("1043").headers["Location"]))
    assert "Need more time" not in page(world)
    assert "Need more time" in world.page("1042")


def test_every_date_amount_and_invoice_is_read_back(two: World) -> None:
    check = words(choose(two).text)
    for text in ("21 November 2026", "21 December 2026", "21 January 2027", "£1,200.00 in total"):
        assert text in check
    assert "Invoice 1042 £840.00 Invoice 1043 £360.00" in check
    assert "for these invoices: 1042 (£840.00), 1043 (£360.00). I pay as follows: £400.00 on 21 November 2026;" in check
    assert "I can stop the plan at any time for all of them, on my statement or on the page of each." in check
    assert "Back to your statement" in check
    assert records(two) == {}


def test_one_first_payment_puts_both_on_the_plan_and_leads_back(two: World) -> None:
    opened = agree(two)
    assert opened.status_code == 303
    assert records(two) == {}, "nothing is agreed before the first payment"
    back = two.come_back(two.at_checkout(opened.headers["Location"]))
    assert (back.status_code, back.headers["Location"]) == (303, address(two))
    kept = records(two)
    assert list(kept) == list(KEYS)
    assert len({one.plan.agreement for one in kept.values()}) == 1
    assert "1042 (£840.00), 1043 (£360.00)" in kept["1043"].plan.consent_text
    assert kept["1042"].plan.terms_version
    assert paid(two) == [[40000], []]
    shown = words(page(two))
    assert "All of it is on a payment plan, and falls due with its next payments." in shown
    assert "the first due on" not in shown, "the plan says when what is due"
    assert "Next payment: £400.00 on 21 December 2026, taken from your card by itself." in shown
    assert shown.count("On a plan") == len(KEYS)
    assert "Need more time" not in shown
    for key in KEYS:
        assert "On a plan" in two.page(key)


def test_what_falls_due_is_one_charge_over_both(two: World) -> None:
    begin(two)
    assert collect(two, SECOND) == [(("1042",), "400.00", Collected.CHARGED)]
    assert collect(two, THIRD) == [(KEYS, "400.00", Collected.CHARGED)]
    assert paid(two) == [[40000, 40000, 4000], [36000]]
    two.build()
    assert "Nothing left to pay" in page(two)


def test_both_parts_are_asked_for_on_the_statement_where_it_is_paid_by_hand(two: World) -> None:
    begin(two, BY_HAND)
    two.serve_again(THIRD)
    two.build()
    form = two.form(page(two))
    opened = requests.post(f"{two.url}/pay", data=form | {"want": "all"}, allow_redirects=False, timeout=60)
    two.come_back(two.at_checkout(opened.headers["Location"]))
    assert paid(two) == [[40000, 44000], [36000]]


def test_stopping_on_one_page_stops_both(two: World) -> None:
    begin(two)
    asked = post(two, two.form(two.page("1043")), want="stop")
    assert "Other invoices on this plan: 1042. It stops for them too." in words(asked.text)
    assert post(two, two.form(asked.text), want="stop", confirmed="1").status_code == 303
    assert records(two) == {}
    assert collect(two, THIRD) == []
    assert "Need more time? Spread it" in words(page(two))


def test_a_statement_that_has_changed_is_asked_again(two: World) -> None:
    check = two.form(choose(two).text)
    two.invoice("1044", "60.00", due_on="2026-12-31")
    two.build()
    again = post(two, check)
    assert again.status_code == 409
    assert "What is left to pay has changed. No money has been taken." in words(again.text)
    assert "One plan over 3 invoices, £1,260.00 in total." in words(again.text)
    third = post(two, two.form(again.text), plan=AUTOMATIC)
    assert "1044 (£60.00)" in words(third.text)


def test_a_payment_heard_of_at_the_click_is_asked_about_again(two: World) -> None:
    """The other checkout is paid and its webhook lost: only bringing the ledger level learns of it."""
    check = two.form(choose(two).text)
    other = two.pay("1043").headers["Location"]
    two.at_checkout(other, webhook="lose")
    again = post(two, check)
    assert again.status_code == 409
    assert records(two) == {}
    assert paid(two) == [[], [36000]]


def test_other_words_than_those_on_the_page_are_not_agreed_to(two: World) -> None:
    again = post(two, two.form(choose(two).text), plan=BY_HAND)
    assert again.status_code == 409
    assert "check them again" in words(again.text)
    assert records(two) == {}


@pytest.mark.parametrize("fields", [{"plan": "9-monthly-automatic"}, {"plan": "<script>"}, {"shown": "GBP 1.00"}])
def test_what_is_not_on_offer_is_refused(two: World, fields: dict[str, str]) -> None:
    refused = post(two, door(two), **({"plan": AUTOMATIC} | fields))
    assert refused.status_code == 409
    assert "Back to your statement" in refused.text


def test_a_double_click_leaves_one_checkout(two: World) -> None:
    check = two.form(choose(two).text)
    first, second = (post(two, check).headers["Location"] for _ in range(2))
    two.at_checkout(first)
    assert paid(two) == [[], []], "the first one was closed"
    two.come_back(two.at_checkout(second))
    assert paid(two) == [[40000], []]
    assert len({one.plan.agreement for one in records(two).values()}) == 1
    with two.open().ledger.transaction() as tx:
        assert len({hold.hold_id for key in KEYS for hold in tx.holds(key, {HoldState.POSTED})}) == 1
        assert not any(tx.holds(key, {HoldState.OPEN, HoldState.CREATING}) for key in KEYS)


def test_an_invoice_on_a_plan_of_its_own_is_not_in_it(two: World) -> None:
    two.invoice("1044", "60.00", due_on="2026-12-31")
    two.build()
    own = post(two, two.form(two.page("1044")), want="choose", plan="2-monthly-automatic")
    two.come_back(two.at_checkout(post(two, two.form(own.text)).headers["Location"]))
    assert "One plan over 2 invoices, £1,200.00 in total." in words(page(two))
    begin(two)
    agreements = {key: one.plan.agreement for key, one in records(two).items()}
    assert agreements["1042"] == agreements["1043"] != agreements["1044"]


def test_a_plan_whose_first_payment_is_later_is_kept_at_once(world: World) -> None:
    allow(world, '\n[[plans]]\npayments = 3\ncollected = "by hand"\nfirst_on = 2026-12-01\n')
    agreed = agree(world, BY_HAND)
    assert agreed.headers["Location"] == address(world)
    assert list(records(world)) == list(KEYS)
    assert "Next payment: £400.00 on 1 December 2026." in words(page(world))


def test_a_payday_is_the_customers_to_name(world: World) -> None:
    allow(world, '\n[[plans]]\npayments = 3\nrhythms = "payday"\n')
    missing = choose(world, "3-payday-automatic")
    assert missing.status_code == 409
    assert "day of the month, from 1 to 31" in missing.text
    check = words(post(world, world.form(missing.text), plan="3-payday-automatic", payday="31").text)
    assert "30 November 2026" in check


def test_who_names_no_running_plan_is_led_back(two: World) -> None:
    form = door(two)
    for want in ("next", "card", "stop"):
        assert post(two, form, want=want).headers["Location"] == address(two)
        assert post(two, form, want=want, plan="0" * 32, confirmed="1").headers["Location"] == address(two)
    assert post(two, form, want="own").status_code == 400


def panel(world: World, want: str) -> dict[str, str]:
    """The form of the running plan on the statement that posts this wish; nothing where there is none."""
    forms = [world.form(one) for one in page(world).split("<form")[1:]]
    return next((form for form in forms if form.get("want") == want), {})


def test_the_statement_says_how_the_plan_stands(two: World) -> None:
    begin(two)
    shown = words(page(two))
    assert "Next payment: £400.00 on 21 December 2026, taken from your card by itself." in shown
    assert "21 November 2026 Paid £400.00 21 December 2026 Next £400.00 21 January 2027 To come £400.00" in shown
    assert "This plan is for these invoices: 1042, 1043. Agreed on " in shown
    assert "charges your card on these days. You can change or stop this here." in shown
    collect(two, SECOND)
    two.serve_again(SECOND)
    two.build()
    assert "21 December 2026 Paid £400.00 21 January 2027 Next £400.00" in words(page(two))


def test_it_is_stopped_on_the_statement_for_all_its_invoices(two: World) -> None:
    begin(two)
    asked = post(two, panel(two, "stop"))
    assert "It stops for all of these invoices: 1042, 1043." in words(asked.text)
    assert "£800.00 is then left to pay in the ordinary way." in words(asked.text)
    assert len(records(two)) == len(KEYS), "nothing happens before it is confirmed"
    stopped = post(two, two.form(asked.text))
    assert (stopped.status_code, stopped.headers["Location"]) == (303, address(two))
    assert records(two) == {}
    assert collect(two, THIRD) == []
    shown = words(page(two))
    assert "Stop the plan" not in shown
    assert "Need more time? Spread it" in shown


def test_another_card_is_given_on_the_statement_for_all_its_invoices(two: World) -> None:
    begin(two)
    before = {key: one.plan.payment_method_id for key, one in records(two).items()}
    asked = post(two, panel(two, "card"))
    assert "You pay the next payment, £400.00, now with the new card." in words(asked.text)
    opened = post(two, two.form(asked.text))
    back = two.come_back(two.at_checkout(opened.headers["Location"]))
    assert back.headers["Location"] == address(two)
    after = {key: one.plan.payment_method_id for key, one in records(two).items()}
    assert all(after[key] not in {None, before[key]} for key in KEYS)
    assert paid(two) == [[40000, 40000], []]
    assert collect(two, SECOND) == [], "it was paid early"
    assert collect(two, THIRD) == [(KEYS, "400.00", Collected.CHARGED)]


def test_a_refused_charge_is_said_and_made_good_on_the_statement(two: World) -> None:
    two.come_back(two.at_checkout(agree(two).headers["Location"], means="0341"))
    assert collect(two, SECOND) == [(("1042",), "400.00", Collected.DECLINED)]
    two.serve_again(SECOND)
    two.build()
    shown = words(page(two))
    assert "A payment of your plan did not go through: £400.00, due on 21 December 2026." in shown
    assert "21 December 2026 Did not go through £400.00" in shown
    assert "taken from your card by itself" not in shown
    assert "£400.00 of it is on a payment plan, and falls due with its next payments." in shown
    assert "Next payment: £400.00 on 21 January 2027." in shown
    assert shown.count("Pay £400.00 with another card") == 1
    assert "Pay £400.00 now" not in shown, "it would leave the plan the card that was refused"
    two.come_back(two.at_checkout(post(two, panel(two, "next")).headers["Location"]))
    assert "did not go through" not in words(page(two))
    assert collect(two, THIRD) == [(KEYS, "400.00", Collected.CHARGED)]


def test_beside_another_open_invoice_a_refused_charge_is_in_the_whole_and_can_be_made_good_alone(two: World) -> None:
    two.come_back(two.at_checkout(agree(two).headers["Location"], means="0341"))
    collect(two, SECOND)
    two.invoice("1044", "30.00", due_on="2026-11-30")
    two.serve_again(SECOND)
    two.build()
    shown = words(page(two))
    assert "Pay £430.00 now" in shown
    assert shown.count("Pay £400.00 with another card") == 1


def test_a_refused_charge_is_said_on_the_page_of_each_invoice_it_was_for(two: World) -> None:
    """The plan's third charge is the first one of the second invoice."""
    two.come_back(two.at_checkout(agree(two).headers["Location"], means="0341"))
    asked = post(two, two.form(two.page("1042")), want="next")
    two.come_back(two.at_checkout(asked.headers["Location"], means="0341"))
    assert paid(two) == [[40000, 40000], []]
    assert collect(two, THIRD) == [(KEYS, "400.00", Collected.DECLINED)]
    two.serve_again(THIRD)
    two.build()
    for key in KEYS:
        assert "21 January 2027 Did not go through" in words(two.page(key)), key


def test_by_hand_the_next_payment_is_made_on_the_statement(two: World) -> None:
    begin(two, BY_HAND)
    assert "Come back to this page for each payment; nothing is charged by itself." in words(page(two))
    two.come_back(two.at_checkout(post(two, panel(two, "next")).headers["Location"]))
    two.come_back(two.at_checkout(post(two, panel(two, "next")).headers["Location"]))
    assert paid(two) == [[40000, 40000, 4000], [36000]]
    assert "Nothing left to pay" in page(two)


def test_what_the_plan_asks_for_is_asked_again_where_it_has_changed(two: World) -> None:
    begin(two)
    old = panel(two, "card")
    path = two.folders.content / "invoices" / "1042.md"
    path.write_text(path.read_text(encoding="utf-8").replace("840.00", "600.00"), encoding="utf-8")
    two.build()
    again = post(two, old, confirmed="1")
    assert again.status_code == 409
    assert "The plan now asks for £200.00. No money has been taken." in words(again.text)
    two.come_back(two.at_checkout(post(two, two.form(again.text)).headers["Location"]))
    assert paid(two) == [[40000, 20000], []]


def test_two_clicks_on_the_next_payment_leave_one_checkout(two: World) -> None:
    begin(two, BY_HAND)
    form = panel(two, "next")
    first, second = (post(two, form).headers["Location"] for _ in range(2))
    two.at_checkout(first)
    assert paid(two) == [[40000], []], "the first one was closed"
    two.come_back(two.at_checkout(second))
    assert paid(two) == [[40000, 40000], []]
