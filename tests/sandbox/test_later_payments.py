"""POST /v1/payment_intents with a card that was kept on the checkout page, and prices and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

if TYPE_CHECKING:
    from sandbox.conftest import World

INTENTS = "/v1/payment_intents"


def kept(world: World, means: str = "4242") -> dict[str, Any]:
    """The parameters of an instalment with a card kept from a first payment."""
    session = world.session(customer_creation="always", payment_intent_data={"setup_future_usage": "off_session"})
    world.pay(session, means)
    if means in {"3155", "3184"}:
        url = f"{world.url}/checkout/{session.id}/approve"
        world.web.post(url, data={"answer": "approve"}, allow_redirects=False)
    intent = world.again(session).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    return {
        "amount": 28000,
        "currency": "gbp",
        "customer": intent.customer,
        "payment_method": intent.payment_method,
        "off_session": True,
        "confirm": True,
        "payment_method_options": {"card": {"stored_credential_usage": "installment"}},
        "metadata": {"instalment": "2/3"},
    }


def instalment(world: World, params: Any) -> stripe.PaymentIntent:  # noqa: ANN401 - parameters of any kind
    return world.client.v1.payment_intents.create(params)


@pytest.mark.parametrize("means", ["4242", "3155"])
def test_a_kept_card_is_charged_again(world: World, means: str) -> None:
    intent = instalment(world, kept(world, means))
    assert (intent.status, intent.amount_received) == ("succeeded", 28000)
    assert intent.metadata.to_dict() == {"instalment": "2/3"}
    assert world.event_types()[-2:] == ["charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("means", "code", "decline_code"),
    [
        ("0341", "card_declined", "generic_decline"),
        ("3184", "authentication_required", "authentication_required"),
    ],
)
def test_a_kept_card_can_fail_later(world: World, means: str, code: str, decline_code: str) -> None:
    with pytest.raises(stripe.CardError) as caught:
        instalment(world, kept(world, means))
    error = caught.value
    assert (error.http_status, error.code) == (402, code)
    assert error.error is not None
    assert error.error.decline_code == decline_code
    assert error.error.payment_intent is not None
    made = world.client.v1.payment_intents.retrieve(error.error.payment_intent.id)
    assert (made.status, made.amount_received) == ("requires_payment_method", 0)
    assert made.last_payment_error is not None
    assert made.last_payment_error.code == code
    assert world.event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_card_without_funds_says_so(world: World) -> None:
    params = {"amount": 500, "currency": "gbp", "off_session": True, "confirm": True}
    with pytest.raises(stripe.CardError) as caught:
        instalment(world, {**params, "payment_method": "pm_card_chargeDeclinedInsufficientFunds"})
    assert caught.value.error is not None
    assert caught.value.error.decline_code == "insufficient_funds"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"amount": "41.67"}, "parameter_invalid_integer", "amount"),
        ({"amount": 29}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"currency": "xxx"}, None, "currency"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"payment_method": "pm_nope"}, "resource_missing", "payment_method"),
        ({"customer": "cus_nope"}, "resource_missing", "customer"),
        ({"confirm": "false"}, None, "off_session"),
        ({"off_session": "false"}, None, "confirm"),
        (
            {"payment_method_options": {"card": {"stored_credentials": "x"}}},
            "parameter_unknown",
            "payment_method_options[card][stored_credentials]",
        ),
    ],
)
def test_instalments_that_are_refused(world: World, changes: dict[str, Any], code: str | None, param: str) -> None:
    params = kept(world)
    error = world.refusal(INTENTS, {**params, "off_session": "true", "confirm": "true", **changes})
    assert (error.get("code"), error["param"]) == (code, param)
    assert len(world.client.v1.payment_intents.list().data) == 1


def test_a_kept_card_belongs_to_its_customer(world: World) -> None:
    params = kept(world)
    without = {name: one for name, one in params.items() if name != "customer"}
    with pytest.raises(stripe.InvalidRequestError, match="attached to a customer"):
        instalment(world, without)
    other = world.client.v1.customers.create({"email": "other@example.com"})
    with pytest.raises(stripe.InvalidRequestError, match="must be attached"):
        instalment(world, {**params, "customer": other.id})


def test_a_card_that_was_not_kept_cannot_be_used_again(world: World) -> None:
    session = world.paid()
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    again = {"amount": 500, "currency": "gbp", "payment_method": intent.payment_method}
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        instalment(world, {**again, "off_session": True, "confirm": True})


def own_price(world: World, **bounds: int) -> stripe.Price:
    given: Any = {"enabled": True, **({"minimum": 500, "maximum": 84000, "preset": 84000} | bounds)}
    product: Any = {"name": "Part of invoice 1042"}
    return world.client.v1.prices.create({"currency": "gbp", "product_data": product, "custom_unit_amount": given})


def make_link(world: World, price: stripe.Price, **changes: Any) -> stripe.PaymentLink:  # noqa: ANN401 - as above
    params: Any = {"line_items": [{"price": price.id, "quantity": 1}], **changes}
    return world.client.v1.payment_links.create(params)


def open_link(world: World, link: stripe.PaymentLink, query: str = "") -> stripe.checkout.Session:
    answer = world.web.get(link.url + query, allow_redirects=False)
    assert answer.status_code == 303
    return world.client.v1.checkout.sessions.list({"limit": 1}).data[0]


@pytest.mark.parametrize(
    ("amount", "fits"),
    [("5.00", True), ("840", True), ("840.00", True), ("4.99", False), ("840.01", False), ("6.001", False)]
    + [(text, False) for text in ("", "lots", "-5", "1e99999", "NaN")],
)
def test_the_customer_chooses_an_amount_within_bounds(world: World, amount: str, *, fits: bool) -> None:
    session = open_link(world, make_link(world, own_price(world)))
    answer = world.pay(session, amount=amount)
    assert answer.status_code == (303 if fits else 400)
    after = world.again(session)
    assert after.status == ("complete" if fits else "open")
    if fits:
        assert isinstance(after.payment_intent, stripe.PaymentIntent)
        assert after.amount_total == after.payment_intent.amount_received == round(float(amount) * 100)


def test_bounds_of_an_own_amount_are_checked(world: World) -> None:
    for bounds in ({"minimum": 29}, {"minimum": 90000}, {"preset": 100}):
        with pytest.raises(stripe.InvalidRequestError):
            own_price(world, **bounds)
    two: Any = [{"price": own_price(world).id, "quantity": 2}]
    with pytest.raises(stripe.InvalidRequestError, match="only line item"):
        world.client.v1.payment_links.create({"line_items": two})


def test_a_link_hands_its_settings_to_the_session(world: World) -> None:
    link = make_link(
        world,
        own_price(world),
        metadata={"invoice": "1042"},
        payment_intent_data={"metadata": {"hold": "7"}},
        payment_method_types=["card"],
        after_completion={
            "type": "redirect",
            "redirect": {"url": "http://shop.example/ok?s={CHECKOUT_SESSION_ID}"},
        },
    )
    assert link.payment_method_types == ["card"]
    session = open_link(world, link, "?client_reference_id=a_1&prefilled_email=ada@example.com&utm_source=m+l")
    assert (session.payment_link, session.client_reference_id) == (link.id, "a_1")
    assert session.customer_email == "ada@example.com"
    assert session.payment_method_types == ["card"]
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"invoice": "1042"}
    answer = world.pay(session, amount="5")
    assert answer.headers["Location"] == f"http://shop.example/ok?s={session.id}&utm_source=m+l"
    intent = world.again(session).payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.metadata.to_dict() == {"hold": "7"}
    found = world.client.v1.checkout.sessions.list({"payment_link": link.id, "status": "complete"}).data
    assert [one.id for one in found] == [session.id]


def test_a_reference_that_is_not_plain_is_dropped_without_a_word(world: World) -> None:
    session = open_link(world, make_link(world, own_price(world)), "?client_reference_id=a%20b")
    assert session.client_reference_id is None


def test_a_link_switches_itself_off_at_its_limit(world: World) -> None:
    link = make_link(
        world,
        own_price(world),
        restrictions={"completed_sessions": {"limit": 1}},
        inactive_message="This invoice is paid.",
    )
    first, second = open_link(world, link), open_link(world, link)
    world.pay(first, amount="5")
    after = world.client.v1.payment_links.retrieve(link.id)
    assert (after.active, after.restrictions.completed_sessions.count) == (False, 1)  # type: ignore[union-attr]
    page = world.web.get(link.url)
    assert "This invoice is paid." in page.text
    # What was open stays payable: the shop has to expire it.
    world.pay(second, amount="5")
    assert world.again(second).status == "complete"
    counted = world.client.v1.payment_links.retrieve(link.id).restrictions
    assert counted is not None
    assert counted.completed_sessions.count == 2


def test_a_link_is_switched_off_and_on_and_listed(world: World) -> None:
    link = make_link(world, own_price(world), metadata={"a": "1", "b": "2"})
    params: Any = {"active": False, "metadata": {"a": "", "c": "3"}}
    changed = world.client.v1.payment_links.update(link.id, params)
    assert not changed.active
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert "no longer active" in world.web.get(link.url).text
    assert [one.id for one in world.client.v1.payment_links.list({"active": False}).data] == [link.id]
    assert world.client.v1.payment_links.list({"active": True}).data == []
    assert world.client.v1.payment_links.update(link.id, {"active": True}).active
    assert world.client.v1.payment_links.line_items.list(link.id).data[0].quantity == 1


@pytest.mark.parametrize("name", ["locale", "client_reference_id", "customer_email", "expires_at", "success_url"])
def test_links_do_not_take_what_sessions_take(world: World, name: str) -> None:
    params: Any = {"line_items": [{"price": own_price(world).id, "quantity": 1}], name: "x"}
    assert world.refusal("/v1/payment_links", params)["code"] == "parameter_unknown"


def test_a_link_without_a_redirect_ends_on_its_own_page(world: World) -> None:
    after = {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "See you soon."}}
    session = open_link(world, make_link(world, own_price(world), after_completion=after))
    answer = world.pay(session, amount="5")
    assert "See you soon." in world.web.get(world.url.removesuffix("/sandbox") + answer.headers["Location"]).text


def test_a_fixed_price_and_its_product(world: World) -> None:
    product = world.client.v1.products.create({"name": "Shelving", "description": "Oak"})
    price = world.client.v1.prices.create({"currency": "gbp", "product": product.id, "unit_amount": 500})
    session = world.session(line_items=[{"price": price.id, "quantity": 2}])
    assert session.amount_total == 1000
    page = world.web.get(str(session.url)).text
    assert "Shelving" in page
    assert "Oak" in page
    made = world.client.v1.checkout.sessions.line_items.list(world.session().id).data[0].price
    assert made is not None
    assert not made.active
    archived: Any = [{"price": made.id, "quantity": 1}]
    with pytest.raises(stripe.InvalidRequestError, match="inactive"):
        world.session(line_items=archived)


def test_a_bank_account_that_was_kept_is_debited_later(world: World) -> None:
    params = kept(world, "bank")
    assert instalment(world, params).status == "processing"
    assert world.sandbox.settle_pending() == 2
    assert {one.status for one in world.client.v1.payment_intents.list().data} == {"succeeded"}
    assert world.event_types().count("checkout.session.async_payment_succeeded") == 1


def test_a_payment_that_is_not_confirmed_waits(world: World) -> None:
    waiting: Any = {"amount": 500, "currency": "gbp", "allowed_payment_method_types": ["card"]}
    assert instalment(world, waiting).status == "requires_payment_method"
    assert instalment(world, {**waiting, "payment_method": "pm_card_visa"}).status == "requires_confirmation"
    nothing = world.refusal(INTENTS, {**waiting, "confirm": "true", "off_session": "true"})
    assert nothing["code"] == "payment_intent_unexpected_state"
    unknown = world.refusal(INTENTS, {**waiting, "allowed_payment_method_types": ["pix"]})
    assert unknown["param"] == "allowed_payment_method_types"
    intent = instalment(world, waiting)
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        world.client.v1.refunds.create({"payment_intent": intent.id})


@pytest.mark.parametrize(
    "params",
    [
        {"custom_unit_amount": {"enabled": "true"}, "unit_amount": 500},
        {"custom_unit_amount": {"enabled": "false"}},
        {"unit_amount": -1},
        {"unit_amount": 500, "recurring": {"interval": "month"}},
    ],
)
def test_prices_that_are_refused(world: World, params: dict[str, Any]) -> None:
    world.refusal("/v1/prices", {"currency": "gbp", "product_data": {"name": "x"}, **params})


def test_a_redirect_needs_an_address(world: World) -> None:
    link = make_link(world, own_price(world))
    error = world.refusal(f"/v1/payment_links/{link.id}", {"after_completion": {"type": "redirect"}})
    assert error["param"] == "after_completion[redirect]"
