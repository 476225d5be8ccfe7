from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.conftest import World


def ids(world: World, **params: str) -> list[str]:
    return [one["id"] for one in world.get("/v1/checkout/sessions", **params).json()["data"]]


def test_lists_are_newest_first_and_paged(world: World) -> None:
    made = [world.session().id for _ in range(12)][::-1]
    page = world.client.v1.checkout.sessions.list()
    assert ([one.id for one in page.data], page.has_more) == (made[:10], True)
    rest = world.client.v1.checkout.sessions.list({"starting_after": made[9]})
    assert ([one.id for one in rest.data], rest.has_more) == (made[10:], False)
    assert [one.id for one in page.auto_paging_iter()] == made
    exact = world.client.v1.checkout.sessions.list({"limit": 12})
    assert exact.has_more is False


def test_ending_before_gives_the_page_next_to_the_cursor(world: World) -> None:
    made = [world.session().id for _ in range(5)][::-1]
    page = world.client.v1.checkout.sessions.list({"ending_before": made[4], "limit": 2})
    assert ([one.id for one in page.data], page.has_more) == (made[2:4], True)


@pytest.mark.parametrize("limit", ["0", "101", "ten"])
def test_the_limit_is_1_to_100(world: World, limit: str) -> None:
    answer = world.get("/v1/checkout/sessions", limit=limit)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "limit"


def test_cursors_must_exist_and_exclude_each_other(world: World) -> None:
    made = world.session().id
    unknown = world.get("/v1/checkout/sessions", starting_after="cs_nope")
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "starting_after")
    both = world.get("/v1/checkout/sessions", starting_after=made, ending_before=made)
    assert both.status_code == 400


@pytest.mark.parametrize(("compare", "found"), [("gt", {2}), ("gte", {1, 2}), ("lt", {0}), ("lte", {0, 1}), ("", {1})])
def test_lists_by_time(world: World, compare: str, found: set[int]) -> None:
    made = []
    for _ in range(3):
        made.append(world.session().id)
        world.clock.move(seconds=10)
    middle = str(world.clock.seconds - 20)
    name = f"created[{compare}]" if compare else "created"
    assert set(ids(world, **{name: middle})) == {made[number] for number in found}


def test_sessions_by_status_and_payment(world: World) -> None:
    paid, open_, expired = world.paid(), world.session(), world.session()
    world.client.v1.checkout.sessions.expire(expired.id)
    assert ids(world, status="complete") == [paid.id]
    assert ids(world, status="open") == [open_.id]
    assert ids(world, status="expired") == [expired.id]
    intent = world.get(f"/v1/checkout/sessions/{paid.id}").json()["payment_intent"]
    assert ids(world, payment_intent=intent) == [paid.id]
    assert ids(world, payment_intent="pi_nope") == []
    assert ids(world, **{"customer_details[email]": "ada@example.com"}) == [paid.id]
    assert world.get("/v1/checkout/sessions", status="paid").status_code == 400
    assert world.get("/v1/checkout/sessions", colour="red").status_code == 400


def test_a_session_that_is_over_is_listed_as_expired(world: World) -> None:
    session = world.session()
    world.clock.move(hours=25)
    assert ids(world, status="open") == []
    assert ids(world, status="expired") == [session.id]


def test_payments_charges_and_refunds_by_what_they_belong_to(world: World) -> None:
    first, second = (world.paid().payment_intent for _ in range(2))
    assert first is not None
    assert second is not None
    one, other = (str(intent.id) for intent in (first, second) if not isinstance(intent, str))
    charges = world.get("/v1/charges", payment_intent=one).json()["data"]
    assert [charge["payment_intent"] for charge in charges] == [one]
    world.client.v1.refunds.create({"payment_intent": other})
    assert world.get("/v1/refunds", payment_intent=one).json()["data"] == []
    assert len(world.get("/v1/refunds", payment_intent=other).json()["data"]) == 1
    assert len(world.get("/v1/payment_intents").json()["data"]) == 2


def test_events_by_type_and_age(world: World) -> None:
    world.paid()
    one = world.client.v1.events.list({"type": "charge.succeeded"}).data
    assert [event.type for event in one] == ["charge.succeeded"]
    two = world.client.v1.events.list({"types": ["charge.succeeded", "checkout.session.completed"]}).data
    assert {event.type for event in two} == {"charge.succeeded", "checkout.session.completed"}
    assert len(two) == 2
    world.clock.move(days=30)
    assert len(world.client.v1.events.list().data) == 3
    world.clock.move(seconds=1)
    assert world.client.v1.events.list().data == []


def test_events_by_delivery(world: World) -> None:
    world.paid()
    world.shop.answers = [500, 204, 204]
    assert world.client.v1.events.list().data[0].pending_webhooks == 1
    world.sandbox.deliver_due()
    failed = world.client.v1.events.list({"delivery_success": False}).data
    assert [event.type for event in failed] == [world.shop.types[0]]
    assert failed[0].pending_webhooks == 1
    sent = world.client.v1.events.list({"delivery_success": True}).data
    assert len(sent) == 2
    assert {event.pending_webhooks for event in sent} == {0}
