"""``portal sync``: bring in what Stripe knows, whatever became of the webhooks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from portal.building.build import level_links_as_built
from portal.building.changed_claims import close_all_too_much
from portal.building.freeze import PageFreezer
from portal.cli.attending import attend
from portal.cli.common import Day, as_json_option, portal_command, print_json, tell_problems
from portal.cli.progress import Progress
from portal.config import load_settings
from portal.counting import counted
from portal.errors import PortalError, Problem
from portal.payments.history import Patience
from portal.payments.reconciliation import to_look_at
from portal.payments.syncing import SyncReport
from portal.payments.syncing import sync as sync_with
from portal.serving import SANDBOX_FOLDER, sandbox_stripe
from portal.wiring.portal import now, open_portal

if TYPE_CHECKING:
    from portal.adapters.stripe import StripeGateway
    from portal.wiring.portal import Folders, Portal


@click.command()
@portal_command
@click.option("--since", type=Day(), metavar="DATE", help="Look at everything since this day, not since the last sync.")
@as_json_option
def sync(folders: Folders, as_of: date | None, *, since: date | None, as_json: bool) -> None:
    """Bring in everything Stripe knows of payments, refunds, disputes and checkouts."""
    portal, gateway = opened_with_gateway(folders, as_of)
    zone = ZoneInfo(portal.settings.portal.timezone)
    begin = datetime.combine(since, time(), zone).astimezone(UTC) if since else None
    with Progress() as progress:
        progress.step("Asking Stripe")
        report = sync_with(gateway, portal.ledger, now(), since=begin, patience=Patience(progress.step))
        overtaken = close_all_too_much(portal, progress.step)
    unlevel = level_links_as_built(portal)
    pages = PageFreezer(portal).freeze_stale()
    attend(portal)
    waiting = (*overtaken, *unlevel, *to_look_at(portal.ledger, portal.today()))
    if as_json:
        print_json(_plain(report, pages) | {"to_look_at": [problem.as_dict() for problem in waiting]})
        return
    click.echo(told(report))
    if pages:
        click.echo(f"{counted(pages, 'page was', 'pages were')} frozen again.")
    tell_problems(waiting, "Worth a look")


def opened_with_gateway(folders: Folders, as_of: date | None) -> tuple[Portal, StripeGateway]:
    """The portal with its gateway; where no key is set, the sandbox of this state folder stands in.

    Raises:
        PortalError: there is neither a key nor a sandbox.
    """
    settings = load_settings(folders.content)
    stripe = None
    if settings.stripe.api_key is None and (folders.state / SANDBOX_FOLDER).is_dir():
        stripe = sandbox_stripe(settings, folders.state)
    portal = open_portal(settings, folders, as_of, stripe=stripe)
    if portal.gateway is None:
        raise PortalError(
            Problem("There is no Stripe key, so there is nothing to ask.", "Set PORTAL_STRIPE_KEY in the environment.")
        )
    return portal, portal.gateway


def told(report: SyncReport) -> str:
    """What a sync did, in one line."""
    since = f"since {report.since:%Y-%m-%d}" if report.since else "from the beginning"
    looked = f"Looked at {counted(report.payments, 'payment')} at Stripe, {since}: "
    if report.found_nothing:
        return looked + "the ledger knew them all."
    entries = counted(report.entries, "new entry", "new entries")
    holds, alarms = counted(report.holds, "reservation"), counted(report.alarms, "new alarm")
    return f"{looked}{entries}, {holds} moved, {alarms}."


def _plain(report: SyncReport, pages: int) -> dict[str, object]:
    return asdict(report) | {"since": report.since.isoformat() if report.since else None, "pages": pages}
