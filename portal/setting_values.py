"""The values that settings have: addresses, time zones, locales, bank numbers, each checked as it is read."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from pydantic import AfterValidator, Field
from stdnum import bic, iban

from portal.texts import LANGUAGES


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
    try:
        return str(iban.validate(value))
    except ValueError as error:
        raise ValueError("the IBAN's check digits do not fit: compare it with your bank's own letter") from error


def _bic(value: str) -> str:
    try:
        return str(bic.validate(value))
    except ValueError as error:
        raise ValueError("a BIC has 8 or 11 letters and digits") from error


WebAddress = Annotated[str, AfterValidator(_web_address)]
Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
LocaleTag = Annotated[str, AfterValidator(_locale)]
Iban = Annotated[str, AfterValidator(_iban)]
Bic = Annotated[str, AfterValidator(_bic)]
