"""Addresses that pages point to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.links.addresses import page_address
from portal.ports.links import LinkKind
from portal.texts import chosen_language

if TYPE_CHECKING:
    from portal.config import Settings


def invoice_address(settings: Settings, token: str) -> str:
    """The full address of an invoice's page, in the language the reader chose."""
    return page_address(settings, LinkKind.INVOICE, token)


def statement_address(settings: Settings, token: str) -> str:
    """The full address of a statement's page, in the language the reader chose."""
    return page_address(settings, LinkKind.STATEMENT, token)


def pay_address(settings: Settings) -> str:
    """Where the pay forms post."""
    return f"{settings.live_url}/pay"


def path_below_root(settings: Settings, path: str) -> str:
    """A path of the site as its host knows it: ``/terms/``, or ``/pay/terms/`` where the site lies in a folder."""
    return f"{urlsplit(settings.portal.base_url).path}{path}"


def plan_address(settings: Settings) -> str:
    """Where the forms of payment plans post."""
    return f"{settings.live_url}/plan"


def answer_address(settings: Settings) -> str:
    """Where the forms besides paying post."""
    return f"{settings.live_url}/answer"


def door_address(settings: Settings, token: str, door: str) -> str:
    """Where a door besides paying is: ``promise``, ``problem``, ``paid`` or ``late``."""
    chosen = chosen_language()
    language = f"&lang={chosen}" if chosen else ""
    return f"{settings.live_url}/answer?link={token}&door={door}{language}"


def link_request_address(settings: Settings) -> str:
    """Where somebody without a link that works asks for one."""
    return f"{settings.live_url}/fresh-link"
