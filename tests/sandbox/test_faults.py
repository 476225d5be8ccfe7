"""What can go wrong with a call, seen through the real client with two retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stripe

from portal.sandbox import Fault, Trouble

if TYPE_CHECKING:
    from sandbox.conftest import World


def sessions(world: World) -> int:
    with world.sandbox._books.look() as call:
        return len(call.rows.where("checkout.session"))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("trouble", ["500", "409", "503", "drop"])
def test_the_client_gets_over_two_troubles_and_makes_one_session(world: World, trouble: str, when: str) -> None:
    fault = Fault(Trouble(trouble), when="before" if when == "before" else "after")
    world.sandbox.faults.next_calls(fault, times=2)
    assert world.session().status == "open"
    assert sessions(world) == 1


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble.SERVER_ERROR, stripe.APIError),
        (Trouble.UNAVAILABLE, stripe.APIError),
        (Trouble.CONFLICT, stripe.APIError),
        (Trouble.RATE_LIMIT, stripe.RateLimitError),
        (Trouble.DROP, stripe.APIConnectionError),
        (Trouble.CUT, stripe.APIError),
    ],
)
@pytest.mark.parametrize("after", [False, True])
def test_what_the_shop_sees(world: World, trouble: Trouble, error: type[stripe.StripeError], *, after: bool) -> None:
    world.sandbox.faults.next_calls(Fault(trouble, when="after" if after else "before"), times=3)
    with pytest.raises(error):
        world.session()
    assert sessions(world) == int(after)


def test_silence_is_a_timeout(world: World) -> None:
    world.sandbox.faults.next_calls(Fault(Trouble.HANG, when="after", seconds=5))
    http = stripe.RequestsClient(timeout=0.2, session=world.web)
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": world.url}, http_client=http)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({"email": "a@example.com"})
    world.sandbox.faults.clear()


def test_a_fault_may_be_meant_for_one_call_only(world: World) -> None:
    world.sandbox.faults.next_calls(Fault(Trouble.RATE_LIMIT, only="POST /v1/refunds"))
    session = world.paid()
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    with pytest.raises(stripe.RateLimitError):
        world.client.v1.refunds.create({"payment_intent": intent.id})
    assert world.client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


def test_reading_can_fail_too(world: World) -> None:
    session = world.session()
    world.sandbox.faults.next_calls(Fault(Trouble.CUT, when="after"))
    with pytest.raises(stripe.APIError):
        world.client.v1.checkout.sessions.retrieve(session.id)
    assert world.again(session).id == session.id


def test_clearing_the_faults_lets_everything_go_well(world: World) -> None:
    faults = world.sandbox.faults
    faults.next_calls(Fault(Trouble.RATE_LIMIT), times=9)
    faults.lose_webhooks = faults.double_webhooks = faults.swap_webhooks = True
    faults.delay_webhooks_seconds = 9
    faults.clear()
    world.paid()
    world.sandbox.deliver_due()
    assert world.shop.types == ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
