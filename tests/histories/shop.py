"""A shop with one customer on one clock: the portal's operations, the sandbox, and an auditor who trusts neither."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stripe
from in_process import InProcess
from pydantic import SecretStr
from werkzeug.test import Client

from portal.adapters.sql_ledger import open_ledger
from portal.adapters.stripe_gateway import ShopFront, StripeGateway
from portal.checkout import Answer, Checkout, PayWish
from portal.config import Stripe
from portal.errors import ForgedEventError
from portal.ports import CheckoutLine, CheckoutRequest, Hold, HoldState
from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.money import Money
from portal.receivables.offers import offers_for
from portal.sandbox import Sandbox
from portal.settlement import settle, settle_event

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = "1042"
TOTAL = Money(84000, "GBP")
SECRET = "whsec_histories"
URL = "http://sandbox.test"
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of the machine that needs no disk


class Shop:
    """Everything that can happen to one invoice."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.sandbox = Sandbox(
            self.folder / "sandbox", public_url=URL, webhook_url=None, webhook_secret=SECRET, clock=self.now
        )
        self.browser = Client(self.sandbox.app)
        api = stripe.StripeClient(
            "sk_test_x",
            base_addresses={"api": URL},
            max_network_retries=0,
            http_client=InProcess(self.sandbox.app),
        )
        settings = Stripe(api_key=SecretStr("sk_test_x"), webhook_secret=SecretStr(SECRET))
        self.gateway = StripeGateway(settings, ShopFront("Sample"), self.now, api, "ofthehistories22")
        self.ledger = open_ledger(self.folder / "ledger.sqlite")
        self.invoice = Invoice(
            key=KEY,
            number=KEY,
            customer=Customer("Sample Customer Ltd", "a@example.com"),
            total=TOTAL,
            stated_due=TOTAL,
            issued_on=date(2026, 10, 1),
            due_on=date(2026, 10, 31),
            source="invoices/1042.md",
        )
        self.ledger.replace_invoices([self.invoice], [])
        self.checkout = Checkout(
            ledger=self.ledger,
            gateway=self.gateway,
            request_of=_request,
            parts_allowed=True,
            now=self.now,
            today=self.today,
            pause=lambda _seconds: None,
        )
        self.sent_to: list[str] = []
        self.shown = [str(TOTAL)]

    def close(self) -> None:
        """Leave nothing behind."""
        self.ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def now(self) -> datetime:
        return self.time

    def today(self) -> date:
        return self.time.date()

    # ---- what people and machines do

    def click(self, page: int, part: Money | None) -> Answer:
        """Press a button of the page as it was some time ago."""
        answer = self.checkout.open(KEY, PayWish(self.shown[page % len(self.shown)], part))
        if url := getattr(answer, "url", None):
            self.sent_to.append(url)
        self.shown.append(self.left())
        return answer

    def left(self) -> str:
        """What a page frozen now would show."""
        balance = balance_of(self.invoice, self.ledger.entries_of(KEY), self.today())
        return str(offers_for(balance, parts_allowed=True).left)

    def pay(self, checkout: int, means: str) -> None:
        """Choose a way to pay at one of the checkouts the customer was ever sent to; approve where a bank asks."""
        path = self.sent_to[checkout % len(self.sent_to)].removeprefix(URL)
        answer = self.browser.post(f"{path}/pay", data={"means": means})
        if answer.headers.get("Location", "").endswith("/approve"):
            self.browser.post(f"{path}/approve", data={"answer": "approve"})

    def come_back(self, checkout: int) -> None:
        """Reach the return page of any checkout, paid or not."""
        match = re.search(r"cs_\w+", self.sent_to[checkout % len(self.sent_to)])
        assert match is not None
        settle(self.gateway.fetch_checkout(match[0]), self.ledger, self.now())

    def events(self) -> list[dict[str, Any]]:
        """Everything Stripe ever announced, oldest first."""
        return self.books("events")[::-1]

    def deliver(self, event: dict[str, Any]) -> None:
        """Bring one webhook, signed as Stripe signs."""
        body = json.dumps(event)
        signature = stripe.WebhookSignature.generate_signature_header(body, SECRET, int(time.time()))
        try:
            read = self.gateway.read_event(body.encode(), signature)
        except ForgedEventError as error:
            raise AssertionError("a genuine webhook was refused") from error
        settle_event(read, self.gateway, self.ledger, self.now())

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.time += span

    # ---- the auditor: recomputes from the sandbox's own books

    def books(self, kind: str = "payment_intents", query: str = "") -> list[dict[str, Any]]:
        """What the provider has of one kind, asked without the library that the portal uses."""
        answer = self.browser.get(f"/v1/{kind}?limit=100{query}", headers={"Authorization": "Bearer sk_test_auditor"})
        found: list[dict[str, Any]] = answer.get_json()["data"]
        return found

    def audit(self) -> None:
        """What must hold after every step."""
        intents = self.books()
        succeeded = sum(intent["amount_received"] for intent in intents if intent["status"] == "succeeded")
        processing = sum(intent["amount"] for intent in intents if intent["status"] == "processing")
        payable = sum(session["amount_total"] for session in self.books("checkout/sessions", "&status=open"))
        assert succeeded + processing + payable <= TOTAL.minor, "I2: more can be paid than is owed"
        facts = self.ledger.entries_of(KEY)
        identities = [(entry.kind, entry.external_id, entry.invoice_key) for entry in facts]
        assert len(identities) == len(set(identities)), "I4: counted twice"
        known = {i["id"]: i["amount_received"] for i in intents if i["status"] == "succeeded"}
        for entry in facts:
            if entry.kind is EntryKind.PAYMENT:
                assert known[entry.external_id] == entry.amount.minor, "the ledger counts what was not paid"

    def heal_and_audit(self) -> None:
        """All webhooks arrive in the end: the ledger is level with the books and no reservation is left open."""
        self.wait(timedelta(hours=2))
        for session in self.books("checkout/sessions"):
            settle(self.gateway.fetch_checkout(session["id"]), self.ledger, self.now())
        for event in self.events():
            self.deliver(event)
        self.audit()
        books = {i["id"]: i["amount_received"] for i in self.books() if i["status"] == "succeeded"}
        ledger = {e.external_id: e.amount.minor for e in self.ledger.entries_of(KEY) if e.kind is EntryKind.PAYMENT}
        assert ledger == books, "I5: a payment was lost"
        balance = balance_of(self.invoice, self.ledger.entries_of(KEY), self.today())
        assert balance.amount_remaining.minor == TOTAL.minor - sum(books.values()), "I1"
        with self.ledger.transaction() as tx:
            assert tx.holds(KEY, {HoldState.CREATING, HoldState.OPEN}) == (), "I11: a reservation outlived its checkout"


def _request(hold: Hold, invoices: Sequence[Invoice]) -> CheckoutRequest:
    return CheckoutRequest(
        hold_id=hold.hold_id,
        opened_at=hold.created_at,
        allocations=hold.allocations,
        lines=tuple(CheckoutLine(f"Invoice {part.invoice_key}", part.amount) for part in hold.allocations),
        description=f"Invoice {invoices[0].number}, Sample",
        customer_email=invoices[0].customer.email,
        locale="en-GB",
        expires_at=hold.expires_at,
        success_url="https://pay.example/return?checkout={CHECKOUT_SESSION_ID}",
        cancel_url="https://pay.example/i/token/#not-paid",
    )
