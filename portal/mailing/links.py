"""Mails about links: somebody asks for one, and the owner sends one. Each is decided where it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.ports.links import LinkKind
from portal.ports.mail import Cause, MailKind, Withheld

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from portal.ports.links import Link, LinkRequest
    from portal.ports.mail import Mail, Message
    from portal.receivables.invoice import Invoice


@dataclass(frozen=True, slots=True)
class LinkRequestDue:
    """Somebody asks for a link: a word to the owner."""

    cause: Cause
    request: LinkRequest


@dataclass(frozen=True, slots=True)
class FreshLinkDue:
    """The owner sends a link: to the customer, or to whom they named."""

    cause: Cause
    invoice: Invoice
    link: Link
    url: str
    to: str | None


def link_request_due(request: LinkRequest) -> LinkRequestDue:
    """The word to the owner about a request, which has a number of its own."""
    cause = Cause(MailKind.LINK_NOTICE, f"link request {request.number}", request.asked_at.isoformat())
    return LinkRequestDue(cause, request)


def fresh_link_due(invoice: Invoice, link: Link, url: str, to: str | None, moment: datetime) -> FreshLinkDue:
    """The mail with a link, each time the owner sends one."""
    cause = Cause(MailKind.FRESH_LINK, f"{link.kind.value} {link.subject}", moment.isoformat(), invoice.key)
    return FreshLinkDue(cause, invoice, link, url, to)


def fresh_link_by_now(message: Message, holding_url: Callable[[LinkKind, str], str | None]) -> Mail | Withheld:
    """A waiting mail with a link, while that link holds.

    It is never given another link: who was named to get the old one may be the reason why there is a new one.

    Args:
        message: of the kind ``FRESH_LINK``.
        holding_url: the address that a kind of link to a subject has by now; None where it opens nothing.
    """
    kind, subject = message.cause.subject_key.split(" ", 1)
    if holding_url(LinkKind(kind), subject) in message.mail.text.split():
        return message.mail
    why = "The link in it was replaced or has ended."
    return Withheld(f"{why} To send the one that holds: portal links send {message.cause.invoice_key}")
