"""``portal read``: how a file is understood, before anything is taken."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal import sources
from portal.cli.common import as_json_option, print_json, readable, tell_problems
from portal.cli.layout import print_table
from portal.config import load_settings
from portal.errors import PortalError
from portal.receivables.currencies import DECIMALS
from portal.receivables.invoice import DocumentKind
from portal.receivables.money import Money, zero
from portal.sources.amounts import DecimalMark
from portal.sources.control_totals import as_money
from portal.sources.dates import DateOrder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.receivables.invoice import Invoice
    from portal.sources import Reading
    from portal.sources.understanding import Understanding

_SHOWN = 10
_MARKS = {DecimalMark.POINT: "a point", DecimalMark.COMMA: "a comma"}
_LONGEST_NAME = 40
_NAMED = 30
_WIDE = 18


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--date-order",
    type=click.Choice([order.value for order in DateOrder]),
    help="Day first (dmy), or month first (mdy).",
)
@click.option("--currency", type=click.Choice(sorted(DECIMALS)), metavar="CODE", help="Of invoices that name none.")
@click.option("--content", type=click.Path(file_okay=False, path_type=Path), default="content", show_default=True)
@as_json_option
def read(file: Path, date_order: str | None, currency: str | None, content: Path, *, as_json: bool) -> None:
    """Show how a file of invoices is understood. Nothing is taken, and nothing is written.

    Ends with 1 where something would not be taken, or where a table's own totals are not what its rows add up to.
    """
    said = currency
    currency = currency or _usual_currency(content)
    reading = sources.read_one(file, content, currency=currency, order=DateOrder(date_order) if date_order else None)
    if as_json:
        print_json(_plain(reading))
    else:
        _tell(file, reading)
        _tell_what_to_keep(file, date_order, said)
    if reading.problems or reading.differences:
        sys.exit(1)


def _usual_currency(content: Path) -> str | None:
    """The one in the owner's settings, where there are such and they can be used."""
    with suppress(PortalError):
        return load_settings(content).sources.currency
    return None


def _plain(reading: Reading) -> dict[str, object]:
    understood = reading.understood
    return {
        "kind": understood.kind if understood else None,
        "facts": dict(understood.facts) if understood else {},
        "columns": [column._asdict() for column in understood.columns] if understood else [],
        "invoices": [_plain_invoice(invoice) for invoice in reading.invoices],
        "totals": {code: left.decimal_text for code, left in _sums(reading.invoices, DocumentKind.INVOICE).items()},
        "control_totals": [
            {**control._asdict(), "stated": as_money(control.stated), "read": as_money(control.read)}
            for control in (understood.controls if understood else ())
        ],
        "passed_over": dict(understood.passed_over) if understood else {},
        "customers": len(reading.customers.customers) if reading.customers else None,
        "rejected": reading.rejected,
        "problems": [problem.as_dict() for problem in reading.problems],
        "warnings": [warning.as_dict() for warning in reading.warnings],
    }


def _plain_invoice(invoice: Invoice) -> dict[str, object]:
    return {
        "number": invoice.number,
        "kind": invoice.kind.value,
        "customer": invoice.customer.name,
        "email": invoice.customer.email,
        "issued_on": str(invoice.issued_on) if invoice.issued_on else None,
        "due_on": str(invoice.due_on) if invoice.due_on else None,
        "currency": invoice.currency,
        "total": invoice.total.decimal_text,
        "paid": invoice.amount_prepaid.decimal_text,
        "to_pay": invoice.stated_due.decimal_text,
        "lines": len(invoice.lines),
        "source": invoice.source,
    }


def _tell(file: Path, reading: Reading) -> None:
    understood = reading.understood
    click.echo(f"{file.name}: {understood.kind if understood else 'not understood'}")
    if understood:
        click.echo()
        for name, fact in understood.facts.items():
            click.echo(f"  {name:<{_WIDE}}  {fact}")
        _tell_columns(understood)
    if reading.customers is None:
        _tell_invoices(reading.invoices)
    if understood:
        _tell_rows(understood)
    tell_problems(reading.warnings, "Taken, but worth a look")
    tell_problems(reading.problems, "Not taken")


def _tell_columns(understood: Understanding) -> None:
    used = [column for column in understood.columns if column.field]
    if not used:
        return
    click.echo("\nColumns")
    for column in used:
        mark = f", with {_MARKS[column.decimal]} before the cents" if column.decimal else ""
        click.echo(f"  {_cut(column.heading):<{_LONGEST_NAME}}  {column.field}{mark}")
    others = [_cut(column.heading) for column in understood.columns if not column.field]
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        click.echo(f"  not used: {', '.join(others[:_NAMED])}{more}")


def _tell_invoices(invoices: Sequence[Invoice]) -> None:
    documents = f"{len(invoices):,} {'document' if len(invoices) == 1 else 'documents'}"
    click.echo(f"\n{documents} read{f'; the first {_SHOWN}' if len(invoices) > _SHOWN else ''}")
    if not invoices:
        return
    heading = ("  Number", "Customer", "Issued", "Due", "Total", "To pay", "E-mail")
    print_table([heading, *map(_row, invoices[:_SHOWN])], right=frozenset({4, 5}), loose=(1,), below=True)
    click.echo()
    for kind in DocumentKind:
        of_kind = Counter(invoice.currency for invoice in invoices if invoice.kind is kind)
        for currency, left in _sums(invoices, kind).items():
            count, asks = of_kind[currency], " to pay" if kind is DocumentKind.INVOICE else ""
            click.echo(f"  {count:,} {kind.value}{'' if count == 1 else 's'}: {readable(left)}{asks}")
    without = sum(1 for invoice in invoices if invoice.customer.email is None)
    if without:
        click.echo(f"  {without:,} without an e-mail address")


def _row(invoice: Invoice) -> tuple[str, ...]:
    return (
        f"  {_cut(invoice.number)}",
        _cut(invoice.customer.name),
        str(invoice.issued_on or "-"),
        str(invoice.due_on or "-"),
        readable(invoice.total),
        readable(invoice.stated_due),
        _cut(invoice.customer.email or "-"),
    )


def _sums(invoices: Iterable[Invoice], kind: DocumentKind) -> dict[str, Money]:
    sums: dict[str, Money] = {}
    for invoice in invoices:
        if invoice.kind is kind:
            sums[invoice.currency] = sums.get(invoice.currency, zero(invoice.currency)) + invoice.stated_due
    return dict(sorted(sums.items()))


def _tell_rows(understood: Understanding) -> None:
    if understood.passed_over:
        click.echo("\nRows passed over")
        for what, count in understood.passed_over.items():
            click.echo(f"  {count:>6,}  {what}")
    if understood.controls:
        click.echo("\nThe table's own totals")
        for control in understood.controls:
            answer = "as read" if control.fits else f"BUT {as_money(control.read)} READ"
            click.echo(
                f"  line {control.line:,}, {control.label}: {control.field} {as_money(control.stated)}, {answer}"
            )


def _tell_what_to_keep(file: Path, date_order: str | None, currency: str | None) -> None:
    said = {"date_order": date_order, "currency": currency}
    lines = [f'{name} = "{value}"' for name, value in said.items() if value]
    if lines:
        click.echo(f"\nTo have a build read it so, write beside it in {file.stem}.toml:")
        for line in lines:
            click.echo(f"  {line}")


def _cut(text: str) -> str:
    shown = "".join(mark if mark.isprintable() else " " for mark in text)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 3]}..."
