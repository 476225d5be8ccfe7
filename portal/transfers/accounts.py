"""Bank accounts: what an IBAN says about itself, and which currencies an account takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.numbers import get_territory_currencies
from stdnum import iban

if TYPE_CHECKING:
    from portal.receivables.invoice import BankAccount

EEA = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())
"""Countries, as IBANs begin, whose accounts need no BIC in euro payments (Regulation (EU) 260/2012)."""
SEPA = EEA | frozenset("AD AL CH GB GG GI IM JE MC MD ME MK RS SM VA".split())
"""Countries that euro credit transfers reach (EPC409-09, geographical scope of the SEPA schemes)."""

_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}")
_QR_INSTITUTIONS = range(30000, 32000)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the holder of an account lives, in parts, as the Swiss QR-bill asks for it.

    Attributes:
        postcode: without a country in front.
        country: ISO 3166, two letters.
    """

    postcode: str
    town: str
    country: str
    street: str = ""
    house_number: str = ""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who gets a transfer: an account, and its holder's address where it is known."""

    account: BankAccount
    address: Address | None = None


@lru_cache(maxsize=256)
def is_iban(text: str) -> bool:
    """Whether check digits (mod 97) and length fit the country, by the IBAN registry.

    Which banks exist is not asked: lists of them grow old, and would refuse the accounts of new ones.
    """
    return bool(iban.is_valid(text, check_country=False))


def claims_to_be_iban(text: str) -> bool:
    """Whether an account number has the shape of an IBAN, right or wrong; a national number has not."""
    return bool(_IBAN_SHAPE.fullmatch(iban.compact(text)))


def is_qr_iban(number: str | None) -> bool:
    """Whether it is a Swiss QR-IBAN, which takes payments with a QR reference only (SIX IG QR-bill 2.3)."""
    return bool(number) and str(number)[:2] in {"CH", "LI"} and int(str(number)[4:9]) in _QR_INSTITUTIONS


def grouped(text: str, size: int = 4) -> str:
    """Long numbers as people read them: ``DE89 3704 0044 0532 0130 00``."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


def takes(account: BankAccount, currency: str) -> bool:
    """Whether a transfer in this currency can be expected to reach the account without trouble.

    Sort codes are British, routing numbers American; an IBAN takes euros and its country's own currency.
    """
    if account.iban and (currency == "EUR" or currency in get_territory_currencies(account.iban[:2])):
        return True
    if account.sort_code:
        return currency == "GBP"
    if account.routing_number:
        return currency == "USD"
    return account.iban is None
