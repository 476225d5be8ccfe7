"""A shop on one clock: the portal's operations on its invoices, the sandbox, and an auditor who trusts neither."""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stripe
from auditor import Auditor
from in_process import InProcess
from ledger_view import LedgerView
from mortal import Deadly, DeadlyLedger, Fate
from provider_books import ProviderBooks
from pydantic import SecretStr
from shop_invoices import SHOPS, claim_of, request_of, said_of_parts, statement_over
from werkzeug.test import Client

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.stripe import ShopFront, StripeGateway
from portal.adapters.stripe.plans import StripeCollector
from portal.adapters.stripe.webhooks import read_body
from portal.answers.answering import Answering
from portal.bookkeeping.entries import OwnerEntries
from portal.config import Stripe
from portal.errors import EntryRefusedError, GatewayError
from portal.payments.checkout import Answer, Checkout, Opened, PayWish
from portal.payments.collection import Collection
from portal.payments.history import Patience
from portal.payments.planning import agree_without_payment, first_step, later_step, plan_of_offer, plans_of_offer, stop
from portal.payments.settlement import settle, settle_event
from portal.payments.statement_checkout import StatementCheckout
from portal.payments.syncing import SyncReport, sync
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.offers import offers_for
from portal.receivables.plan_offers import PlanBounds, PlanWay, Rhythm, plan_offers
from portal.receivables.plans import plan_standing
from portal.receivables.statement_plans import statement_plans
from portal.sandbox import Sandbox
from portal.settings.doors import DoorsSettings

if TYPE_CHECKING:
    from portal.adapters.ledger.sql_ledger import SqlLedger
    from portal.bookkeeping.wishes import Wish
    from portal.ports import LedgerTransaction
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money

URL = "http://sandbox.test"
PORTAL_ID = "ofthehistories22"
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of the machine that needs no disk
BEGINS = datetime(2026, 10, 12, 9, tzinfo=UTC)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
BOUNDS = PlanBounds(3, 3, (Rhythm.WEEKLY,), (PlanWay.AUTOMATIC, PlanWay.BY_HAND))
PATIENCE = Patience(pause=lambda _seconds: None)


@cache
def _empty_ledger(kind: str) -> Path:
    """A ledger in which nothing has happened yet; making one takes longer than many steps, so it is copied."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with closing(open_ledger(folder / "ledger.sqlite")) as ledger:
        ledger.replace_invoices(SHOPS[kind], [])
    return folder / "ledger.sqlite"


class Shop:
    """Everything that can happen to the invoices of one business."""

    def __init__(self, kind: str = "plain") -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.time = BEGINS
        self.kind, self.invoices = kind, SHOPS[kind]
        self.keys = [invoice.key for invoice in self.invoices]
        self.sandbox = Sandbox(
            self.folder / "sandbox", public_url=URL, webhook_url=None, webhook_secret="whsec_x", clock=self.now
        )
        self.books = ProviderBooks(self.sandbox._books.store)
        self.browser = Client(self.sandbox.app)
        self.fate = Fate()
        client = InProcess(Deadly(self.sandbox.app, self.fate))
        api = stripe.StripeClient("sk_test_x", base_addresses={"api": URL}, max_network_retries=0, http_client=client)
        settings = Stripe(api_key=SecretStr("sk_test_x"), webhook_secret=SecretStr("whsec_x"))
        self.gateway = StripeGateway(settings, ShopFront("Sample"), self.now, api, PORTAL_ID)
        self.collector = StripeCollector(settings, api, PORTAL_ID)
        self.real_ledger = self.new_ledger("ledger.sqlite")
        self.ledger: Any = DeadlyLedger(self.real_ledger, self.fate)
        self.checkout = Checkout(
            ledger=self.ledger,
            gateway=self.gateway,
            request_of=request_of,
            parts_allowed=True,
            now=self.now,
            today=self.today,
            pause=lambda _seconds: None,
        )
        self.statement_checkout = StatementCheckout(self.checkout, parts_allowed=True, today=self.today)
        self.answering = Answering(self.ledger, DoorsSettings(), UTC, self.now, self.today)
        self.pages = [(key, self.left(key)) for key in self.keys]
        self.sent_to: list[str] = []
        self.brought: set[str] = set()
        self.view = LedgerView(self.folder / "ledger.sqlite")
        claims = {invoice.key: claim_of(invoice) for invoice in self.invoices}
        says = (self._says, lambda key: said_of_parts(self.balance(key)))
        self.auditor = Auditor(self.books, self.view, claims, self.now, *says)

    def close(self) -> None:
        """Leave nothing behind."""
        self.view.close()
        self.real_ledger.close()
        self.books.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def now(self) -> datetime:
        """The one clock."""
        return self.time

    def today(self) -> date:
        """The day of the one clock."""
        return self.time.date()

    def new_ledger(self, name: str) -> SqlLedger:
        """An empty ledger that knows the invoices."""
        shutil.copy(_empty_ledger(self.kind), self.folder / name)
        return open_ledger(self.folder / name)

    def invoice(self, key: str) -> Invoice:
        """One invoice as issued."""
        return next(invoice for invoice in self.invoices if invoice.key == key)

    def balance(self, key: str) -> InvoiceBalance:
        """What the portal makes of an invoice."""
        return balance_of(self.invoice(key), self.real_ledger.entries_of(key), self.today())

    def _says(self, key: str) -> tuple[int, int, int]:
        found = self.balance(key)
        return found.amount_remaining.minor, found.amount_overpaid.minor, found.amount_on_its_way.minor

    def left(self, key: str) -> str:
        """What a page frozen now would show."""
        return str(offers_for(self.balance(key), parts_allowed=True).left)

    def reload(self, key: str) -> int:
        """Look at an invoice's page as it is now; the number of the page."""
        self.pages.append((key, self.left(key)))
        return len(self.pages) - 1

    # ---- what customers do

    def click(self, page: int, part: Money | None) -> Answer:
        """Press a button of a page as it was some time ago."""
        key, shown = self.pages[page % len(self.pages)]
        return self._opened(key, PayWish(shown, part))

    def _opened(self, key: str, wish: PayWish) -> Answer:
        answer = self.checkout.open(key, wish)
        self._go(answer)
        self.reload(key)
        return answer

    def _go(self, answer: object) -> None:
        if url := getattr(answer, "url", None):
            self.sent_to.append(url)
            self.auditor.given_out.add(_session_in(url))

    def click_several(self) -> bool:
        """Pay all that is left on the first two invoices at once; False where there is nothing like that."""
        if len(self.keys) == 1:
            return False
        both = self.keys[:2]

        def decide(tx: LedgerTransaction) -> tuple[Allocation, ...] | None:
            entries = {key: tx.entries(key) for key in both}
            left = {
                key: offers_for(balance_of(self.invoice(key), entries[key], self.today()), parts_allowed=True).full
                for key in both
            }
            parts = tuple(Allocation(key, amount) for key, amount in left.items() if amount is not None)
            return parts if len(parts) == len(both) else None

        answer = self.checkout.open_for(both, decide)
        self._go(answer)
        return answer is not None

    def pay(self, checkout: int, means: str, *, approves: bool = True) -> None:
        """Choose a way to pay at one of the checkouts the customer was ever sent to."""
        path = self.sent_to[checkout % len(self.sent_to)].removeprefix(URL)
        answer = self.browser.post(f"{path}/pay", data={"means": means})
        if answer.headers.get("Location", "").endswith("/approve"):
            self.browser.post(f"{path}/approve", data={"answer": "approve" if approves else "refuse"})

    def come_back(self, checkout: int) -> None:
        """Reach the return page of any checkout, paid or not."""
        found = self.gateway.fetch_checkout(_session_in(self.sent_to[checkout % len(self.sent_to)]))
        settle(found, self.ledger, self.now())

    def agree(self, key: str, way: PlanWay, *, later: bool) -> bool:
        """Agree the plan that is on offer; ``later``, its first payment is on another day. False where none is."""
        balance = self.balance(key)
        first_on = self.today() + timedelta(days=2) if later else self.today()
        offer = next((one for one in plan_offers([BOUNDS], balance, first_on) if one.way is way), None)
        if offer is None or offer.first.amount >= balance.amount_offerable or self.real_ledger.plan_in_force(key):
            return False
        plan = plan_of_offer(offer, key, "I agree.", "1", self.now())
        self.auditor.agreed[plan.plan_id] = balance.amount_without_discount.minor
        if later:
            return agree_without_payment((plan,), self.ledger)
        self._opened(key, PayWish(str(balance.amount_offerable), offer.first.amount, first_step((plan,), "A plan.")))
        return True

    def agree_over_several(self, way: PlanWay, *, later: bool) -> bool:
        """Agree one plan over all open invoices of the statement; False where none is on offer."""
        first_on = self.today() + timedelta(days=2) if later else self.today()
        spread = statement_plans(statement_over(self.invoices, self.real_ledger, self.today()), [BOUNDS], first_on)
        offer = next((one for one in spread.offers if one.way is way), None)
        if offer is None:
            return False
        plans = plans_of_offer(offer, spread.owed, "I agree.", "1", self.now())
        owed = zip(plans, spread.owed, strict=True)
        self.auditor.agreed.update((plan.plan_id, part.amount.minor) for plan, part in owed)
        if later:
            return agree_without_payment(plans, self.ledger)
        answer = self.statement_checkout.begin_plan(spread.owed, first_step(plans, "A plan."))
        self._go(answer)
        return isinstance(answer, Opened)

    def go_on(self, key: str) -> bool:
        """Make the payment that a plan asks for, with any card; False where it asks for none."""
        record, balance = self.real_ledger.plan_in_force(key), self.balance(key)
        if record is None:
            return False
        entries = self.real_ledger.entries_of(key)
        stands = plan_standing(record.plan, self.invoice(key), balance, entries, self.today())
        unpaid = [one for one in stands.installments if not one.is_paid]
        if not unpaid:
            return False
        step = later_step(record.plan, unpaid[0].number, "A plan.")
        asked = min(stands.due or stands.next_request, balance.amount_offerable)
        self._opened(key, PayWish(str(balance.amount_offerable), asked, step))
        return True

    def stop(self, key: str) -> bool:
        """Stop a plan; False where that cannot be right now."""
        return stop(key, self.ledger, self.now())

    # ---- what the owner and the owner's machines do

    def enter(self, key: str, wish: Wish, kind: str, minor: int | None, *, forced: bool) -> bool:
        """Have something entered; None is whatever amount it comes to. False where it was refused."""
        if forced:
            self.auditor.forced.add(key)
        entries = OwnerEntries(self.ledger, self.gateway, self.now, self.today)
        self.auditor.wished[key, kind, minor] += 1
        try:
            written = entries.write(key, wish)
        except (EntryRefusedError, GatewayError):
            return False
        self.auditor.acknowledged[written.entry.seq] = (kind, written.entry.amount.minor)
        return written.is_new

    def collect(self) -> int:
        """Charge the installments that fell due; how many plans had one."""
        collection = Collection(
            ledger=self.ledger,
            gateway=self.gateway,
            collector=self.collector,
            close_checkouts=self.checkout.close,
            is_live=False,
            describe=lambda key: f"Installment of {key}",
            now=self.now,
            today=self.today,
        )
        return len(list(collection.collect()))

    def sync(self, *, anew: bool = False) -> SyncReport:
        """Bring in what the provider lists; ``anew``, from the beginning."""
        return sync(self.gateway, self.ledger, self.now(), since=BEGINNING if anew else None, patience=PATIENCE)

    def deliver(self, event: dict[str, Any]) -> None:
        """Bring one webhook; it counts as brought once it was answered."""
        settle_event(read_body(json.dumps(event), live=False), self.gateway, self.ledger, self.now())
        self.brought.add(event["id"])

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.time += span


def _session_in(url: str) -> str:
    match = re.search(r"cs_\w+", url)
    assert match is not None
    return match[0]
