"""Requests for links as the owner reads them, and ``portal links send`` and ``ignore``, which deal with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from portal.cli.attending import attend
from portal.cli.common import as_json_option, opened, portal_command, print_json
from portal.cli.layout import wrapped
from portal.cli.link_changes import built
from portal.cli.link_rows import KINDS, NAMES, kind_option
from portal.errors import PortalError, Problem
from portal.links.requests import LinkRequests
from portal.mailing.links import fresh_link_due
from portal.ports import Link, LinkKind
from portal.receivables.customers import statement_key
from portal.settings.mail_addresses import address_problem
from portal.wiring.portal import now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from portal.ports.links import LinkRequest
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Folders, Portal

_MOST_NAMED = 5
"""Invoices that a request may be about; of more, the last ones are named."""

_BELOW = " " * 6
_QUOTED = f"{_BELOW}| "


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits, and the invoices it may be about: by the customer's address, or a number in its words."""

    request: LinkRequest
    perhaps: tuple[Invoice, ...]

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "request": self.request.number,
            "kind": "link request",
            "said_at": self.request.asked_at.isoformat(),
            "email": self.request.email,
            "words": self.request.words,
            "perhaps": [invoice.key for invoice in self.perhaps],
            "waits": True,
        }

    def in_words(self, zone: ZoneInfo) -> str:
        """For a terminal."""
        asked = self.request
        on = f"{asked.asked_at.astimezone(zone):%Y-%m-%d %H:%M}"
        quoted = [wrapped(_QUOTED, line, hanging=_QUOTED) for line in asked.words.splitlines()]
        told = f"[R {asked.number}] {on}  {asked.email} asks for a link"
        return "\n".join((wrapped("", told, hanging=_BELOW), *quoted, wrapped(_BELOW, self._about())))

    def _about(self) -> str:
        named = [f"{one.key}, {one.customer.name}" for one in self.perhaps]
        return f"Perhaps about: {'; '.join(named)}" if named else "No invoice has this address or number."


def asked_for(portal: Portal) -> list[Asked]:
    """The requests that wait, oldest first."""
    requests = portal.ledger.link_requests()
    invoices = portal.invoices_as_built(portal.ledger.invoice_sources()) if requests else []
    return [Asked(request, _perhaps(request, invoices)) for request in requests]


def _perhaps(request: LinkRequest, invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
    named = set(re.findall(r"[\w/.-]*\d[\w/.-]*", request.words.casefold()))
    stripped = {word.strip("./-") for word in named}
    found = tuple(
        one
        for one in invoices
        if (one.customer.email or "").casefold() == request.email.casefold() or one.number.casefold() in stripped
    )
    return found[-_MOST_NAMED:]


@click.command()
@click.argument("number")
@kind_option
@click.option("--to", metavar="ADDRESS", help="To this address instead of the customer's own.")
@click.option("--request", "asked", type=int, metavar="R", help="Strike this request of `portal inbox` with it.")
@portal_command
@as_json_option
def send(  # noqa: PLR0913  each is an option
    number: str,
    kind: str | None,
    to: str | None,
    *,
    asked: int | None,
    folders: Folders,
    as_of: date | None,
    as_json: bool,
) -> None:
    """Mail an invoice's link to its customer, at the address that is on the invoice."""
    portal = opened(folders, as_of)
    invoice = built(portal, number)
    link = _holding(portal, invoice, KINDS[kind or "full"])
    address = _address(invoice, to)
    url, wrote = portal.url_of_link(link), portal.settings.mail is not None
    if wrote:
        portal.post_office().announcing.post(fresh_link_due(invoice, link, url, to, now()))
    _strike(portal, asked)
    attend(portal)
    if as_json:
        whose = {"number": invoice.number, "key": invoice.key, "kind": NAMES[link.kind]}
        print_json({**whose, "url": url, "to": address, "mailed": wrote})
    elif wrote:
        click.echo(f"The {NAMES[link.kind]} link of {invoice.key} goes to {address}.")
        click.echo("`portal mail` says what became of it.")
    else:
        click.echo(f"No mail is set up, so send this to {address} yourself:\n  {url}")


@click.command()
@click.argument("request", type=int)
@portal_command
@as_json_option
def ignore(request: int, folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Strike a request for a link without sending anything; REQUEST is its number in `portal inbox`."""
    _strike(opened(folders, as_of), request)
    if as_json:
        print_json({"request": request, "struck": True})
        return
    click.echo(f"Request {request} is struck, and what it said is gone.")


def _holding(portal: Portal, invoice: Invoice, kind: LinkKind) -> Link:
    """The link to send.

    Raises:
        PortalError: there is none, or it opens nothing.
    """
    subject = statement_key(invoice) if kind is LinkKind.STATEMENT else invoice.key
    newest = portal.ledger.newest_links(kind, [subject]) if subject else {}
    link = newest.get(subject) if subject else None
    if link is not None and portal.link_behind(link.token) is not None:
        return link
    name, key = NAMES[kind], invoice.key
    if link is None:
        remedy = f"portal links pay-only {key} makes one." if kind is LinkKind.PAY_ONLY else "`portal links` lists all."
        raise PortalError(Problem(f"There is no {name} link for {key}.", remedy))
    remedy = f"A new one: portal links rotate {key} --kind {name}. One that is past its day: portal links expire {key}."
    raise PortalError(Problem(f"The {name} link of {key} opens nothing any more.", remedy))


def _address(invoice: Invoice, to: str | None) -> str:
    """Where the link goes.

    Raises:
        PortalError: there is no address, or nobody can be written to at it.
    """
    address = to or invoice.customer.email
    if not address:
        remedy = "Name one with --to, or add it to the invoice and build."
        raise PortalError(Problem(f"The customer of {invoice.key} has no e-mail address.", remedy, field="--to"))
    if problem := address_problem(address):
        raise PortalError(Problem(f"{address}: {problem}.", "Name another with --to.", field="--to"))
    return address


def _strike(portal: Portal, request: int | None) -> None:
    """Strike a request.

    Raises:
        PortalError: none of that number waits.
    """
    if request is not None and LinkRequests(portal.ledger, now).deal_with(request) is None:
        raise PortalError(Problem(f"No request {request} waits.", "`portal inbox` lists them.", field="REQUEST"))
