"""Stripe's integers and seconds, and the portal's money and moments."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.receivables.card_limits import provider_decimals
from portal.receivables.money import Money, decimals_of


def provider_amount(amount: Money) -> int:
    """The integer Stripe's API takes for an amount."""
    shift = provider_decimals(amount.currency) - decimals_of(amount.currency)
    if not shift:
        return amount.minor
    return int(amount.decimal.scaleb(provider_decimals(amount.currency)).to_integral_exact())


def money_of(number: int, currency: str) -> Money:
    """The amount of an integer of Stripe's, negative ones included."""
    code = currency.upper()
    shift = decimals_of(code) - provider_decimals(code)
    if shift >= 0:
        return Money(number * 10**shift, code)
    sign = -1 if number < 0 else 1
    return Money(sign * (abs(number) // 10**-shift), code)


def moment_of(seconds: int) -> datetime:
    """The moment of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
