"""``portal report``: what is owed, what is expected, and what waits for the owner."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from portal.cli.common import as_json_option, opened, portal_command, print_json, readable
from portal.cli.layout import print_table
from portal.papers.report_page import report_on, write_report_page
from portal.papers.report_plain import plain_report, report_table
from portal.papers.report_words import BUCKETS, LATE_REASONS, after_the_weeks, before_the_weeks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.receivables.aging import Aging
    from portal.receivables.expected import Expectation
    from portal.receivables.money import Money
    from portal.reporting.next_steps import NextStep
    from portal.reporting.report import Report
    from portal.wiring.portal import Folders

_BAR = 28
_WIDTH = 78
_MOST_SUBJECTS = 5
_MOST_CUSTOMERS = 8


@click.command()
@portal_command
@click.option("--csv", "as_csv", is_flag=True, help="Print the open invoices as a table for spreadsheets.")
@click.option("--open", "show", is_flag=True, help="Open the page in your browser.")
@as_json_option
def report(folders: Folders, as_of: date | None, *, as_csv: bool, show: bool, as_json: bool) -> None:
    """Show what is owed by how late it is, what is expected when, and what waits for you; write it as a page, too."""
    portal = opened(folders, as_of)
    found = report_on(portal)
    if as_json:
        print_json(plain_report(found))
        return
    if as_csv:
        click.echo(report_table(found), nl=False)
        return
    _tell(found)
    path = write_report_page(portal, found)
    click.echo(f"\nWith charts: {path}")
    if show:
        click.launch(str(path))


def _tell(found: Report) -> None:
    click.echo(f"Money owed to you, as of {found.as_of}")
    if found.steps is not None:
        _tell_steps(found.steps)
    if not found.agings:
        click.echo("\nNothing is owed to you on any invoice.")
    for aging, coming in zip(found.agings, found.expectations, strict=True):
        _tell_aging(aging)
        _tell_weeks(coming)
    _tell_promises(found)
    _tell_reasons(found)
    _tell_habits(found)


def _tell_steps(steps: Iterable[NextStep]) -> None:
    listed = list(steps)
    click.echo("\nWhat to do next" if listed else "\nNothing waits for you.")
    for step in listed:
        click.echo(textwrap.fill(f"{step.what} {step.remedy}", _WIDTH, initial_indent="  * ", subsequent_indent="    "))
        for one in step.subjects[:_MOST_SUBJECTS]:
            click.echo(textwrap.fill(one.text, _WIDTH, initial_indent="      ", subsequent_indent="        "))
        if (more := len(step.subjects) - _MOST_SUBJECTS) > 0:
            click.echo(f"      and {more} more")


def _tell_aging(aging: Aging) -> None:
    click.echo(f"\nBy due date: {readable(aging.total)} in all, {readable(aging.late)} of it late")
    most = max(row.amount.minor for row in aging.rows)
    print_table(
        (
            (f"  {BUCKETS[row.bucket]}", str(row.invoices), readable(row.amount), _bar(row.amount, most))
            for row in aging.rows
            if row.amount
        ),
        right=frozenset({1, 2}),
    )


def _tell_weeks(coming: Expectation) -> None:
    click.echo(f"\nExpected by week, in {coming.currency}: # by due date, = by a plan, + promised")
    most = max(week.total.minor for week in coming.weeks)
    weeks = [
        (
            f"  {week.starts_on}",
            readable(week.total),
            _bar(week.due, most, "#") + _bar(week.plan, most, "=") + _bar(week.promised, most, "+"),
        )
        for week in coming.weeks
        if most
    ]
    before = [(f"  {label}", readable(amount), "") for label, amount in before_the_weeks(coming)]
    after = [(f"  {label}", readable(amount), "") for label, amount in after_the_weeks(coming)]
    print_table([*before, *weeks, *after], right=frozenset({1}))


def _tell_promises(found: Report) -> None:
    if not (found.promises_kept or found.promises_broken or found.promised or found.plans):
        return
    at_risk = sum(bool(one.plan and one.plan.risk) for one in found.plans)
    click.echo(
        f"\nPromises: {found.promises_kept} kept, {found.promises_broken} not kept, {len(found.promised)} to come."
        f" Payment plans: {len(found.plans)}, {at_risk} of them at risk."
    )


def _tell_reasons(found: Report) -> None:
    if not found.reasons:
        return
    click.echo("\nWhy invoices are late, as customers said")
    print_table(
        ((f"  {LATE_REASONS[one.reason]}", str(one.invoices), f"{one.still_open} still open") for one in found.reasons),
        right=frozenset({1}),
    )


def _tell_habits(found: Report) -> None:
    if not found.habits:
        return
    click.echo("\nHow customers have paid, the slowest first")
    rows = [("  Customer", "Paid", "Days to pay", "After due", "Promises")]
    rows += [
        (
            f"  {textwrap.shorten(one.name, 34, placeholder='...')}",
            str(one.invoices),
            _or_dash(one.days_to_pay),
            _or_dash(one.days_late),
            f"{one.kept} kept, {one.broken} not" if one.kept or one.broken else "",
        )
        for one in found.habits[:_MOST_CUSTOMERS]
    ]
    print_table(rows, right=frozenset({1, 2, 3}))
    if (more := len(found.habits) - _MOST_CUSTOMERS) > 0:
        click.echo(f"  and {more} more")


def _or_dash(days: int | None) -> str:
    return "-" if days is None else str(days)


def _bar(amount: Money, most: int, mark: str = "#") -> str:
    """A bar in proportion to the longest; what is not nothing has one mark at least."""
    return mark * max(round(_BAR * amount.minor / most), 1) if amount and most else ""
