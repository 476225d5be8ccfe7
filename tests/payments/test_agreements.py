"""One plan over several invoices: agreed with one payment, charged with one payment, stopped as one."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from portal.adapters.stripe.plans import stripe_collector
from portal.cli import main
from portal.payments import planning
from portal.payments.checkout import Opened, PayWish
from portal.payments.collection import Collected, Collection
from portal.ports.plans import AttemptState
from portal.receivables.agreements import standing_of_agreement
from portal.receivables.allocation import Allocation, Allocations, total_of
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.receivables.plan_offers import Installment, PlanBounds, PlanOffer, PlanWay, Rhythm, plan_offers_on
from portal.receivables.plans import PlanState, plan_standing
from portal.sandbox.faults import Fault, Trouble
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

    from portal.ports import LedgerTransaction
    from portal.ports.plans import PlanRecord
    from portal.receivables.plans import PaymentPlan, PlanStanding

KEYS = ("1042", "1043", "1044")
OWED = tuple(Allocation(key, Money(minor, "GBP")) for key, minor in zip(KEYS, (84000, 20000, 10000), strict=True))
FIRST, SECOND, THIRD = date(2026, 11, 21), date(2026, 12, 21), date(2027, 1, 21)


def offer(first_on: date = FIRST, way: PlanWay = PlanWay.AUTOMATIC) -> PlanOffer:
    days = (first_on, SECOND, THIRD)
    installments = tuple(Installment(n, day, Money(38000, "GBP")) for n, day in enumerate(days, start=1))
    return PlanOffer(Rhythm.MONTHLY, way, installments, Money(114000, "GBP"), grace_days=7)


def agreed(first_on: date = FIRST) -> tuple[PaymentPlan, ...]:
    return planning.plans_of_offer(offer(first_on), OWED, "I agree.", "v1", now())


def begin(world: World, means: str = "4242") -> tuple[PaymentPlan, ...]:
    """What pressing the button under the agreement does, and paying the first installment."""
    world.invoice("1043", "200.00", due_on="2026-11-10")
    world.invoice("1044", "100.00", due_on="2026-11-20")
    world.build()
    plans, portal = agreed(), world.served()
    step = planning.first_step(plans, "Two more payments.")
    assert portal.gateway is not None

    def decide(tx: LedgerTransaction) -> Allocations | str:
        return planning.first_parts(plans) if planning.fits(step, KEYS, tx) else "on a plan"

    opened = portal.checkout(portal.gateway).open_for(KEYS, decide, plan=step)
    assert isinstance(opened, Opened)
    world.come_back(world.at_checkout(opened.url, means))
    return plans


def collection(world: World, day: date) -> Collection:
    portal = replace(world.served(), fixed_day=day)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings, portal.portal_id)
    assert collector is not None
    return portal.collection(portal.gateway, collector)


def run(world: World, day: date) -> list[tuple[tuple[str, ...], int, str, Collected]]:
    return [(r.invoice_keys, r.installment, r.amount.decimal_text, r.outcome) for r in collection(world, day).collect()]


def paid(world: World) -> dict[str, list[int]]:
    return {key: [e.amount.minor for e in world.entries(key) if e.kind is EntryKind.PAYMENT] for key in KEYS}


def records(world: World) -> list[PlanRecord]:
    return list(world.open().ledger.plans_in_force().values())


def whole(world: World, day: date) -> PlanStanding:
    ledger, standings = world.open().ledger, []
    for record in records(world):
        key = record.plan.invoice_key
        invoice, entries = ledger.invoice(key), ledger.entries_of(key)
        assert invoice is not None
        standings.append(plan_standing(record.plan, invoice, balance_of(invoice, entries, day), entries, day))
    return standing_of_agreement(standings)


def intents(world: World) -> list[dict[str, object]]:
    headers = {"Authorization": "Bearer sk_test_x"}
    url = f"{world.url}/sandbox/v1/payment_intents?limit=100"
    found: list[dict[str, object]] = requests.get(url, headers=headers, timeout=10).json()["data"]
    return found


def test_an_agreement_is_kept_on_all_its_invoices_by_its_first_payment(world: World) -> None:
    plans = begin(world)
    assert paid(world) == {"1042": [38000], "1043": [], "1044": []}
    found = world.open().ledger.agreement(plans[0].agreement)
    assert [record.plan.invoice_key for record in found] == list(KEYS)
    assert {record.plan.payment_method_id for record in found} == {found[0].plan.payment_method_id} != {None}
    for key in KEYS:
        assert EntryKind.PLAN_AGREED in {entry.kind for entry in world.entries(key)}
    stands = whole(world, FIRST)
    assert (stands.paid.minor, stands.rest.minor, stands.state) == (38000, 76000, PlanState.GOOD)


def test_one_charge_a_day_pays_what_is_due_on_all_of_them(world: World) -> None:
    begin(world)
    assert run(world, SECOND - timedelta(1)) == []
    assert run(world, SECOND) == [(("1042",), 2, "380.00", Collected.CHARGED)]
    assert run(world, SECOND) == []
    assert run(world, THIRD) == [(KEYS, 3, "380.00", Collected.CHARGED)]
    assert paid(world) == {"1042": [38000, 38000, 8000], "1043": [20000], "1044": [10000]}
    charge = intents(world)[0]
    assert len(intents(world)) == 3
    metadata = charge["metadata"]
    assert isinstance(metadata, dict)
    assert json.loads(metadata["invoices_1"]) == [["1042", 8000], ["1043", 20000], ["1044", 10000]]
    assert metadata["portal"] == world.open().portal_id
    assert run(world, THIRD + timedelta(90)) == []
    assert whole(world, THIRD).state is PlanState.COMPLETE


def test_what_was_paid_meanwhile_on_one_of_them_is_not_charged(world: World) -> None:
    begin(world)
    world.come_back(world.at_checkout(world.pay("1043").headers["Location"]))
    assert run(world, THIRD) == [(("1042", "1044"), 3, "560.00", Collected.CHARGED)]
    assert paid(world) == {"1042": [38000, 46000], "1043": [20000], "1044": [10000]}


def test_an_open_checkout_on_any_of_them_is_closed_first(world: World) -> None:
    begin(world)
    url = world.pay("1044").headers["Location"]
    assert run(world, THIRD)[0][2:] == ("760.00", Collected.CHARGED)
    world.at_checkout(url)
    assert paid(world)["1044"] == [10000]


def test_a_declined_charge_is_one_try_on_all_of_them(world: World) -> None:
    begin(world, "0341")
    for number in range(3):
        assert run(world, THIRD + timedelta(number)) == [(KEYS, 3, "760.00", Collected.DECLINED)]
        assert run(world, THIRD + timedelta(number))[0][3] is Collected.WAITING
    assert run(world, THIRD + timedelta(9))[0][3] is Collected.WAITING
    assert [[attempt.state for attempt in one.attempts] for one in records(world)] == [[AttemptState.DECLINED] * 3] * 3
    assert {attempt.key for one in records(world) for attempt in one.attempts} == {
        f"plan-{records(world)[0].plan.agreement}-3-try{number}" for number in (1, 2, 3)
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_charge_without_an_answer_is_made_once_and_stops_everything_else(world: World, when: str) -> None:
    begin(world)
    fault = Fault(Trouble.DROP, only="POST /v1/payment_intents", when=when)  # type: ignore[arg-type]
    world.sandbox.faults.next_calls(fault, times=3)
    assert run(world, THIRD) == [(KEYS, 3, "760.00", Collected.UNKNOWN)]
    for key in KEYS:
        # Where the charge was made, its webhook may have settled everything by now.
        assert when == "after" or world.pay(key).status_code == 503
        assert not planning.stop(key, world.open().ledger, now())
    assert run(world, THIRD) == [(KEYS, 3, "760.00", Collected.CHARGED)]
    assert paid(world) == {"1042": [38000, 46000], "1043": [20000], "1044": [10000]}


def test_it_is_stopped_as_one_from_any_of_its_invoices(world: World) -> None:
    plans = begin(world)
    where = [f"--{name}={getattr(world.folders, name)}" for name in ("content", "output", "state")]
    shown = CliRunner().invoke(main, ["plan", "1043", *where])
    assert "Part of the plan of invoices 1042, 1043, 1044" in shown.output
    stopped = CliRunner().invoke(main, ["plan", "1043", "--cancel", *where])
    assert "The plan of invoices 1042, 1043, 1044 is stopped" in stopped.output
    assert records(world) == []
    for key in KEYS:
        assert world.entries(key)[-1].kind is EntryKind.PLAN_STOPPED
    assert run(world, THIRD) == []
    assert {record.life.value for record in world.open().ledger.agreement(plans[0].agreement)} == {"stopped"}


def test_the_page_says_that_it_stops_for_the_others_too(world: World) -> None:
    begin(world)
    answer = requests.post(f"{world.url}/plan", data=world.form(world.page("1043")) | {"want": "stop"}, timeout=60)
    assert "Other invoices on this plan: 1042, 1044. It stops for them too." in answer.text


def test_a_payment_on_the_page_of_one_invoice_brings_the_new_card_to_all(world: World) -> None:
    plans = begin(world)
    old = records(world)[0].plan.payment_method_id
    portal = replace(world.served(), fixed_day=THIRD)
    assert portal.gateway is not None
    found = portal.ledger.plan_in_force("1043")
    assert found is not None
    step = planning.later_step(found.plan, 1, "Another card.")
    answer = portal.checkout(portal.gateway).open("1043", PayWish("GBP 200.00", Money(20000, "GBP"), step))
    assert isinstance(answer, Opened)
    world.come_back(world.at_checkout(answer.url))
    cards = {record.plan.payment_method_id for record in records(world)}
    assert len(cards) == 1
    assert cards != {old}
    assert run(world, THIRD) == [(("1042", "1044"), 3, "560.00", Collected.CHARGED)]
    assert {record.plan.agreement for record in records(world)} == {plans[0].agreement}


def test_a_second_agreement_is_not_begun_on_any_of_them(world: World) -> None:
    begin(world)
    ledger = world.open().ledger
    assert not planning.agree_without_payment(agreed(SECOND - timedelta(5)), ledger)
    with ledger.transaction() as tx:
        assert not planning.fits(planning.first_step(agreed(), ""), KEYS, tx)
        current = planning.later_step(records(world)[0].plan, 2, "")
        assert planning.fits(current, KEYS, tx)
        assert not planning.fits(current, (*KEYS, "9999"), tx)


def test_what_is_offered_on_the_sum_can_be_agreed_on_the_invoices() -> None:
    bounds = [PlanBounds(2, 6, overdue_only=True)]
    left = total_of(OWED)
    assert plan_offers_on(bounds, left, FIRST, is_overdue=False) == ()
    offers = plan_offers_on(bounds, left, FIRST, is_overdue=True)
    assert [len(one.installments) for one in offers] == [2, 3, 4, 5, 6]
    for one in offers:
        plans = planning.plans_of_offer(one, OWED, "I agree.", "v1", now())
        assert [plan.total for plan in plans] == [part.amount for part in OWED]
        assert total_of(planning.first_parts(plans)) == one.first.amount
        assert len({plan.agreement for plan in plans}) == 1


def test_an_agreement_without_a_first_payment_is_kept_at_once(world: World) -> None:
    ledger = world.open().ledger
    plans = agreed(SECOND - timedelta(5))
    assert planning.agree_without_payment(plans, ledger)
    assert [record.plan.invoice_key for record in ledger.agreement(plans[0].agreement)] == list(KEYS)
    assert set(ledger.stale_invoices()) >= set(KEYS)
