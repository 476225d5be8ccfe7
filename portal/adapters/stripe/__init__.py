"""Stripe as the payment gateway; the rest of the portal knows only what is named here."""

from __future__ import annotations

from portal.adapters.stripe.gateway import StripeGateway, stripe_gateway
from portal.adapters.stripe.requests import ShopFront

__all__ = ["ShopFront", "StripeGateway", "stripe_gateway"]
