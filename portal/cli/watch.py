"""``portal watch``: build again whenever a file of the owner's changes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from watchfiles import BaseFilter, Change
from watchfiles import watch as changes_in

from portal.building.build import build as build_portal
from portal.cli.build import write_owners_report
from portal.cli.build_words import change_rows
from portal.cli.common import opened, portal_command, tell_problems
from portal.cli.layout import wrapped
from portal.cli.progress import Progress
from portal.config import load_settings
from portal.counting import counted
from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.building.build import BuildReport
    from portal.wiring.portal import Folders

_QUIET_MS = 300
"""How long nothing may have changed before a build begins: programs write a file in several steps."""
_PATIENCE_MS = 5_000
"""After so long a build begins although files are still being changed."""
_LOOK_AT_THE_DAY_MS = 30_000
_NAMED = 3


@click.command()
@portal_command
def watch(folders: Folders, as_of: date | None) -> None:
    """Build at once, then again whenever your files change, until Ctrl-C. It sends no mails and copies nothing away."""
    if not folders.content.is_dir():
        raise PortalError(Problem("There is no such folder.", "Name it with --content.", file=str(folders.content)))
    watcher = Watcher(folders, as_of)
    try:
        watcher.build("Building")
        click.echo(f"\nWatching {folders.content}. Ctrl-C ends it.")
        click.echo(wrapped("", _left_undone(folders)))
        watcher.follow()
    except KeyboardInterrupt:
        pass
    click.echo("\nStopped watching. The pages stay as they are.")


def _left_undone(folders: Folders) -> str:
    """What is not done while files are being written, and what does it: what goes out cannot be taken back."""
    try:
        settings = load_settings(folders.content)
    except PortalError:
        return "It sends no mails and copies nothing to an object store: `portal build` does."
    sends = "`portal build` sends those that are due" if settings.mail else "none are set up: docs/mail.md"
    if settings.mail and settings.reminders:
        sends += ", `portal remind` the reminders"
    copies = " `portal publish` copies the pages to your object store." if settings.publish.to else ""
    return f"It sends no mails; {sends}.{copies}"


@dataclass
class Watcher:
    """Builds, and tells in a few lines what came of it; what goes wrong is told, and ends nothing."""

    folders: Folders
    as_of: date | None
    _day: date | None = field(default=None, init=False)

    def follow(self) -> None:
        """Build whenever files change or a day begins, for ever."""
        content = self.folders.content.resolve()
        found = changes_in(
            content,
            watch_filter=OwnersFiles(),
            debounce=_PATIENCE_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_AT_THE_DAY_MS,
            yield_on_timeout=True,
        )
        for changes in found:
            if changes:
                self.build(told(changes, content))
            elif self.as_of is None and date.today() != self._day:  # noqa: DTZ011  the machine's day: a hint to look
                self.build("A new day")

    def build(self, why: str) -> None:
        """Build once, and say why, what changed, and what stands in the way."""
        self._day = date.today()  # noqa: DTZ011  as above
        click.echo(f"\n{datetime.now():%H:%M:%S}  {why}")  # noqa: DTZ005  the reader's own clock
        started = time.monotonic()
        try:
            report = self._built()
        except PortalError as error:
            tell_problems(error.problems, "Nothing was built")
        except Exception as error:  # noqa: BLE001  a file may go while it is read; the next change builds again
            what = f"{type(error).__name__}: {error}"
            tell_problems([Problem(what, "The next change builds again.")], "Nothing was built")
        else:
            tell(report, time.monotonic() - started)

    def _built(self) -> BuildReport:
        portal = opened(self.folders, self.as_of)
        try:
            with Progress() as progress:
                report = build_portal(portal, progress=progress.count)
            return replace(report, warnings=(*report.warnings, *write_owners_report(portal, report.documents)))
        finally:
            portal.ledger.close()


class OwnersFiles(BaseFilter):
    """Leaves out what editors and file systems write beside the owner's files."""

    def __call__(self, change: Change, path: str) -> bool:  # noqa: ARG002  the library's signature
        """Whether a change is one of the owner's."""
        name = Path(path).name
        return not name.startswith((".", "~$", "#")) and not name.endswith(("~", ".swp", ".swx", ".tmp", ".part"))


def told(changes: Iterable[tuple[Change, str]], content: Path) -> str:
    """Which files changed: ``invoices/1042.md changed, invoices/1043.md new and 4 more``."""
    words = {Change.added: "new", Change.modified: "changed", Change.deleted: "removed"}
    listed = sorted((Path(path).relative_to(content).as_posix(), words[change]) for change, path in changes)
    named = ", ".join(f"{path} {word}" for path, word in listed[:_NAMED])
    return f"{named} and {len(listed) - _NAMED:,} more" if len(listed) > _NAMED else named


def tell(report: BuildReport, seconds: float) -> None:
    """What a build did, in a few lines."""
    pages = report.pages
    for row in change_rows(report.changes) if report.changes.since else []:
        click.echo(row)
    click.echo(f"  {counted(pages.written, 'page')} written, {pages.unchanged:,} unchanged, in {seconds:.1f} s")
    tell_problems(report.warnings, "Taken, but worth a look")
    tell_problems(report.problems, "Not taken, their earlier pages stay as they were")
