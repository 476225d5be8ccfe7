"""Where the pages of links lie: the one place that spells their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.languages import in_language
from portal.link_ports import LinkKind
from portal.texts import chosen_language

if TYPE_CHECKING:
    from portal.config import Settings

FOLDERS = {LinkKind.INVOICE: "i", LinkKind.PAY_ONLY: "p", LinkKind.STATEMENT: "s"}
"""The folder of the pages that links of a kind open."""
RECEIPT_FOLDER = "receipt/"
"""Below the page of an invoice: its receipt."""


def page_path(kind: LinkKind, token: str) -> str:
    """Where the page of a link is below the portal's address: ``/i/<token>/``."""
    return f"/{FOLDERS[kind]}/{token}/"


def receipt_path(token: str) -> str:
    """Where the receipt of an invoice is: below the invoice's own link."""
    return f"{page_path(LinkKind.INVOICE, token)}{RECEIPT_FOLDER}"


def page_url(settings: Settings, kind: LinkKind, token: str) -> str:
    """The address that opens the page of a link, in its customer's own language."""
    return settings.portal.base_url + page_path(kind, token)


def page_address(settings: Settings, kind: LinkKind, token: str, place: str = "") -> str:
    """The same in the language the reader chose; ``place`` is the id of what to show of the page."""
    fragment = f"#{place}" if place else ""
    return in_language(page_url(settings, kind, token), chosen_language()) + fragment


def page_href(settings: Settings, kind: LinkKind, token: str, *, language: str | None) -> str:
    """The page in a further language, or None for its own, as pages link to it: from the root of its host on."""
    address = in_language(page_url(settings, kind, token), language)
    return urlsplit(settings.portal.base_url).path + address.removeprefix(settings.portal.base_url)
