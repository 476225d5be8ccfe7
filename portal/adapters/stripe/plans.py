"""Charging the cards that were saved for payment plans, while the customer is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import stripe

from portal.adapters.stripe.amounts import provider_amount
from portal.adapters.stripe.api import stripe_api
from portal.adapters.stripe.marks import invoice_marks
from portal.adapters.stripe.said import said_by_stripe
from portal.ports.plans import ChargeOutcome, ChargeReport
from portal.receivables.allocation import total_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stripe.params import PaymentIntentCreateParams

    from portal.config import Stripe
    from portal.ports.plans import ChargeRequest

JOB_TIMEOUT = (5.0, 60.0)
"""Seconds to connect and to read: nobody waits at a button, and a late answer is better than none."""
_NEEDS_CUSTOMER = frozenset({"authentication_required"})


@dataclass(frozen=True, slots=True)
class StripeCollector:
    """Charges saved cards in one Stripe account.

    Attributes:
        settings: where Stripe is, which world the key belongs to, and whether charges are marked as installments.
        portal_id: marks what this portal makes, on an account that may serve several; None marks nothing.
    """

    settings: Stripe
    _api: stripe.StripeClient
    portal_id: str | None = None

    def charge(self, request: ChargeRequest) -> ChargeReport:
        """Charge a saved card; asked again with the same key within a day, Stripe tells what became of it.

        Raises:
            GatewayError: refused for a reason that is not the card's; nothing was charged.
            GatewayUnreachableError: the outcome is unknown.
        """
        params = _params(request, self.portal_id, marked=self.settings.mark_installments)
        with said_by_stripe():
            try:
                intent = self._api.v1.payment_intents.create(params, {"idempotency_key": request.key})
            except stripe.CardError as error:
                return _refusal(error)
            except stripe.InvalidRequestError as error:
                # The card was detached or its customer deleted in Stripe: only another card helps.
                if error.param not in {"payment_method", "customer"}:
                    raise
                return _refusal(error)
        return _report(intent.to_dict())

    def find_charge(self, request: ChargeRequest) -> ChargeReport | None:
        """The charge that was made with a key whose answer never came. Lists are immediate at Stripe."""
        found = self._marked(request.customer_id, "attempt", request.key)
        return next((_report(one) for one in found), None)

    def payments_of(self, plan_id: str, customer_id: str) -> tuple[str, ...]:
        """Ids of the payments for an agreement that went through or are on their way, whoever began them."""
        found = self._marked(customer_id, "plan", plan_id)
        return tuple(one["id"] for one in found if one["status"] in {"succeeded", "processing"})

    def _marked(self, customer_id: str, mark: str, value: str) -> Iterator[dict[str, Any]]:
        with said_by_stripe():
            listed = self._api.v1.payment_intents.list({"customer": customer_id, "limit": 100})
            for intent in listed.auto_paging_iter():
                plain = intent.to_dict()
                if (plain.get("metadata") or {}).get(mark) == value:
                    yield plain


def stripe_collector(settings: Stripe, portal_id: str | None = None) -> StripeCollector | None:
    """What charges cards in the account of these settings, or None where no key is set."""
    api = stripe_api(settings, JOB_TIMEOUT)
    return None if api is None else StripeCollector(settings, api, portal_id)


def _params(request: ChargeRequest, portal_id: str | None, *, marked: bool) -> PaymentIntentCreateParams:
    params: PaymentIntentCreateParams = {
        "amount": provider_amount(total_of(request.allocations)),
        "currency": request.allocations[0].amount.currency.lower(),
        "customer": request.customer_id,
        "payment_method": request.payment_method_id,
        "off_session": True,
        "confirm": True,
        "description": request.description,
        "allowed_payment_method_types": ["card"],
        "metadata": _marks(request, portal_id),
    }
    if marked:
        params["payment_method_options"] = {"card": {"stored_credential_usage": "installment"}}
    return params


def _marks(request: ChargeRequest, portal_id: str | None) -> dict[str, str]:
    ours = {
        **invoice_marks(request.allocations),
        "plan": request.plan_id,
        "installment": str(request.installment),
        "attempt": request.key,
    }
    return ours | ({"portal": portal_id} if portal_id else {})


def _report(intent: dict[str, Any]) -> ChargeReport:
    match intent["status"]:
        case "succeeded":
            return ChargeReport(ChargeOutcome.SUCCEEDED, intent["id"])
        case "processing":
            return ChargeReport(ChargeOutcome.PROCESSING, intent["id"])
        # With nobody there, every other state is an end: the next try is another payment.
        case _:
            error = intent.get("last_payment_error") or {}
            return _refused(error.get("code"), error.get("decline_code"), intent["id"])


def _refusal(error: stripe.StripeError) -> ChargeReport:
    inside = error.error.to_dict() if error.error else {}
    return _refused(error.code, inside.get("decline_code"), (inside.get("payment_intent") or {}).get("id"))


def _refused(code: str | None, decline_code: str | None, payment_id: str | None) -> ChargeReport:
    needs = _NEEDS_CUSTOMER & {code, decline_code}
    outcome = ChargeOutcome.NEEDS_APPROVAL if needs else ChargeOutcome.DECLINED
    return ChargeReport(outcome, payment_id, decline_code or code)
