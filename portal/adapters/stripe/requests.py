"""What the portal asks Stripe for when it opens a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.adapters.stripe.amounts import provider_amount
from portal.adapters.stripe.marks import invoice_marks
from portal.ports.provider_locales import provider_locale

if TYPE_CHECKING:
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsBrandingSettings,
        SessionCreateParamsLineItem,
    )

    from portal.ports import CheckoutLine, CheckoutRequest
    from portal.ports.plans import PlanCheckout


@dataclass(frozen=True, slots=True)
class ShopFront:
    """What Stripe's page looks like: the business's name, its colours as ``#rrggbb``, and its logo's public address."""

    display_name: str
    button: str | None = None
    background: str | None = None
    logo_url: str | None = None


def session_params(request: CheckoutRequest, front: ShopFront, portal_id: str | None) -> SessionCreateParams:
    """The parameters of a checkout's session: a line for each invoice, and the marks on session and payment alike."""
    ours = {"hold": request.hold_id, "opened": str(int(request.opened_at.timestamp()))}
    ours |= invoice_marks(request.allocations)
    if portal_id is not None:
        ours["portal"] = portal_id
    if request.plan:
        ours |= {"plan": request.plan.plan_id, "installment": str(request.plan.installment)}
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [_line_item(line) for line in request.lines],
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "description": request.description},
        "adaptive_pricing": {"enabled": False},
        "branding_settings": _branding(front),
        "submit_type": "pay",
        "locale": provider_locale(request.locale),
        "expires_at": int(request.expires_at.timestamp()),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
    }
    if request.customer_email:
        params["customer_email"] = request.customer_email
    if request.plan:
        _add_plan(params, request.plan)
    return params


def _branding(front: ShopFront) -> SessionCreateParamsBrandingSettings:
    """The pages' colours and logo too, so that customers see they are still with the same business."""
    branding: SessionCreateParamsBrandingSettings = {"display_name": front.display_name}
    if front.button is not None and front.background is not None:
        branding["button_color"] = front.button
        branding["background_color"] = front.background
        branding["border_style"] = "rounded"
    if front.logo_url is not None:
        branding["logo"] = {"type": "url", "url": front.logo_url}
    return branding


def _line_item(line: CheckoutLine) -> SessionCreateParamsLineItem:
    return {
        "quantity": 1,
        "price_data": {
            "currency": line.amount.currency.lower(),
            "unit_amount": provider_amount(line.amount),
            "product_data": {"name": line.title},
        },
    }


def _add_plan(params: SessionCreateParams, plan: PlanCheckout) -> None:
    """Say what is agreed and, where later payments are automatic, have Stripe keep the card for a customer."""
    params["custom_text"] = {"submit": {"message": plan.message}}
    if not plan.saves_card:
        return
    params["payment_intent_data"]["setup_future_usage"] = "off_session"
    # A bank debit takes days to arrive, and what the customer agrees to speaks of a card.
    params["allowed_payment_method_types"] = ["card"]
    if plan.customer_id is None:
        params["customer_creation"] = "always"
    else:
        params["customer"] = plan.customer_id
        params.pop("customer_email", None)
