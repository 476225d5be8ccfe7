"""Installments charged by the saved card: due, declined, unknown, twice at once, and never above what is left."""

from __future__ import annotations

import json
import re
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests
import stripe
from click.testing import CliRunner

from portal.adapters.ledger.copy import copy_ledger
from portal.adapters.stripe import StripeGateway
from portal.adapters.stripe.plans import StripeCollector, stripe_collector
from portal.bookkeeping.entries import OwnerEntries
from portal.bookkeeping.wishes import PaidBy, RecordPayment
from portal.building.build import build
from portal.cli import main
from portal.errors import EntryRefusedError
from portal.payments.collection import Collected, Collection, CollectionResult
from portal.ports.plans import AttemptState, PlanRecord
from portal.receivables.entries import EntryKind
from portal.receivables.money import Money
from portal.sandbox import idempotency
from portal.sandbox.faults import Fault, Trouble
from portal.wiring.portal import LEDGER_FILE, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from world import World

    from portal.ports.plans import ChargeReport, ChargeRequest

SECOND, THIRD = date(2026, 12, 21), date(2027, 1, 21)
PLAN = "\n[[plans]]\npayments = 3\n"


@pytest.fixture
def planned(world: World) -> Callable[..., World]:
    """A world in which a plan of three was begun with a card."""

    def begin(means: str = "4242", settings: str = PLAN) -> World:
        path = world.folders.content / "portal.toml"
        path.write_text(path.read_text() + settings, encoding="utf-8")
        world.build()
        world.serve_again()
        check = plan_form(world, world.page(), want="choose", plan="3-monthly-automatic")
        url = plan_form(world, check.text, want="agree").headers["Location"]
        paid = world.at_checkout(url, means)
        if "/approve" in paid.headers["Location"]:
            paid = requests.post(f"{url}/approve", data={"answer": "approve"}, allow_redirects=False, timeout=60)
        world.come_back(paid)
        return world

    return begin


def plan_form(world: World, page: str, **fields: str) -> requests.Response:
    sent = world.form(page) | fields
    return requests.post(f"{world.url}/plan", data=sent, allow_redirects=False, timeout=60)


def collection(world: World, day: date, **changes: object) -> Collection:
    portal = replace(world.served(), fixed_day=day)
    assert portal.gateway is not None
    collector = stripe_collector(portal.gateway.settings)
    assert collector is not None
    return replace(portal.collection(portal.gateway, collector), **changes)  # type: ignore[arg-type]


def run(world: World, day: date, **changes: object) -> list[tuple[int, str, Collected]]:
    return [plain(result) for result in collection(world, day, **changes).collect()]


def plain(result: CollectionResult) -> tuple[int, str, Collected]:
    return result.installment, result.amount.decimal_text, result.outcome


def paid(world: World) -> list[int]:
    return [entry.amount.minor for entry in world.entries() if entry.kind is EntryKind.PAYMENT]


def record(world: World) -> PlanRecord:
    found = world.open().ledger.plan_in_force("1042")
    assert found is not None
    return found


def states(world: World) -> list[AttemptState]:
    return [attempt.state for attempt in record(world).attempts]


def page_on(world: World, day: date) -> str:
    world.serve_again(day)
    world.build()
    return world.page()


def test_nothing_is_charged_before_its_day_and_once_on_it(planned: Callable[..., World]) -> None:
    world = planned()
    assert run(world, SECOND - timedelta(1)) == []
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
    for _ in range(3):
        assert run(world, SECOND) == []
    assert paid(world) == [28000, 28000]
    assert run(world, THIRD) == [(3, "280.00", Collected.CHARGED)]
    assert world.balance().amount_remaining == Money(0, "GBP")
    assert run(world, THIRD + timedelta(300)) == []
    assert "Paid in full" in page_on(world, THIRD)


def test_a_missed_run_is_made_up_for_in_one_charge(planned: Callable[..., World]) -> None:
    """invoiceninja#11348: a schedule vanished on a missed day."""
    world = planned()
    assert run(world, THIRD + timedelta(3)) == [(3, "560.00", Collected.CHARGED)]
    assert paid(world) == [28000, 56000]


def test_a_payment_in_between_makes_the_charge_smaller(planned: Callable[..., World]) -> None:
    world = planned()
    world.come_back(world.at_checkout(world.pay(want="part", amount="500", confirmed="1").headers["Location"]))
    assert run(world, SECOND) == []
    assert run(world, THIRD) == [(3, "60.00", Collected.CHARGED)]
    assert sum(paid(world)) == 84000


def test_a_click_between_closing_and_charging_makes_the_charge_wait(planned: Callable[..., World]) -> None:
    """Found by the random histories' kind of accident: all by checkout and one installment by card were too much."""
    world = planned()
    url = world.pay().headers["Location"]
    assert run(world, SECOND, close_checkouts=lambda _key: True) == [(2, "280.00", Collected.WAITING)]
    world.come_back(world.at_checkout(url))
    assert run(world, SECOND) == []
    assert sum(paid(world)) == 84000


def test_nothing_is_entered_while_a_charge_is_not_known(planned: Callable[..., World]) -> None:
    """Found by random histories: a transfer of all that is left was entered beside a charge without an answer."""
    world = planned()
    world.sandbox.faults.lose_webhooks = True
    world.sandbox.faults.next_calls(Fault(Trouble.SERVER_ERROR, "after", only="POST /v1/payment_intents"), times=3)
    assert run(world, SECOND) == [(2, "280.00", Collected.UNKNOWN)]
    portal = world.served()
    entries = OwnerEntries(portal.ledger, portal.gateway, now, lambda: SECOND)
    wish = RecordPayment(Money(56000, "GBP"), SECOND, PaidBy.TRANSFER, "all of it")
    with pytest.raises(EntryRefusedError, match="portal collect"):
        entries.write("1042", wish)
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
    with pytest.raises(EntryRefusedError, match="more than is left"):
        entries.write("1042", wish)


def test_an_open_checkout_is_closed_before_the_card_is_charged(planned: Callable[..., World]) -> None:
    world = planned()
    url = world.pay().headers["Location"]
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
    world.at_checkout(url)
    assert paid(world) == [28000, 28000]


def test_a_checkout_whose_webhook_was_lost_counts_before_the_card_is_charged(planned: Callable[..., World]) -> None:
    world = planned()
    world.at_checkout(world.pay().headers["Location"], webhook="lose")
    assert run(world, SECOND) == []
    assert paid(world) == [28000, 56000]


def test_a_decline_changes_nothing_and_is_tried_three_times_on_later_days(planned: Callable[..., World]) -> None:
    world = planned("0341")
    for number in range(1, 4):
        day = SECOND + timedelta(number - 1)
        assert run(world, day) == [(2, "280.00", Collected.DECLINED)]
        assert run(world, day)[0][2] is Collected.WAITING
    assert run(world, SECOND + timedelta(9)) == [(2, "280.00", Collected.WAITING)]
    assert states(world) == [AttemptState.DECLINED] * 3
    assert record(world).attempts[0].reason == "generic_decline"
    assert world.balance().amount_remaining == Money(56000, "GBP")
    assert run(world, THIRD) == [(3, "560.00", Collected.DECLINED)]


def test_the_page_says_what_did_not_go_through_and_another_card_mends_it(planned: Callable[..., World]) -> None:
    world = planned("0341")
    run(world, SECOND)
    page = page_on(world, SECOND)
    for text in (
        "This payment did not go through",
        "Nothing else was charged.",
        "Needs a new card",
        "Did not go through",
    ):
        assert text in page
    assert page.index("Pay £280.00 now") < page.index("Pay the rest now, £560.00")
    world.come_back(world.at_checkout(plan_form(world, page, want="next").headers["Location"]))
    page = world.page()
    assert "On a plan" in page
    assert "Next payment: £280.00 on 21 January 2027" in page
    assert run(world, THIRD) == [(3, "280.00", Collected.CHARGED)]


def test_a_bank_that_wants_approval_is_not_asked_again_off_session(planned: Callable[..., World]) -> None:
    world = planned("3184")
    assert run(world, SECOND) == [(2, "280.00", Collected.NEEDS_APPROVAL)]
    assert run(world, SECOND + timedelta(1)) == [(2, "280.00", Collected.WAITING)]
    assert states(world) == [AttemptState.NEEDS_APPROVAL]
    assert "did not go through" in page_on(world, SECOND)


def test_two_runs_at_once_charge_once(planned: Callable[..., World]) -> None:
    world = planned()
    jobs = [threading.Thread(target=run, args=(world, SECOND)) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    run(world, SECOND)
    assert paid(world) == [28000, 28000]
    assert states(world) == [AttemptState.SUCCEEDED]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_never_came_is_found_with_the_same_key(planned: Callable[..., World], when: str) -> None:
    world = planned()
    world.sandbox.faults.next_calls(
        Fault(Trouble.DROP, only="POST /v1/payment_intents", when=when),  # type: ignore[arg-type]
        times=3,
    )
    assert run(world, SECOND) == [(2, "280.00", Collected.UNKNOWN)]
    assert states(world) == [AttemptState.BEGUN]
    answer = world.pay()
    assert answer.status_code == 503, "nothing is opened while a charge may be on its way"
    assert plan_form(world, world.page(), want="stop", confirmed="1").status_code == 503
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
    assert paid(world) == [28000, 28000]
    assert states(world) == [AttemptState.SUCCEEDED]


def test_a_stored_fault_is_looked_up_after_a_day_instead_of_charged_again(planned: Callable[..., World]) -> None:
    world = planned()
    fault = Fault(Trouble.SERVER_ERROR, only="POST /v1/payment_intents", when="after", stored=True)
    world.sandbox.faults.next_calls(fault, times=1)
    assert run(world, SECOND) == [(2, "280.00", Collected.UNKNOWN)]
    later = datetime.now(UTC) + timedelta(days=2)
    assert run(world, SECOND + timedelta(2), now=lambda: later) == [(2, "280.00", Collected.CHARGED)]
    assert paid(world) == [28000, 28000]


def test_a_charge_that_was_never_made_is_given_up_after_a_day_and_tried_anew(planned: Callable[..., World]) -> None:
    world = planned()
    fault = Fault(Trouble.DROP, only="POST /v1/payment_intents")
    world.sandbox.faults.next_calls(fault, times=3)
    run(world, SECOND)
    later = datetime.now(UTC) + timedelta(days=2)
    day = SECOND + timedelta(2)
    assert run(world, day, now=lambda: later) == [(2, "280.00", Collected.CHARGED)]
    assert states(world) == [AttemptState.ABANDONED, AttemptState.SUCCEEDED]


class Killed(BaseException):
    """The process ends here."""


class Dying:
    """A collector whose process dies before or after the provider hears of the charge."""

    def __init__(self, whole: StripeCollector, *, heard: bool) -> None:
        self.whole, self.heard = whole, heard

    def charge(self, request: ChargeRequest) -> ChargeReport:
        if self.heard:
            self.whole.charge(request)
        raise Killed

    def find_charge(self, request: ChargeRequest) -> ChargeReport | None:
        return self.whole.find_charge(request)

    def payments_of(self, plan_id: str, customer_id: str) -> tuple[str, ...]:
        return self.whole.payments_of(plan_id, customer_id)


@pytest.mark.parametrize("heard", [False, True])
def test_a_run_that_died_is_finished_by_the_next(planned: Callable[..., World], *, heard: bool) -> None:
    world = planned()
    whole = collection(world, SECOND)
    assert isinstance(whole.collector, StripeCollector)
    with pytest.raises(Killed):
        list(replace(whole, collector=Dying(whole.collector, heard=heard)).collect())
    assert states(world) == [AttemptState.BEGUN]
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
    assert paid(world) == [28000, 28000]


def test_a_ledger_from_a_backup_makes_no_charge_again(
    planned: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daily run came before the first sync, two days later: the provider had forgotten the key by then."""
    world = planned()
    with closing(copy_ledger(world.folders.state / LEDGER_FILE, tmp_path / LEDGER_FILE)) as restored:
        assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]
        monkeypatch.setattr(idempotency, "KEPT_SECONDS", 0)
        portal = replace(world.served(), fixed_day=SECOND + timedelta(2), ledger=restored)
        assert portal.gateway is not None
        collector = stripe_collector(portal.gateway.settings)
        assert collector is not None
        results = list(portal.collection(portal.gateway, collector).collect())
        assert [plain(result) for result in results] == []
        kinds = [entry.kind for entry in restored.entries_of("1042")]
        assert kinds.count(EntryKind.PAYMENT) == 2


def test_nothing_is_charged_while_a_payment_of_the_plan_is_set_aside(
    planned: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = planned()
    monkeypatch.setattr(StripeCollector, "payments_of", lambda *_asked: ("pi_unknown",))
    portal = world.served()
    (first,) = (entry for entry in world.entries() if entry.kind is EntryKind.PAYMENT)
    assert portal.gateway is not None
    strange = replace(portal.gateway.fetch_payment(first.external_id), payment_id="pi_unknown", is_foreign=True)
    monkeypatch.setattr(StripeGateway, "fetch_payment", lambda *_asked: strange)
    assert run(world, SECOND) == [(2, "280.00", Collected.WAITING)]
    assert paid(world) == [28000]


def test_nothing_is_charged_after_the_plan_was_stopped(planned: Callable[..., World]) -> None:
    world = planned()
    plan_form(world, world.page(), want="stop", confirmed="1")
    assert run(world, THIRD) == []
    assert paid(world) == [28000]


def test_a_disputed_card_is_not_charged(planned: Callable[..., World]) -> None:
    world = planned()
    api = stripe.StripeClient("sk_test_1", base_addresses={"api": f"{world.url}/sandbox"})
    charge = api.v1.payment_intents.retrieve(world.entries()[0].external_id).latest_charge
    world.sandbox.open_dispute(str(charge))
    world.sandbox.deliver_due()
    until = time.monotonic() + 10
    while not any(entry.kind is EntryKind.DISPUTE_OPENED for entry in world.entries()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert run(world, SECOND) == [(2, "280.00", Collected.WAITING)]


def test_the_commands_say_what_they_do(planned: Callable[..., World]) -> None:
    world = planned()
    folders = world.folders
    where = ["--content", str(folders.content), "--output", str(folders.output), "--state", str(folders.state)]

    def command(*words: str, day: date = SECOND) -> str:
        result = CliRunner().invoke(main, [*words, *where, "--as-of", day.isoformat()])
        assert result.exit_code == 0, result.output
        return result.output

    (listed,) = json.loads(command("plans", "--json", day=world.day))
    assert (listed["state"], listed["paid"], listed["next_on"]) == ("in good standing", "280.00", "2026-12-21")
    (would,) = json.loads(command("collect", "--dry-run", "--json"))
    assert (would["outcome"], would["amount"]) == ("would charge", "280.00")
    assert paid(world) == [28000]
    assert "charged" in command("collect")
    assert "No installment is due." in command("collect")
    assert "may charge the card" in command("plan", "1042")
    assert json.loads(command("plan", "1042", "--cancel", "--json"))["is_stopped"]
    assert json.loads(command("plans", "--json")) == []
    assert "£280.00" in world.page()


# ---- payment links in place of pay buttons, while plans that were agreed before go on


def linked(world: World) -> World:
    """The owner goes over to payment links."""
    path = world.folders.content / "portal.toml"
    path.write_text(path.read_text().replace(PLAN, '[payments]\ncheckout = "links"\n'), encoding="utf-8")
    world.serve_again(SECOND)
    build(world.served())
    return world


def href_on(page: str) -> str:
    (found,) = re.findall(r'<a class="btn" href="([^"]+)" rel="noreferrer">', page)
    return str(found)


def test_a_payment_link_is_closed_before_its_plan_is_charged_and_made_anew_after(planned: Callable[..., World]) -> None:
    """It took all that was left before the charge, so the customer could pay the installment twice."""
    world = linked(planned())
    href = href_on(world.page())
    opened = requests.get(href, allow_redirects=False, timeout=10).headers["Location"].removeprefix(world.url)
    folders = [f"--{name}={getattr(world.folders, name)}" for name in ("content", "output", "state")]
    result = CliRunner().invoke(main, ["collect", *folders, "--as-of", SECOND.isoformat()])
    assert (result.exit_code, result.stderr) == (0, "")
    requests.post(f"{world.url}{opened}/pay", data={"means": "4242", "amount": "560"}, timeout=10)
    assert requests.get(href, allow_redirects=False, timeout=10).status_code == 200, "it says that it is off"
    assert paid(world) == [28000, 28000]
    page = world.page()
    assert "Pay £280.00 now" in page
    assert href_on(page) != href


def test_a_link_made_between_closing_and_charging_makes_the_charge_wait(planned: Callable[..., World]) -> None:
    world = linked(planned())
    assert run(world, SECOND, close_checkouts=lambda _key: True) == [(2, "280.00", Collected.WAITING)]
    assert run(world, SECOND) == [(2, "280.00", Collected.CHARGED)]


def test_no_link_is_made_while_the_end_of_a_charge_is_not_known(planned: Callable[..., World]) -> None:
    world = linked(planned())
    world.sandbox.faults.next_calls(Fault(Trouble.DROP, only="POST /v1/payment_intents"), times=10)
    assert run(world, SECOND) == [(2, "280.00", Collected.UNKNOWN)]
    world.day = SECOND
    build(world.served())
    assert world.open().ledger.payment_links(is_live=False) == ()
