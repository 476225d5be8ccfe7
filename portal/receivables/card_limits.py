"""Which amounts a card payment can carry, per currency, in ISO 4217 minor units.

Source: Stripe, "Supported currencies": minimum charge amounts, eight-digit maximum, special cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from portal.receivables.money import Money, decimals_of

_MINIMUM = {
    "AED": 200, "ARS": 50, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50, "CZK": 1500, "DKK": 250,
    "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50, "INR": 50, "JPY": 50, "KRW": 50,
    "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50, "PLN": 200, "RON": 200, "RUB": 50, "SEK": 300,
    "SGD": 50, "THB": 1000, "USD": 50, "ZAR": 50,
}  # fmt: skip
_UNLISTED_MINIMUM = {0: 50, 2: 50, 3: 500}
_PROVIDER_MAXIMUM = 99_999_999
_PROVIDER_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}


@dataclass(frozen=True, slots=True)
class CardLimits:
    """Smallest and largest card payment, and the step an amount must be a multiple of (mostly one minor unit)."""

    minimum: Money
    maximum: Money
    step: int

    def allow(self, amount: Money) -> bool:
        """Whether a card payment of exactly this amount is possible."""
        return self.minimum <= amount <= self.maximum and amount.minor % self.step == 0


@lru_cache(maxsize=256)
def card_limits(currency: str) -> CardLimits:
    """The limits of one currency.

    A currency without a published minimum gets half a major unit; the provider has the last word at the click.
    Three-decimal amounts end in 0, and currencies the provider counts without decimals take whole units only.
    """
    decimals = decimals_of(currency)
    shift = provider_decimals(currency) - decimals
    maximum = _PROVIDER_MAXIMUM // 10**shift if shift > 0 else _PROVIDER_MAXIMUM * 10**-shift
    step = 10 if decimals == 3 else 10 ** max(-shift, 0)  # noqa: PLR2004  three-decimal currencies
    return CardLimits(
        minimum=Money(_MINIMUM.get(currency, _UNLISTED_MINIMUM[decimals]), currency),
        maximum=Money(maximum - maximum % step, currency),
        step=step,
    )


def provider_decimals(currency: str) -> int:
    """Decimals of the integers that Stripe's API takes, which differ from ISO 4217 for three currencies."""
    return _PROVIDER_DECIMALS.get(currency, decimals_of(currency))
