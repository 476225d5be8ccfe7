"""What each page shows: plain frozen records in which every text is ready, so that templates only place them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from markupsafe import Markup

    from portal.languages import Words
    from portal.pages.door_models import DoorPanel
    from portal.pages.pieces import Contact, Download, PageLink, PayForm, PayLink, Progress, Row, Standing
    from portal.pages.plan_models import PlanDoor, PlanPanel
    from portal.pages.way_models import Genuine, Transfer, Way


class InvoicePage(NamedTuple):
    """Everything the page of one invoice says (``invoice.html``).

    A tuple, for plans and answers are added to a page that is made already, and so many fields are slow to copy.

    Attributes:
        words_lang: the language of the invoice's own words (subject, lines, notes, terms) where it is not the page's.
        fresh_until: the last day on which these words hold by themselves; the day after, the invoice is overdue, or
            another sum settles it. None where no day changes them.
        prices: what settles it until which day; empty where waiting changes nothing.
        ways: other ways to pay than by card and by transfer.
        genuine: how to check that the page is really ours; None where nothing is asked for.
        parts: where it is due in parts, each with its day and how it stands.
        newer: the invoice that took its place, where its page may be shown.
        receipt_href: the receipt to print and keep, once something was paid.
    """

    title: str
    lang: str
    direction: str
    document: str
    subject: str | None
    words_lang: str | None
    standing: Standing
    progress: Progress | None
    form: PayForm | None
    explanation: tuple[str, ...]
    reassurance: str | None
    receipt: tuple[Row, ...]
    facts: tuple[Row, ...]
    lines: tuple[Row, ...]
    sums: tuple[Row, ...]
    notes: Markup | None
    terms_summary: Words | None
    terms_text: str | None
    transfer: Transfer | None
    contact: Contact
    as_of: str
    fresh_until: date | None
    prices: tuple[Row, ...] = ()
    ways: tuple[Way, ...] = ()
    genuine: Genuine | None = None
    parts: tuple[Row, ...] = ()
    pay_link: PayLink | None = None
    plan_door: PlanDoor | None = None
    plan: PlanPanel | None = None
    doors: DoorPanel | None = None
    original: Download | None = None
    newer: PageLink | None = None
    receipt_href: str | None = None


@dataclass(frozen=True, slots=True)
class CheckPage:
    """A part read back before paying (``check.html``); ``amount`` is a plain decimal for ``parse_money``."""

    template: ClassVar[str] = "check.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    rows: tuple[Row, ...]
    action: str
    token: str
    shown: str
    amount: str
    change_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class PartPage:
    """The field for a part again, saying what was wrong with what was typed (``part.html``)."""

    template: ClassVar[str] = "part.html"
    title: str
    lang: str
    direction: str
    document: str
    left: str
    error: str | None
    typed: str
    form: PayForm
    back_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """What is left is not what the page had shown (``changed.html``)."""

    template: ClassVar[str] = "changed.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    sentences: tuple[str, ...]
    form: PayForm
    back_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class LinkRequestForm:
    """Asks for a link: posts ``email`` and ``words``. ``error`` says what was wrong with what was typed."""

    action: str
    email: str = ""
    words: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A heading, a few sentences and at most one link (``message.html``), or a form by which a link is asked for."""

    template: ClassVar[str] = "message.html"
    title: str
    lang: str
    direction: str
    heading: str
    sentences: tuple[str, ...]
    contact: Contact
    link: str | None = None
    link_href: str | None = None
    request: LinkRequestForm | None = None


@dataclass(frozen=True, slots=True)
class TextPage:
    """A page of the owner's own words (``text.html``).

    ``heading`` is None where the text brings its own; ``body_lang`` is the text's language where it is not the page's.
    """

    template: ClassVar[str] = "text.html"
    title: str
    lang: str
    direction: str
    heading: str | None
    body: Markup
    contact: Contact
    body_lang: str | None = None
