"""``portal serve``: pages, pay buttons and, without a Stripe key, the sandbox, under one server."""

from __future__ import annotations

import socket
import sys
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from portal.building.standings import Standing, standings_of
from portal.cli.common import opened, portal_command, readable
from portal.cli.layout import print_table
from portal.cli.states import states_in_words
from portal.config import load_settings
from portal.errors import PortalError, Problem, SettingsError
from portal.hosting.own_network import is_nearby
from portal.ports import LinkEnd, LinkKind
from portal.receivables.customers import statement_key
from portal.receivables.statuses import InvoiceStatus
from portal.serving import SANDBOX_PATH, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from portal.config import Settings
    from portal.ports import Link
    from portal.wiring.portal import Folders, Portal

DEFAULT_PORT = 8000
FIXED_PAGES = (
    ("payment terms", "/terms/"),
    ("privacy", "/privacy/"),
    ("not found, expired or unknown", "/404.html"),
    ("nothing answers", "/problem.html"),
)
"""Pages for everybody, with what they say; those are named that were built."""


@click.command()
@portal_command
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; by default that of base_url.")
@click.option("--show-links", is_flag=True, help="First print every invoice with its private link.")
@click.option("--no-work", is_flag=True, help="Leave pages and mails to `portal work`.")
def serve(  # noqa: PLR0913  each is an option
    folders: Folders, as_of: date | None, *, host: str, port: int | None, show_links: bool, no_work: bool
) -> None:
    """Serve the pages and take payments; without a Stripe key the sandbox stands in for Stripe."""
    settings = load_settings(folders.content)
    _refuse_half_set_up(settings)
    port = port or port_of(settings)
    refuse_taken_port(host, port)
    if show_links:
        _print_links(opened(folders, as_of, settings))
    _say_where(settings, folders)
    sys.stdout.flush()
    Server(settings, folders, as_of, host=host, port=port, works=not no_work).run()


def port_of(settings: Settings) -> int:
    """The port to listen on unless another is named: that of the address, or 8000."""
    return urlsplit(settings.portal.base_url).port or DEFAULT_PORT


def _refuse_half_set_up(settings: Settings) -> None:
    """A key alone is not enough to take payments, and without one nobody else may come: all that is wrong, at once."""
    if settings.stripe.api_key is None:
        _refuse_sandbox_for_all(settings)
        return
    problems = []
    if settings.stripe.webhook_secret is None:
        problems.append(
            Problem(
                "A Stripe key is set, but not the webhook's signing secret: payments would be noticed late.",
                "Set it in the environment; Stripe shows it where the endpoint was made.",
                field="PORTAL_STRIPE_WEBHOOK_SECRET",
            )
        )
    for field, address in (("base_url", settings.portal.base_url), ("live_url", settings.live_url)):
        if settings.stripe.is_live and not address.startswith("https://"):
            problems.append(
                Problem(
                    f"{address} is no address that customers can come back to from Stripe.",
                    "Set the portal's public address, with https://.",
                    field=f"portal.{field}",
                )
            )
    if problems:
        raise SettingsError(problems)


def _refuse_sandbox_for_all(settings: Settings) -> None:
    """The sandbox's payments count and its key is known to all, so a key that got lost must not bring it to customers.

    Raises:
        SettingsError: the address is not of this machine or its network.
    """
    if is_nearby(settings.live_url):
        return
    what = f"There is no Stripe key, and {settings.live_url} is open to everybody: they could pay with play money."
    field = "portal.live_url" if settings.portal.live_url else "portal.base_url"
    remedy = f"Set it in the environment; or, to try things out, set {field} to http://127.0.0.1:{DEFAULT_PORT}."
    raise SettingsError([Problem(what, remedy, field="PORTAL_STRIPE_KEY")])


def refuse_taken_port(host: str, port: int) -> None:
    """Say so before anything is begun where another program listens already.

    Raises:
        PortalError: with the ways out.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortalError(
                Problem(
                    f"Port {port} on {host} cannot be used: {error.strerror}.",
                    "Stop what uses it, or choose another: `PORT=8123 make demo`, or `portal serve --port 8123`.",
                )
            ) from error


def _print_links(portal: Portal) -> None:
    """A table of all invoices as last built, with the one that shows most named first."""
    invoices = portal.ledger.invoices()
    standings = standings_of(portal, invoices, portal.ledger.entries_by_invoice())
    rows = [("Invoice", "State", "Left to pay", "Link")]
    rows += [
        (s.invoice.key, state, readable(s.balance.amount_remaining), portal.url_of(s.invoice.key))
        for s, state in zip(standings, states_in_words(portal, standings), strict=True)
    ]
    click.echo()
    print_table(rows, right=frozenset({2}), below=True)
    if standings:
        first = max(standings, key=_tells_most)
        click.echo(f"\nOpen this one first:  {portal.url_of(first.invoice.key)}")
    if statement := _fullest_statement(portal, standings):
        click.echo(f"And this statement:   {portal.url_of_link(statement)}")
    click.echo()
    print_table([("Other pages", "Link"), *_other_pages(portal)], below=True)


def _other_pages(portal: Portal) -> Iterator[tuple[str, str]]:
    """What has no state of its own: links for paying only, links that were replaced, and pages for everybody."""
    for link in portal.ledger.links_issued():
        if link.kind is LinkKind.PAY_ONLY and link.holds_on(portal.today()):
            yield f"{link.subject}, for paying only", portal.url_of_link(link)
        if link.ended is LinkEnd.REPLACED:
            yield f"{link.subject}, a link that was replaced", portal.url_of_link(link)
    base = portal.settings.portal.base_url
    yield from ((words, f"{base}{path}") for words, path in FIXED_PAGES if (portal.folders.output / path[1:]).exists())


def _fullest_statement(portal: Portal, standings: Iterable[Standing]) -> Link | None:
    """The statement with the most documents; None where nobody has one."""
    counts = Counter(statement_key(standing.invoice) for standing in standings)
    issued = portal.ledger.links_in_force(LinkKind.STATEMENT)
    return max(issued, key=lambda link: counts[link.subject], default=None)


def _tells_most(standing: Standing) -> tuple[bool, bool]:
    """An overdue invoice that is partly paid shows the most of a page."""
    return standing.balance.status is InvoiceStatus.OVERDUE, bool(standing.balance.amount_paid)


def _say_where(settings: Settings, folders: Folders) -> None:
    click.echo(f"\nServing {folders.output} at {settings.portal.base_url}/ (Ctrl-C stops it)")
    if settings.stripe.api_key is None:
        click.echo(f"The sandbox stands in for Stripe, no real money moves: {settings.live_url}{SANDBOX_PATH}/")
