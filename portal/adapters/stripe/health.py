"""How an account at Stripe stands: whether it answers, what a key may read, its clock, and its webhook endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import stripe

from portal.adapters.stripe.said import said_by_stripe
from portal.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from portal.adapters.stripe import StripeGateway

API_VERSION = stripe.api_version
_ONE, _MOST = 1, 100


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook endpoint as it is set up at Stripe; ``events`` may be ``*``, which is all of them."""

    url: str
    events: frozenset[str]
    is_enabled: bool
    api_version: str | None


@dataclass(frozen=True, slots=True)
class StripeHealth:
    """Asks; every request only reads."""

    gateway: StripeGateway

    def clock(self) -> datetime | None:
        """What Stripe's clock says; None where the answer does not.

        Raises:
            GatewayError: the key is refused, or Stripe cannot be reached.
        """
        with said_by_stripe():
            sessions = self.gateway.api.v1.checkout.sessions.list({"limit": _ONE})
        headers: Mapping[str, str] = sessions.last_response.headers if sessions.last_response else {}
        text = {name.lower(): value for name, value in headers.items()}.get("date")
        return parsedate_to_datetime(text) if text else None

    def unreadable(self, *, links: bool = False, invoices: bool = False) -> tuple[str, ...]:
        """What the key may not read of that which the portal needs, as Stripe names its rights.

        Args:
            links: whether customers pay through payment links.
            invoices: whether Stripe's own invoices are taken.

        Raises:
            GatewayError: it could not be asked.
        """
        api = self.gateway.api.v1
        needed: dict[str, Any] = {
            "PaymentIntents": api.payment_intents,
            "Charges and Refunds": api.refunds,
            "Disputes": api.disputes,
            "Events": api.events,
        }
        if links:
            needed["Payment Links"] = api.payment_links
        if invoices:
            needed["Invoices"] = api.invoices
        return tuple(name for name, service in needed.items() if not self._may_read(service))

    def _may_read(self, service: Any) -> bool:  # noqa: ANN401  each service has a type of its own
        try:
            with said_by_stripe():
                service.list({"limit": _ONE})
        except GatewayError as error:
            if not isinstance(error.__cause__, stripe.PermissionError):
                raise
            return False
        return True

    def endpoints(self) -> tuple[Endpoint, ...] | None:
        """The webhook endpoints of the account; None where the key may not see them.

        Raises:
            GatewayError: it could not be asked.
        """
        try:
            with said_by_stripe():
                found = self.gateway.api.v1.webhook_endpoints.list({"limit": _MOST})
                listed = [one.to_dict() for one in found.auto_paging_iter()]
        except GatewayError as error:
            if not isinstance(error.__cause__, stripe.PermissionError):
                raise
            return None
        return tuple(
            Endpoint(one["url"], frozenset(one["enabled_events"]), one["status"] == "enabled", one.get("api_version"))
            for one in listed
        )
