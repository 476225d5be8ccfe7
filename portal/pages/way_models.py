"""What the templates show of ways to pay without a card: finished texts and symbols, as in ``models``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from portal.pages.payment_part import PaymentPart
    from portal.pages.pieces import Row


@dataclass(frozen=True, slots=True)
class ScanCode:
    """A symbol to scan: dark on white in every colour scheme.

    Attributes:
        heading: which sum it carries and until when; None where there is only one.
        alt: what it is and what it carries, in words.
        picture: its modules without the white edge, as a ``data:`` address.
        is_swiss: whether the Swiss cross stands in its middle, and it is printed as wide as a QR-bill asks.
    """

    heading: str | None
    alt: str
    picture: str
    is_swiss: bool


@dataclass(frozen=True, slots=True)
class Transfer:
    """Bank details for the exact sum that is left, a word on false ones, and symbols for banking apps.

    ``amounts`` are the sum, or each sum with its days; ``rows`` say where it goes. ``hint`` says what the symbols are
    for; None where there are none. ``part`` is printed where there is one Swiss symbol.
    """

    amounts: tuple[Row, ...]
    rows: tuple[Row, ...]
    caution: str
    is_open: bool = False
    codes: tuple[ScanCode, ...] = ()
    hint: str | None = None
    part: PaymentPart | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Another way to pay, in a row that opens: PayPal, a cheque, or the owner's own words.

    ``amounts`` as with transfers. ``links`` are (address, words) and lead away from the portal. ``lang`` is the
    language of ``body`` where that is not the page's.
    """

    summary: str
    amounts: tuple[Row, ...] = ()
    rows: tuple[Row, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
    body: Markup | None = None
    lang: str | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Genuine:
    """What tells the customer that the page is really the business's: what only both know, and how to check."""

    rows: tuple[Row, ...]
    sentences: tuple[str, ...]
