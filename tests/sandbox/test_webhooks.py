"""Webhooks that were really sent, received and verified."""

from __future__ import annotations

import stat
import time
from typing import TYPE_CHECKING

import pytest
import stripe

from portal.sandbox import Sandbox

if TYPE_CHECKING:
    from sandbox.conftest import World

ALL_THREE = ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


def test_webhooks_are_signed_and_say_what_the_api_says(world: World) -> None:
    session = world.paid()
    world.sandbox.deliver_due()
    assert world.shop.types == ALL_THREE
    event = world.shop.received[-1]
    assert (event.api_version, event.livemode, event.object) == ("2026-10-28.endive", False, "event")
    assert event.data.object["id"] == session.id
    assert event.data.object["payment_status"] == "paid"
    assert event.id == world.client.v1.events.list().data[0].id
    assert world.shop.requests[-1]["Content-Type"] == "application/json; charset=utf-8"
    assert not [key for key in event.data.object.to_dict() if key.startswith("_")]


def test_a_wrong_secret_does_not_verify(world: World) -> None:
    world.paid()
    with world.sandbox._books.look() as call:
        body = str(call.rows.where("event")[0])
    header = stripe.WebhookSignature.generate_signature_header(body, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body, header, "whsec_for_tests", 300)


def test_nothing_is_sent_twice_by_itself(world: World) -> None:
    world.paid()
    world.sandbox.deliver_due()
    world.sandbox.deliver_due()
    assert world.shop.types == ALL_THREE


@pytest.mark.parametrize("answer", [500, 404, 301, 199 + 201])
def test_what_is_not_answered_with_2xx_is_sent_again_later(world: World, answer: int) -> None:
    world.shop.answers = [answer, 204, 204, answer]
    world.paid()
    world.sandbox.deliver_due()
    world.sandbox.deliver_due()
    assert len(world.shop.received) == 3
    world.clock.move(seconds=2)
    world.sandbox.deliver_due()
    world.clock.move(seconds=9)
    world.sandbox.deliver_due()
    assert len(world.shop.received) == 4
    world.clock.move(seconds=1)
    world.sandbox.deliver_due()
    assert world.shop.types == [*ALL_THREE, ALL_THREE[0], ALL_THREE[0]]
    assert world.shop.received[0].id == world.shop.received[4].id


def test_after_hours_of_failing_it_is_given_up(world: World) -> None:
    session = world.session()
    world.client.v1.checkout.sessions.expire(session.id)
    world.shop.answers = [500] * 20
    for _ in range(12):
        world.sandbox.deliver_due()
        world.clock.move(hours=2)
    assert len(world.shop.received) == 7
    assert world.client.v1.events.list({"delivery_success": True}).data == []
    event = world.client.v1.events.list().data[0]
    assert event.pending_webhooks == 0
    world.shop.answers = []
    world.sandbox.send_again(event.id)
    world.sandbox.deliver_due()
    assert world.shop.received[-1].id == event.id


@pytest.mark.parametrize("means", ["4242", "3155"])
def test_the_page_can_send_twice(world: World, means: str) -> None:
    session = world.session()
    world.pay(session, means, webhook="twice")
    if means == "3155":
        world.web.post(f"{world.url}/checkout/{session.id}/approve", data={"answer": "approve"}, allow_redirects=False)
    world.sandbox.deliver_due()
    assert world.shop.types == [one for one in ALL_THREE for _ in range(2)]
    assert len({event.id for event in world.shop.received}) == 3


def test_the_page_can_send_late(world: World) -> None:
    world.pay(world.session(), webhook="late")
    world.clock.move(seconds=29)
    world.sandbox.deliver_due()
    assert world.shop.types == []
    world.clock.move(seconds=1)
    world.sandbox.deliver_due()
    assert world.shop.types == ALL_THREE


def test_the_page_can_lose_it(world: World) -> None:
    session = world.session()
    world.pay(session, webhook="lose")
    world.clock.move(days=2)
    world.sandbox.deliver_due()
    assert world.shop.types == []
    assert world.again(session).payment_status == "paid"
    assert len(world.client.v1.events.list({"delivery_success": False}).data) == 3


def test_tests_can_lose_double_delay_and_swap(world: World) -> None:
    faults = world.sandbox.faults
    faults.lose_webhooks = True
    world.paid()
    world.sandbox.deliver_due()
    assert world.shop.types == []
    faults.clear()
    faults.double_webhooks = True
    faults.delay_webhooks_seconds = 60
    world.paid()
    world.sandbox.deliver_due()
    assert world.shop.types == []
    faults.clear()
    world.clock.move(seconds=60)
    world.sandbox.deliver_due()
    assert len(world.shop.received) == 6
    world.shop.received.clear()
    faults.swap_webhooks = True
    world.paid()
    world.sandbox.deliver_due()
    assert world.shop.types == ALL_THREE[::-1]


def test_the_background_thread_sends_within_moments_of_the_payment(world: World) -> None:
    world.sandbox.start()
    world.sandbox.start()
    time.sleep(0.05)
    session = world.session()
    world.pay(session)
    before = time.monotonic()
    while len(world.shop.received) < 3 and time.monotonic() - before < 5:
        time.sleep(0.005)
    assert time.monotonic() - before < 0.5
    assert world.shop.types == ALL_THREE
    world.sandbox.stop()
    world.sandbox.stop()
    world.paid()
    time.sleep(0.1)
    assert len(world.shop.received) == 3


def test_what_is_unsent_survives_a_restart(world: World) -> None:
    session = world.paid()
    url = f"{world.sandbox._courier.url}"
    new = Sandbox(
        world.folder,
        public_url=world.url,
        webhook_url=url,
        webhook_secret="whsec_for_tests",
        clock=world.clock,
    )
    new.deliver_due()
    assert world.shop.types == ALL_THREE
    assert world.shop.received[-1].data.object["id"] == session.id
    assert stat.S_IMODE(world.folder.stat().st_mode) == 0o700


def test_a_shop_that_is_away_gets_it_when_it_is_back(world: World) -> None:
    courier = world.sandbox._courier
    there, courier.url = courier.url, "http://127.0.0.1:9/hook"
    world.paid()
    world.sandbox.deliver_due()
    courier.url = there
    world.clock.move(seconds=2)
    world.sandbox.deliver_due()
    assert sorted(world.shop.types) == sorted(ALL_THREE)


def test_without_an_address_nothing_is_sent(world: World) -> None:
    quiet = Sandbox(world.folder / "q", public_url="http://127.0.0.1/s", webhook_url=None, webhook_secret="")
    with quiet._books.change() as call:
        assert call.fate is None
    quiet.deliver_due()
    assert world.shop.received == []
