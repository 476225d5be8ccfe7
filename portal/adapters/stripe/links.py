"""Stripe's Payment Links: an address that opens a checkout for whoever goes there, once.

Prices and line items of a link never change at Stripe, so another amount is another link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.adapters.stripe.amounts import provider_amount
from portal.adapters.stripe.said import said_by_stripe
from portal.errors import Problem, UnexpectedAnswerError
from portal.ports.payment_links import MadeLink

if TYPE_CHECKING:
    from collections.abc import Iterator

    import stripe
    from stripe.params import PaymentLinkCreateParams, PaymentLinkCreateParamsLineItem, PriceCreateParams

    from portal.adapters.stripe import StripeGateway
    from portal.ports.payment_links import PaymentLinkRequest
    from portal.ports.provider_reports import CheckoutReport, PaymentReport

_MOST = 100


@dataclass(frozen=True, slots=True)
class StripeLinks:
    """The Payment Links of one Stripe account; see ``portal.ports.payment_links.PaymentLinkGateway``."""

    gateway: StripeGateway

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self.gateway.settings.is_live

    def make_link(self, request: PaymentLinkRequest) -> MadeLink:
        """Make the link of a row; asked again with the same row within a day, Stripe returns the one it has."""
        api = self.gateway.api.v1
        with said_by_stripe():
            price_id = None
            if request.terms.minimum is not None:
                # An amount that the customer chooses has to stand in a price of its own.
                price = api.prices.create(_price_params(request), {"idempotency_key": f"{request.row_id}-price"})
                price_id = price.id
            link = api.payment_links.create(
                _link_params(request, price_id), {"idempotency_key": f"{request.row_id}-link"}
            )
        return MadeLink(link.id, self._checked(link), request.row_id, price_id)

    def switch_off(self, link_id: str) -> None:
        """Let nobody open it any more; links cannot be removed at Stripe."""
        with said_by_stripe():
            self.gateway.api.v1.payment_links.update(link_id, {"active": False})

    def active_links(self, portal: str) -> Iterator[MadeLink]:
        """All links of a portal that are switched on. Lists are immediate at Stripe, search is not."""
        with said_by_stripe():
            page = self.gateway.api.v1.payment_links.list({"active": True, "limit": _MOST})
            for link in page.auto_paging_iter():
                metadata = link.metadata.to_dict()
                if metadata.get("portal") == portal and "payment_link" in metadata:
                    yield MadeLink(link.id, self._checked(link), metadata["payment_link"])

    def open_checkouts(self, link_id: str) -> tuple[str, ...]:
        """Ids of the checkouts that were opened through a link and may still be paid."""
        api = self.gateway.api.v1
        with said_by_stripe():
            found = api.checkout.sessions.list({"payment_link": link_id, "status": "open", "limit": _MOST})
            return tuple(session.id for session in found.auto_paging_iter())

    def expire_checkout(self, checkout_id: str) -> CheckoutReport:
        """Close an open checkout; where it was just paid or had expired, say so instead."""
        return self.gateway.expire_checkout(checkout_id)

    def payments_through(self, link_id: str) -> tuple[PaymentReport, ...]:
        """The payments of all checkouts that were completed through a link."""
        api = self.gateway.api.v1
        with said_by_stripe():
            found = api.checkout.sessions.list({"payment_link": link_id, "status": "complete", "limit": _MOST})
            intents = [session.to_dict()["payment_intent"] for session in found.auto_paging_iter()]
        return tuple(self.gateway.fetch_payment(intent) for intent in intents if intent)

    def _checked(self, link: stripe.PaymentLink) -> str:
        """The address that goes on a page: a link to Stripe and to nothing else."""
        settings = self.gateway.settings
        if not link.url.startswith(("https://", f"{settings.api_base}/")):
            raise UnexpectedAnswerError(
                Problem(
                    f"Stripe named an address for a payment link that is none: {link.url}",
                    "Nothing was put on a page; look at this link in Stripe's dashboard.",
                    field=link.id,
                )
            )
        return link.url


def _price_params(request: PaymentLinkRequest) -> PriceCreateParams:
    most, least = request.terms.amount, request.terms.minimum or request.terms.amount
    return {
        "currency": most.currency.lower(),
        "product_data": {"name": request.title},
        "custom_unit_amount": {
            "enabled": True,
            "minimum": provider_amount(least),
            "maximum": provider_amount(most),
            "preset": provider_amount(most),
        },
    }


def _link_params(request: PaymentLinkRequest, price_id: str | None) -> PaymentLinkCreateParams:
    ours = {"invoice": request.invoice_key, "payment_link": request.row_id, "portal": request.portal}
    return {
        "line_items": [_line(request, price_id)],
        # Copied to the checkouts, and not to the payments: those have to be told by themselves.
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "description": request.description},
        # A bank debit would be on its way for days, unseen, while the page asks for the same money again.
        "payment_method_types": ["card"],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "inactive_message": request.inactive_message,
        "after_completion": {
            "type": "hosted_confirmation",
            "hosted_confirmation": {"custom_message": request.thanks},
        },
    }


def _line(request: PaymentLinkRequest, price_id: str | None) -> PaymentLinkCreateParamsLineItem:
    if price_id is not None:
        return {"price": price_id, "quantity": 1}
    amount = request.terms.amount
    return {
        "quantity": 1,
        "price_data": {
            "currency": amount.currency.lower(),
            "unit_amount": provider_amount(amount),
            "product_data": {"name": request.title},
        },
    }
