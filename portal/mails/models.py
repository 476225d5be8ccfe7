"""A mail as finished words, whatever form it is then given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import tzinfo

    from markupsafe import Markup

    from portal.config import Settings
    from portal.formats import Formats


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table: ``Left to pay``, ``£280.00``."""

    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's words as they were, under a line that says whose and when."""

    heading: str
    paragraphs: tuple[str, ...]


class Rich(str):
    """A paragraph of the owner's: plain text that also has a form with emphasis, or is a list of such lines.

    Attributes:
        html: the same, safe.
        lines: the points, where it is a list.
    """

    __slots__ = ("html", "lines")

    html: Markup
    lines: tuple[Rich, ...]

    def __new__(cls, text: str, html: Markup, lines: tuple[Rich, ...] = ()) -> Self:
        """A text that also has its form as HTML."""
        made = super().__new__(cls, text)
        made.html, made.lines = html, lines
        return made


@dataclass(frozen=True, slots=True)
class PageLink:
    """One of several pages a mail leads to."""

    label: str
    url: str


class Target(StrEnum):
    """The page that a letter's button leads to; where there is no statement, to the invoice's."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail says.

    Attributes:
        preview: what mailboxes show beside the subject; never more than the first lines say.
        greeting: None where the business writes to itself.
        opening: paragraphs before the facts.
        points: a list after the opening.
        button: the words on the way to the page; None where there is none.
        url: where it leads, if to no page of the invoice; else ``target`` says to which.
        closing: paragraphs after the button.
        pages: instead of the button, where no one page has everything.
        ending: how to have no more mails of this kind; ``ending_url`` is where, None where a reply does it.
    """

    subject: str
    preview: str
    opening: tuple[str, ...]
    greeting: str | None = None
    points: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    button: str | None = None
    closing: tuple[str, ...] = ()
    quote: Quote | None = None
    url: str | None = None
    pages: tuple[PageLink, ...] = ()
    ending: str | None = None
    ending_url: str | None = None
    target: Target = Target.INVOICE


@dataclass(frozen=True, slots=True)
class Desk:
    """What the words are made with: the owner's settings, and how the reader writes money and dates."""

    settings: Settings
    formats: Formats

    @property
    def zone(self) -> tzinfo:
        """The business's time zone, in which a moment becomes a day."""
        return ZoneInfo(self.settings.portal.timezone)
