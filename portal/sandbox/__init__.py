"""A loopback stand-in for Stripe: a stateful API, a checkout page to click, and signed webhooks."""

from __future__ import annotations

from portal.sandbox.app import Sandbox
from portal.sandbox.faults import Fault, Faults, Trouble

__all__ = ["Fault", "Faults", "Sandbox", "Trouble"]
