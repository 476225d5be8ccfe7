"""``portal alarms``: what waits for the owner, and saying that it was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.common import as_json_option, opened, portal_command, print_json
from portal.errors import PortalError, Problem
from portal.payments.reconciliation import holding
from portal.wiring.portal import now

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring.portal import Folders, Portal


@click.command()
@portal_command
@click.option("--seen", metavar="ID", help="Say that you have seen this one: it is told no more.")
@click.option("--why", metavar="TEXT", help="What you found, for your own records.")
@as_json_option
def alarms(folders: Folders, as_of: date | None, *, seen: str | None, why: str | None, as_json: bool) -> None:
    """List what waits for you: money set aside, overpaid invoices, disputes, words of Stripe's that are not known."""
    portal = opened(folders, as_of)
    if seen is not None:
        _mark(portal, seen, why)
    known = portal.ledger.seen_alarms()
    rows = [(one, (one.field, one.problem) in known) for one in holding(portal.ledger, portal.today())]
    if as_json:
        print_json([one.as_dict() | {"seen": is_seen} for one, is_seen in rows])
        return
    for one, is_seen in sorted(rows, key=lambda row: row[1]):
        click.echo(f"{one.field}{' (seen)' if is_seen else ''}: {one.problem}\n    -> {one.remedy}")
    if not rows:
        click.echo("Nothing waits for you.")


def _mark(portal: Portal, subject: str, why: str | None) -> None:
    found = [one for one in holding(portal.ledger, portal.today()) if one.field == subject]
    if not found:
        raise PortalError(
            Problem(f"Nothing about {subject!r} waits for you.", "`portal alarms` lists what does.", field="--seen")
        )
    for one in found:
        portal.ledger.mark_alarm_seen(subject, one.problem, why, now())
