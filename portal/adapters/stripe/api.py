"""Stripe's library, set up for one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stripe

if TYPE_CHECKING:
    from portal.config import Stripe

_RETRIES = 2


def stripe_api(settings: Stripe, timeout: tuple[float, float]) -> stripe.StripeClient | None:
    """What asks Stripe, or None where no key is set.

    Args:
        settings: where Stripe is, and the key.
        timeout: seconds to connect and to read.
    """
    if settings.api_key is None:
        return None
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        settings.api_key.get_secret_value(),
        base_addresses={"api": settings.api_base},
        max_network_retries=_RETRIES,
        http_client=stripe.RequestsClient(timeout=timeout),
    )
