"""Where the pages of links lie: the one place that spells their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.languages import in_language
from portal.links.sealing import address_of
from portal.ports.links import LinkKind
from portal.texts import chosen_language

if TYPE_CHECKING:
    from portal.config import Settings

FOLDERS = {LinkKind.INVOICE: "i", LinkKind.PAY_ONLY: "p", LinkKind.STATEMENT: "s"}
"""The folder of the pages that links of a kind open."""
RECEIPT_FOLDER = "receipt/"
"""Below the page of an invoice: its receipt."""


def page_path(settings: Settings, kind: LinkKind, token: str) -> str:
    """Where the page of a link lies below the portal's address: ``/i/<token>/``; what an encrypted one is called."""
    name = address_of(token) if is_sealed(settings, kind) else token
    return f"/{FOLDERS[kind]}/{name}/"


def site_path(kind: LinkKind, token: str) -> str:
    """Where the site that pages are made by has the page of a link."""
    return f"/{FOLDERS[kind]}/{token}/"


def original_path(token: str) -> str:
    """Where the site has the invoice itself, a PDF: below its own link."""
    return f"{site_path(LinkKind.INVOICE, token)}invoice.pdf"


def published_original(settings: Settings, token: str) -> str:
    """Where it lies below the portal's address: beside its page, and encrypted where that is."""
    return page_path(settings, LinkKind.INVOICE, token) + original_file(settings)


def original_file(settings: Settings) -> str:
    """What it is called there."""
    return "invoice.bin" if is_sealed(settings, LinkKind.INVOICE) else "invoice.pdf"


def receipt_path(token: str) -> str:
    """Where the site has the receipt of an invoice: below the invoice's own link."""
    return f"{site_path(LinkKind.INVOICE, token)}{RECEIPT_FOLDER}"


def is_sealed(settings: Settings, kind: LinkKind) -> bool:
    """Whether pages of links of a kind are encrypted; one that is for paying only shows nobody's secrets."""
    return settings.links.encrypted and kind is not LinkKind.PAY_ONLY


def page_url(settings: Settings, kind: LinkKind, token: str) -> str:
    """The address that opens the page of a link, in its customer's own language."""
    return _address(settings, kind, token, None, "")


def page_address(settings: Settings, kind: LinkKind, token: str, place: str = "") -> str:
    """The same in the language the reader chose; ``place`` is the id of what to show of the page."""
    return _address(settings, kind, token, chosen_language(), place)


def page_href(settings: Settings, kind: LinkKind, token: str, *, language: str | None, folder: str = "") -> str:
    """The page in a further language, or None for its own, as pages link to it: from the root of its host on.

    ``folder`` is what lies below it, such as ``RECEIPT_FOLDER``.
    """
    address = _address(settings, kind, token, language, "", folder)
    return urlsplit(settings.portal.base_url).path + address.removeprefix(settings.portal.base_url)


def below(url: str, folder: str) -> str:
    """The address of what lies below the page at an address."""
    page, mark, fragment = url.partition("#")
    return f"{page}{folder}{mark}{fragment}"


def _address(  # noqa: PLR0913, PLR0917  all that makes an address
    settings: Settings, kind: LinkKind, token: str, language: str | None, place: str, folder: str = ""
) -> str:
    """Behind the ``#`` of an encrypted page comes its key, and the place behind that."""
    path = page_path(settings, kind, token) + folder
    address = settings.portal.base_url + in_language(path, language)
    if is_sealed(settings, kind):
        return f"{address}#{token}{f'!{place}' if place else ''}"
    return f"{address}#{place}" if place else address
