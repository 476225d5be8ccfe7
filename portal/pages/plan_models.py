"""What the templates show of payment plans: plain frozen records in which every text is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from portal.pages.pieces import Contact, Row


@dataclass(frozen=True, slots=True)
class PlanOption:
    """One plan on offer; ``key`` names it in the form, ``when`` says how it goes on."""

    key: str
    label: str
    when: str


@dataclass(frozen=True, slots=True)
class PlanDoor:
    """The form that leads to a plan's check page: ``token``, ``shown``, ``want=choose``, ``plan``, ``payday``.

    ``notes`` say what a plan does to a discount and to late fees, where there are any.
    ``asks_payday`` where one of the options needs the customer's payday; ``payday`` and ``error`` when asked again.
    """

    action: str
    token: str
    shown: str
    options: tuple[PlanOption, ...]
    notes: tuple[str, ...]
    asks_payday: bool
    payday: str = ""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class PlanPanel:
    """What an invoice page adds while a plan is in force, or a statement while one over several invoices is.

    Attributes:
        action, token, shown: of the forms, which post ``want=next``, ``want=card`` or ``want=stop``.
        next_button: pays what the plan asks for next; None where the saved card is charged by itself.
        card_button: leads to another card; None where no card is kept.
        rows: the schedule.
        notes: how the plan goes on, and what was agreed.
        plan: names the agreement, where a page may have several.
    """

    action: str
    token: str
    shown: str
    next_button: str | None
    card_button: str | None
    stop_button: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """What a plan is about, as its check page says it: an invoice, or several, which are listed then."""

    document: str
    sentences: tuple[str, ...]
    consent: tuple[str, ...]
    token: str
    shown: str
    back: str
    back_href: str
    invoices: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanCheckPage:
    """A plan read back with every date and amount before it is agreed (``plan_check.html``).

    ``invoices`` are those that a plan over several is about, with what it spreads of each.
    """

    template: ClassVar[str] = "plan_check.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    sentences: tuple[str, ...]
    notice: str | None
    rows: tuple[Row, ...]
    consent: tuple[str, ...]
    action: str
    token: str
    shown: str
    plan: str
    payday: str
    agreed: str
    button: str
    next_step: str
    back: str
    back_href: str
    contact: Contact
    invoices: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanChoicePage:
    """The plans on offer again, saying what was wrong (``plan_choice.html``); ``door`` is None where none is left."""

    template: ClassVar[str] = "plan_choice.html"
    title: str
    lang: str
    direction: str
    document: str
    problem: str
    door: PlanDoor | None
    back: str
    back_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class PlanStepPage:
    """A change to a plan read back before it is made (``plan_step.html``): another card, or an end.

    ``plan`` names the agreement, where the page it is on may have several.
    """

    template: ClassVar[str] = "plan_step.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    sentences: tuple[str, ...]
    action: str
    token: str
    shown: str
    want: str
    button: str
    back_href: str
    contact: Contact
    plan: str | None = None
