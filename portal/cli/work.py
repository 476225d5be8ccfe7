"""``portal work``: pages and mails in a process of their own, beside servers that leave them to it."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import click

from portal.building.freeze import PageFreezer
from portal.cli.attending import attend
from portal.cli.common import opened, portal_command
from portal.counting import counted
from portal.live.mail_worker import MailWorker
from portal.live.outbox_worker import OutboxWorker

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring.portal import Folders, Portal

_EAGER_SECONDS = 0.5
"""It has nothing else to do than to look."""


@click.command()
@portal_command
@click.option("--once", is_flag=True, help="Work off what waits now, and end.")
def work(folders: Folders, as_of: date | None, *, once: bool) -> None:
    """Freeze the pages that payments made stale, and send the mails that are due, until it is stopped.

    For servers that run with `portal serve --no-work`. Several may run at once; each page and mail is done once.
    """
    portal = opened(folders, as_of)
    if once:
        click.echo(f"Pages of {counted(PageFreezer(portal).freeze_stale(), 'invoice')} frozen.")
        attend(portal)
        return
    _until_stopped(portal)


def _until_stopped(portal: Portal) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    workers = (OutboxWorker(PageFreezer(portal), _EAGER_SECONDS), MailWorker(portal.post_office()))
    for worker in workers:
        worker.start()
    click.echo(f"Freezing pages into {portal.folders.output} and sending mails as they fall due (Ctrl-C stops it)")
    stopping.wait()
    for worker in reversed(workers):
        worker.stop()
