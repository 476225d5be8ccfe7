from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stripe

if TYPE_CHECKING:
    from sandbox.conftest import World


def test_a_session_as_it_is_made(world: World) -> None:
    session = world.session(client_reference_id="1042", metadata={"invoice": "1042"}, locale="de")
    assert session.id.startswith("cs_test_")
    assert len(session.id) == 68
    assert session.url == f"{world.url}/checkout/{session.id}"
    assert (session.status, session.payment_status, session.livemode) == ("open", "unpaid", False)
    assert (session.amount_total, session.currency, session.created) == (84000, "gbp", world.clock.seconds)
    assert session.payment_intent is None
    assert session.client_reference_id == "1042"
    assert session.locale == "de"
    assert session.payment_method_types == ["card", "bacs_debit"]
    with pytest.raises(AttributeError):
        _ = session.line_items


def test_amounts_are_unit_times_quantity_summed(world: World) -> None:
    def line(amount: int, quantity: int) -> dict[str, object]:
        price = {"currency": "gbp", "unit_amount": amount, "product_data": {"name": "x"}}
        return {"quantity": quantity, "price_data": price}

    session = world.session(line_items=[line(1000, 3), line(25, 2)])
    assert session.amount_total == 3050
    lines = world.client.v1.checkout.sessions.line_items.list(session.id).data
    assert [(one.amount_total, one.quantity, one.description) for one in lines] == [
        (3000, 3, "x"),
        (50, 2, "x"),
    ]


def test_line_items_have_their_own_pages(world: World) -> None:
    price = {"currency": "gbp", "unit_amount": 100}
    lines = [{"quantity": 1, "price_data": {**price, "product_data": {"name": f"L{n}"}}} for n in range(12)]
    session = world.session(line_items=lines)
    first = world.client.v1.checkout.sessions.line_items.list(session.id)
    assert (len(first.data), first.has_more) == (10, True)
    names = [one.description for one in first.auto_paging_iter()]
    assert names == [f"L{n}" for n in range(12)]
    before = world.client.v1.checkout.sessions.line_items.list(
        session.id, {"ending_before": first.data[3].id, "limit": 2}
    )
    assert [one.description for one in before.data] == ["L1", "L2"]
    assert world.get(f"/v1/checkout/sessions/{session.id}/line_items", starting_after="li_no").status_code == 400


@pytest.mark.parametrize(
    ("currency", "changes", "types"),
    [
        ("gbp", {"allowed_payment_method_types": ["card"]}, ["card"]),
        ("gbp", {"excluded_payment_method_types": ["card"]}, ["bacs_debit"]),
        ("eur", {}, ["card", "sepa_debit", "multibanco"]),
        ("usd", {}, ["card", "us_bank_account"]),
        ("jpy", {}, ["card"]),
    ],
)
def test_ways_to_pay_depend_on_currency_and_choice(
    world: World, currency: str, changes: dict[str, object], types: list[str]
) -> None:
    price = {"currency": currency, "unit_amount": 84000, "product_data": {"name": "x"}}
    session = world.session(line_items=[{"quantity": 1, "price_data": price}], **changes)
    assert session.payment_method_types == types


def test_expanding(world: World) -> None:
    session = world.paid()
    path = ["payment_intent.latest_charge", "line_items", "payment_intent.payment_method", "payment_intent"]
    whole = world.client.v1.checkout.sessions.retrieve(session.id, {"expand": path})
    intent = whole.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert intent.latest_charge.payment_intent == intent.id
    assert whole.line_items is not None
    assert whole.line_items.data[0].description == "Invoice 1042"
    listed = world.client.v1.checkout.sessions.list({"expand": ["data.payment_intent"]}).data[0]
    assert isinstance(listed.payment_intent, stripe.PaymentIntent)
    assert listed.payment_intent.amount_received == 84000


@pytest.mark.parametrize("path", ["status", "nope", "data.payment_intent", "payment_intent.nope", "a.b.c.d.e"])
def test_what_cannot_be_expanded(world: World, path: str) -> None:
    session = world.paid()
    answer = world.get(f"/v1/checkout/sessions/{session.id}", **{"expand[0]": path})
    assert answer.status_code == 400


def test_an_open_session_can_be_expired_once(world: World) -> None:
    session = world.session()
    expired = world.client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url, expired.payment_status) == ("expired", None, "unpaid")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.client.v1.checkout.sessions.expire(session.id)
    assert caught.value.http_status == 400
    assert world.event_types() == ["checkout.session.expired"]


def test_a_completed_session_cannot_be_expired(world: World) -> None:
    session = world.paid()
    with pytest.raises(stripe.InvalidRequestError):
        world.client.v1.checkout.sessions.expire(session.id)
    assert world.again(session).status == "complete"


def test_an_expired_session_cannot_be_paid(world: World) -> None:
    session = world.session()
    world.client.v1.checkout.sessions.expire(session.id)
    world.pay(session)
    assert world.again(session).status == "expired"
    assert world.client.v1.payment_intents.list().data == []


def test_a_session_expires_by_itself_when_its_time_is_over(world: World) -> None:
    session = world.session(expires_at=world.clock.seconds + 1800)
    world.clock.move(seconds=1799)
    assert world.again(session).status == "open"
    world.clock.move(seconds=1)
    assert world.again(session).status == "expired"
    assert world.again(session).url is None
    assert world.event_types() == ["checkout.session.expired"]


def test_a_session_whose_time_is_over_takes_no_payment(world: World) -> None:
    session = world.session()
    world.clock.move(hours=24)
    world.pay(session)
    assert world.client.v1.charges.list().data == []
    assert world.again(session).status == "expired"


def test_time_that_is_over_is_told_by_webhook_without_anybody_looking(world: World) -> None:
    world.session()
    world.clock.move(hours=24)
    world.sandbox.deliver_due()
    assert world.shop.types == ["checkout.session.expired"]


def test_metadata_stays_on_the_session_unless_the_payment_has_its_own(world: World) -> None:
    plain = world.paid(metadata={"invoice": "1042"}).payment_intent
    assert isinstance(plain, stripe.PaymentIntent)
    assert plain.metadata.to_dict() == {}
    own = world.paid(
        metadata={"invoice": "1042"},
        payment_intent_data={"metadata": {"hold": "7"}, "description": "Invoice 1042"},
    ).payment_intent
    assert isinstance(own, stripe.PaymentIntent)
    assert own.metadata.to_dict() == {"hold": "7"}
    assert own.description == "Invoice 1042"


def test_expiring_cancels_the_payment_that_was_tried(world: World) -> None:
    session = world.session()
    world.pay(session, "0002")
    world.client.v1.checkout.sessions.expire(session.id)
    intent = world.again(session).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.status == "canceled"
