"""``portal build``: from the owner's files to the pages."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from portal.building.build import build as build_portal
from portal.building.shares import Share, parse_share
from portal.cli.attending import attend
from portal.cli.build_words import plain_changes, tell_changes, tell_counts
from portal.cli.common import as_json_option, opened, portal_command, print_json, tell_problems
from portal.cli.layout import wrapped
from portal.cli.progress import Progress
from portal.config import load_settings
from portal.errors import PortalError
from portal.forgetting import tidy
from portal.papers.report_page import REPORT_FILE, write_report
from portal.rehearsing import rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from portal.building.build import BuildReport
    from portal.config import Settings
    from portal.documents import Documents
    from portal.errors import Problem
    from portal.payments.link_checkout import LinksReport
    from portal.wiring.portal import Folders, Portal

_SELDOM = (100_000, 50, 1000)
"""New objects before the youngest are looked at, and how often that is before older ones are."""
_PAYING_TWICE = """\
          Paying twice: money that comes another way, such as a transfer, changes a link only at the next build;
          until then it still takes the old amount. Stripe does not say whether a payment page that was open when
          its link was switched off can always be closed in time. Nothing that arrives is lost: the next build
          shows it as overpaid, and you refund it in Stripe."""


class ShareOf(click.ParamType[Share]):
    """A share of the pages as a parameter: ``1/4``."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Share:  # noqa: ANN401  click's signature
        """The share of a text."""
        try:
            return value if isinstance(value, Share) else parse_share(value)
        except ValueError as error:
            self.fail(f"{error}. Write it as 1/4: the first of four.", param, ctx)


@click.command()
@portal_command
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing. Stripe is not asked.")
@click.option("--strict", is_flag=True, help="Change nothing where an invoice cannot be taken.")
@click.option("--shard", type=ShareOf(), metavar="N/M", help="Make the Nth of M shares of the pages.")
@as_json_option
def build(  # noqa: PLR0913  each is an option
    folders: Folders, as_of: date | None, *, dry_run: bool, strict: bool, shard: Share | None, as_json: bool
) -> None:
    """Read the invoices and freeze the pages that changed; then say what changed."""
    started = time.monotonic()
    settings = load_settings(folders.content)
    make = rehearsed if dry_run else built
    report = make(settings, folders, as_of, strict=strict, share=shard)
    if as_json:
        print_json({"dry_run": dry_run, **plain(report)})
    else:
        tell(report, settings, rehearsed=dry_run)
        seconds = time.monotonic() - started
        if not (report.invoices.read or report.invoices.rejected):
            click.echo("\n" + wrapped("", _NO_INVOICES.format(folders.content / "invoices")))
        made = f"The pages are in {folders.output}, made in {seconds:.1f} s."
        click.echo("\n" + wrapped("", _REHEARSED if dry_run else made))
        if report.links_file:
            click.echo(f"Your report is {folders.state / REPORT_FILE}; `portal report` shows it here.")
            click.echo(f"The links of all open invoices, for mail merge: {report.links_file}")
    if report.problems:
        sys.exit(1)


def write_owners_report(portal: Portal, documents: Documents) -> tuple[Problem, ...]:
    """Write the owner's report of what was built, with what has come in since; it never hinders the pages."""
    try:
        write_report(portal, documents.brought_up_to_date(portal.ledger))
    except PortalError as error:
        return error.problems
    return ()


_NO_INVOICES = "There is no invoice in {} yet. A file whose name begins with _ is left aside."
_REHEARSED = "This was a dry run: nothing was changed, and Stripe was not asked, so newer payments may be missing."


def built(
    settings: Settings, folders: Folders, as_of: date | None, *, strict: bool = False, share: Share | None = None
) -> BuildReport:
    """What ``portal build`` does, telling how far it is."""
    portal = opened(folders, as_of, settings)
    with Progress() as progress, _rarely_collecting():
        if erased := tidy(portal):
            progress.step(f"Erased, kept for as long as your settings say: {erased}")
        report = build_portal(portal, say=progress.step, progress=progress.count, strict=strict, share=share)
    attend(portal)
    with Progress() as progress, _rarely_collecting():
        warnings = copied_to_store(portal, progress)
        progress.step("Writing your report")
        return replace(report, warnings=(*report.warnings, *warnings, *write_owners_report(portal, report.documents)))


def copied_to_store(portal: Portal, progress: Progress) -> tuple[Problem, ...]:
    """Copy the pages to the owner's object store, where there is one; it never hinders the pages here."""
    try:
        follower = portal.store_follower()
        if follower is not None:
            progress.step(f"Copying pages to {portal.settings.publish.to}")
            follower.follow(progress=progress.count)
    except PortalError as error:
        return error.problems
    return ()


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Python looks for cycles seldom meanwhile: a build makes many objects, keeps them, and has hardly any cycles."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def rehearsed(
    settings: Settings, folders: Folders, as_of: date | None, *, strict: bool = False, share: Share | None = None
) -> BuildReport:
    """What it would do."""
    with Progress() as progress, rehearsal(settings, folders, as_of) as portal:
        return build_portal(portal, say=progress.step, rehearse=True, strict=strict, share=share)


def plain(report: BuildReport) -> dict[str, object]:
    """What a build did, as plain values."""
    return {
        "invoices": asdict(report.invoices),
        "changes": plain_changes(report.changes),
        "pages": asdict(report.pages),
        "links": _plain_links(report.links),
        "links_file": str(report.links_file) if report.links_file else None,
        "amount_remaining": {currency: left.decimal_text for currency, left in report.amount_remaining.items()},
        "problems": [problem.as_dict() for problem in report.problems],
        "warnings": [warning.as_dict() for warning in report.warnings],
    }


def tell(report: BuildReport, settings: Settings, *, rehearsed: bool = False) -> None:
    """What a build did, for its reader: what there is, what is worth a look, and what changed."""
    tell_counts(report, rehearsed=rehearsed)
    if report.links:
        click.echo(_told_of_links(report.links))
    tell_problems(report.warnings, "Taken, but worth a look")
    tell_problems(report.problems, "Not taken, their earlier pages stay as they were")
    tell_changes(report.changes, ZoneInfo(settings.portal.timezone))


def _plain_links(links: LinksReport | None) -> dict[str, int] | None:
    return {name: count for name, count in asdict(links).items() if name != "problems"} if links else None


def _told_of_links(links: LinksReport) -> str:
    """What was done to payment links, and where the owner has to know that somebody may still pay twice."""
    return (
        f"Links     {links.made} made, {links.switched_off} switched off, {links.unchanged} unchanged;"
        f" {links.closed_checkouts} payment pages that were open on them closed\n{_PAYING_TWICE}"
    )
