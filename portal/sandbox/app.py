"""The sandbox as one object: the app to mount, the webhooks, and what an operator can do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from portal.sandbox import api, desk, endpoints, hosted, invoices, operating
from portal.sandbox.books import Books
from portal.sandbox.courier import Courier
from portal.sandbox.faults import Faults
from portal.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from portal.sandbox.errors import Json

LARGEST_REQUEST = 1024 * 1024


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class Sandbox:
    """A stand-in for Stripe on this machine, with a memory of its own.

    Args:
        folder: Where `sandbox.sqlite` lies; made if it is not there.
        public_url: The address that `app` is mounted at, such as http://127.0.0.1:8000/sandbox.
        webhook_url: Where events are sent to; None sends nothing.
        webhook_secret: What webhooks are signed with.
        clock: The time now, with a time zone.
    """

    def __init__(
        self,
        folder: Path,
        *,
        public_url: str,
        webhook_url: str | None,
        webhook_secret: str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.faults = Faults()
        store = Store(folder)
        sends = webhook_url is not None
        self._books = Books(store, clock, public_url.rstrip("/"), self.faults, sends)
        self._courier = Courier(self._books, webhook_url or "", webhook_secret)
        if webhook_url is not None:
            endpoints.register(self._books, webhook_url)
        self.app = _app(self._books)

    def start(self) -> None:
        """Send webhooks in the background, within milliseconds of what causes them."""
        self._courier.start()

    def stop(self) -> None:
        """Stop sending; what is unsent is sent after the next start."""
        self._courier.stop()

    def deliver_due(self) -> None:
        """Send the webhooks that are due now, each once."""
        self._courier.deliver_due()

    def settle_pending(self) -> int:
        """Let every bank debit that is on its way come in. Returns how many there were."""
        return operating.settle(self._books, succeeds=True)

    def fail_pending(self) -> int:
        """Let every bank debit that is on its way bounce. Returns how many there were."""
        return operating.settle(self._books, succeeds=False)

    def charge_of(self, payment_intent_id: str) -> str:
        """The charge that brought the money of a payment."""
        with self._books.look() as call:
            charge: str = call.rows.get("payment_intent", payment_intent_id)["latest_charge"]
            return charge

    def refund(self, charge_id: str, amount: int | None = None) -> Json:
        """Give back a charge or a part of it, as somebody does in Stripe's Dashboard."""
        return operating.refund(self._books, charge_id, amount)

    def settle_refunds(self) -> int:
        """Let every refund that is on its way arrive. Returns how many there were."""
        return operating.settle_refunds(self._books)

    def fail_refund(self, refund_id: str) -> None:
        """Let the customer's bank send a refund back, even one that had succeeded."""
        operating.fail_refund(self._books, refund_id)

    def open_dispute(
        self,
        charge_id: str,
        *,
        reason: str = "fraudulent",
        amount: int | None = None,
        inquiry: bool = False,
    ) -> Json:
        """Let the customer's bank take a charge back; with `inquiry` it only asks, and no money moves."""
        return operating.open_dispute(self._books, charge_id, reason=reason, amount=amount, inquiry=inquiry)

    def win_dispute(self, dispute_id: str) -> Json:
        """Let the bank decide for the merchant; the money comes back."""
        return operating.close_dispute(self._books, dispute_id, won=True)

    def lose_dispute(self, dispute_id: str) -> Json:
        """Let the bank decide for the customer."""
        return operating.close_dispute(self._books, dispute_id, won=False)

    def reopen_dispute(self, dispute_id: str) -> Json:
        """Let the bank turn an inquiry into a chargeback, or open a dispute again that was won; it keeps its id."""
        return operating.reopen_dispute(self._books, dispute_id)

    def invoice(  # noqa: PLR0913  what the Dashboard asks for
        self,
        number: str,
        lines: Sequence[tuple[str, int]],
        *,
        customer_name: str = "Ada",
        customer_email: str | None = None,
        currency: str = "gbp",
        due_date: int | None = None,
    ) -> Json:
        """Make and finalise an invoice of Stripe's own; amounts of lines are in minor units."""
        with self._books.change() as call:
            return invoices.new_invoice(
                call,
                number=number,
                customer_name=customer_name,
                customer_email=customer_email,
                currency=currency,
                lines=lines,
                due_date=due_date,
            )

    def pay_invoice(self, invoice_id: str, amount: int | None = None) -> Json:
        """Let the customer pay an invoice, or a part of it, on Stripe's page for it."""
        with self._books.change() as call:
            return invoices.pay(call, invoice_id, amount)

    def send_again(self, event_id: str) -> None:
        """Send an event once more."""
        operating.send_again(self._books, event_id)


def _app(books: Books) -> Flask:
    app = Flask("portal.sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.register_blueprint(api.blueprint(books))
    app.register_blueprint(hosted.blueprint(books))
    app.register_blueprint(desk.blueprint(books))
    app.register_error_handler(404, _not_found)
    app.register_error_handler(405, _not_found)
    return app


def _not_found(_error: Exception) -> Response:
    return api.unknown() if request.path.startswith("/v1/") else hosted.not_found()
