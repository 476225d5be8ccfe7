"""What the templates show of the doors besides paying: naming a day, something wrong, paid already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from portal.pages.pieces import Contact, PayForm
    from portal.pages.plan_models import PlanDoor


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list; ``value`` is what the form sends."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What the customer typed and chose before, to be shown again."""

    reason: str = ""
    lines: tuple[int, ...] = ()
    amount: str = ""
    words: str = ""
    by: str = ""
    day: str = ""


NOTHING_TYPED = Typed()


@dataclass(frozen=True, slots=True)
class PromiseForm:
    """The field for a day, ``day``, from ``first`` to ``last`` as ISO days."""

    hint: str
    first: str
    last: str
    typed: Typed = NOTHING_TYPED


@dataclass(frozen=True, slots=True)
class ProblemForm:
    """Fields ``reason``, ``line`` (any number), ``amount`` and ``words``."""

    reasons: tuple[Choice, ...]
    lines: tuple[Choice, ...]
    symbol: str
    amount_hint: str
    typed: Typed = NOTHING_TYPED


@dataclass(frozen=True, slots=True)
class PaidForm:
    """Fields ``day``, at the latest ``last``, ``by`` and ``amount``."""

    last: str
    ways: tuple[Choice, ...]
    symbol: str
    amount_hint: str
    typed: Typed = NOTHING_TYPED


@dataclass(frozen=True, slots=True)
class Noted:
    """An answer as it stands, in a sentence, and its id for taking it back; None where it cannot be."""

    sentence: str
    answer_id: str | None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class DoorLink:
    """Where a door is: a page of the live app, or a prepared email where no server answers forms."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class DoorPanel:
    """The doors on an invoice's page, and what was answered there.

    Attributes:
        ways: to settle it: naming a day.
        others: where paying is not what helps.
        closed: why no day can be named any more.
        noted: what was answered and stands; taken back by forms that post ``token``, ``want`` and ``answer``.
    """

    action: str
    token: str
    ways: tuple[DoorLink, ...] = ()
    others: tuple[DoorLink, ...] = ()
    closed: str | None = None
    noted: tuple[Noted, ...] = ()


@dataclass(frozen=True, slots=True)
class DoorForms:
    """The form of one door; it posts ``token``, ``want`` and the door's own fields.

    ``reasons`` are why it is late, each a button.
    """

    action: str
    token: str
    promise: PromiseForm | None = None
    problem: ProblemForm | None = None
    paid: PaidForm | None = None
    reasons: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class DoorPage:
    """One door by itself: with what was wrong with what was typed, or as the way that helps (``door.html``)."""

    template: ClassVar[str] = "door.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    error: str | None
    sentences: tuple[str, ...]
    doors: DoorForms
    form: PayForm | None
    plan_door: PlanDoor | None
    back_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class AnsweredPage:
    """What was answered, as it stands (``answered.html``)."""

    template: ClassVar[str] = "answered.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    sentences: tuple[str, ...]
    doors: DoorPanel
    back_href: str
    contact: Contact
