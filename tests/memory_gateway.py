"""A payment provider in memory: quick, and each checkout's id says all there is to know, so processes can share it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from portal.ports import CheckoutReport, CheckoutStatus, GatewayEvent
from portal.receivables.allocation import Allocation, total_of
from portal.receivables.money import Money

if TYPE_CHECKING:
    from portal.ports import CheckoutRequest, Hold


class MemoryGateway:
    """Opens and expires checkouts; ``paid`` has the ids of those that a customer has paid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.opened: set[str] = set()
        self.expired: set[str] = set()
        self.paid: set[str] = set()

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        parts = ",".join(f"{part.invoice_key}={part.amount.minor}" for part in request.allocations)
        checkout_id = f"cs/{request.hold_id}/{parts}/{request.lines[0].amount.currency}"
        with self._lock:
            self.opened.add(checkout_id)
        return self.fetch_checkout(checkout_id)

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        _, hold_id, parts, currency = checkout_id.split("/")
        pairs = (part.split("=") for part in parts.split(","))
        allocations = tuple(Allocation(key, Money(int(minor), currency)) for key, minor in pairs)
        status = CheckoutStatus.EXPIRED if checkout_id in self.expired else CheckoutStatus.OPEN
        status = CheckoutStatus.PAID if checkout_id in self.paid else status
        return CheckoutReport(
            checkout_id=checkout_id,
            status=status,
            hold_id=hold_id,
            allocations=allocations,
            amount=total_of(allocations),
            livemode=False,
            url=f"https://checkout.example/{checkout_id}",
            payment_id=f"pi_{hold_id}" if status is CheckoutStatus.PAID else None,
            method="Visa ending 4242" if status is CheckoutStatus.PAID else None,
        )

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        with self._lock:
            if checkout_id not in self.paid:
                self.expired.add(checkout_id)
        return self.fetch_checkout(checkout_id)

    def find_checkout(self, hold: Hold) -> CheckoutReport | None:
        found = (each for each in self.opened if each.split("/")[1] == hold.hold_id)
        checkout_id = next(found, None)
        return self.fetch_checkout(checkout_id) if checkout_id else None

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        raise NotImplementedError

    def still_open(self, key: str) -> list[Money]:
        """What customers could still pay on an invoice, checkout by checkout."""
        open_now = (self.fetch_checkout(each) for each in self.opened - self.expired - self.paid)
        parts = (part for report in open_now for part in report.allocations)
        return [part.amount for part in parts if part.invoice_key == key]
