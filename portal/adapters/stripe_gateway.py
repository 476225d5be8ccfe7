"""Stripe as the payment gateway: Checkout Sessions, and webhooks of which only the ids are believed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import stripe
from babel import Locale

from portal.errors import ForgedEventError, GatewayError, GatewayUnreachableError, Problem
from portal.ports import CheckoutReport, CheckoutStatus, GatewayEvent
from portal.receivables.card_limits import provider_decimals
from portal.receivables.money import Money, decimals_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stripe.params.checkout import SessionCreateParams

    from portal.config import Stripe
    from portal.ports import CheckoutRequest, Hold

CLICK_TIMEOUT = (5.0, 25.0)
"""Seconds to connect and to read; the library's own 80 s are too long for somebody waiting at a button."""
RETRIES = 2
_EXPANDED = ["payment_intent", "payment_intent.latest_charge"]
_SEARCH_MARGIN = timedelta(minutes=5)
_TOLERANCE_SECONDS = 300
_LOCALES = frozenset(
    """bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk
    sl sv th tr vi zh zh-HK zh-TW""".split()
)


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """The gateway for one Stripe account.

    Attributes:
        settings: where Stripe is and which world the key belongs to.
        display_name: the business as its customers know it, shown on Stripe's page.
        now: the clock, for the age of webhooks.
    """

    settings: Stripe
    display_name: str
    now: Callable[[], datetime]
    _api: stripe.StripeClient

    def open_checkout(self, request: CheckoutRequest) -> CheckoutReport:
        """Open the checkout of a hold; asked again with the same hold, Stripe returns the one it has."""
        with _said_by_stripe():
            session = self._api.v1.checkout.sessions.create(
                _session_params(request, self.display_name), {"idempotency_key": request.hold_id}
            )
            return _report_of(session.to_dict())

    def fetch_checkout(self, checkout_id: str) -> CheckoutReport:
        """The checkout as Stripe knows it now."""
        with _said_by_stripe():
            session = self._api.v1.checkout.sessions.retrieve(checkout_id, {"expand": _EXPANDED})
            return _report_of(session.to_dict())

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        """Close the checkout; where Stripe refuses because it has ended already, say how."""
        try:
            with _said_by_stripe():
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
        with _said_by_stripe():
            sessions = self._api.v1.checkout.sessions.list({"created": {"gte": since}, "limit": 100})
            for session in sessions.auto_paging_iter():
                if (session.to_dict().get("metadata") or {}).get("hold") == hold.hold_id:
                    return self.fetch_checkout(session.id)
        return None

    def read_event(self, payload: bytes, signature: str) -> GatewayEvent:
        """Verify the signature over the raw bytes, its age both ways, and that it is of this key's world."""
        secret = self.settings.webhook_secret
        if secret is None:
            raise _forged("No webhook secret is set.")
        try:
            body = payload.decode()
            stripe.WebhookSignature.verify_header(body, signature, secret.get_secret_value(), _TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, ValueError, TypeError) as error:
            raise _forged("The webhook's signature does not fit.") from error
        self._refuse_future(signature)
        event = _event_of(body)
        if event["livemode"] is not self.settings.is_live:
            raise _forged("The webhook belongs to the other of Stripe's two worlds, test and live.")
        subject = event["data"]["object"]
        return GatewayEvent(
            event_id=event["id"],
            kind=event["type"],
            created_at=_moment(event["created"]),
            checkout_id=str(subject["id"]) if subject.get("object") == "checkout.session" else None,
            body=body,
        )

    def _refuse_future(self, signature: str) -> None:
        """The library bounds a signature's age but not its future, so that a stolen one could be kept for later."""
        stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
        latest = self.now().timestamp() + _TOLERANCE_SECONDS
        if any(int(stamp) > latest for stamp in stamps):
            raise _forged("The webhook's time lies in the future.")


def stripe_gateway(settings: Stripe, display_name: str, now: Callable[[], datetime]) -> StripeGateway | None:
    """The gateway these settings describe, or None where no key is set."""
    if settings.api_key is None:
        return None
    stripe.enable_telemetry = False
    api = stripe.StripeClient(
        settings.api_key.get_secret_value(),
        base_addresses={"api": settings.api_base},
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=CLICK_TIMEOUT),
    )
    return StripeGateway(settings, display_name, now, api)


def _session_params(request: CheckoutRequest, display_name: str) -> SessionCreateParams:
    ours = {"hold": request.hold_id, "invoice": request.invoice_key}
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.amount.currency.lower(),
                    "unit_amount": _provider_amount(request.amount),
                    "product_data": {"name": request.title},
                },
            }
        ],
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "description": request.description},
        "adaptive_pricing": {"enabled": False},
        "branding_settings": {"display_name": display_name},
        "submit_type": "pay",
        "locale": _stripe_locale(request.locale),
        "expires_at": int(request.expires_at.timestamp()),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    if request.customer_email:
        params["customer_email"] = request.customer_email
    return params


_EVENT_FIELDS: dict[str, type] = {"id": str, "type": str, "created": int, "livemode": bool, "data": dict}


def _event_of(body: str) -> dict[str, Any]:
    """An event's fields, each of its type; a signed body that is no event is refused like an unsigned one."""
    try:
        event = json.loads(body)
        fits = all(isinstance(event[name], kind) for name, kind in _EVENT_FIELDS.items())
        fits = fits and isinstance(event["data"]["object"], dict)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _forged("The webhook is not an event.") from error
    if not fits:
        raise _forged("The webhook is not an event.")
    return event  # type: ignore[no-any-return]  # its fields were checked one by one


def _stripe_locale(locale: str) -> Any:  # noqa: ANN401  Stripe types its 42 tags as literals
    language = Locale.parse(locale, sep="-").language
    return next((tag for tag in (locale, language) if tag in _LOCALES), "auto")


def _report_of(session: dict[str, Any]) -> CheckoutReport:
    """A session, with its payment intent expanded once there is one, as the operations understand it."""
    intent = session.get("payment_intent")
    intent = intent if isinstance(intent, dict) else {}
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    status = _status_of(session, intent)
    counted = intent.get("amount_received") if status is CheckoutStatus.PAID else None
    metadata = session.get("metadata") or {}
    happened = charge.get("created") or intent.get("created")
    return CheckoutReport(
        checkout_id=session["id"],
        status=status,
        hold_id=metadata.get("hold"),
        invoice_key=metadata.get("invoice"),
        amount=_money(counted or session["amount_total"], session["currency"]),
        livemode=session["livemode"],
        url=session.get("url"),
        payment_id=intent.get("id"),
        method=_method_of(charge.get("payment_method_details") or {}),
        occurred_at=_moment(happened) if happened else None,
    )


def _status_of(session: dict[str, Any], intent: dict[str, Any]) -> CheckoutStatus:
    match session["status"], session["payment_status"], intent.get("status"):
        case "open", _, _:
            return CheckoutStatus.OPEN
        case "expired", _, _:
            return CheckoutStatus.EXPIRED
        case "complete", "paid", _:
            return CheckoutStatus.PAID
        # A bank debit was ordered; Stripe says days later whether it arrived.
        case "complete", "unpaid", "processing":
            return CheckoutStatus.PROCESSING
        case "complete", "unpaid", "requires_payment_method" | "canceled":
            return CheckoutStatus.FAILED
        case unknown:
            raise GatewayError(
                Problem(
                    f"Stripe describes a checkout in words the portal does not know: {unknown}.",
                    "Nothing was changed; look at this checkout in Stripe's dashboard.",
                    field=session["id"],
                )
            )


def _method_of(details: dict[str, Any]) -> str | None:
    """How it was paid, for the receipt: ``Visa ending 4242``."""
    kind = details.get("type")
    if not kind:
        return None
    facts = details.get(kind) or {}
    name = str(facts.get("brand") or kind).replace("_", " ").capitalize()
    return f"{name} ending {facts['last4']}" if facts.get("last4") else name


def _provider_amount(amount: Money) -> int:
    shift = provider_decimals(amount.currency) - decimals_of(amount.currency)
    return (
        int((amount.decimal.scaleb(provider_decimals(amount.currency))).to_integral_exact()) if shift else amount.minor
    )


def _money(provider_amount: int, currency: str) -> Money:
    code = currency.upper()
    shift = decimals_of(code) - provider_decimals(code)
    return Money(provider_amount * 10**shift if shift >= 0 else provider_amount // 10**-shift, code)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _forged(problem: str) -> ForgedEventError:
    return ForgedEventError(
        Problem(problem, "Compare PORTAL_STRIPE_WEBHOOK_SECRET with the endpoint's signing secret in Stripe.")
    )


@contextmanager
def _said_by_stripe() -> Iterator[None]:
    """Turn the library's errors into the portal's two: refused, or nobody knows."""
    try:
        yield
    except (stripe.CardError, stripe.InvalidRequestError, stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayError(
            Problem(
                f"Stripe refused: {error.user_message or error}",
                "Look the request up in Stripe's dashboard, and check the key's permissions.",
                field=error.code,
            )
        ) from error
    except stripe.StripeError as error:
        raise GatewayUnreachableError(
            Problem(f"Stripe did not answer: {error.user_message or error}", "Try again in a moment.", field=error.code)
        ) from error
