from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from portal.sandbox import Fault, Trouble

if TYPE_CHECKING:
    from sandbox.conftest import World

CUSTOMERS = "/v1/customers"


def made(world: World) -> int:
    """How many customers there are in fact."""
    with world.sandbox._books.look() as call:
        return len(call.rows.where("customer"))


def create(world: World, email: str, key: str) -> Any:  # noqa: ANN401 - requests.Response without the import
    return world.post(CUSTOMERS, {"email": email}, **{"Idempotency-Key": key})


def test_the_same_key_gets_the_same_answer(world: World) -> None:
    first = create(world, "a@example.com", "k")
    again = create(world, "a@example.com", "k")
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Request-Id"] != first.headers["Request-Id"]
    assert made(world) == 1


def test_a_replay_shows_what_was_answered_and_not_what_became_of_it(world: World) -> None:
    params: Any = {"mode": "payment", "success_url": "http://shop.example/ok"}
    price = {"currency": "gbp", "unit_amount": 500, "product_data": {"name": "x"}}
    params["line_items"] = [{"quantity": 1, "price_data": price}]
    params["expires_at"] = world.clock.seconds + 1800
    first = world.client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    world.pay(first)
    world.clock.move(hours=2)
    again = world.client.v1.checkout.sessions.create(params, {"idempotency_key": "k"})
    assert (again.id, again.status, again.url) == (first.id, "open", first.url)


def test_the_same_key_with_other_parameters_is_refused(world: World) -> None:
    create(world, "a@example.com", "k")
    with pytest.raises(stripe.IdempotencyError) as caught:
        world.client.v1.customers.create({"email": "b@example.com"}, {"idempotency_key": "k"})
    assert caught.value.http_status == 400
    elsewhere = world.post("/v1/products", {"name": "x"}, **{"Idempotency-Key": "k"})
    assert elsewhere.json()["error"]["type"] == "idempotency_error"
    assert made(world) == 1


def test_a_key_is_forgotten_after_a_day(world: World) -> None:
    first = create(world, "a@example.com", "k").json()["id"]
    world.clock.move(hours=24, seconds=-1)
    assert create(world, "a@example.com", "k").json()["id"] == first
    world.clock.move(seconds=1)
    assert create(world, "a@example.com", "k").json()["id"] != first


def test_refused_parameters_leave_the_key_free(world: World) -> None:
    assert create(world, "nobody", "k").status_code == 400
    assert create(world, "a@example.com", "k").status_code == 200


def test_an_error_that_came_out_of_running_is_kept(world: World) -> None:
    session = world.session()
    options: Any = {"idempotency_key": "k"}
    world.client.v1.checkout.sessions.expire(session.id)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="status of expired") as caught:
            world.client.v1.checkout.sessions.expire(session.id, {}, options)
    assert caught.value.headers is not None
    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_a_decline_is_kept(world: World) -> None:
    params: Any = {"amount": 500, "currency": "gbp", "payment_method": "pm_card_chargeDeclined"}
    params |= {"off_session": True, "confirm": True}
    seen = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as caught:
            world.client.v1.payment_intents.create(params, {"idempotency_key": "k"})
        seen.append(caught.value.json_body)
    assert seen[0] == seen[1]
    assert len(world.client.v1.payment_intents.list().data) == 1


def test_a_stored_500_is_replayed_though_it_took_effect(world: World) -> None:
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, when="after", stored=True))
    for _ in range(2):
        assert create(world, "a@example.com", "k").status_code == 500
    assert made(world) == 1
    assert create(world, "a@example.com", "k2").status_code == 200


def test_a_stored_500_is_replayed_though_it_took_no_effect(world: World) -> None:
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, stored=True))
    for _ in range(2):
        assert create(world, "a@example.com", "k").status_code == 500
    assert made(world) == 0


def test_a_key_that_is_held_by_another_call_is_refused(world: World) -> None:
    world.sandbox.faults.next_calls(Fault(Trouble.HANG, seconds=5))

    def hang() -> None:
        with pytest.raises(OSError, match="Connection"):
            create(world, "a@example.com", "k")

    first = threading.Thread(target=hang)
    first.start()
    time.sleep(0.1)
    second = create(world, "a@example.com", "k")
    world.sandbox.faults.clear()
    first.join()
    assert second.status_code == 409
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    assert create(world, "a@example.com", "k").status_code == 200


def test_the_same_key_at_once_makes_one_thing(world: World) -> None:
    start = threading.Barrier(5)
    seen: list[int] = []

    def click() -> None:
        start.wait()
        seen.append(create(world, "a@example.com", "k").status_code)

    threads = [threading.Thread(target=click) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made(world) == 1
    assert set(seen) <= {200, 409}


def test_keys_survive_a_restart_and_are_not_too_long(world: World) -> None:
    with world.sandbox._books.store.reading() as rows:
        assert rows.connection.execute("SELECT count(*) FROM idempotency").fetchone() == (0,)
    create(world, "a@example.com", "k" * 255)
    with world.sandbox._books.store.reading() as rows:
        assert rows.connection.execute("SELECT count(*) FROM idempotency").fetchone() == (1,)
    assert create(world, "a@example.com", "k" * 256).status_code == 400
