"""What the templates show: plain frozen records in which every text is ready, so that templates only place them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from markupsafe import Markup

    from portal.languages import Words
    from portal.pages.door_models import DoorPanel
    from portal.pages.plan_models import PlanDoor, PlanPanel
    from portal.pages.way_models import Genuine, Transfer, Way


class Look(StrEnum):
    """How a tag is coloured. Its icon and its word say the same without colour."""

    LATE = "late"
    GOOD = "good"
    CALM = "calm"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Tag:
    """One word on where the invoice stands, with the name of its icon in ``portal.theming.theme.ICONS``."""

    word: str
    look: Look
    icon: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The first thing a customer reads: ``heading`` and ``figure`` are one sentence ("Left to pay", "£840.00")."""

    tag: Tag
    heading: str
    figure: str | None
    sentences: tuple[str | Words, ...]


class Row(NamedTuple):
    """A label and what belongs to it; ``small`` is a second line under the label.

    A tuple, for a page has some thirty, and one is made in a third of the time of a record.
    """

    label: str
    value: str
    small: str | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How much has been paid: ``percent`` is the width of the bar, ``40%``."""

    percent: str
    paid: str
    of: str


@dataclass(frozen=True, slots=True)
class PartForm:
    """The field for a part. ``is_open`` where a part is the only way to pay here."""

    hint: str
    symbol: str
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class DueButton:
    """Pays what is due of it, and no more: posts ``want=part``, ``confirmed=1`` and ``amount``, a plain decimal.

    ``buys`` says what that does: "This brings it up to date."
    """

    button: str
    amount: str
    buys: str


@dataclass(frozen=True, slots=True)
class PayForm:
    """The forms that post to the live app: fields ``token``, ``shown``, ``want`` and, for a part, ``amount``.

    Attributes:
        action: where to post.
        token: of the invoice's link.
        shown: what the page says is left, as ``str(Money)``: the live app sees whether that is still true.
        button: "Pay £840.00 now"; None where the whole cannot be paid by card.
        part: None where parts are not offered.
        is_quiet: whether paying is not what the customer came for: something is wrong, or it was paid already.
        due: None where what is due is nothing, or all that is left.
    """

    action: str
    token: str
    shown: str
    button: str | None
    part: PartForm | None
    is_quiet: bool = False
    due: DueButton | None = None


@dataclass(frozen=True, slots=True)
class PayLink:
    """A plain link to the provider, where pages have no pay buttons: "Pay £840.00 now", and what to know of it."""

    href: str
    button: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask: addresses with their links, either may be missing."""

    sentence: str
    email: str | None
    email_href: str | None
    phone: str | None
    phone_href: str | None


@dataclass(frozen=True, slots=True)
class Download:
    """The invoice itself; ``name`` is what the file is called once it is saved.

    One that is sealed is opened by the script that opened its page.
    """

    href: str
    name: str
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link to another page of the portal, and what it says."""

    href: str
    words: str


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
