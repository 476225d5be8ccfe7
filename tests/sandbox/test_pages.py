"""The pages as a browser gets them."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.conftest import World


def test_the_checkout_page(world: World) -> None:
    session = world.session(
        branding_settings={"display_name": "Harbour & Pine"},
        custom_text={"submit": {"message": "One of <three> payments."}},
    )
    page = world.web.get(str(session.url))
    assert page.status_code == 200
    for text in (
        "no real money moves",
        "Pay Harbour &amp; Pine",
        "Pay £840.00</button>",
        "Invoice 1042",
        "Oak alcove shelving",
        "One of &lt;three&gt; payments.",
        'href="http://shop.example/i/1042"',
        "Back to Harbour &amp; Pine",
        "What should happen to the webhook?",
        "4242 4242 4242 4242",
        "Bacs Direct Debit",
    ):
        assert text in page.text, text


def test_nobody_can_type_a_card(world: World) -> None:
    page = world.web.get(str(world.session().url)).text
    typed = re.findall(r'<input(?![^>]*type="(?:radio|checkbox)")[^>]*>', page)
    assert len(typed) == 1
    assert 'type="email"' in typed[0]
    assert "<script" not in page


def test_headers_let_the_form_lead_to_the_shop_and_nowhere_else(world: World) -> None:
    session = world.session(cancel_url="https://other.example:8443/no")
    page = world.web.get(str(session.url))
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == "'self' http://shop.example https://other.example:8443"
    found = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    assert policy["style-src"] == f"'sha256-{digest}'"
    assert ' style="' not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("jpy", 840, "Pay JP¥840"),
        ("isk", 84000, "Pay ISK\N{NO-BREAK SPACE}840"),
        ("kwd", 5120, "Pay KWD\N{NO-BREAK SPACE}5.120"),
    ],
)
def test_the_button_has_the_amount_as_the_currency_writes_it(
    world: World, currency: str, amount: int, text: str
) -> None:
    price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "x"}}
    session = world.session(line_items=[{"quantity": 1, "price_data": price}])
    assert f"{text}</button>" in world.web.get(str(session.url)).text


def test_pages_of_sessions_that_are_over(world: World) -> None:
    paid, debit, expired = world.session(), world.session(), world.session()
    world.pay(paid)
    world.pay(debit, "bank")
    world.client.v1.checkout.sessions.expire(expired.id)
    paid_page = world.web.get(f"{world.url}/checkout/{paid.id}").text
    assert "Thank you" in paid_page
    assert f'href="http://shop.example/ok?s={paid.id}"' in paid_page
    debit_page = world.web.get(f"{world.url}/checkout/{debit.id}").text
    assert "On its way" in debit_page
    assert "Paid</p>" not in debit_page
    expired_page = world.web.get(f"{world.url}/checkout/{expired.id}").text
    assert "No money has been taken" in expired_page
    assert 'href="http://shop.example/i/1042"' in expired_page
    for page in (paid_page, debit_page, expired_page):
        assert "<form" not in page


@pytest.mark.parametrize("path", ["/checkout/cs_nope", "/checkout/cs_nope/approve", "/link/plink_no", "/what"])
def test_addresses_that_lead_nowhere(world: World, path: str) -> None:
    answer = world.web.get(world.url + path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


@pytest.mark.parametrize("path", ["/checkout/cs_nope/pay", "/checkout/cs_nope/approve"])
def test_forms_that_lead_nowhere(world: World, path: str) -> None:
    assert world.web.post(world.url + path).status_code == 404


def test_a_bank_that_waits_for_nothing_sends_the_customer_back(world: World) -> None:
    session = world.session()
    answer = world.web.get(f"{world.url}/checkout/{session.id}/approve", allow_redirects=False)
    assert answer.headers["Location"] == f"/sandbox/checkout/{session.id}"


def test_the_desk_is_empty_at_first(world: World) -> None:
    page = world.web.get(f"{world.url}/")
    assert page.status_code == 200
    assert "No payments yet." in page.text


def test_looking_at_a_checkout_page_changes_nothing(world: World) -> None:
    session = world.session()
    for _ in range(3):
        world.web.get(str(session.url))
    assert world.again(session).to_dict() == session.to_dict()
    assert world.event_types() == []


def test_the_desk_shows_payments_that_are_on_their_way(world: World) -> None:
    world.pay(world.session(), "3155")
    world.pay(world.session(), "bank")
    page = world.web.get(f"{world.url}/").text
    assert "requires action" in page
    assert "Bacs Direct Debit ending 2345" in page


def test_a_customer_who_is_known_is_not_asked_for_an_address(world: World) -> None:
    customer = world.client.v1.customers.create({"email": "known@example.com", "name": "Ada"})
    session = world.session(customer=customer.id, excluded_payment_method_types=["bacs_debit"])
    page = world.web.get(str(session.url)).text
    assert "known@example.com" in page
    assert "Bacs" not in page
    world.pay(session)
    assert world.again(session).customer == customer.id
