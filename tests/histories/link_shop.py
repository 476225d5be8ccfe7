"""A shop without a server: payment links made at builds that may die between any two writes, and an auditor."""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stripe
from in_process import InProcess
from mortal import Deadly, DeadlyLedger, Fate, KilledError
from pydantic import SecretStr
from werkzeug.test import Client

from portal.adapters.ledger.sql_ledger import open_ledger
from portal.adapters.stripe import ShopFront, StripeGateway
from portal.adapters.stripe.links import StripeLinks
from portal.config import Settings, Stripe
from portal.pages.payment_links import payment_link_request
from portal.payments.link_checkout import LinkCheckout, LinksReport
from portal.payments.syncing import sync
from portal.receivables.balance import balance_of
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.invoice import Customer, Invoice
from portal.receivables.link_terms import LinkTerms, link_terms_of
from portal.receivables.money import Money
from portal.receivables.offers import Offers, offers_for
from portal.sandbox import Sandbox
from portal.settings.business import Business

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.ports.payment_links import PaymentLinkRequest

KEY = "1042"
URL = "http://sandbox.test"
PORTAL_ID = "ofthehistories22"
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of the machine that needs no disk


class LinkShop:
    """Everything that can happen to one invoice that is paid through links."""

    def __init__(self, *, parts: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.time = datetime.now(UTC).replace(microsecond=0)
        self.parts = parts
        self.sandbox = Sandbox(
            self.folder / "sandbox", public_url=URL, webhook_url=None, webhook_secret="whsec_x", clock=self.now
        )
        self.browser = Client(self.sandbox.app)
        self.fate = Fate()
        self.stripe = Deadly(self.sandbox.app, self.fate)
        api = stripe.StripeClient(
            "sk_test_x", base_addresses={"api": URL}, max_network_retries=0, http_client=InProcess(self.stripe)
        )
        settings = Stripe(api_key=SecretStr("sk_test_x"), api_base="http://127.0.0.1:9")
        # The sandbox calls itself by a name that only this process knows.
        object.__setattr__(settings, "api_base", URL)
        self.settings = Settings(business=Business(name="Sample Business"))
        self.gateway = StripeGateway(settings, ShopFront("Sample"), self.now, api, PORTAL_ID)
        self.ledger = open_ledger(self.folder / "ledger.sqlite")
        self.listed: Invoice | None = _invoice(84000)
        self.addresses: list[str] = []
        self.sessions: list[str] = []
        self.entries_made = 0

    def close(self) -> None:
        """Leave nothing behind."""
        self.ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def now(self) -> datetime:
        return self.time

    # ---- what the owner does

    def list_invoice(self, minor: int | None) -> None:
        """Put the invoice into the content with this total, or take it away."""
        self.listed = None if minor is None else _invoice(minor)

    def build(self, *, dies_after: int | None = None, syncs: bool = True) -> LinksReport | None:
        """What a build does with links; None where it died."""
        self.fate.left = dies_after
        ledger: Any = DeadlyLedger(self.ledger, self.fate)
        invoices = [self.listed] if self.listed else []
        self.ledger.replace_invoices(invoices, [])
        try:
            if syncs:
                sync(self.gateway, ledger, self.now())
            report = self.links(ledger).level(invoices)
        except KilledError:
            return None
        finally:
            self.fate.left = None
        if (link := self.ledger.active_payment_link(KEY, is_live=False)) and link.url not in self.addresses:
            self.addresses.append(str(link.url))
        return report

    def links(self, ledger: Any) -> LinkCheckout:  # noqa: ANN401  the ledger, or one that may die
        """The operation under test."""
        return LinkCheckout(
            ledger=ledger,
            gateway=StripeLinks(self.gateway),
            wanted=True,
            offers_of=self.offers,
            request_of=self._request,
            portal=PORTAL_ID,
            now=self.now,
            pause=lambda _seconds: None,
        )

    def _request(self, row_id: str, invoice: Invoice, terms: LinkTerms) -> PaymentLinkRequest:
        return payment_link_request(self.settings, PORTAL_ID, row_id, invoice, terms)

    def offers(self, invoice: Invoice, entries: Sequence[Entry]) -> Offers:
        """What may be paid by card."""
        return offers_for(balance_of(invoice, entries, self.time.date()), parts_allowed=self.parts)

    def enter(self, minor: int) -> None:
        """Record money that came another way."""
        self.entries_made += 1
        entry = Entry(EntryKind.PAYMENT, KEY, Money(minor, "GBP"), self.now(), f"bank {self.entries_made}", "transfer")
        with self.ledger.transaction() as tx:
            tx.append(entry)

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.time += span

    # ---- what the customer does

    def open_link(self, number: int) -> None:
        """Go to a link that was on the page some time ago."""
        path = self.addresses[number % len(self.addresses)].removeprefix(URL)
        answer = self.browser.get(path)
        if match := re.search(r"cs_\w+", answer.headers.get("Location", "")):
            self.sessions.append(match[0])

    def pay(self, number: int, amount: str, means: str = "4242") -> None:
        """Pay on a page that was opened some time ago; the sandbox takes it unless it was closed."""
        form = {"means": means, "amount": amount, "email": "ada@example.com"}
        self.browser.post(f"/checkout/{self.sessions[number % len(self.sessions)]}/pay", data=form)

    # ---- the auditor

    def books(self, kind: str, query: str = "") -> list[dict[str, Any]]:
        """What the provider has of one kind, asked without the library that the portal uses."""
        answer = self.browser.get(f"/v1/{kind}?limit=100{query}", headers={"Authorization": "Bearer sk_test_auditor"})
        found: list[dict[str, Any]] = answer.get_json()["data"]
        return found

    def active(self) -> list[int]:
        """The most that each active link can take, in minor units."""
        links = self.books("payment_links", "&active=true")
        return [self._most(link["id"]) for link in links]

    def _most(self, link_id: str) -> int:
        lines = self.books(f"payment_links/{link_id}/line_items")
        price = lines[0]["price"]
        own = price["custom_unit_amount"]
        most: int = own["maximum"] if own else price["unit_amount"]
        return most

    def left(self) -> int:
        """What is left to pay, from the owner's entries and the provider's own books; never below nothing."""
        if self.listed is None:
            return 0
        paid: int = sum(one["amount_received"] for one in self.books("payment_intents") if one["status"] == "succeeded")
        by_hand = sum(e.amount.minor for e in self.ledger.entries_of(KEY) if e.external_id.startswith("bank"))
        return max(self.listed.total.minor - paid - by_hand, 0)

    def wanted(self) -> LinkTerms | None:
        """What the link ought to take, from what the ledger knows."""
        if self.listed is None:
            return None
        return link_terms_of(self.offers(self.listed, self.ledger.entries_of(KEY)))


def _invoice(minor: int) -> Invoice:
    total = Money(minor, "GBP")
    return Invoice(
        key=KEY,
        number=KEY,
        customer=Customer("Sample Customer Ltd", "a+b@example.com"),
        total=total,
        stated_due=total,
        issued_on=date(2026, 10, 1),
        due_on=date(2026, 10, 31),
        source="invoices/1042.md",
    )
