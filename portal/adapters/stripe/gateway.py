"""Stripe as the payment gateway: checkouts, everything known about a payment, lists, and webhooks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import stripe

from portal.adapters.stripe.api import stripe_api
from portal.adapters.stripe.reading import CAME_BACK, checkout_of, dispute_of, payment_of, refund_of
from portal.adapters.stripe.requests import ShopFront, session_params
from portal.adapters.stripe.said import said_by_stripe
from portal.adapters.stripe.webhooks import event_of, forged, read_body, verified_body
from portal.errors import GatewayError, GatewayUnreachableError, UnexpectedAnswerError
from portal.ports.provider_reports import HANDLED_EVENTS, Batch, CheckoutStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.adapters.stripe.reading import Json
    from portal.config import Stripe
    from portal.ports import CheckoutRequest, Hold
    from portal.ports.provider_reports import (
        CheckoutReport,
        DisputeReport,
        GatewayEvent,
        PaymentReport,
        RefundReport,
    )

R = TypeVar("R")
CLICK_TIMEOUT = (5.0, 25.0)
"""Seconds to connect and to read; the library's own 80 s are too long for somebody waiting at a button."""
_SESSION_PARTS = ["payment_intent", "payment_intent.latest_charge"]
_SEARCH_MARGIN = timedelta(minutes=5)
_MOST = 100
_OWN_IDS = ("pi_", "re_", "pyr_", "txn_", "du_", "dp_")


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """The gateway for one Stripe account.

    Attributes:
        settings: where Stripe is and which world the key belongs to.
        front: the business's name and colours, for Stripe's page.
        now: the clock, for the age of webhooks.
        portal_id: marks what this portal makes, on an account that may serve several; None marks nothing.
    """

    settings: Stripe
    front: ShopFront
    now: Callable[[], datetime]
    _api: stripe.StripeClient
    portal_id: str | None = None

    @property
    def api(self) -> stripe.StripeClient:
        """The library's client, for the other adapters that speak to the same account."""
        return self._api

    # ---- checkouts

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        """Open the checkout of a hold; asked again with the same hold, Stripe returns the one it has."""
        with said_by_stripe():
            session = self._api.v1.checkout.sessions.create(
                session_params(request, self.front, self.portal_id), {"idempotency_key": request.hold_id}
            )
            return self._checkout_of(session.to_dict())

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        """The checkout as Stripe knows it now."""
        with said_by_stripe():
            session = self._api.v1.checkout.sessions.retrieve(checkout_id, {"expand": _SESSION_PARTS})
            return self._checkout_of(session.to_dict())

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        """Close the checkout; where Stripe refuses because it has ended already, say how."""
        try:
            with said_by_stripe():
                self._api.v1.checkout.sessions.expire(checkout_id)
        except GatewayUnreachableError:
            raise
        except GatewayError:
            report = self.fetch_checkout(checkout_id)
            if report.status is CheckoutStatus.OPEN:
                raise
            return report
        return self.fetch_checkout(checkout_id)

    def find_checkout(self, hold: Hold) -> CheckoutReport | None:
        """The checkout made for a hold whose answer never came. Lists are immediate at Stripe, search is not."""
        since = int((hold.created_at - _SEARCH_MARGIN).timestamp())
        with said_by_stripe():
            sessions = self._api.v1.checkout.sessions.list({"created": {"gte": since}, "limit": _MOST})
            for session in sessions.auto_paging_iter():
                if (session.to_dict().get("metadata") or {}).get("hold") == hold.hold_id:
                    return self.fetch_checkout(session.id)
        return None

    # ---- payments

    def fetch_payment(self, payment_id: str) -> PaymentReport:
        """A payment with its checkout, its refunds and its disputes, as Stripe knows them now."""
        api = self._api.v1
        with said_by_stripe():
            intent = api.payment_intents.retrieve(payment_id, {"expand": ["latest_charge"]})
            sessions = api.checkout.sessions.list(
                {"payment_intent": payment_id, "limit": 1, "expand": [f"data.{part}" for part in _SESSION_PARTS]}
            )
        checkouts, strange = _read_all([one.to_dict() for one in sessions.data], self._checkout_of)
        refunds, no_refunds = _if_permitted(
            lambda: [one.to_dict() for one in _all(api.refunds.list(_of(payment_id)))], "refunds"
        )
        disputes, no_disputes = _if_permitted(
            lambda: [one.to_dict() for one in _all(api.disputes.list(_of(payment_id)))], "disputes"
        )
        payment = self._payment_of(intent.to_dict()).joined(
            checkouts[0] if checkouts else None, map(self._refund_of, refunds), map(dispute_of, disputes)
        )
        return replace(payment, gaps=(*strange, *no_refunds, *no_disputes))

    # ---- lists

    def list_checkouts(self, since: datetime | None, after: str | None) -> Batch[CheckoutReport]:
        """Checkouts made since then, one batch."""
        params = {**_page(since, after), "expand": [f"data.{part}" for part in _SESSION_PARTS]}
        return self._batch(self._api.v1.checkout.sessions, params, self._checkout_of)

    def list_payments(self, since: datetime | None, after: str | None) -> Batch[PaymentReport]:
        """Payments begun since then, one batch; without their checkouts, refunds and disputes."""
        params = {**_page(since, after), "expand": ["data.latest_charge"]}
        return self._batch(self._api.v1.payment_intents, params, self._payment_of)

    def list_refunds(self, since: datetime | None, after: str | None) -> Batch[RefundReport]:
        """Refunds made since then, one batch."""
        return self._batch(self._api.v1.refunds, _page(since, after), self._refund_of)

    def list_disputes(self, since: datetime | None, after: str | None) -> Batch[DisputeReport]:
        """Disputes opened since then, one batch."""
        return self._batch(self._api.v1.disputes, _page(since, after), dispute_of)

    def list_events(self, since: datetime, after: str | None) -> Batch[GatewayEvent]:
        """What changed since then, of the kinds that concern payments, one batch; Stripe remembers 30 days."""
        params = {**_page(since, after), "types": sorted(HANDLED_EVENTS)}
        return self._batch(self._api.v1.events, params, lambda event: event_of(event, ""))

    def _checkout_of(self, session: Json) -> CheckoutReport:
        return checkout_of(session, self.portal_id)

    def _payment_of(self, intent: Json) -> PaymentReport:
        return payment_of(intent, live=self.settings.is_live, portal_id=self.portal_id)

    def _refund_of(self, refund: Json) -> RefundReport:
        """A refund, with the time that it failed where the key may read movements.

        Those that failed are asked for one by one: a list with its movements expanded would be refused as a whole to a
        restricted key that may not read them, and with it every refund.
        """
        if refund.get(CAME_BACK):
            ask = self._api.v1.refunds.retrieve
            whole, _unread = _if_permitted(lambda: [ask(refund["id"], {"expand": [CAME_BACK]}).to_dict()], "movements")
            refund = whole[0] if whole else refund
        return refund_of(refund)

    def _batch(self, service: Any, params: Json, read: Callable[[Json], R]) -> Batch[R]:  # noqa: ANN401  each service has a type of its own
        with said_by_stripe():
            page = service.list(params)
        plain = [one.to_dict() for one in page.data]
        records, gaps = _read_all(plain, read)
        return Batch(tuple(records), plain[-1]["id"] if page.has_more and plain else None, tuple(gaps))

    # ---- ids and webhooks

    def owns_id(self, external_id: str) -> bool:
        """Whether an id looks like one of Stripe's payments, refunds, disputes or movements."""
        return external_id.startswith(_OWN_IDS)

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """Verify the signature over the raw bytes, its age both ways, and that it is of this key's world."""
        secret = self.settings.webhook_secret
        if secret is None:
            raise forged("No webhook secret is set.")
        body = verified_body(payload, signature, secret.get_secret_value(), self.now())
        return read_body(body, live=self.settings.is_live)


def stripe_gateway(
    settings: Stripe, front: ShopFront, now: Callable[[], datetime], portal_id: str | None = None
) -> StripeGateway | None:
    """The gateway these settings describe, or None where no key is set."""
    api = stripe_api(settings, CLICK_TIMEOUT)
    return None if api is None else StripeGateway(settings, front, now, api, portal_id)


def _of(payment_id: str) -> Any:  # noqa: ANN401  the same parameters for two services with types of their own
    return {"payment_intent": payment_id, "limit": _MOST}


def _page(since: datetime | None, after: str | None) -> Json:
    params: Json = {"limit": _MOST}
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    if after is not None:
        params["starting_after"] = after
    return params


def _all(page: Any) -> Any:  # noqa: ANN401  any list of the library's
    return page.auto_paging_iter()


def _read_all(things: list[Json], read: Callable[[Json], R]) -> tuple[list[R], list[str]]:
    """What can be read, and in words what cannot: one strange object never hides the others."""
    records, gaps = [], []
    for thing in things:
        try:
            records.append(read(thing))
        except UnexpectedAnswerError as error:
            gaps += [f"{problem.field}: {problem.problem}" for problem in error.problems]
    return records, gaps


def _if_permitted(read: Callable[[], list[Json]], what: str) -> tuple[list[Json], tuple[str, ...]]:
    """What a restricted key may not read is missing and named, so that the payment itself still counts."""
    try:
        with said_by_stripe():
            return read(), ()
    except GatewayError as error:
        if not isinstance(error.__cause__, stripe.PermissionError):
            raise
        return [], (f"The Stripe key may not read {what}.",)
