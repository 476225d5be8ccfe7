"""``portal collect`` killed before, in and after every write, here and at the provider: charged once, never lost."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import stripe
from in_process import InProcess
from mortal import Deadly, DeadlyLedger, Fate, KilledError
from pydantic import SecretStr
from shop_invoices import PLAIN, request_of
from werkzeug.test import Client

from portal.adapters.ledger.sql_ledger import SqlLedger, open_ledger
from portal.adapters.stripe import ShopFront, StripeGateway
from portal.adapters.stripe.plans import StripeCollector
from portal.config import Stripe
from portal.payments.checkout import Checkout, Opened, PayWish
from portal.payments.collection import Collected, Collection
from portal.payments.planning import first_step, plan_of_offer
from portal.payments.settlement import settle
from portal.ports.plans import AttemptState
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.plan_offers import PlanBounds, Rhythm, plan_offers
from portal.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

URL = "http://sandbox.test"
EACH = 28000
WRITES = 12
"""A run makes so many: in and after each transaction, before and after the charge."""


class Killing(Fate):
    """Really kills: nothing is unwound, no transaction is ended by anybody but the database."""

    def write(self) -> None:
        """One more write, the last one where it is its turn."""
        try:
            super().write()
        except KilledError:
            os.kill(os.getpid(), signal.SIGKILL)


class Till:
    """A ledger, and a provider whose memory is a file, so that a process that is forked shares both."""

    def __init__(self, address: str, folder: Path) -> None:
        self.time = datetime(2026, 11, 2, 9, tzinfo=UTC)
        self.fate = Killing()
        self.sandbox = Sandbox(folder, public_url=URL, webhook_url=None, webhook_secret="whsec_x", clock=self.now)
        client = InProcess(Deadly(self.sandbox.app, self.fate))
        api = stripe.StripeClient("sk_test_x", base_addresses={"api": URL}, max_network_retries=0, http_client=client)
        settings = Stripe(api_key=SecretStr("sk_test_x"))
        self.gateway = StripeGateway(settings, ShopFront("Sample"), self.now, api)
        self.collector = StripeCollector(settings, api)
        self.ledger: SqlLedger = open_ledger(address)
        self.ledger.replace_invoices([PLAIN], [])

    def now(self) -> datetime:
        return self.time

    def checkout(self, ledger: Any) -> Checkout:  # noqa: ANN401  the ledger, or one whose process may die
        return Checkout(ledger, self.gateway, request_of, parts_allowed=True, now=self.now, today=self.today)

    def today(self) -> date:
        return self.time.date()

    def begin_a_plan(self) -> None:
        """Three payments, one a week; the first is paid with a card that is kept."""
        balance = balance_of(PLAIN, (), self.today())
        offer = plan_offers([PlanBounds(3, 3, (Rhythm.WEEKLY,))], balance, self.today())[0]
        plan = plan_of_offer(offer, PLAIN.key, "I agree.", "1", self.now())
        wish = PayWish(str(PLAIN.total), offer.first.amount, first_step([plan], "A plan."))
        opened = self.checkout(self.ledger).open(PLAIN.key, wish)
        assert isinstance(opened, Opened)
        Client(self.sandbox.app).post(f"{opened.url.removeprefix(URL)}/pay", data={"means": "4242"})
        settle(self.gateway.fetch_checkout(opened.url.rpartition("/")[2]), self.ledger, self.now())

    def collect(self) -> list[Collected]:
        ledger: Any = DeadlyLedger(self.ledger, self.fate)
        run = Collection(
            ledger=ledger,
            gateway=self.gateway,
            collector=self.collector,
            close_checkouts=self.checkout(ledger).close,
            is_live=False,
            describe=lambda key: f"Installment of {key}",
            now=self.now,
            today=self.today,
        )
        return [result.outcome for result in run.collect()]

    def charges(self) -> int:
        """How often the saved card was charged, by the provider's own books."""
        listed = Client(self.sandbox.app).get(
            "/v1/payment_intents?limit=100", headers={"Authorization": "Bearer sk_test_auditor"}
        )
        return sum(one["status"] == "succeeded" and "attempt" in one["metadata"] for one in listed.get_json()["data"])


@pytest.fixture
def till(ledger_address: str, tmp_path: Path) -> Iterator[Till]:
    made = Till(ledger_address, tmp_path / "sandbox")
    with closing(made.ledger):
        made.begin_a_plan()
        made.time += timedelta(days=7)
        yield made


def killed_after(till: Till, writes: int) -> bool:
    """Whether a run of its own process was killed after so many writes."""
    child = os.fork()
    if not child:
        till.fate.left = writes
        till.collect()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("writes", range(WRITES + 1))
def test_a_killed_run_is_finished_by_the_next_and_charges_once(till: Till, writes: int) -> None:
    assert killed_after(till, writes) == (writes < WRITES)
    till.collect()
    assert till.collect() == []
    assert till.charges() == 1
    paid = [entry.amount.minor for entry in till.ledger.entries_of(PLAIN.key) if entry.kind is EntryKind.PAYMENT]
    assert paid == [EACH, EACH]
    record = till.ledger.plan_in_force(PLAIN.key)
    assert record is not None
    assert [attempt.state for attempt in record.attempts] == [AttemptState.SUCCEEDED]


def test_without_looking_up_a_killed_run_charges_twice(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a run that forgot what an earlier one began, and asked nobody, would charge again."""
    for module in ("collection", "due_charges"):
        monkeypatch.setattr(f"portal.payments.{module}.under_way", lambda _charges: None)
    monkeypatch.setattr("portal.payments.due_charges._why_not_again", lambda _charge, _earlier: None)
    monkeypatch.setattr(StripeCollector, "payments_of", lambda *_asked: ())
    charged = []
    for writes in range(WRITES):
        killed_after(till, writes)
        charged.append(till.charges())
    assert max(charged) > 1, "this setting has to show the danger, or the test above shows nothing"
