"""Money as integers of minor units, never a float; every rounding is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from portal.errors import MoneyError, Problem
from portal.receivables.currencies import DECIMALS

_PLAIN_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency: ``Money(84000, "GBP")`` is GBP 840.00.

    Raises:
        MoneyError: the currency is unknown, or two currencies meet in one sum.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("an amount of money is an integer of minor units")
        if self.currency not in DECIMALS:
            raise _no_currency(self.currency)

    # Balances add and compare more than anything else. So all of it is written out: ``total_ordering`` is slow, and so
    # is a check in a function of its own. Most sums are nothing, so what they change is the result and not made anew.
    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise self._apart_from(other)
        if not self.minor:
            return other
        return Money(self.minor + other.minor, self.currency) if other.minor else self

    def __sub__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise self._apart_from(other)
        return Money(self.minor - other.minor, self.currency) if other.minor else self

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        if other.currency != self.currency:
            raise self._apart_from(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        if other.currency != self.currency:
            raise self._apart_from(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        if other.currency != self.currency:
            raise self._apart_from(other)
        return self.minor > other.minor

    def __ge__(self, other: Money) -> bool:
        if other.currency != self.currency:
            raise self._apart_from(other)
        return self.minor >= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal_text}"

    def __repr__(self) -> str:
        # As a dataclass writes it, but at a third of the time: fingerprints of pages are made from it.
        return f"Money(minor={self.minor}, currency={self.currency!r})"

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency))

    @property
    def decimal_text(self) -> str:
        """The amount as a plain decimal string with all its decimals: ``"840.00"``, ``"1200"``, ``"-3.500"``."""
        return f"{self.decimal:f}"

    def _apart_from(self, other: Money) -> MoneyError:
        problem = f"{self.currency} and {other.currency} cannot be added or compared."
        return MoneyError(Problem(problem, "Keep each currency in sums of its own."))


def decimals_of(currency: str) -> int:
    """How many decimals an ISO 4217 currency has: 0, 2 or 3."""
    try:
        return DECIMALS[currency]
    except (KeyError, TypeError):
        raise _no_currency(currency) from None


def _no_currency(currency: str) -> MoneyError:
    remedy = "Write its ISO 4217 code in capitals, such as EUR, GBP or USD."
    return MoneyError(Problem(f"{currency!r} is not a currency.", remedy))


@lru_cache(maxsize=256)
def zero(currency: str) -> Money:
    """Nothing, in a currency: always the same, for most of the sums of most invoices are nothing."""
    return Money(0, currency)


def money_from_decimal(amount: Decimal, currency: str) -> Money:
    """Money from an exact decimal; trailing zeros beyond the currency's decimals are fine, other digits are refused.

    Raises:
        MoneyError: the amount is not finite, or has digits smaller than the currency's minor unit.
    """
    decimals = decimals_of(currency)
    scaled = amount.scaleb(decimals) if amount.is_finite() else Decimal("0.5")
    if scaled != scaled.to_integral_value():
        raise MoneyError(
            Problem(
                f"{amount} does not fit {currency}, which has {decimals} decimals.",
                "Correct the amount, or the currency.",
            )
        )
    return Money(int(scaled), currency)


def parse_money(text: str, currency: str) -> Money:
    """Money from a plain decimal string with a point: ``"840"``, ``"840.00"``, ``"-12.50"``.

    Text typed by people in their own notation is read by ``portal.formats``.

    Raises:
        MoneyError: not a plain decimal, or too many decimals for the currency.
    """
    cleaned = text.strip().replace("\N{MINUS SIGN}", "-")
    if not _PLAIN_DECIMAL.fullmatch(cleaned):
        raise MoneyError(Problem(f"{text!r} is not an amount.", "Write digits and a decimal point, such as 840.00."))
    return money_from_decimal(Decimal(cleaned), currency)


def portion(amount: Money, rate: Decimal) -> Money:
    """The share ``rate`` of an amount, rounded half up (away from zero) to the minor unit.

    Half up is what invoices and tax offices do; a share and its rest are never both rounded: take one, subtract.
    """
    return Money(int((amount.minor * rate).to_integral_value(rounding=ROUND_HALF_UP)), amount.currency)


def split(amount: Money, parts: int) -> tuple[Money, ...]:
    """Equal parts that sum exactly to the amount; the last part carries what does not divide.

    ``split(Money(10000, "EUR"), 3)`` is 33.33, 33.33, 33.34. Each part is rounded down to the minor unit first.

    Raises:
        ValueError: fewer than one part.
    """
    if parts < 1:
        raise ValueError("an amount is split into one part at least")
    each = abs(amount.minor) // parts * (1 if amount.minor >= 0 else -1)
    last = amount.minor - each * (parts - 1)
    return (*(Money(each, amount.currency) for _ in range(parts - 1)), Money(last, amount.currency))
