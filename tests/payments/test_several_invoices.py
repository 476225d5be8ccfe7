"""One payment over several invoices, from the click to the ledger and back again, over real HTTP."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import requests

from portal.payments.checkout import Busy, Failed, Gone, Opened, PayWish
from portal.payments.reconciliation import reconcile
from portal.payments.settlement import settle
from portal.payments.syncing import sync
from portal.ports import LIVE_STATES, CheckoutStatus, HoldState
from portal.receivables.allocation import Allocation, Allocations
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.wiring.portal import now

if TYPE_CHECKING:
    from world import World

    from portal.payments.syncing import SyncReport
    from portal.ports import LedgerTransaction
    from portal.wiring.portal import Portal

KEYS = ("1042", "1043", "1044")
WHOLE = {"1042": 84000, "1043": 20000, "1044": 10000}


@pytest.fixture
def portal(world: World) -> Portal:
    """A customer with three invoices, the oldest due first."""
    world.invoice("1043", "200.00", due_on="2026-11-10")
    world.invoice("1044", "100.00", due_on="2026-11-20")
    world.build()
    return world.served()


def parts(**minors: int) -> Allocations:
    return tuple(Allocation(key.removeprefix("n"), Money(minor, "GBP")) for key, minor in minors.items())


def open_all(portal: Portal, *keys: str) -> Opened | Gone | Failed | Busy | str:
    """Press a button that pays all of these invoices."""
    assert portal.gateway is not None
    wanted = keys or KEYS

    def decide(tx: LedgerTransaction) -> Allocations | str:
        owed = []
        for key in wanted:
            invoice = tx.invoice(key)
            if invoice is None:
                return f"{key} is gone"
            left = balance_of(invoice, tx.entries(key), portal.today()).amount_offerable
            owed.append(Allocation(key, left))
        return tuple(part for part in owed if part.amount) or "nothing is left"

    return portal.checkout(portal.gateway).open_for(wanted, decide)


def pay_all(world: World, portal: Portal, means: str = "4242") -> None:
    opened = open_all(portal)
    assert isinstance(opened, Opened)
    world.come_back(world.at_checkout(opened.url, means=means))


def charge_of(world: World) -> str:
    """The one charge there is."""
    headers = {"Authorization": "Bearer sk_test_x"}
    return str(requests.get(f"{world.url}/sandbox/v1/charges", headers=headers, timeout=10).json()["data"][0]["id"])


def refund(world: World, portal: Portal, minor: int) -> None:
    """Refund a part, and hear of it."""
    world.sandbox.refund(charge_of(world), minor)
    synced(portal)


def synced(portal: Portal) -> SyncReport:
    assert portal.gateway is not None
    return sync(portal.gateway, portal.ledger, now())


def posted(portal: Portal, kind: EntryKind = EntryKind.PAYMENT) -> dict[str, list[int]]:
    by_invoice = portal.ledger.entries_by_invoice()
    found = {key: [e.amount.minor for e in some if e.kind is kind] for key, some in by_invoice.items()}
    return {key: minors for key, minors in found.items() if minors}


def left(portal: Portal) -> dict[str, int]:
    found = {}
    for key in KEYS:
        invoice = portal.ledger.invoice(key)
        assert invoice is not None
        found[key] = balance_of(invoice, portal.ledger.entries_of(key), portal.today()).amount_remaining.minor
    return found


def test_one_payment_settles_them_all_and_the_page_names_each(world: World, portal: Portal) -> None:
    opened = open_all(portal)
    assert isinstance(opened, Opened)
    page = requests.get(opened.url, timeout=10).text
    assert [f"Invoice {key}" in page for key in KEYS] == [True] * 3
    assert "1,140.00" in page
    world.come_back(world.at_checkout(opened.url))
    assert posted(portal) == {key: [minor] for key, minor in WHOLE.items()}
    assert len({e.external_id for some in portal.ledger.entries_by_invoice().values() for e in some}) == 1
    assert left(portal) == dict.fromkeys(KEYS, 0)
    assert [world.page(key).count("paid in full") > 0 for key in KEYS] == [True] * 3
    assert open_all(portal) == "nothing is left"


def test_refunds_and_disputes_are_split_and_reconcile(world: World, portal: Portal) -> None:
    pay_all(world, portal)
    refund(world, portal, 15000)
    assert posted(portal, EntryKind.REFUND) == {"1044": [10000], "1043": [5000]}
    refund(world, portal, 20000)
    dispute = str(world.sandbox.open_dispute(charge_of(world))["id"])
    synced(portal)
    assert left(portal) == WHOLE
    world.sandbox.win_dispute(dispute)
    synced(portal)
    assert posted(portal, EntryKind.REFUND) == {"1044": [10000], "1043": [5000, 15000], "1042": [5000]}
    assert portal.gateway is not None
    compared = reconcile(portal.gateway, portal.ledger, world.day)
    assert (compared.differences, compared.to_look_at) == ((), ())
    assert {one.invoice_key: (one.here, one.there) for one in compared.invoices} == {
        "1042": (Money(79000, "GBP"),) * 2,
        "1043": (Money(0, "GBP"),) * 2,
        "1044": (Money(0, "GBP"),) * 2,
    }
    assert synced(portal).found_nothing


def test_a_refund_that_failed_came_back_when_stripe_says(world: World, portal: Portal) -> None:
    pay_all(world, portal)
    refund(world, portal, 15000)
    made = next(e for e in portal.ledger.entries_of("1044") if e.kind is EntryKind.REFUND)
    world.sandbox.fail_refund(made.external_id)
    synced(portal)
    assert posted(portal, EntryKind.REFUND_FAILED) == {"1044": [10000], "1043": [5000]}
    assert portal.gateway is not None
    payment = next(e for e in portal.ledger.entries_of("1044") if e.kind is EntryKind.PAYMENT)
    (report,) = portal.gateway.fetch_payment(payment.external_id).refunds
    came_back = next(e for e in portal.ledger.entries_of("1044") if e.kind is EntryKind.REFUND_FAILED)
    assert report.failed_at == came_back.occurred_at
    assert portal.gateway.list_refunds(None, None).records == (report,)
    assert left(portal) == dict.fromkeys(KEYS, 0)


def test_the_same_button_serves_again_and_another_one_closes_it(world: World, portal: Portal) -> None:
    assert portal.gateway is not None
    first = open_all(portal)
    assert open_all(portal) == first
    single = portal.checkout(portal.gateway).open("1043", PayWish("GBP 200.00"))
    assert isinstance(single, Opened)
    assert isinstance(first, Opened)
    checkout_id = first.url.rpartition("/")[2]
    assert portal.gateway.fetch_checkout(checkout_id).status is CheckoutStatus.EXPIRED
    again = open_all(portal)
    assert isinstance(again, Opened)
    assert again.url not in {first.url, single.url}
    assert [len(portal.ledger.holds_in({state})) for state in (HoldState.OPEN, HoldState.RELEASED)] == [1, 2]
    assert portal.checkout(portal.gateway).close("1044")
    assert portal.ledger.holds_in(LIVE_STATES) == ()
    assert world.pay("1042").status_code == 303


def test_an_answer_that_opens_nothing_closes_nothing(portal: Portal) -> None:
    assert portal.gateway is not None
    first = open_all(portal)
    assert portal.checkout(portal.gateway).open_for(KEYS, lambda _tx: "not now") == "not now"
    assert open_all(portal) == first


def test_a_lost_ledger_is_made_again_from_stripe_alone(world: World, portal: Portal) -> None:
    pay_all(world, portal)
    refund(world, portal, 12345)
    synced(portal)
    before = {key: portal.ledger.entries_of(key) for key in KEYS}
    holds = portal.ledger.holds_in(HoldState)
    portal.ledger.close()
    for path in world.folders.state.glob("ledger.sqlite*"):
        path.unlink()
    world.build()
    again = world.served()
    synced(again)
    assert {key: [replace(e, seq=0) for e in again.ledger.entries_of(key)] for key in KEYS} == {
        key: [replace(e, seq=0) for e in entries] for key, entries in before.items()
    }
    assert [hold.allocations for hold in again.ledger.holds_in(HoldState)] == [hold.allocations for hold in holds]
    assert synced(again).found_nothing


def test_clicks_on_overlapping_invoices_at_once_leave_one_open_checkout_on_each(portal: Portal) -> None:
    wishes = [KEYS, KEYS[::-1], KEYS[:2], KEYS[1:]] * 2
    meet = threading.Barrier(len(wishes))

    def click(keys: tuple[str, ...]) -> object:
        meet.wait(30)
        return open_all(portal, *keys)

    with ThreadPoolExecutor(len(wishes)) as pool:
        answers = list(pool.map(click, wishes))
    assert any(isinstance(answer, Opened) for answer in answers), answers
    assert not any(isinstance(answer, Failed) for answer in answers), answers
    for key in KEYS:
        held = [hold for hold in portal.ledger.holds_in(LIVE_STATES) if key in hold.invoice_keys]
        assert len(held) <= 1


def test_what_the_metadata_say_otherwise_is_set_aside(world: World, portal: Portal) -> None:
    opened = open_all(portal)
    assert isinstance(opened, Opened)
    world.at_checkout(opened.url, webhook="lose")
    assert portal.gateway is not None
    hold = portal.ledger.holds_in(LIVE_STATES)[0]
    report = portal.gateway.fetch_checkout(hold.checkout_id or "")
    wrong = (
        replace(report, allocations=parts(n1042=84000, n1043=30000)),
        replace(report, allocations=parts(n1042=84000, n1043=20000, n1045=10000)),
        replace(report, allocations=(), is_garbled=True),
        replace(report, hold_id="of a lost ledger", allocations=parts(n1042=84000, n1043=20000, n1044=9999)),
    )
    for number, one in enumerate(wrong):
        payment_id = f"pi_wrong_{number}"
        assert settle(replace(one, payment_id=payment_id), portal.ledger, now()).outcome.value == "quarantined"
    assert portal.ledger.entries_by_invoice() == {}
    assert settle(report, portal.ledger, now()).stale == KEYS
    moved = replace(report, hold_id="of a lost ledger", allocations=parts(n1044=114000))
    assert settle(moved, portal.ledger, now()).outcome.value == "quarantined", "it is posted elsewhere already"
