"""What pages are put together from: plain frozen records in which every text is ready."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from portal.languages import Words


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
