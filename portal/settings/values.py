"""The values that settings have: addresses, time zones, locales, bank numbers, each checked as it is read."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from pydantic import AfterValidator, Field
from stdnum import bic, iban
from stdnum.us import rtn

from portal.receivables.currencies import DECIMALS
from portal.texts import LANGUAGES
from portal.transfers.accounts import is_iban

NO_CONTROLS = r"[^\x00-\x1f\x7f]*"
ONE_LINE = "this is one line of text, without tabs and other control characters"


def written_like(pattern: str, otherwise: str) -> AfterValidator:
    """A check of how a text is written; ``otherwise`` is what its owner reads where the whole does not fit."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(otherwise)
        return value

    return AfterValidator(check)


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValueError("an address starts with https:// (http:// only on 127.0.0.1)")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("an address is a scheme, a host and perhaps a path, such as https://pay.example.com")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("a time zone is named like Europe/London") from error
    return value


def _locale(value: str) -> str:
    try:
        Locale.parse(value, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError("a locale is a language and a country, such as en-GB") from error
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(f"the words of the pages exist in {', '.join(LANGUAGES)}: docs/translating.md adds another")
    return value


def _iban(value: str) -> str:
    if not is_iban(value):
        raise ValueError("the IBAN's length or check digits do not fit: compare it with your bank's own letter")
    return str(iban.compact(value))


def _bic(value: str) -> str:
    try:
        return str(bic.validate(value))
    except ValueError as error:
        raise ValueError("a BIC has 8 or 11 letters and digits") from error


def _routing_number(value: str) -> str:
    try:
        return str(rtn.validate(value))
    except ValueError as error:
        raise ValueError("the routing number's check digit does not fit: compare it with a cheque of yours") from error


def _currency(value: str) -> str:
    if value not in DECIMALS:
        raise ValueError("a currency is its ISO 4217 code in capitals, such as EUR, GBP or USD")
    return value


def _country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value) or value not in Locale("en").territories:
        raise ValueError("a country is its ISO 3166 code in capitals, such as CH, DE or GB")
    return value


def _paypal_me(value: str) -> str:
    found = re.fullmatch(r"(?:https://)?(?:www\.)?paypal\.(?:me|com/paypalme)/([A-Za-z0-9]{1,20})/?", value)
    if found is None:
        raise ValueError("a PayPal.Me link is https://paypal.me/ and your name there, without an amount")
    return f"https://paypal.me/{found[1]}"


WebAddress = Annotated[str, AfterValidator(_web_address)]
Line = Annotated[str, Field(min_length=1, max_length=200), written_like(NO_CONTROLS, ONE_LINE)]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
LocaleTag = Annotated[str, AfterValidator(_locale)]
Iban = Annotated[str, AfterValidator(_iban)]
Bic = Annotated[str, AfterValidator(_bic)]
RoutingNumber = Annotated[str, AfterValidator(_routing_number)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]
CountryCode = Annotated[str, AfterValidator(_country)]
PaypalMe = Annotated[str, AfterValidator(_paypal_me)]
