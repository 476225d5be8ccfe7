"""What is refused, with Stripe's code and the name of the parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

if TYPE_CHECKING:
    from sandbox.conftest import World

SESSIONS = "/v1/checkout/sessions"
DAY = 24 * 60 * 60


def order(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - parameters of any kind
    params = {
        "mode": "payment",
        "success_url": "http://shop.example/ok",
        "line_items": [line()],
        **changes,
    }
    return {name: one for name, one in params.items() if one is not None}


def line(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    price = {"currency": "gbp", "unit_amount": 84000, "product_data": {"name": "Invoice 1042"}}
    return {"quantity": 1, "price_data": {**price, **changes}}


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"client_reference": "x"}, "parameter_unknown", "client_reference"),
        (
            {"line_items": [line(name="x")]},
            "parameter_unknown",
            "line_items[0][price_data][name]",
        ),
        (
            {"payment_intent_data": {"metadatas": {"a": "b"}}},
            "parameter_unknown",
            "payment_intent_data[metadatas]",
        ),
        ({"mode": None}, "parameter_missing", "mode"),
        ({"success_url": None}, "parameter_missing", "success_url"),
        ({"line_items": None}, "parameter_missing", "line_items"),
        (
            {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 500}}]},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ({"line_items": [{"price_data": line()["price_data"]}]}, "parameter_missing", "line_items[0]"),
        ({"line_items": [{**line(), "price": "price_1"}]}, None, "line_items[0]"),
        ({"line_items": [{"quantity": 1}]}, None, "line_items[0]"),
        ({"line_items": [{**line(), "quantity": "one"}]}, "parameter_invalid_integer", "line_items[0][quantity]"),
        ({"line_items": [{**line(), "quantity": 0}]}, "parameter_invalid_integer", "line_items[0][quantity]"),
        ({"line_items": [{"quantity": 1, "price": "price_nope"}]}, "resource_missing", "line_items[0][price]"),
        ({"line_items": [line(unit_amount=29)]}, "amount_too_small", None),
        ({"line_items": [line(unit_amount=10**8)]}, "amount_too_large", "line_items[0][price_data][unit_amount]"),
        ({"line_items": [{**line(), "quantity": 2000}]}, "amount_too_large", None),
        ({"line_items": [line(), line(currency="eur")]}, None, "line_items"),
        ({"line_items": [line()] * 101}, None, "line_items"),
        ({"line_items": [line(currency="nope")]}, None, "line_items[0][price_data][currency]"),
        ({"line_items": [line(product="prod_1")]}, None, "line_items[0][price_data][product]"),
        ({"payment_method_types": ["card"]}, "payment_method_types_no_longer_supported", "payment_method_types"),
        ({"mode": "payments"}, None, "mode"),
        ({"mode": "subscription"}, None, "mode"),
        ({"expires_at": "true"}, "parameter_invalid_integer", "expires_at"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
        ({"customer_email": "ada"}, "email_invalid", "customer_email"),
        ({"success_url": "/ok"}, "url_invalid", "success_url"),
        ({"cancel_url": "javascript:alert(1)"}, "url_invalid", "cancel_url"),
        ({"customer": "cus_nope"}, "resource_missing", "customer"),
        ({"metadata": {str(n): "x" for n in range(51)}}, None, "metadata"),
        ({"metadata": {"k" * 41: "x"}}, None, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "x" * 501}}, None, "metadata[k]"),
        ({"payment_intent_data": {"description": "x" * 1001}}, None, "payment_intent_data[description]"),
        ({"custom_text": {"submit": {"message": "x" * 1201}}}, None, "custom_text[submit][message]"),
        ({"adaptive_pricing": {"enabled": "true"}}, None, "adaptive_pricing[enabled]"),
        ({"allow_promotion_codes": "maybe"}, None, "allow_promotion_codes"),
        ({"locale": "tlh"}, None, "locale"),
        ({"allowed_payment_method_types": ["pix"]}, None, "allowed_payment_method_types"),
        ({"allowed_payment_method_types": "card"}, None, "allowed_payment_method_types"),
        ({"line_items": "one"}, None, "line_items"),
        ({"metadata": "one"}, None, "metadata"),
        ({"mode": {"a": "b"}}, None, "mode"),
    ],
)
def test_a_session_with_wrong_parameters_is_refused(
    world: World, changes: dict[str, Any], code: str | None, param: str | None
) -> None:
    error = world.refusal(SESSIONS, order(**changes))
    assert error["type"] == "invalid_request_error"
    assert error["message"]
    assert (error.get("code"), error.get("param")) == (code, param)
    assert not world.get(SESSIONS).json()["data"]
    assert not world.get("/v1/events").json()["data"]


@pytest.mark.parametrize(
    ("after", "fits"),
    [(1799, False), (1800, True), (1860, True), (86000, True), (DAY - 1, True), (DAY, False), (DAY + 1, False)],
)
def test_a_session_may_be_open_for_half_an_hour_to_less_than_a_day(world: World, after: int, *, fits: bool) -> None:
    expires_at = world.clock.seconds + after
    if fits:
        assert world.session(expires_at=expires_at).expires_at == expires_at
    else:
        assert world.refusal(SESSIONS, order(expires_at=expires_at))["param"] == "expires_at"


def test_without_the_parameter_a_session_is_open_for_a_day(world: World) -> None:
    assert world.session().expires_at == world.clock.seconds + DAY


def test_limits_may_be_used_in_full(world: World) -> None:
    metadata = {f"{n:02}".ljust(40, "k"): "x" * 500 for n in range(50)}
    session = world.session(client_reference_id="r" * 200, metadata=metadata, line_items=[line()] * 100)
    assert session.metadata is not None
    assert session.metadata.to_dict() == metadata
    assert session.client_reference_id == "r" * 200
    assert session.amount_total == 8_400_000


def test_customer_and_customer_email_exclude_each_other(world: World) -> None:
    customer = world.client.v1.customers.create({"email": "ada@example.com"})
    both = order(customer=customer.id, customer_email="ada@example.com")
    assert world.refusal(SESSIONS, both)["param"] == "customer_email"


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"a[b": "1"}, "a[b"),
        ({"mode": "payment", "mode[x]": "payment"}, "mode[x]"),
        ({"line_items[1][quantity]": "1", "mode": "payment", "success_url": "http://x.example"}, "line_items"),
    ],
)
def test_broken_wire_forms_are_refused(world: World, params: dict[str, str], problem: str) -> None:
    answer = world.post(SESSIONS, params)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == problem


def test_a_parameter_sent_twice_is_refused(world: World) -> None:
    answer = world.web.post(
        world.url + SESSIONS,
        data=[("mode", "payment"), ("mode", "payment")],
        headers={"Authorization": "Bearer sk_test_x"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("key", ["sk_live_51H", "rk_live_51H", "pk_test_51H", "whatever"])
def test_only_test_keys_are_taken(world: World, key: str) -> None:
    client = stripe.StripeClient(key, base_addresses={"api": world.url}, http_client=world.http)
    with pytest.raises(stripe.AuthenticationError) as caught:
        client.v1.checkout.sessions.list()
    assert caught.value.http_status == 401
    assert key not in str(caught.value) or len(key) < 13


def test_restricted_test_keys_are_taken(world: World) -> None:
    client = stripe.StripeClient("rk_test_1", base_addresses={"api": world.url}, http_client=world.http)
    assert client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize("header", ["", "Basic c2tfdGVzdF94Og==", "Bearer", "sk_test_x"])
def test_the_key_is_given_as_a_bearer(world: World, header: str) -> None:
    answer = world.web.get(world.url + SESSIONS, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/accounts"),
        ("GET", "/v1/account"),
        ("POST", "/v1/subscription_schedules"),
        ("DELETE", "/v1/customers/cus_1"),
        ("POST", "/v1/events"),
        ("GET", "/v1/checkout/sessions/"),
    ],
)
def test_what_is_not_served_is_an_unrecognised_url(world: World, method: str, path: str) -> None:
    answer = world.web.request(method, world.url + path, headers={"Authorization": "Bearer sk_test_x"})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/checkout/sessions/cs_nope",
        "/v1/payment_intents/pi_nope",
        "/v1/charges/ch_nope",
        "/v1/refunds/re_nope",
        "/v1/events/evt_nope",
        "/v1/customers/cus_nope",
        "/v1/payment_methods/pm_nope",
        "/v1/payment_links/plink_nope",
        "/v1/checkout/sessions/cs_nope/line_items",
    ],
)
def test_an_id_nothing_answers_to(world: World, path: str) -> None:
    answer = world.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "resource_missing"


def test_an_object_is_not_found_under_another_kind(world: World) -> None:
    session = world.session()
    assert world.get(f"/v1/payment_intents/{session.id}").status_code == 404
