"""What the pages of a statement show: plain frozen records, as in ``portal.pages.models``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portal.languages import Words
    from portal.pages.pieces import Contact, PartForm, Row, Standing, Tag
    from portal.pages.plan_models import PlanDoor, PlanPanel
    from portal.pages.way_models import Transfer, Way


@dataclass(frozen=True, slots=True)
class StatementLinks:
    """Where the pages are: the statement's own token, and those of its invoices by key.

    ``closed`` are the invoices that have no page now, since the owner ended their links.
    """

    token: str
    of_invoices: Mapping[str, str]
    closed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One document: what it is called, with a link to its own page, its day, where it stands, and an amount.

    ``href`` is None where it has no page now.
    """

    name: str
    href: str | None
    subject: str | None
    when: str | None
    tag: Tag
    amount: str


@dataclass(frozen=True, slots=True)
class PickBox:
    """An invoice that can be chosen; ``name`` is the token of its link, ``subject`` what it is for."""

    name: str
    label: str
    subject: str | None
    small: str | None
    amount: str
    checked: bool = False


@dataclass(frozen=True, slots=True)
class StatementForm:
    """The forms that post to the live app: ``token``, ``shown``, ``want`` and what belongs to each wish.

    Attributes:
        shown: a mark of everything that is offered: the live app sees whether that is still true.
        button: "Pay £840.00 now"; None where it cannot all be paid by one card payment.
        picks: the invoices to choose from; empty where there is only one.
        part: the field for another amount; None where that is not offered.
    """

    action: str
    token: str
    shown: str
    button: str | None
    picks: tuple[PickBox, ...]
    part: PartForm | None


@dataclass(frozen=True, slots=True)
class Credits:
    """What is in the customer's favour, and how it is set off."""

    lines: tuple[StatementLine, ...]
    total: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """Everything a statement's page says (``statement.html``).

    Attributes:
        lines: the invoices with something left, the one due first in front.
        more: what is not listed, in words.
        retried: the plan whose refused payment is all there is to pay now; its button stands for the form's.
        total: the sum of what is left.
        plans: those that run over several of the invoices.
        settled: the last documents that ask for nothing.
    """

    template: ClassVar[str] = "statement.html"
    title: str
    lang: str
    direction: str
    document: str
    subject: str
    standing: Standing
    form: StatementForm | None
    retried: PlanPanel | None
    plan_door: PlanDoor | None
    plans: tuple[PlanPanel, ...]
    explanation: tuple[str, ...]
    reassurance: str | None
    lines: tuple[StatementLine, ...]
    more: Row | None
    total: str
    credits: Credits | None
    settled: tuple[StatementLine, ...]
    terms_summary: Words | None
    transfer: Transfer | None
    ways: tuple[Way, ...]
    contact: Contact
    as_of: str


@dataclass(frozen=True, slots=True)
class StatementCheckPage:
    """A payment over several invoices read back before paying (``statement_check.html``).

    ``hidden`` are the fields of the wish, by name: the invoices' tokens, or ``amount`` as a plain decimal.
    """

    template: ClassVar[str] = "statement_check.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    rows: tuple[Row, ...]
    rest: str
    action: str
    token: str
    shown: str
    want: str
    hidden: tuple[tuple[str, str], ...]
    change_href: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class StatementChoicePage:
    """The ways to pay again, saying what has changed or what was wrong (``statement_choice.html``)."""

    template: ClassVar[str] = "statement_choice.html"
    title: str
    lang: str
    direction: str
    document: str
    heading: str
    sentences: tuple[str, ...]
    error: str | None
    field: str | None
    typed: str
    form: StatementForm
    back_href: str
    contact: Contact
