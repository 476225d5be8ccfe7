"""Spreading an invoice, as a customer's browser does it: choose, check, agree, pay, change and stop."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from portal.bookkeeping.cases import Case
from portal.bookkeeping.wishes import CorrectEntry
from portal.errors import EntryRefusedError
from portal.formats import formats_for
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Rhythm, due_days

if TYPE_CHECKING:
    from world import World

    from portal.ports.plans import PlanRecord

BOTH = """
[[plans]]
payments = [2, 3]
collected = "customer's choice"
"""
AUTOMATIC = "3-monthly-automatic"
BY_HAND = "3-monthly-by-hand"


def with_plans(world: World, settings: str = BOTH) -> None:
    """Allow plans, build, and serve with these settings from now on."""
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text() + settings, encoding="utf-8")
    world.build()
    world.serve_again()


def post(world: World, page: str, **fields: str) -> requests.Response:
    """Press a button: the hidden fields of the page's first form, changed as given."""
    sent = world.form(page) | fields
    return requests.post(f"{world.url}/plan", data=sent, allow_redirects=False, timeout=60)


def choose(world: World, plan: str = AUTOMATIC, **fields: str) -> requests.Response:
    return post(world, world.page(), want="choose", plan=plan, **fields)


def agree(world: World, plan: str = AUTOMATIC, **fields: str) -> requests.Response:
    return post(world, choose(world, plan, **fields).text, want="agree")


def begin(world: World, plan: str = AUTOMATIC, means: str = "4242") -> None:
    """A plan whose first payment is made."""
    world.come_back(world.at_checkout(agree(world, plan).headers["Location"], means))


def record(world: World) -> PlanRecord | None:
    return world.open().ledger.plan_in_force("1042")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_plans_are_offered_only_where_the_owner_allows_them(world: World) -> None:
    assert "Need more time" not in world.page()
    with_plans(world)
    page = words(world.page())
    assert "Need more time? Spread it" in page
    assert "3 payments of £280.00 One now, then every month. Taken from your card by itself." in page
    assert "2 payments of £420.00 One now, then every month. You come back to this page for each payment." in page


def test_every_date_and_amount_is_read_back_before_anything_happens(world: World) -> None:
    with_plans(world)
    check = words(choose(world).text)
    for text in ("21 November 2026", "21 December 2026", "21 January 2027", "£840.00 in total"):
        assert text in check
    assert "may charge the card I pay with" in check
    assert record(world) is None
    assert world.entries() == ()


def test_the_plan_is_kept_with_its_first_payment(world: World) -> None:
    with_plans(world)
    opened = agree(world)
    assert opened.status_code == 303
    assert record(world) is None, "nothing is agreed before the first payment"
    assert "Left to pay" in world.page()
    world.come_back(world.at_checkout(opened.headers["Location"]))
    kept = record(world)
    assert kept is not None
    assert kept.plan.automatic
    assert (kept.plan.customer_id or "").startswith("cus_")
    assert (kept.plan.payment_method_id or "").startswith("pm_")
    assert "£280.00 on 21 November 2026; £280.00 on 21 December 2026; £280.00 on 21 January 2027" in (
        kept.plan.consent_text
    )
    assert kept.plan.terms_version
    assert kept.plan.total == Money(84000, "GBP")
    page = words(world.page())
    assert "On a plan" in page
    assert "£280.00 of £840.00" in page
    assert "Next payment: £280.00 on 21 December 2026, taken from your card by itself." in page
    assert "Pay the rest now, £560.00" in page
    assert "Need more time" not in page


def test_a_webhook_alone_keeps_the_plan_and_twice_changes_nothing(world: World) -> None:
    with_plans(world)
    world.at_checkout(agree(world).headers["Location"], webhook="twice")
    world.sandbox.deliver_due()
    assert record(world) is not None
    assert [entry.kind for entry in world.entries()] == [EntryKind.PAYMENT, EntryKind.PLAN_AGREED]


def test_other_words_than_those_on_the_page_are_not_agreed_to(world: World) -> None:
    with_plans(world)
    check = choose(world).text
    again = post(world, check, want="agree", plan=BY_HAND)
    assert again.status_code == 409
    assert "check them again" in words(again.text)
    assert "nothing is charged by itself" in words(again.text)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"plan": "9-monthly-automatic"}, "not offered any more"),
        ({"plan": "<script>"}, "not offered any more"),
        ({"shown": "GBP 1.00"}, "What is left to pay has changed"),
    ],
)
def test_a_plan_outside_the_bounds_is_refused(world: World, fields: dict[str, str], said: str) -> None:
    with_plans(world)
    answer = post(world, world.page(), want="choose", **({"plan": AUTOMATIC} | fields))
    assert answer.status_code == 409
    assert said in answer.text
    assert "No money has been taken" in answer.text
    assert "<script>" not in answer.text.split("<body>")[1]


def test_double_consent_opens_one_payable_checkout(world: World) -> None:
    """Attendize#982: four clicks made four payments."""
    with_plans(world)
    check = choose(world).text
    urls = [post(world, check, want="agree").headers["Location"] for _ in range(4)]
    for url in urls[:-1]:
        world.at_checkout(url)
    assert world.entries() == ()
    world.come_back(world.at_checkout(urls[-1]))
    assert [entry.amount for entry in world.entries()] == [Money(28000, "GBP"), Money(84000, "GBP")]
    assert record(world) is not None


def test_a_plain_payment_of_the_same_amount_never_meets_the_plans_checkout(world: World) -> None:
    with_plans(world)
    of_plan = agree(world).headers["Location"]
    plain = world.pay(want="part", amount="280.00", confirmed="1").headers["Location"]
    assert plain != of_plan
    world.at_checkout(of_plan)
    assert world.entries() == ()
    world.come_back(world.at_checkout(plain))
    assert record(world) is None


def test_a_declined_first_payment_begins_nothing(world: World) -> None:
    with_plans(world)
    world.at_checkout(agree(world).headers["Location"], "0002")
    assert record(world) is None
    assert world.entries() == ()
    assert "Need more time" in world.page()


def test_a_plan_by_hand_asks_on_the_page_and_keeps_no_card(world: World) -> None:
    with_plans(world)
    begin(world, BY_HAND)
    kept = record(world)
    assert kept is not None
    assert (kept.plan.automatic, kept.plan.customer_id) == (False, None)
    page = world.page()
    assert "Next payment: £280.00 on 21 December 2026." in words(page)
    assert page.index("Pay £280.00 now") < page.index("Pay the rest now, £560.00")
    world.come_back(world.at_checkout(post(world, page, want="next").headers["Location"]))
    page = words(world.page())
    assert "£560.00 of £840.00" in page
    assert "Next payment: £280.00 on 21 January 2027." in page
    assert "Pay the rest now" not in page, "one button is enough for the last payment"


def test_paying_the_rest_completes_the_plan(world: World) -> None:
    with_plans(world)
    begin(world)
    world.come_back(world.at_checkout(world.pay().headers["Location"]))
    page = world.page()
    assert "Paid in full" in page
    assert "Stop the plan" not in page


def test_another_card_pays_the_next_payment_and_is_kept_for_the_same_customer(world: World) -> None:
    with_plans(world)
    begin(world)
    before = record(world)
    assert before is not None
    asked = post(world, world.page(), want="card")
    assert asked.status_code == 200
    assert "You pay the next payment, £280.00, now with the new card." in words(asked.text)
    old = world.at_checkout(post(world, asked.text).headers["Location"])
    world.come_back(old)
    after = record(world)
    assert after is not None
    assert after.plan.customer_id == before.plan.customer_id
    assert after.plan.payment_method_id != before.plan.payment_method_id
    world.sandbox.deliver_due()
    world.come_back(old)
    assert record(world) == after, "a repeated word does not bring the earlier card back"


def test_stopping_is_read_back_and_then_done(world: World) -> None:
    with_plans(world)
    begin(world)
    asked = post(world, world.page(), want="stop")
    assert record(world) is not None
    assert "£560.00 is then left to pay in the ordinary way." in words(asked.text)
    stopped = post(world, asked.text)
    assert world.entries()[-1].kind is EntryKind.PLAN_STOPPED
    assert (stopped.status_code, stopped.headers["Location"]) == (303, world.open().url_of("1042"))
    assert record(world) is None
    page = words(world.page())
    assert "On a plan" not in page
    assert "Pay £560.00 now" in page
    assert re.search(r"The payment plan was stopped on \d+ \w+ \d{4}. Nothing more is charged by itself.", page)
    assert post(world, asked.text).status_code == 303, "stopping twice is stopping once"
    begin(world)
    assert "was stopped" not in words(world.page()), "another plan is in force"


def test_no_second_plan_beside_one_in_force(world: World) -> None:
    with_plans(world)
    check = choose(world).text
    begin(world)
    for want in ("choose", "agree"):
        again = post(world, check, want=want)
        assert again.headers["Location"] == world.open().url_of("1042")


def test_a_plan_whose_first_payment_is_later_is_kept_at_once(world: World) -> None:
    with_plans(world, '\n[[plans]]\npayments = 3\ncollected = "by hand"\nfirst_on = 2026-12-01\n')
    agreed = agree(world, BY_HAND)
    assert agreed.headers["Location"] == world.open().url_of("1042")
    kept = record(world)
    assert kept is not None
    assert kept.plan.installments[0].due_on == date(2026, 12, 1)
    assert [entry.schedule for entry in world.entries()] == [kept.plan.schedule]
    assert "Next payment: £280.00 on 1 December 2026." in words(world.page())


def test_a_payday_is_the_customers_to_name(world: World) -> None:
    with_plans(world, '\n[[plans]]\npayments = 3\nrhythms = "payday"\n')
    missing = choose(world, "3-payday-automatic")
    assert missing.status_code == 409
    assert "day of the month, from 1 to 31" in missing.text
    check = words(choose(world, "3-payday-automatic", payday="31").text)
    for day in ("21 November 2026", "30 November 2026", "31 December 2026"):
        assert day in check


@pytest.mark.parametrize("fields", [{"want": "own"}, {"want": ""}, {"token": "x"}])
def test_nonsense_is_refused(world: World, fields: dict[str, str]) -> None:
    with_plans(world)
    answer = post(world, world.page(), **({"want": "choose"} | fields))
    assert answer.status_code in {400, 404}
    assert requests.get(f"{world.url}/plan", timeout=10).status_code == 405


FEES = '[terms.late]\nmode = "charged"\nbusiness_only = false\nflat = { GBP = "10.00" }\n'
PAUSED = "Late fees are paused while the plan is kept."


def in_days(world: World, days: int) -> str:
    """The page as it will be so many days later, if nothing more is paid."""
    world.serve_again(world.day + timedelta(days))
    world.build()
    return words(world.page())


def begin_today(world: World, settings: str, *, due_in: int) -> date:
    """Serve on the machine's own day, on which the sandbox takes payments too, with an invoice due near it."""
    today = datetime.now(UTC).date()
    world.serve_again(today)
    world.invoice("1042", due_on=(today + timedelta(due_in)).isoformat())
    with_plans(world, settings)
    return today


def test_a_plan_that_is_kept_stops_late_fees_and_one_that_is_broken_does_not(world: World) -> None:
    today = begin_today(world, BOTH + FEES, due_in=3)
    assert PAUSED in words(world.page())
    check = words(choose(world, BY_HAND).text)
    assert PAUSED in check
    assert "Sample Business adds no late fee while the plan is kept. It is kept until" in check
    begin(world, BY_HAND)
    tomorrow = formats_for("en-GB").date(today + timedelta(1))
    assert f"From {tomorrow} late fees go on." in words(post(world, world.page(), want="stop").text)
    page = in_days(world, 20)
    assert PAUSED in page
    assert "Pay the rest now, £560.00" in page
    formats = formats_for("en-GB")
    second = next(day for day in due_days(Rhythm.MONTHLY, today) if day > today)
    broken_on = second + timedelta(8)
    missed = in_days(world, (second - world.day).days + 3)
    assert f"Pay it by {formats.date(second + timedelta(7))}, and late fees stay paused." in missed
    broken = in_days(world, 5)
    assert f"From {formats.date(broken_on)} late fees go on. They are paused again once this is paid." in broken
    assert "Pay the rest now, £570.00" in broken
    assert "£10.00 is left to pay after the plan." in broken
    assert balance_of_world(world, broken_on - timedelta(1)) == Money(56000, "GBP")


def balance_of_world(world: World, day: date) -> Money:
    portal = world.open()
    invoice = portal.ledger.invoice("1042")
    assert invoice is not None
    return balance_of(invoice, portal.ledger.entries_of("1042"), day).amount_offerable


def test_a_fee_from_before_is_part_of_the_plan(world: World) -> None:
    begin_today(world, BOTH + FEES, due_in=-3)
    begin(world)
    kept = record(world)
    assert kept is not None
    assert kept.plan.total == Money(85000, "GBP")
    assert "£283.33 of £850.00" in words(world.page())


def test_a_plan_is_on_the_full_amount_while_a_discount_can_be_had(world: World) -> None:
    days = (datetime.now(UTC).date() - date(2026, 10, 1)).days + 20
    discount = f'[[terms.discounts]]\ndays = {days}\npercent = "2"\n'
    today = begin_today(world, BOTH + discount, due_in=30)
    note = "A plan is on the full amount, without the early payment discount."
    page = words(world.page())
    assert "Pay £823.20 now" in page
    assert note in page
    check = words(choose(world, BY_HAND).text)
    assert "£840.00 in total. " + note in check
    begin(world, BY_HAND)
    page = words(world.page())
    assert "Pay the rest now, £543.20" in page
    assert "You save £16.80 by paying all of it by" in page
    kept = record(world)
    assert kept is not None
    assert [one.amount for one in kept.plan.installments] == [Money(28000, "GBP")] * 3
    world.come_back(world.at_checkout(post(world, world.page(), want="next").headers["Location"]))
    last = words(world.page())
    assert "Pay £263.20 now" in last, "the last payment settles it with the discount"
    world.come_back(world.at_checkout(post(world, world.page(), want="next").headers["Location"]))
    assert "Paid in full" in world.page()
    assert today == world.day


def test_the_owner_cannot_undo_the_entry_of_a_plan(world: World) -> None:
    with_plans(world)
    begin(world)
    portal = world.open()
    invoice, agreed = portal.ledger.invoice("1042"), world.entries()[-1]
    assert invoice is not None
    case = Case(invoice, world.entries(), world.balance(), world.day)
    with pytest.raises(EntryRefusedError, match="about a payment plan"):
        CorrectEntry(agreed.seq, "by mistake").draft(case)
