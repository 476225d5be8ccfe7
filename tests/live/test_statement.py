"""Paying several invoices at once, as a customer's browser does it: over HTTP, with the sandbox behind."""

from __future__ import annotations

import re
import threading
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests

from portal.building.build import build
from portal.ports import HoldState
from portal.ports.links import LinkKind
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble

if TYPE_CHECKING:
    from world import World


@pytest.fixture
def several(world: World) -> World:
    """Three invoices of one customer: 1042 (840.00, due first), 1043 (100.00) and 1044 (60.00)."""
    world.invoice("1043", total="100.00", due_on="2026-11-30")
    world.invoice("1044", total="60.00", due_on="2026-12-31")
    world.build()
    return world


def address(world: World) -> str:
    portal = world.open()
    (link,) = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return portal.url_of_link(link)


def page(world: World) -> str:
    answer = requests.get(address(world), timeout=10)
    assert answer.status_code == 200
    return unescape(answer.text)


def pay(world: World, **fields: str) -> requests.Response:
    """Press a button of the statement as it stands: everything, unless the fields say otherwise."""
    sent = {**world.form(page(world)), "want": "all"} | fields
    return requests.post(f"{world.url}/pay", data=sent, allow_redirects=False, timeout=60)


def confirm(world: World, check: requests.Response) -> requests.Response:
    assert check.status_code == 200, check.text
    return requests.post(f"{world.url}/pay", data=world.form(check.text), allow_redirects=False, timeout=60)


def ticked(world: World, *keys: str) -> dict[str, str]:
    return {"want": "some"} | {world.open().token_of(key): "1" for key in keys}


def paid(world: World, *keys: str) -> list[int]:
    return [world.balance(key).amount_paid.minor for key in keys]


def test_everything_at_once_and_back_to_the_statement(several: World) -> None:
    opened = pay(several)
    assert opened.status_code == 303
    checkout = requests.get(opened.headers["Location"], timeout=10).text
    for words in ("Invoice 1042", "Invoice 1043", "Invoice 1044", "£840.00", "£100.00", "£60.00", "£1,000.00"):
        assert words in checkout
    back = several.come_back(several.at_checkout(opened.headers["Location"]))
    assert (back.status_code, back.headers["Location"]) == (303, address(several))
    assert paid(several, "1042", "1043", "1044") == [84000, 10000, 6000]
    assert len({entry.external_id for key in ("1042", "1043", "1044") for entry in several.entries(key)}) == 1
    assert "Nothing left to pay" in page(several)
    assert "<form" not in page(several)
    for key in ("1042", "1043", "1044"):
        assert "Paid in full" in several.page(key)


def test_chosen_invoices_are_read_back_and_settled(several: World) -> None:
    check = pay(several, **ticked(several, "1044", "1042"))
    text = unescape(check.text)
    assert "You are about to pay £900.00" in text
    assert re.findall(r"Invoice (\d+)", text) == ["1042", "1044"]
    assert "After this, £100.00 is left to pay." in text
    several.come_back(several.at_checkout(confirm(several, check).headers["Location"]))
    assert paid(several, "1042", "1043", "1044") == [84000, 0, 6000]
    assert "£100.00" in page(several)


def test_an_amount_goes_to_the_invoices_that_were_due_first(several: World) -> None:
    check = pay(several, want="amount", amount="£ 880")
    text = unescape(check.text)
    assert "£60.00 stays left on it" in text
    assert "After this, £120.00 is left to pay." in text
    several.come_back(several.at_checkout(confirm(several, check).headers["Location"]))
    assert paid(several, "1042", "1043", "1044") == [84000, 4000, 0]


def test_what_one_invoice_could_not_be_left_with_moves_on(several: World) -> None:
    check = pay(several, want="amount", amount="839.90")
    several.come_back(several.at_checkout(confirm(several, check).headers["Location"]))
    assert paid(several, "1042", "1043", "1044") == [83970, 20, 0]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"want": "some"}, "Choose at least one invoice"),
        ({"want": "amount", "amount": ""}, "Enter an amount"),
        ({"want": "amount", "amount": "lots"}, "Enter the amount in digits"),
        ({"want": "amount", "amount": "0.29"}, "Enter £0.30 or more"),
        ({"want": "amount", "amount": "999.80"}, "Enter £999.70 or less"),
        ({"want": "amount", "amount": "1000.01"}, "Enter £999.70 or less"),
    ],
)
def test_what_cannot_be_paid_is_explained(several: World, fields: dict[str, str], words: str) -> None:
    answer = pay(several, **fields)
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert words in text
    assert "<title>Error: " in text
    assert "No money has been taken." in text
    assert f'value="{fields.get("amount", "")}"' in text
    assert several.open().ledger.holds_in(set(HoldState)) == ()


def test_a_page_that_was_overtaken_asks_again_instead_of_charging(several: World) -> None:
    old = several.form(page(several))
    several.come_back(several.at_checkout(several.pay("1043").headers["Location"]))
    for fields in ({"want": "all"}, ticked(several, "1043", "1044")):
        answer = requests.post(f"{several.url}/pay", data=old | fields, allow_redirects=False, timeout=60)
        text = unescape(answer.text)
        assert answer.status_code == 409
        assert "Your page showed £1,000.00 to pay. What can be paid now is £900.00." in text
        assert "No money has been taken." in text
    assert f'name="{several.open().token_of("1044")}" value="1" checked' in text, "what was ticked stays ticked"
    again = requests.post(
        f"{several.url}/pay", data=several.form(text) | {"want": "all"}, allow_redirects=False, timeout=60
    )
    assert again.status_code == 303


def test_a_check_page_that_was_overtaken_asks_again(several: World) -> None:
    check = pay(several, **ticked(several, "1042", "1043"))
    several.come_back(
        several.at_checkout(several.pay("1043", want="part", amount="50", confirmed="1").headers["Location"])
    )
    answer = confirm(several, check)
    assert answer.status_code == 409
    assert several.balance("1042").amount_paid == Money(0, "GBP")


def test_a_check_page_of_a_choice_stays_good_when_another_invoice_is_paid(several: World) -> None:
    check = pay(several, **ticked(several, "1042", "1043"))
    several.come_back(several.at_checkout(several.pay("1044").headers["Location"]))
    several.come_back(several.at_checkout(confirm(several, check).headers["Location"]))
    assert paid(several, "1042", "1043", "1044") == [84000, 10000, 6000]


def test_an_old_page_of_a_settled_statement_charges_nobody(several: World) -> None:
    old = several.form(page(several))
    several.come_back(several.at_checkout(pay(several).headers["Location"]))
    for fields in ({"want": "all"}, ticked(several, "1042"), {"want": "amount", "amount": "10"}):
        answer = requests.post(f"{several.url}/pay", data=old | fields, allow_redirects=False, timeout=60)
        assert answer.status_code == 409
        assert "nothing left to pay" in answer.text
        assert f'href="{address(several)}"' in answer.text


def test_double_click_meets_the_same_checkout(several: World) -> None:
    first, second = pay(several), pay(several)
    assert first.headers["Location"] == second.headers["Location"]
    together: list[str] = []
    threads = [threading.Thread(target=lambda: together.append(pay(several).headers["Location"])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(together) == {first.headers["Location"]}


def test_one_invoice_is_never_in_two_open_checkouts(several: World) -> None:
    """First the statement, then one of its invoices by itself: the first checkout is closed."""
    everything = pay(several).headers["Location"]
    single = several.pay("1043").headers["Location"]
    several.at_checkout(everything)
    assert paid(several, "1042", "1043", "1044") == [0, 0, 0]
    several.come_back(several.at_checkout(single))
    assert paid(several, "1042", "1043", "1044") == [0, 10000, 0]


def test_leaving_the_checkout_leads_back_to_the_statement(several: World) -> None:
    url = pay(several).headers["Location"]
    declined = requests.post(f"{url}/pay", data={"means": "0002"}, timeout=60)
    assert f"{address(several)}#not-paid" in declined.text
    assert 'id="not-paid"' in page(several)


def test_the_webhook_alone_freezes_every_page(several: World) -> None:
    several.at_checkout(
        pay(several, **ticked(several, "1043", "1044"), confirmed="1", **_shown(several)).headers["Location"]
    )
    several.sandbox.deliver_due()
    assert "Paid in full" in several.page("1043")
    assert "Paid in full" in several.page("1044")
    assert "£840.00" in page(several)


def _shown(world: World) -> dict[str, str]:
    check = pay(world, **ticked(world, "1043", "1044"))
    return {"shown": world.form(check.text)["shown"]}


def test_a_token_opens_only_what_it_was_issued_for(several: World) -> None:
    statement = several.form(page(several))["token"]
    for path, want in (("/pay", "part"), ("/answer", "promise")):
        sent = {"token": statement, "shown": "GBP 840.00", "want": want, "amount": "10", "plan": "3"}
        answer = requests.post(f"{several.url}{path}", data=sent, allow_redirects=False, timeout=60)
        assert answer.status_code in {400, 404}
    single = several.form(several.page("1042"))["token"]
    assert requests.get(f"{several.url}/s/{single}/", timeout=10).status_code == 404
    assert requests.get(f"{several.url}/i/{statement}/", timeout=10).status_code == 404
    strangers = ticked(several, "1042") | {"a" * 32: "1"}
    assert pay(several, **strangers).status_code == 409, "an invoice of somebody else is not offered here"


def test_fields_sent_twice_and_unknown_wishes_are_refused(several: World) -> None:
    fields = several.form(page(several))
    for data in (
        [*fields.items(), ("want", "all"), ("want", "some")],
        [*fields.items(), ("want", "everything")],
        [("token", fields["token"]), *fields.items()],
    ):
        assert requests.post(f"{several.url}/pay", data=data, timeout=60).status_code == 400


def test_when_the_provider_is_away_nobody_is_charged(several: World) -> None:
    several.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, only="POST /v1/checkout/sessions"), times=3)
    answer = pay(several)
    assert answer.status_code == 502
    assert "No money has been taken." in answer.text
    assert "Back to your statement" in answer.text


def test_the_list_to_choose_from_says_what_each_invoice_is_for(several: World) -> None:
    named = several.invoice("1046", total="30.00", due_on="2027-01-31")
    named.write_text(named.read_text().replace("\n+++\n", '\nsubject = "Stage doors"\n+++\n', 1), encoding="utf-8")
    several.build()
    assert "<b>Invoice 1046</b> <i>Stage doors</i>" in page(several)


def test_an_amount_is_not_offered_where_parts_are_not(several: World) -> None:
    toml = several.folders.content / "portal.toml"
    toml.write_text(toml.read_text() + "[payments]\npart = false\n", encoding="utf-8")
    several.build()
    several.serve_again()
    assert "Pay another amount" not in page(several)
    assert "Choose invoices to pay" in page(several)
    assert pay(several, want="amount", amount="10").status_code == 422
    assert pay(several, **ticked(several, "1043")).status_code == 200


def test_a_discount_is_taken_where_the_invoice_is_settled_and_not_by_a_part(several: World) -> None:
    discounted = several.invoice("1045", total="200.00", due_on="2027-01-31")
    text = discounted.read_text().replace("2026-10-01", "2026-11-20")
    discounted.write_text(
        text.replace("\n+++\n", '\n[[discounts]]\ndays = 10\npercent = "2"\n+++\n', 1), encoding="utf-8"
    )
    several.build()
    assert "Left to pay until 30 November 2026" in page(several)
    check = pay(several, **ticked(several, "1045"))
    several.come_back(several.at_checkout(confirm(several, check).headers["Location"]))
    balance = several.balance("1045")
    assert (balance.amount_paid, balance.amount_remaining) == (Money(19600, "GBP"), Money(0, "GBP"))


def test_a_lost_ledger_finds_the_payment_on_all_its_invoices_again(several: World) -> None:
    several.at_checkout(pay(several).headers["Location"])
    several.sandbox.deliver_due()
    before = {
        key: [(e.kind, e.amount, e.external_id) for e in several.entries(key)] for key in ("1042", "1043", "1044")
    }
    several.parts.stop()
    for path in several.folders.state.glob("ledger.sqlite*"):
        path.unlink()
    several.assemble().start()
    build(several.served())
    after = {key: [(e.kind, e.amount, e.external_id) for e in several.entries(key)] for key in before}
    assert after == before
    assert before["1042"][0][0] is EntryKind.PAYMENT
    assert "Nothing left to pay" in page(several)


def test_the_day_of_the_click_decides(several: World) -> None:
    """The page was made a day before the invoices became overdue; its sum is still what is asked for."""
    several.serve_again(date(2026, 12, 1))
    assert pay(several).status_code == 303
