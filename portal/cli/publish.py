"""``portal publish``: the published pages, copied to the owner's object store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.common import as_json_option, opened, portal_command, print_json
from portal.cli.progress import Progress
from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from datetime import date

    from portal.adapters.following import Differences
    from portal.wiring.portal import Folders


@click.command()
@portal_command
@click.option("--dry-run", is_flag=True, help="Say what would be copied and removed, and do nothing.")
@click.option("--all", "every", is_flag=True, help="Copy every page again, whatever was noted before.")
@as_json_option
def publish(folders: Folders, as_of: date | None, *, dry_run: bool, every: bool, as_json: bool) -> None:
    """Copy the pages to the object store of [publish], as far as they differ there."""
    portal = opened(folders, as_of)
    follower, to = portal.store_follower(), portal.settings.publish.to
    if follower is None:
        raise PortalError(
            Problem("No object store is set up.", 'Set [publish] to = "s3://bucket": docs/hosting.md says how.')
        )
    if every and not dry_run:
        follower.forget()
    with Progress() as progress:
        progress.step(f"Looking at {to}")
        found = follower.differences(look=True) if dry_run else follower.follow(look=True, progress=progress.count)
    if as_json:
        print_json({"to": to, "dry_run": dry_run, **_plain(found)})
        return
    done = "Would be" if dry_run else "Pages"
    click.echo(f"{to}\n{done} changed: {len(found.changed):,}, removed: {len(found.gone):,}, new: {len(found.new):,}.")


def _plain(found: Differences) -> dict[str, int]:
    return {"changed": len(found.changed), "removed": len(found.gone), "new": len(found.new)}
