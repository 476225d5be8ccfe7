"""The page on which a customer ends the reminders of a mail: it asks first, for mail programs open addresses too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from portal.formats import spoken_formats
from portal.pages.contact import contact_of, page_title
from portal.pages.invoice import document_name
from portal.texts import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.config import Settings
    from portal.pages.pieces import Contact
    from portal.receivables.invoice import Invoice


@dataclass(frozen=True, slots=True)
class StopPage:
    """A heading, sentences, and a button that asks for no more reminders (``stop.html``); None once that is done."""

    template: ClassVar[str] = "stop.html"
    title: str
    lang: str
    direction: str
    documents: tuple[str, ...]
    heading: str
    sentences: tuple[str, ...]
    contact: Contact
    action: str
    button: str | None = None


def stop_page(invoices: Sequence[Invoice], settings: Settings, *, action: str) -> StopPage:
    """The question; ``action`` is where the answer goes."""
    sentences = (
        _("We then send no more email reminders about this."),
        _("What is left to pay stays the same. You can pay at any time with the link in our emails."),
    )
    button = _("Send me no more reminders")
    return _page(_("No more reminders?"), sentences, invoices, settings, action=action, button=button)


def stopped_page(invoices: Sequence[Invoice], settings: Settings) -> StopPage:
    """It is done."""
    sentences = (
        _("Thank you for telling us. We send no more email reminders about this."),
        _("What is left to pay stays the same. You can pay at any time with the link in our emails."),
        _("You can take this back on the page of the invoice."),
    )
    return _page(_("No more reminders"), sentences, invoices, settings, action="")


def _page(  # noqa: PLR0913  everything the page says, named
    heading: str,
    sentences: tuple[str, ...],
    invoices: Sequence[Invoice],
    settings: Settings,
    *,
    action: str,
    button: str | None = None,
) -> StopPage:
    formats = spoken_formats()
    documents = tuple(map(document_name, invoices))
    return StopPage(
        title=page_title(settings, heading),
        lang=formats.locale,
        direction=formats.direction,
        documents=documents,
        heading=heading,
        sentences=sentences,
        contact=contact_of(settings, _("If anything is unclear, please ask us."), about=", ".join(documents)),
        action=action,
        button=button,
    )
