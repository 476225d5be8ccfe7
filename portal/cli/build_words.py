"""What a build tells at the terminal: what changed first, then what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.cli.common import readable
from portal.cli.layout import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import tzinfo

    from portal.building.build import BuildReport
    from portal.building.changes import BuildChanges, InvoiceChange

SHOWN = 10
"""Invoices listed of each kind of change; ``--json`` has them all."""
_WIDTH = 16


def tell_changes(changes: BuildChanges, zone: tzinfo) -> None:
    """What is otherwise since the last build."""
    if changes.since is None:
        click.echo(f"\nChanges   the first build: {len(changes.new):,} new")
        return
    since = f"{changes.since.astimezone(zone):%Y-%m-%d %H:%M}"
    rows = change_rows(changes)
    click.echo(f"\nChanges   since {since}" + ("" if rows else ": none"))
    for row in rows:
        click.echo(row)


def change_rows(changes: BuildChanges) -> list[str]:
    """A line for each of the first changes of each kind."""
    return [
        *_listed("new", changes.new, _new),
        *_listed("changed", changes.changed, _changed),
        *_listed("paid", changes.paid, _paid),
        *_listed("no longer open", changes.no_longer_open, _gone),
    ]


def tell_counts(report: BuildReport, *, rehearsed: bool = False) -> None:
    """How many invoices and pages there are, and what is still to come."""
    counts, pages = report.invoices, report.pages
    gone = counts.no_longer_open
    earlier = f"; {gone} earlier {'one' if gone == 1 else 'ones'} no longer open" if gone else ""
    told = (
        f"{counts.read:,} read: {counts.open:,} open, {counts.paid:,} paid,"
        f" {counts.nothing_to_pay:,} with nothing to pay; {counts.rejected:,} not taken{earlier}"
    )
    click.echo("\n" + wrapped("Invoices  ", told))
    written, removed = ("to write", "to remove") if rehearsed else ("written", "removed")
    click.echo(f"Pages     {pages.written:,} {written}, {pages.unchanged:,} unchanged, {pages.removed:,} {removed}")
    for index, left in enumerate(report.amount_remaining.values()):
        click.echo(f"{'' if index else 'To come':<8}  {readable(left)}")


def plain_changes(changes: BuildChanges) -> dict[str, object]:
    """The changes as plain values."""
    kinds = ("new", "changed", "paid", "no_longer_open")
    since = changes.since.isoformat() if changes.since else None
    return {"since": since} | {kind: [_plain(change) for change in getattr(changes, kind)] for kind in kinds}


def _plain(change: InvoiceChange) -> dict[str, object]:
    amounts = {"amount_before": change.before, "amount_now": change.before and change.invoice.claim}
    return {
        "number": change.invoice.number,
        "key": change.invoice.key,
        "customer": change.invoice.customer.name,
        "currency": change.invoice.currency,
        "amount_left": change.left.decimal_text,
        "what": list(change.what),
        **{name: amount.decimal_text if amount else None for name, amount in amounts.items()},
        "amount_paid": change.paid.decimal_text if change.paid else None,
    }


def _listed(kind: str, changes: Sequence[InvoiceChange], words: Callable[[InvoiceChange], str]) -> Iterator[str]:
    longest = max((len(change.invoice.number) for change in changes[:SHOWN]), default=0)
    for place, change in enumerate(changes[:SHOWN]):
        yield f"  {'' if place else kind:<{_WIDTH}}{change.invoice.number:<{longest}}  {words(change)}"
    if len(changes) > SHOWN:
        yield f"  {'':<{_WIDTH}}and {len(changes) - SHOWN:,} more; --json lists them all"


def _new(change: InvoiceChange) -> str:
    due = f", due {change.invoice.due_on}" if change.invoice.due_on and change.left else ""
    return f"{_customer(change)}: {readable(change.left)} to pay{due}"


def _changed(change: InvoiceChange) -> str:
    amounts = [f"{readable(change.before)} -> {readable(change.invoice.claim)}"] if change.before else []
    return f"{_customer(change)}: {', '.join([*amounts, *change.what])}"


def _paid(change: InvoiceChange) -> str:
    return f"{_customer(change)}: {readable(change.paid or change.left)}"


def _gone(change: InvoiceChange) -> str:
    return f"{_customer(change)}: not in your files now; {readable(change.left)} was left"


def _customer(change: InvoiceChange) -> str:
    return change.invoice.customer.name
