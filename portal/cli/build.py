"""``portal build``: from the owner's files to the pages."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from portal.building import BuildReport
from portal.building import build as build_portal
from portal.cli.common import as_json_option, opened, portal_command, print_json, readable, tell_problems
from portal.cli.mail import attend
from portal.errors import PortalError
from portal.papers.report_page import REPORT_FILE, write_report

if TYPE_CHECKING:
    from datetime import date

    from portal.errors import Problem
    from portal.link_checkout import LinksReport
    from portal.wiring import Folders, Portal

_PROGRESS_EVERY_SECONDS = 1.0
_PAYING_TWICE = """\
          Paying twice: money that comes another way, such as a transfer, changes a link only at the next build;
          until then it still takes the old amount. Stripe does not say whether a payment page that was open when
          its link was switched off can always be closed in time. Nothing that arrives is lost: the next build
          shows it as overpaid, and you refund it in Stripe."""


@click.command()
@portal_command
@as_json_option
def build(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """Read the invoices and freeze the pages that changed."""
    started = time.monotonic()
    portal = opened(folders, as_of)
    report = build_portal(portal, say=_say, progress=_Progress())
    attend(portal)
    not_written = _write_report(portal)
    if as_json:
        print_json(_plain(report))
    else:
        _tell(report, folders, time.monotonic() - started)
    tell_problems(not_written, "The pages are there, your own report is not")
    if report.problems:
        sys.exit(1)


def _write_report(portal: Portal) -> tuple[Problem, ...]:
    """Write the owner's report; it never hinders the pages."""
    try:
        write_report(portal)
    except PortalError as error:
        return error.problems
    return ()


class _Progress:
    """A line now and then while many pages are frozen; quick builds stay quiet."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, to_do: int) -> None:
        if time.monotonic() - self._last >= _PROGRESS_EVERY_SECONDS:
            self._last = time.monotonic()
            _say(f"  {done:,} of {to_do:,} pages")


def _say(step: str) -> None:
    click.echo(step, err=True)


def _plain(report: BuildReport) -> dict[str, object]:
    return {
        "invoices": asdict(report.invoices),
        "pages": asdict(report.pages),
        "links": _plain_links(report.links),
        "amount_remaining": {currency: left.decimal_text for currency, left in report.amount_remaining.items()},
        "problems": [problem.as_dict() for problem in report.problems],
        "warnings": [warning.as_dict() for warning in report.warnings],
    }


def _plain_links(links: LinksReport | None) -> dict[str, int] | None:
    return {name: count for name, count in asdict(links).items() if name != "problems"} if links else None


def _tell(report: BuildReport, folders: Folders, seconds: float) -> None:
    counts, pages = report.invoices, report.pages
    click.echo(
        f"\nInvoices  {counts.read} read: {counts.open} open, {counts.paid} paid,"
        f" {counts.nothing_to_pay} with nothing to pay; {counts.rejected} not taken"
    )
    click.echo(f"Pages     {pages.written} written, {pages.unchanged} unchanged, {pages.removed} removed")
    if report.links:
        click.echo(_told_of_links(report.links))
    for index, left in enumerate(report.amount_remaining.values()):
        click.echo(f"{'' if index else 'To come':<8}  {readable(left)}")
    tell_problems(report.warnings, "Taken, but worth a look")
    tell_problems(report.problems, "Not taken, their earlier pages stay as they were")
    click.echo(f"\nThe pages are in {folders.output}, made in {seconds:.1f} s.")
    click.echo(f"Your report is {folders.state / REPORT_FILE}; `portal report` shows it here.")


def _told_of_links(links: LinksReport) -> str:
    """What was done to payment links, and where the owner has to know that somebody may still pay twice."""
    return (
        f"Links     {links.made} made, {links.switched_off} switched off, {links.unchanged} unchanged;"
        f" {links.closed_checkouts} payment pages that were open on them closed\n{_PAYING_TWICE}"
    )
