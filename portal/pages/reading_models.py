"""Pages that are only read: what was paid, and what is kept; see ``portal.pages.models``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from markupsafe import Markup

    from portal.pages.pieces import Contact, Row


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """What was paid, to print and keep (``receipt.html``); ``figure`` is the sum of it."""

    template: ClassVar[str] = "receipt.html"
    title: str
    lang: str
    direction: str
    document: str
    subject: str | None
    figure: str
    sentences: tuple[str, ...]
    facts: tuple[Row, ...]
    payments: tuple[Row, ...]
    back_href: str
    contact: Contact
    as_of: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, a list of things, and sentences; list or sentences may be none."""

    heading: str
    items: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """What is kept of customers (``privacy.html``).

    ``own`` is what the owner adds; ``own_lang`` its language where it is not the page's.
    """

    template: ClassVar[str] = "privacy.html"
    title: str
    lang: str
    direction: str
    heading: str
    sections: tuple[Section, ...]
    own: Markup | None
    own_lang: str | None
    contact: Contact
