from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stripe

from portal.sandbox.errors import ApiError

if TYPE_CHECKING:
    from sandbox.conftest import World


def charge_of(world: World, means: str = "4242") -> stripe.Charge:
    world.paid(means)
    return world.client.v1.charges.list().data[0]


def test_a_whole_refund(world: World) -> None:
    charge = charge_of(world)
    refund = world.client.v1.refunds.create({"payment_intent": str(charge.payment_intent)})
    assert (refund.amount, refund.currency, refund.status) == (84000, "gbp", "succeeded")
    assert (refund.charge, refund.payment_intent) == (charge.id, charge.payment_intent)
    after = world.client.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (84000, True)
    assert world.event_types()[3:] == ["refund.created", "charge.refunded"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"


def test_refunds_in_parts_never_exceed_the_charge(world: World) -> None:
    charge = charge_of(world)
    world.client.v1.refunds.create({"charge": charge.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        world.client.v1.refunds.create({"charge": charge.id, "amount": 83001})
    assert world.client.v1.refunds.create({"charge": charge.id}).amount == 83000
    assert world.client.v1.charges.retrieve(charge.id).refunded


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"charge": "ch_nope"},
        {"charge": "ch_1", "payment_intent": "pi_1"},
        {"payment_intent": "pi_nope"},
        {"charge": "ch_1", "amount": 0},
        {"charge": "ch_1", "reason": "whim"},
        {"charge": "ch_1", "currency": "gbp"},
    ],
)
def test_refunds_that_are_refused(world: World, params: dict[str, object]) -> None:
    assert world.refusal("/v1/refunds", params)["type"] == "invalid_request_error"


def test_what_never_came_in_is_not_refunded(world: World) -> None:
    session = world.session()
    world.pay(session, "0002")
    intent = world.client.v1.payment_intents.list().data[0]
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        world.client.v1.refunds.create({"payment_intent": intent.id})


def test_a_refund_of_a_bank_debit_arrives_later(world: World) -> None:
    charge = charge_of(world, "bank")
    world.sandbox.settle_pending()
    refund = world.client.v1.refunds.create({"charge": charge.id})
    assert refund.status == "pending"
    assert world.sandbox.settle_refunds() == 1
    assert world.sandbox.settle_refunds() == 0
    assert world.client.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert world.event_types()[-3:] == ["refund.created", "charge.refunded", "refund.updated"]


def test_a_refund_can_fail_after_it_had_succeeded(world: World) -> None:
    charge = charge_of(world)
    refund = world.sandbox.refund(charge.id, 1000)
    world.sandbox.fail_refund(refund["id"])
    world.sandbox.fail_refund(refund["id"])
    failed = world.client.v1.refunds.retrieve(refund["id"], {"expand": ["failure_balance_transaction"]}).to_dict()
    assert failed["status"] == "failed"
    came_back = failed["failure_balance_transaction"]
    assert (came_back["amount"], came_back["source"], came_back["type"]) == (1000, refund["id"], "refund_failure")
    after = world.client.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (0, False)
    assert world.event_types()[3:] == ["refund.created", "charge.refunded", "refund.failed"]


def test_what_brings_a_refund_back_is_not_there_before_it_failed(world: World) -> None:
    refund = world.sandbox.refund(charge_of(world).id, 1000)
    shown = world.client.v1.refunds.retrieve(refund["id"], {"expand": ["failure_balance_transaction"]})
    assert "failure_balance_transaction" not in shown.to_dict()


def test_a_dispute_that_is_lost(world: World) -> None:
    charge = charge_of(world)
    dispute = world.sandbox.open_dispute(charge.id)
    assert (dispute["status"], dispute["amount"]) == ("needs_response", 84000)
    assert [one["amount"] for one in dispute["balance_transactions"]] == [-84000]
    assert world.client.v1.charges.retrieve(charge.id).disputed
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_disputed"
    world.sandbox.lose_dispute(dispute["id"])
    assert world.client.v1.disputes.retrieve(dispute["id"]).status == "lost"
    assert world.event_types()[3:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]


def test_a_dispute_that_is_won_brings_the_money_back(world: World) -> None:
    charge = charge_of(world)
    dispute = world.sandbox.open_dispute(charge.id, amount=500)
    world.sandbox.win_dispute(dispute["id"])
    listed = world.client.v1.disputes.list({"payment_intent": str(charge.payment_intent)}).data
    assert [one.status for one in listed] == ["won"]
    assert [one.amount for one in listed[0].balance_transactions] == [-500, 500]
    assert len({one.id for one in listed[0].balance_transactions}) == 2
    assert world.event_types()[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


def test_an_inquiry_moves_no_money(world: World) -> None:
    charge = charge_of(world)
    dispute = world.sandbox.open_dispute(charge.id, inquiry=True)
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    assert world.sandbox.lose_dispute(dispute["id"])["status"] == "warning_closed"
    assert world.event_types()[3:] == ["charge.dispute.created", "charge.dispute.closed"]
    assert not world.client.v1.charges.retrieve(charge.id).disputed


def test_the_desk_does_it_by_button(world: World) -> None:
    charge = charge_of(world)
    empty = world.web.get(f"{world.url}/")
    assert "Refund £840.00" in empty.text
    press(world, "dispute", charge.id)
    dispute = world.client.v1.disputes.list().data[0]
    assert "The shop wins" in press(world, "win", dispute.id)
    assert "is already closed" in press(world, "lose", dispute.id, status=409)
    other = charge_of(world, "bank")
    press(world, "settle", str(other.payment_intent))
    press(world, "refund", other.id)
    refund = world.client.v1.refunds.list().data[0]
    press(world, "arrive", refund.id)
    press(world, "send-back", refund.id)
    assert world.client.v1.refunds.retrieve(refund.id).status == "failed"
    third = charge_of(world, "bank")
    press(world, "bounce", str(third.payment_intent))
    assert world.client.v1.charges.retrieve(third.id).status == "failed"
    world.sandbox.deliver_due()
    world.shop.received.clear()
    press(world, "send-again", world.client.v1.events.list().data[0].id)
    world.sandbox.deliver_due()
    assert len(world.shop.received) == 1


def press(world: World, button: str, thing: str, status: int = 303) -> str:
    url = f"{world.url}/desk/{button}"
    before = world.web.get(f"{world.url}/").text
    answer = world.web.post(url, data={"id": thing}, allow_redirects=False)
    assert answer.status_code == status
    return before if status == 303 else answer.text


def test_only_what_came_in_is_disputed_and_once(world: World) -> None:
    charge = charge_of(world, "bank")
    with pytest.raises(ApiError, match="cannot be disputed"):
        world.sandbox.open_dispute(charge.id)
    world.sandbox.settle_pending()
    world.sandbox.open_dispute(charge.id)
    with pytest.raises(ApiError, match="cannot be disputed"):
        world.sandbox.open_dispute(charge.id)
