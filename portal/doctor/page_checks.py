"""Whether the published pages are those that would be made now, and hold nothing that is not for the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.adapters.packing import COPIES
from portal.building.build import build
from portal.counting import counted
from portal.doctor.findings import Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from portal.building.build import BuildReport
    from portal.doctor.findings import Finding
    from portal.ports import Ledger
    from portal.wiring.portal import Portal

_PAGES, _SECRETS, _ROUTINE = Look("pages"), Look("nothing secret"), Look("daily work")
_BUILD = "Run `portal build`."
_WITHOUT_A_BUILD_HOURS, _WITHOUT_A_SYNC_HOURS = 36, 48


def look_at_pages(rehearsed: Portal) -> Iterator[Finding]:
    """Whether a build would write, remove or refuse anything; ``rehearsed`` is a portal on a copy of its ledger."""
    if not rehearsed.folders.output.is_dir():
        yield _PAGES.skipped(f"There are no pages in {rehearsed.folders.output} yet.", _BUILD)
        return
    waiting = len(rehearsed.ledger.stale_invoices())
    strays = strays_in(rehearsed.folders.output, rehearsed.publisher().known())
    report = build(rehearsed, rehearse=True)
    yield from _about_build(report)
    if waiting:
        remedy = "`portal serve` works them off every two seconds; where it does not run, `portal build` does."
        yield _PAGES.warning(f"Invoices whose pages wait to be frozen again: {waiting}.", remedy)
    if strays:
        what = f"The output folder holds {counted(len(strays), 'file')} of somebody else's, such as {strays[0]}."
        yield _PAGES.warning(what, "Move them elsewhere: whoever knows their names can read them.")


def _about_build(report: BuildReport) -> Iterator[Finding]:
    pages = report.pages
    if pages.written or pages.removed:
        what = f"A build would write {counted(pages.written, 'page')} and remove {pages.removed:,}."
        yield _PAGES.warning(what, _BUILD)
    else:
        yield _PAGES.ok(f"{counted(pages.unchanged, 'page')}, as the ledger and your files have it.")
    if report.problems:
        what = f"Invoices that are not taken: {report.invoices.rejected}, the first: {report.problems[0]}"
        yield _PAGES.warning(what, "`portal build --dry-run` lists them all.")


def strays_in(output: Path, known: Mapping[str, object]) -> list[str]:
    """Files below the output folder that no build made; drafts and packed copies of pages are the portal's own."""
    found = (path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())
    ours = known.keys() | {f"{page}{ending}" for page in known for ending in COPIES}
    return sorted(path for path in found if path not in ours and not path.rpartition("/")[2].endswith(".portal"))


def look_for_secrets(output: Path, secrets: Mapping[str, bytes]) -> Iterator[Finding]:
    """Whether a secret, given by its name, stands in a file that is public."""
    if not output.is_dir():
        return
    found = {name: path for path in _files(output) for name in _held(path, secrets)}
    for name, path in found.items():
        what = f"{name} stands in {path}, where everybody can read it."
        yield _SECRETS.problem(what, "Take it out of your texts, change it at once, and build again.")
    if not found:
        yield _SECRETS.ok("No published file holds a key, a password or a secret.")


def _files(output: Path) -> Iterable[Path]:
    return (path for path in output.rglob("*") if path.is_file())


def _held(path: Path, secrets: Mapping[str, bytes]) -> Iterator[str]:
    body = path.read_bytes()
    return (name for name, secret in secrets.items() if secret in body)


def look_at_routine(ledger: Ledger, now: datetime, *, asks_stripe: bool) -> Iterator[Finding]:
    """Whether the daily commands run."""
    last, synced = ledger.last_build(), ledger.last_sync()
    daily = "Run `portal build` every day: docs/running.md has the lines for cron and systemd."
    if last is None:
        yield _ROUTINE.skipped("There was no build yet.", _BUILD)
        return
    hours = (now - last.finished_at).total_seconds() / 3600
    if hours > _WITHOUT_A_BUILD_HOURS:
        yield _ROUTINE.warning(f"The last build was on {last.finished_at:%Y-%m-%d %H:%M} UTC.", daily)
    else:
        yield _ROUTINE.ok(f"The last build was on {last.finished_at:%Y-%m-%d %H:%M} UTC.")
    if asks_stripe and (synced is None or (now - synced).total_seconds() / 3600 > _WITHOUT_A_SYNC_HOURS):
        when = f"on {synced:%Y-%m-%d %H:%M} UTC" if synced else "never"
        yield _ROUTINE.warning(f"Stripe was last asked for everything it knows: {when}.", daily)
