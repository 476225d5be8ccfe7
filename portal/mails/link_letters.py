"""Mails about links: a link for a customer, and a word to the owner that somebody asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.mailing.links import FreshLinkDue
from portal.mails.models import Fact, Letter, Quote
from portal.ports.links import LinkKind
from portal.texts import gettext as _

if TYPE_CHECKING:
    from portal.mailing.links import LinkRequestDue
    from portal.mails.models import Desk


def link_letter(due: FreshLinkDue | LinkRequestDue, desk: Desk) -> Letter:
    """The mail for either."""
    return _fresh_link(due) if isinstance(due, FreshLinkDue) else _link_notice(due, desk)


def _fresh_link(due: FreshLinkDue) -> Letter:
    """The link itself; to others than the customer, nothing that only concerns the customer."""
    number, kind = due.invoice.number, due.link.kind
    if kind is LinkKind.PAY_ONLY:
        subject, words = _("To pay invoice %(number)s", number=number), _("See what is left to pay")
    elif kind is LinkKind.STATEMENT:
        subject, words = _("The link to your statement"), _("See the statement")
    else:
        subject, words = _("The link to invoice %(number)s", number=number), _("See the invoice")
    own = due.to is None
    name = due.invoice.customer.name
    return Letter(
        subject=subject,
        preview=_("Here is the link."),
        greeting=_("Hello %(name)s,", name=name) if own else _("Hello,"),
        opening=(_("Here is the link. Please use this one from now on."),),
        button=words,
        closing=(_("Whoever has the link can open the page, so please keep it to yourself."),),
        url=due.url,
    )


def _link_notice(due: LinkRequestDue, desk: Desk) -> Letter:
    """Somebody asks for a link; in English, as all that is told in commands."""
    request = due.request
    lines = tuple(line for line in request.words.splitlines() if line.strip())
    asked = desk.formats.moment(request.asked_at, desk.settings.portal.timezone)
    return Letter(
        subject="Somebody asks for a new link",
        preview="They came to an address that leads nowhere.",
        opening=(
            "Somebody came to an address of the portal that leads nowhere, and asks for a link.",
            "Anybody can write this. The portal has told them nothing, and sends nothing by itself.",
        ),
        facts=(Fact("They typed", request.email), Fact("Asked on", asked)),
        closing=("`portal inbox` says which invoices it may be about, and how to send the link.",),
        quote=Quote("Their words:", lines) if lines else None,
    )
