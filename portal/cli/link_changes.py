"""``portal links rotate``, ``revoke``, ``expire`` and ``pay-only``: what the owner does to single links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from portal.bookkeeping.entries import not_built
from portal.building.freeze import PageFreezer
from portal.cli.common import DAY, as_json_option, opened, portal_command, print_json
from portal.cli.layout import wrapped
from portal.cli.link_rows import KINDS, NAMES, state_of
from portal.errors import PortalError, Problem
from portal.links.issuing import LinkChange, LinkPlace
from portal.ports import LinkEnd, LinkKind
from portal.ports.mail import MessageState
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from portal.ports import Link
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Folders, Portal

_kind_option = click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    help="Only this link; without it, the full one and, where there is one, the pay-only one.",
)
_dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
_ELSEWHERE = "If another host has your pages, publish them there again now."


@click.command("pay-only")
@click.argument("number")
@portal_command
@as_json_option
def pay_only(number: str, folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Make a second link to an invoice, which shows the amount and a pay button and nothing else of it."""
    portal = opened(folders, as_of)
    invoice = built(portal, number)
    change = portal.issuing().issue(LinkPlace(LinkKind.PAY_ONLY, invoice.key, invoice.key))
    PageFreezer(portal).freeze_stale()
    if as_json:
        print_json(_plain(portal, invoice, change))
        return
    if change.after.ended is not None:
        remedy = f"A new one: portal links rotate {invoice.key} --kind pay-only"
        raise PortalError(Problem(f"The pay-only link of invoice {invoice.key} was revoked.", remedy))
    click.echo(f"Pay-only link of invoice {invoice.key}, for who pays without seeing what it is for:")
    click.echo(f"  {portal.url_of_link(change.after)}")


@click.command()
@click.argument("number")
@_kind_option
@_dry_run_option
@portal_command
@as_json_option
def rotate(  # noqa: PLR0913  each is an option
    number: str, kind: str | None, folders: Folders, as_of: date | None, *, dry_run: bool, as_json: bool
) -> None:
    """Put new links in the place of an invoice's, so that the old ones show nothing any more."""
    portal = opened(folders, as_of)
    invoice, places = _places(portal, number, kind)
    if dry_run:
        _would(places, "would be replaced by a new one", as_json=as_json)
        return
    changes = _done(portal, places, portal.issuing().rotate)
    if as_json:
        print_json([_plain(portal, invoice, change) for change in changes])
        return
    for change in changes:
        click.echo(f"{_name(invoice, change)}: version {change.after.version} takes its place. Send this one now:")
        click.echo(f"  {portal.url_of_link(change.after)}")
        click.echo(f"  To mail it: portal links send {invoice.key} --kind {NAMES[change.after.kind]}")
        _tell_of_mails(portal, change)
    click.echo("The old address says that the link was replaced, and nothing else.")
    _tell_of_statement(portal, invoice, changes, "leads to the new page", "rotate")
    click.echo(_ELSEWHERE)


@click.command()
@click.argument("number")
@_kind_option
@_dry_run_option
@portal_command
@as_json_option
def revoke(  # noqa: PLR0913  each is an option
    number: str, kind: str | None, folders: Folders, as_of: date | None, *, dry_run: bool, as_json: bool
) -> None:
    """Take an invoice's links back: their pages go, and their addresses answer like any unknown one."""
    portal = opened(folders, as_of)
    invoice, places = _places(portal, number, kind)
    if dry_run:
        _would(places, "would be taken back, and its page removed", as_json=as_json)
        return
    changes = _done(portal, places, portal.issuing().revoke)
    if as_json:
        print_json([_plain(portal, invoice, change) for change in changes])
        return
    for change in changes:
        already = change.before is not None and change.before.ended is LinkEnd.REVOKED
        click.echo(f"{_name(invoice, change)}: {'was revoked before' if already else 'revoked, and its page removed'}.")
        _tell_of_mails(portal, change)
    _tell_of_statement(portal, invoice, changes, "still shows its number and amount", "revoke")
    click.echo(f"To give the customer a new link: portal links rotate {invoice.key}{f' --kind {kind}' if kind else ''}")
    click.echo(_ELSEWHERE)


@click.command()
@click.argument("number")
@_kind_option
@click.option("--on", "last_day", type=DAY, metavar="DATE", help="The last day on which the link opens its page.")
@click.option("--never", is_flag=True, help="Take such a day away again.")
@_dry_run_option
@portal_command
@as_json_option
def expire(  # noqa: PLR0913  each is an option
    number: str,
    kind: str | None,
    last_day: date | None,
    folders: Folders,
    as_of: date | None,
    *,
    never: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say until which day an invoice's links open their pages."""
    if (last_day is None) != never:
        raise PortalError(Problem("Say until when.", "Give --on DATE or --never, one of them.", field="--on"))
    portal = opened(folders, as_of)
    invoice, places = _places(portal, number, kind)
    words = "opens its page without an end"
    if last_day is not None:
        is_over = last_day < portal.today()
        words = (
            f"opens no page any more; its last day was {last_day}" if is_over else f"opens its page up to {last_day}"
        )
    if dry_run:
        _would(places, f"would be set: it {words}", as_json=as_json)
        return
    changes = _done(portal, places, lambda place: portal.issuing().expire(place, last_day))
    if as_json:
        print_json([_plain(portal, invoice, change) for change in changes])
        return
    for change in changes:
        click.echo(f"{_name(invoice, change)}: {words}.")
        if change.after.ended is not None:
            click.echo(f"  It was {change.after.ended.value} before, and stays so.")
    if last_day is not None and last_day >= portal.today():
        ends = "Nothing is paid through it from the day after; the first `portal build` then removes its page."
        click.echo(wrapped("", ends))
    _tell_of_statement(portal, invoice, changes, "shows its number and amount all the same", "expire")
    click.echo(_ELSEWHERE)


# ---- what is named


def built(portal: Portal, number: str) -> Invoice:
    """An invoice as last built.

    Raises:
        PortalError: there is none.
    """
    invoice = portal.ledger.invoice(number)
    if invoice is None:
        raise not_built(number)
    return invoice


def _places(portal: Portal, number: str, kind: str | None) -> tuple[Invoice, list[LinkPlace]]:
    """An invoice and the links that are meant.

    Raises:
        PortalError: there is no such invoice, or no link of that kind.
    """
    invoice = built(portal, number)
    named = statement_key(invoice)
    subjects = {LinkKind.INVOICE: invoice.key, LinkKind.PAY_ONLY: invoice.key, LinkKind.STATEMENT: named}
    wanted = [KINDS[kind]] if kind else [LinkKind.INVOICE, LinkKind.PAY_ONLY]
    places = [
        LinkPlace(one, subject, invoice.key)
        for one in wanted
        if (subject := subjects[one]) and portal.ledger.newest_links(one, [subject])
    ]
    if not places:
        remedy = f"portal links pay-only {number} makes one." if kind == "pay-only" else "`portal links` lists all."
        raise PortalError(Problem(f"There is no {kind or 'full'} link for {number}.", remedy, field="--kind"))
    return invoice, places


def _done(portal: Portal, places: Sequence[LinkPlace], change: Callable[[LinkPlace], LinkChange]) -> list[LinkChange]:
    changes = [change(place) for place in places]
    PageFreezer(portal).freeze_stale()
    return changes


# ---- what is told


def _name(invoice: Invoice, change: LinkChange) -> str:
    if change.after.kind is LinkKind.STATEMENT:
        return f"Statement of {invoice.customer.name}"
    return f"Invoice {invoice.key}, {NAMES[change.after.kind]} link"


def _would(places: Sequence[LinkPlace], words: str, *, as_json: bool) -> None:
    if as_json:
        print_json([{"key": place.page_of, "kind": NAMES[place.kind], "dry_run": True} for place in places])
        return
    for place in places:
        click.echo(f"The {NAMES[place.kind]} link of {place.page_of} {words}.")


def _mails_with(portal: Portal, link: Link) -> int:
    """How many mails lead to a link by an address that they were handed over with, or may have been."""
    sent = portal.ledger.messages({MessageState.SENT, MessageState.WRITTEN, MessageState.UNKNOWN})
    return sum(link.token in message.mail.text for message in sent)


def _tell_of_mails(portal: Portal, change: LinkChange) -> None:
    """Mails that were sent keep the old address; those that wait are written with what holds when they go."""
    count = _mails_with(portal, change.before) if change.before else 0
    if count:
        said = "1 mail that you sent before has" if count == 1 else f"{count} mails that you sent before have"
        click.echo(f"  {said} the old one.")


def _tell_of_statement(
    portal: Portal, invoice: Invoice, changes: Sequence[LinkChange], words: str, command: str
) -> None:
    """An invoice stands on its customer's statement too, which has a link of its own."""
    statement = portal.statement_link(invoice)
    if statement is None or any(change.after.kind is LinkKind.STATEMENT for change in changes):
        return
    click.echo(wrapped("", f"The statement of {invoice.customer.name} {words}."))
    click.echo(f"  If its link is meant too: portal links {command} {invoice.key} --kind statement")


def _plain(portal: Portal, invoice: Invoice, change: LinkChange) -> dict[str, Any]:
    link = change.after
    return {
        "number": invoice.number,
        "key": invoice.key,
        "kind": NAMES[link.kind],
        "version": link.version,
        "version_before": change.before.version if change.before else None,
        "state": state_of(portal, link, [(invoice, portal.ledger.entries_of(invoice.key))]),
        "expires_on": link.expires_on.isoformat() if link.expires_on else None,
        "url": portal.url_of_link(link),
    }
