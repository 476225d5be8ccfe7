"""What the buttons of the checkout page do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import stripe

if TYPE_CHECKING:
    from sandbox.conftest import World

BRITISH_DEBIT = "bank"


def intent_of(world: World, session: stripe.checkout.Session) -> stripe.PaymentIntent:
    intent = world.again(session).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    return intent


def charges_of(world: World, intent: stripe.PaymentIntent) -> list[stripe.Charge]:
    return world.client.v1.charges.list({"payment_intent": intent.id}).data


def test_a_card_pays(world: World) -> None:
    session = world.session()
    answer = world.pay(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://shop.example/ok?s={session.id}"
    paid = world.again(session)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    intent = intent_of(world, session)
    assert (intent.status, intent.amount, intent.amount_received) == ("succeeded", 84000, 84000)
    (charge,) = charges_of(world, intent)
    assert (charge.status, charge.paid, charge.amount, charge.currency) == ("succeeded", True, 84000, "gbp")
    assert intent.latest_charge == charge.id
    details = charge.payment_method_details
    assert details is not None
    assert details.card is not None
    assert (details.type, details.card.brand, details.card.last4) == ("card", "visa", "4242")
    assert world.event_types() == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_declined_card_leaves_the_session_open(world: World) -> None:
    session = world.session()
    answer = world.pay(session, "0002")
    assert answer.headers["Location"] == f"/sandbox/checkout/{session.id}"
    page = world.web.get(world.url + f"/checkout/{session.id}").text
    assert "Your card has been declined. No money has been taken." in page
    assert 'href="http://shop.example/i/1042"' in page
    after = world.again(session)
    assert (after.status, after.payment_status, after.url) == ("open", "unpaid", session.url)
    intent = intent_of(world, session)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == "card_declined"
    assert intent.last_payment_error.decline_code == "generic_decline"
    assert world.event_types() == ["charge.failed", "payment_intent.payment_failed"]
    assert [(one.status, one.paid, one.amount_captured) for one in charges_of(world, intent)] == [("failed", False, 0)]


def test_after_a_decline_the_same_payment_is_tried_again(world: World) -> None:
    session = world.session()
    world.pay(session, "0002")
    first = intent_of(world, session).id
    world.pay(session, "4242")
    intent = intent_of(world, session)
    assert (intent.id, intent.status, intent.last_payment_error) == (first, "succeeded", None)
    assert [one.status for one in charges_of(world, intent)] == ["succeeded", "failed"]


def test_a_bank_asks_for_approval(world: World) -> None:
    session = world.session()
    answer = world.pay(session, "3155")
    approve = f"/sandbox/checkout/{session.id}/approve"
    assert answer.headers["Location"] == approve
    assert intent_of(world, session).status == "requires_action"
    assert world.event_types() == []
    page = world.web.get(world.url.removesuffix("/sandbox") + approve)
    assert "Do you approve this payment?" in page.text
    said = world.web.post(page.url, data={"answer": "approve"}, allow_redirects=False)
    assert said.headers["Location"] == f"http://shop.example/ok?s={session.id}"
    assert intent_of(world, session).status == "succeeded"
    world.web.post(page.url, data={"answer": "approve"}, allow_redirects=False)
    assert len(charges_of(world, intent_of(world, session))) == 1


def test_a_payment_that_is_not_approved_takes_nothing(world: World) -> None:
    session = world.session()
    world.pay(session, "3155")
    url = f"{world.url}/checkout/{session.id}/approve"
    page = world.web.post(url, data={"answer": "refuse"})
    assert "Your bank did not approve this payment. No money has been taken." in page.text
    intent = intent_of(world, session)
    assert (intent.status, charges_of(world, intent)) == ("requires_payment_method", [])
    assert world.again(session).status == "open"
    assert world.event_types() == ["payment_intent.payment_failed"]


def test_approval_after_the_session_expired_takes_nothing(world: World) -> None:
    session = world.session()
    world.pay(session, "3155")
    world.client.v1.checkout.sessions.expire(session.id)
    world.web.post(f"{world.url}/checkout/{session.id}/approve", data={"answer": "approve"})
    intent = intent_of(world, session)
    assert (intent.status, charges_of(world, intent)) == ("canceled", [])


@pytest.mark.parametrize(
    ("currency", "kind", "last4"),
    [("gbp", "bacs_debit", "2345"), ("eur", "sepa_debit", "3000"), ("usd", "us_bank_account", "6789")],
)
def test_a_bank_debit_completes_unpaid_and_comes_in_later(world: World, currency: str, kind: str, last4: str) -> None:
    price = {"currency": currency, "unit_amount": 84000, "product_data": {"name": "x"}}
    session = world.session(line_items=[{"quantity": 1, "price_data": price}])
    assert world.pay(session, BRITISH_DEBIT).headers["Location"].startswith("http://shop.example/ok")
    before = world.again(session)
    assert (before.status, before.payment_status) == ("complete", "unpaid")
    intent = intent_of(world, session)
    assert (intent.status, intent.amount_received) == ("processing", 0)
    (charge,) = charges_of(world, intent)
    assert (charge.status, charge.paid) == ("pending", False)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.to_dict()[kind]["last4"] == last4
    assert world.event_types() == ["payment_intent.processing", "checkout.session.completed"]
    assert world.sandbox.settle_pending() == 1
    assert world.sandbox.settle_pending() == 0
    assert world.again(session).payment_status == "paid"
    assert intent_of(world, session).amount_received == 84000
    assert charges_of(world, intent)[0].status == "succeeded"
    assert world.event_types()[2:] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_bank_debit_can_bounce(world: World) -> None:
    session = world.session()
    world.pay(session, BRITISH_DEBIT)
    assert world.sandbox.fail_pending() == 1
    after = world.again(session)
    assert (after.status, after.payment_status) == ("complete", "unpaid")
    intent = intent_of(world, session)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert world.event_types()[2:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]


def test_two_clicks_at_once_charge_once(world: World) -> None:
    session = world.session()
    start = threading.Barrier(6)

    answers: list[int] = []

    def click() -> None:
        start.wait()
        answers.append(world.pay(session).status_code)

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert answers == [303] * 6
    assert len(world.client.v1.charges.list().data) == 1
    assert world.event_types().count("checkout.session.completed") == 1


def test_a_second_click_goes_where_the_first_one_went(world: World) -> None:
    session = world.session()
    assert world.pay(session).headers["Location"] == world.pay(session).headers["Location"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"means": "1234"}, "Choose a way to pay."),
        ({"means": "0341"}, "Choose a way to pay."),
        ({"email": "ada"}, "Enter your e-mail address."),
        ({"email": ""}, "Enter your e-mail address."),
    ],
)
def test_mistakes_in_the_form_take_nothing(world: World, form: dict[str, str], says: str) -> None:
    answer = world.pay(world.session(), **form)
    assert answer.status_code == 400
    assert says in answer.text
    assert world.client.v1.payment_intents.list().data == []


def test_terms_must_be_agreed_to_where_they_are_asked_for(world: World) -> None:
    session = world.session(consent_collection={"terms_of_service": "required"})
    assert "Agree to the terms" in world.pay(session).text
    world.pay(session, terms="yes")
    after = world.again(session)
    assert after.status == "complete"
    assert after.consent is not None
    assert after.consent.terms_of_service == "accepted"


def test_the_email_that_the_shop_knows_is_the_one_that_counts(world: World) -> None:
    session = world.session(customer_email="known@example.com")
    page = world.web.get(str(session.url)).text
    assert "known@example.com" in page
    assert 'name="email"' not in page
    world.pay(session, email="other@example.com")
    details = world.again(session).customer_details
    assert details is not None
    assert details.email == "known@example.com"


def test_a_card_is_kept_for_a_customer_that_the_session_makes(world: World) -> None:
    keep = {"setup_future_usage": "off_session"}
    session = world.paid(customer_creation="always", payment_intent_data=keep)
    intent = intent_of(world, session)
    assert session.customer is not None
    assert intent.customer == session.customer
    assert intent.setup_future_usage == "off_session"
    method = world.client.v1.payment_methods.retrieve(str(intent.payment_method))
    assert method.customer == session.customer
    customer = world.client.v1.customers.retrieve(str(session.customer))
    assert customer.to_dict()["email"] == "ada@example.com"


def test_without_a_customer_no_card_is_kept(world: World) -> None:
    session = world.paid(payment_intent_data={"setup_future_usage": "off_session"})
    method = world.client.v1.payment_methods.retrieve(str(intent_of(world, session).payment_method))
    assert (session.customer, method.customer) == (None, None)


def test_a_card_is_not_kept_unless_the_session_says_so(world: World) -> None:
    session = world.paid(customer_creation="always")
    method = world.client.v1.payment_methods.retrieve(str(intent_of(world, session).payment_method))
    assert session.customer is not None
    assert method.customer is None


def test_a_declined_try_makes_no_customer(world: World) -> None:
    session = world.session(customer_creation="always")
    world.pay(session, "0002")
    assert world.again(session).customer is None
