"""A portal with many invoices in its ledger, and a Stripe that answers at once, for ``live.py``."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from measuring import WORK
from pydantic import SecretStr
from sample import AS_OF, SETTINGS, write_sample

from portal.adapters.stripe import StripeGateway
from portal.building.build import load_invoices
from portal.config import Stripe, load_settings
from portal.payments.facts import payment_in
from portal.ports import CheckoutReport, CheckoutStatus
from portal.receivables.allocation import total_of
from portal.wiring.portal import Folders, now, open_portal

if TYPE_CHECKING:
    from portal.ports import CheckoutRequest, PaymentReport
    from portal.wiring.portal import Portal

SECRET = "whsec_benchmark"  # noqa: S105  of a Stripe that exists in this process only


class InstantStripe(StripeGateway):
    """Checkouts that are paid at once, kept in their ids so that a process that starts again knows them too."""

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        """A checkout for what was asked."""
        checkout_id = f"cs_test_{request.hold_id}"
        _REQUESTS[checkout_id] = request
        return replace(self.fetch_checkout(checkout_id), status=CheckoutStatus.OPEN, payment_id=None)

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        """It is paid."""
        request = _REQUESTS[checkout_id]
        return CheckoutReport(
            checkout_id=checkout_id,
            status=CheckoutStatus.PAID,
            hold_id=request.hold_id,
            allocations=request.allocations,
            amount=total_of(request.allocations),
            livemode=False,
            url=f"https://checkout.stripe.com/{checkout_id}",
            payment_id=f"pi_{checkout_id}",
            method="Visa ending 4242",
        )

    def fetch_payment(self, payment_id: str) -> PaymentReport:
        """The payment of a checkout."""
        payment = payment_in(self.fetch_checkout(payment_id.removeprefix("pi_")), now())
        if payment is None:
            raise LookupError(payment_id)
        return payment


_REQUESTS: dict[str, CheckoutRequest] = {}


def portal_with(count: int, ledger: str = "") -> Portal:
    """A portal with so many invoices in its ledger; what an earlier run has read is used again, but for ``ledger``.

    Args:
        count: of invoices.
        ledger: the address of an empty database; without one it is an SQLite file of this portal's own.
    """
    root = WORK / f"live-{count}"
    settings = SETTINGS + "[limits]\nper_link = 10000\nper_address = 100000\n"
    is_new = not root.exists()
    if is_new:
        write_sample(root, count, settings=settings)
    folders = Folders(root / "content", root / "build", root / "var")
    stripe = Stripe(api_key=SecretStr("sk_test_benchmark"), webhook_secret=SecretStr(SECRET))
    variables = {"PORTAL_LEDGER_URL": ledger} if ledger else {}
    portal = open_portal(load_settings(folders.content, variables), folders, AS_OF, stripe=stripe)
    if is_new or ledger:
        invoices = load_invoices(portal).invoices
        portal.ledger.replace_invoices(invoices, portal.links(invoices))
    gateway = portal.gateway
    if gateway is None:
        raise LookupError("a key is set")
    return replace(portal, gateway=InstantStripe(*(getattr(gateway, field.name) for field in fields(gateway))))


def signed_event(checkout_id: str) -> tuple[bytes, str]:
    """A webhook that says that a checkout was paid, and its signature."""
    at = int(time.time())
    body = json.dumps(
        {
            "id": f"evt_{checkout_id}",
            "object": "event",
            "type": "checkout.session.completed",
            "created": at,
            "livemode": False,
            "data": {
                "object": {"id": checkout_id, "object": "checkout.session", "payment_intent": f"pi_{checkout_id}"}
            },
        }
    ).encode()
    digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={digest}"
