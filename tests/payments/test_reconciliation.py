"""The ledger that heals: a sync brings it level whatever became of the webhooks; reconcile says where it is not."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from portal.adapters.stripe import StripeGateway
from portal.building.build import build
from portal.config import load_settings
from portal.errors import GatewayThrottledError
from portal.payments.history import TRIES, Patience
from portal.payments.reconciliation import reconcile, to_look_at
from portal.payments.settlement import settle
from portal.payments.syncing import SyncReport, sync
from portal.ports import HoldState
from portal.ports.alarms import AlarmKind
from portal.ports.provider_reports import PaymentReport, PaymentStatus
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import Money
from portal.sandbox.faults import Fault, Trouble
from portal.serving import sandbox_stripe
from portal.wiring.portal import LEDGER_FILE, Folders, Portal, now, open_portal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from world import World

    from portal.adapters.ledger.sql_ledger import SqlLedger
    from portal.ports.provider_reports import Batch


def gateway_of(world: World) -> StripeGateway:
    gateway = world.served().gateway
    assert gateway is not None
    return gateway


def elsewhere(world: World, root: Path, *, ledger: Path | None = None) -> Portal:
    """Another machine with the same content and provider, and an empty ledger or a backup of one."""
    settings = load_settings(world.folders.content, {})
    folders = Folders(world.folders.content, root / "build", root / "var")
    folders.state.mkdir(parents=True)
    shutil.copy(world.folders.state / "link.key", folders.state / "link.key")
    if ledger is not None:
        shutil.copy(ledger, folders.state / LEDGER_FILE)
    return open_portal(settings, folders, world.day, stripe=sandbox_stripe(settings, world.folders.state))


def synced(portal: Portal, pause: Callable[[float], None] = lambda _seconds: None) -> SyncReport:
    assert portal.gateway is not None
    return sync(portal.gateway, portal.ledger, now(), patience=Patience(pause=pause))


def facts(ledger: SqlLedger) -> set[Entry]:
    return {replace(fact, seq=0) for some in ledger.entries_by_invoice().values() for fact in some}


def pay(world: World, amount: str, means: str = "4242", key: str = "1042") -> str:
    """Pay a part without coming back; the charge's id."""
    world.at_checkout(click(world, amount, key), means=means)
    return charges(world)[0]


def click(world: World, amount: str, key: str = "1042") -> str:
    """Where a part is paid; asked again while webhooks of earlier payments overtake the page."""
    for _ in range(10):
        opened = world.pay(key, want="part", amount=amount, confirmed="1")
        if opened.status_code != 409:
            break
    return opened.headers["Location"]


def charges(world: World) -> list[str]:
    found = world_api(world, "charges")
    return [str(charge["id"]) for charge in found if charge["status"] in {"succeeded", "pending"}]


def world_api(world: World, path: str) -> list[dict[str, object]]:
    answer = requests.get(
        f"{world.url}/sandbox/v1/{path}?limit=100", headers={"Authorization": "Bearer sk_test_x"}, timeout=10
    )
    listed: list[dict[str, object]] = answer.json()["data"]
    return listed


def full_life(world: World) -> None:
    """Cards, a bank debit, refunds of three kinds, disputes of two, and a checkout left open."""
    card = pay(world, "300")
    world.sandbox.refund(card, 5000)
    came_back = str(world.sandbox.refund(card, 2500)["id"])
    world.sandbox.fail_refund(came_back)
    world.sandbox.win_dispute(str(world.sandbox.open_dispute(pay(world, "100"))["id"]))
    world.sandbox.open_dispute(pay(world, "50"), amount=2000)
    debit = pay(world, "200", means="bank")
    world.sandbox.settle_pending()
    world.sandbox.refund(debit)
    world.sandbox.settle_refunds()
    pay(world, "60", means="bank")
    click(world, "40")


def received(world: World) -> list[tuple[str, int]]:
    return sorted((fact.kind.value, fact.amount.minor) for fact in world.entries())


LIFE = sorted(
    [
        ("payment", 30000),
        ("payment", 10000),
        ("payment", 5000),
        ("payment", 20000),
        ("payment started", 20000),
        ("payment started", 6000),
        ("refund", 5000),
        ("refund", 2500),
        ("refund failed", 2500),
        ("refund", 20000),
        ("dispute opened", 10000),
        ("dispute closed", 10000),
        ("dispute withdrawn", 10000),
        ("dispute reinstated", 10000),
        ("dispute opened", 2000),
        ("dispute withdrawn", 2000),
    ]
)


def test_with_no_webhook_at_all_a_sync_brings_in_everything(world: World, tmp_path: Path) -> None:
    """Paymenter#1260: money taken but the invoice open, because only the webhook marked it."""
    world.sandbox.faults.lose_webhooks = True
    full_life(world)
    known = len(received(world))
    assert known < len(LIFE)
    first = synced(world.served())
    assert received(world) == LIFE
    assert first.entries == len(LIFE) - known
    from_nothing = elsewhere(world, tmp_path / "second")
    build(from_nothing)
    assert facts(from_nothing.ledger) == facts(world.served().ledger)
    live = {(hold.hold_id, hold.state) for hold in world.served().ledger.holds_in(HoldState)}
    found = {(hold.hold_id, hold.state) for hold in from_nothing.ledger.holds_in(HoldState)}
    assert {hold for hold in live if hold[1] is not HoldState.RELEASED} == found
    assert {state for _hold, state in found} == {HoldState.OPEN, HoldState.POSTED, HoldState.PROCESSING}


def test_webhooks_alone_give_what_a_sync_gives(world: World) -> None:
    full_life(world)
    world.sandbox.deliver_due()
    assert received(world) == LIFE
    before = facts(world.served().ledger)
    assert synced(world.served()).found_nothing
    assert facts(world.served().ledger) == before


def test_what_is_paid_while_the_lists_are_read_is_counted_by_the_same_sync(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Payments are listed first: a card that was refused then had paid when the checkouts were listed."""
    world.sandbox.faults.lose_webhooks = True
    pay(world, "300")
    real = StripeGateway.list_payments

    def before(gateway: StripeGateway, since: datetime | None, after: str | None) -> Batch[PaymentReport]:
        listed = real(gateway, since, after)
        return replace(listed, records=tuple(replace(one, status=PaymentStatus.FAILED) for one in listed.records))

    monkeypatch.setattr(StripeGateway, "list_payments", before)
    synced(world.served())
    assert received(world) == [("payment", 30000)]


def test_a_second_sync_appends_nothing_and_freezes_nothing(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    full_life(world)
    portal = world.served()
    synced(portal)
    for key in portal.ledger.stale_invoices():
        portal.ledger.freeze_done(key, 10**6)
    again = synced(portal)
    assert again.found_nothing
    assert again.since is not None
    assert portal.ledger.stale_invoices() == ()


def test_an_old_backup_is_brought_level(world: World, tmp_path: Path) -> None:
    pay(world, "100")
    world.sandbox.deliver_due()
    synced(world.served())
    backup = tmp_path / "backup.sqlite"
    with sqlite3.connect(world.folders.state / LEDGER_FILE) as source, sqlite3.connect(backup) as target:
        source.backup(target)
    source.close()
    target.close()
    world.sandbox.refund(charges(world)[0])
    pay(world, "200", means="bank")
    world.sandbox.settle_pending()
    world.sandbox.deliver_due()
    restored = elsewhere(world, tmp_path / "restored", ledger=backup)
    assert facts(restored.ledger) != facts(world.served().ledger)
    synced(restored)
    assert facts(restored.ledger) == facts(world.served().ledger)
    assert restored.gateway is not None
    assert reconcile(restored.gateway, restored.ledger, world.day).differences == ()


def test_what_changes_long_after_it_was_made_is_seen_by_a_later_sync(world: World) -> None:
    """pretix#1230: pending for ever. The debit was made before the window; its arrival lies in it."""
    world.sandbox.faults.lose_webhooks = True
    pay(world, "200", means="bank")
    portal = world.served()
    assert portal.gateway is not None
    synced(portal)
    world.sandbox.settle_pending()
    later = sync(portal.gateway, portal.ledger, now(), since=now() + timedelta(minutes=5))
    assert later.entries == 1
    assert world.balance().amount_paid == Money(20000, "GBP")


def test_too_many_requests_are_waited_out(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    pay(world, "100")
    waits: list[float] = []
    only = "GET /v1/payment_intents"
    world.sandbox.faults.next_calls(Fault(Trouble.RATE_LIMIT, only=only), times=3)
    synced(world.served(), waits.append)
    assert waits == [1, 2, 4]
    world.sandbox.faults.next_calls(Fault(Trouble.RATE_LIMIT, only=only), times=50)
    waits.clear()
    with pytest.raises(GatewayThrottledError):
        synced(world.served(), waits.append)
    assert len(waits) == TRIES - 1
    world.sandbox.faults.clear()
    synced(world.served())


def test_expired_checkouts_give_their_reservations_back(world: World) -> None:
    """btcpayserver#7212: part-paid, then expired, stranded."""
    world.sandbox.faults.lose_webhooks = True
    world.pay()
    portal = world.served()
    (hold,) = portal.ledger.holds_in({HoldState.OPEN})
    gateway_of(world).expire_checkout(hold.checkout_id or "")
    assert synced(portal).holds == 1
    assert portal.ledger.holds_in({HoldState.OPEN}) == ()


def test_a_payment_for_an_unknown_invoice_is_shown_and_counts_once_the_invoice_is_known(world: World) -> None:
    """killbill#1015: an unknown attempt later succeeds."""
    world.invoice("2001")
    world.build()
    world.sandbox.faults.lose_webhooks = True
    pay(world, "100", key="2001")
    portal = world.served()
    known = portal.invoices_as_built(["1042"])
    portal.ledger.replace_invoices(known, portal.links(known))  # as in a ledger that never had this invoice
    synced(portal)
    (told,) = to_look_at(portal.ledger, world.day)
    assert "no longer among the invoices" in told.problem
    world.build()
    assert list(to_look_at(portal.ledger, world.day)) == []
    assert world.balance("2001").amount_paid == Money(10000, "GBP")


def test_a_lost_ledger_without_the_invoice_posts_nothing_and_heals_later(world: World, tmp_path: Path) -> None:
    pay(world, "100")
    portal = elsewhere(world, tmp_path / "second")
    synced(portal)
    assert facts(portal.ledger) == set()
    assert [alarm.kind for alarm in portal.ledger.alarms()] == [AlarmKind.UNMATCHED]
    assert portal.gateway is not None
    found = reconcile(portal.gateway, portal.ledger, world.day)
    assert [problem.field for problem in found.differences] == [portal.ledger.alarms()[0].external_id]
    build(portal)
    assert [fact.amount for fact in portal.ledger.entries_of("1042")] == [Money(10000, "GBP")]
    assert list(to_look_at(portal.ledger, world.day)) == []


def test_money_set_aside_and_refunded_is_no_longer_shown(world: World, tmp_path: Path) -> None:
    charge = pay(world, "100")
    portal = elsewhere(world, tmp_path / "second")
    synced(portal)
    world.sandbox.refund(charge)
    synced(portal)
    assert list(to_look_at(portal.ledger, world.day)) == []
    assert portal.gateway is not None
    assert reconcile(portal.gateway, portal.ledger, world.day).differences == ()


def test_reconcile_names_every_difference_and_changes_nothing(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    charge = pay(world, "300")
    world.sandbox.refund(charge, 1000)
    portal = world.served()
    missing = reconcile(gateway_of(world), portal.ledger, world.day)
    assert len(missing.differences) == 3  # the payment, the refund, and the reservation
    assert facts(portal.ledger) == set()
    (sums,) = missing.invoices
    assert (sums.here, sums.there) == (Money(0, "GBP"), Money(29000, "GBP"))
    synced(portal)
    level = reconcile(gateway_of(world), portal.ledger, world.day)
    assert (level.differences, level.movements) == ((), 2)
    assert [(one.here, one.there) for one in level.invoices] == [(Money(29000, "GBP"), Money(29000, "GBP"))]


def test_reconcile_names_what_is_only_here_and_what_was_reversed(world: World) -> None:
    pay(world, "300")
    portal = world.served()
    synced(portal)
    (fact,) = portal.ledger.entries_of("1042")
    with portal.ledger.transaction() as tx:
        tx.append(replace(fact, external_id="pi_of_another_key", amount=Money(100, "GBP"), seq=0))
        reversal = replace(fact, kind=EntryKind.REVERSAL, external_id="reversal 1", reverses=fact.seq, seq=0)
        tx.append(reversal)
        tx.append(replace(fact, external_id="cash on Friday", amount=Money(200, "GBP"), seq=0))
    told = [problem.problem for problem in reconcile(gateway_of(world), portal.ledger, world.day).differences]
    assert [("reversed here" in one, "pi_of_another_key" in one) for one in told] == [(True, False), (False, True)]


def test_a_refund_from_the_desk_reaches_the_page(world: World) -> None:
    """Paymenter#709: a refund left it "paid". pretix#343: the refund of one charge marked all refunded."""
    first = pay(world, "300")
    pay(world, "540")
    world.sandbox.deliver_due()
    assert "Paid in full" in world.page()
    answer = requests.post(f"{world.url}/sandbox/desk/refund", data={"id": first}, timeout=30)
    assert answer.status_code == 200
    world.sandbox.deliver_due()
    page = world.page()
    assert "Paid in full" not in page
    assert "Refunded on" in page
    assert world.balance().amount_remaining == Money(30000, "GBP")


def test_a_bank_debit_on_its_way_is_neither_failed_nor_asked_for_again(world: World) -> None:
    """gameserverapp#1216: a bank debit was read as failed, and the customer paid again."""
    world.at_checkout(world.pay().headers["Location"], means="bank")
    world.sandbox.deliver_due()
    assert "<form" not in world.page()
    world.sandbox.settle_pending()
    world.sandbox.deliver_due()
    assert world.balance().amount_paid == Money(84000, "GBP")


def test_webhook_and_return_page_at_once_are_one_payment(world: World) -> None:
    """convene#1138: the webhook was faster than the redirect. pretix#1166, #1189: both at once."""
    paid = world.at_checkout(world.pay().headers["Location"], webhook="twice")
    world.sandbox.deliver_due()
    world.come_back(paid)
    portal = world.served()
    (hold,) = portal.ledger.holds_in({HoldState.POSTED})
    assert hold.checkout_id is not None
    settle(gateway_of(world).fetch_checkout(hold.checkout_id), portal.ledger, now())
    assert [fact.kind for fact in world.entries()] == [EntryKind.PAYMENT]


def test_a_build_with_a_key_syncs_first_and_is_made_without_an_answer(world: World) -> None:
    world.sandbox.faults.lose_webhooks = True
    pay(world, "300")
    assert build(world.served()).warnings == ()
    assert world.balance().amount_paid == Money(30000, "GBP")
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR), times=3)
    report = build(world.served())
    assert ["could not be asked" in warning.problem for warning in report.warnings] == [True]
    world.sandbox.faults.clear()
