"""``portal links``: the addresses to send to customers, and what the owner does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal.building.build import load_invoices
from portal.cli.common import as_json_option, opened, portal_command, print_json, tell_problems
from portal.cli.layout import print_table
from portal.cli.link_asking import ignore, send
from portal.cli.link_changes import expire, pay_only, revoke, rotate
from portal.cli.link_rows import KINDS, all_rows, as_csv, kind_option
from portal.cli.sections import PlainGroup
from portal.errors import PortalError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from portal.cli.link_rows import LinkRow
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Folders

_OWN_HELP = ("-h", "--help")


class _ListsByDefault(PlainGroup):
    """``portal links`` and ``portal links 1042`` are ``portal links list`` of them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that is meant in front where none is named."""
        named = bool(args) and (args[0] in self.commands or args[0] in _OWN_HELP)
        return super().parse_args(ctx, args if named else ["list", *args])


@click.group(cls=_ListsByDefault)
def links() -> None:
    """The private links of invoices and statements: list, send, replace and end them.

    Without a command, and with numbers alone, they are listed.
    """


@links.command("list")
@click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
@kind_option
@click.option("--all", "with_earlier", is_flag=True, help="Also links that were replaced or have gone.")
@click.option("--csv", "csv_wanted", is_flag=True, help="Print CSV, for a mail merge.")
@portal_command
@as_json_option
def list_links(  # noqa: PLR0913  each is an option
    folders: Folders,
    as_of: date | None,
    numbers: tuple[str, ...],
    kind: str | None,
    *,
    with_earlier: bool,
    csv_wanted: bool,
    as_json: bool,
) -> None:
    """List the private link of every invoice, and of every customer's statement; or those of some invoices."""
    portal = opened(folders, as_of)
    loaded = load_invoices(portal)
    invoices = _asked_for(loaded.invoices, numbers)
    rows = all_rows(portal, invoices, with_earlier=with_earlier, every=not numbers)
    rows = [row for row in rows if kind is None or row.link.kind is KINDS[kind]]
    if as_json:
        print_json([row.plain for row in rows])
    elif csv_wanted:
        click.echo(as_csv(rows), nl=False)
    else:
        _print(rows)
    tell_problems(loaded.problems, "Some files could not be read")


def _asked_for(invoices: Sequence[Invoice], numbers: Sequence[str]) -> list[Invoice]:
    """Those of these numbers, or all.

    Raises:
        PortalError: a number that no invoice has.
    """
    found = [one for one in invoices if not numbers or {one.number, one.key} & set(numbers)]
    known = {name for one in found for name in (one.number, one.key)}
    if unknown := [number for number in numbers if number not in known]:
        remedy = "`portal list` lists them all."
        raise PortalError([Problem(f"There is no invoice {number}.", remedy, field="NUMBER") for number in unknown])
    return found


def _print(rows: Sequence[LinkRow]) -> None:
    of_invoices = [row for row in rows if not row.is_statement]
    statements = [row for row in rows if row.is_statement]
    if not rows:
        click.echo("There are no such links.")
    if of_invoices:
        listed = [(row.subject, row.kind, row.shown) for row in of_invoices]
        print_table([("Number", "Kind", "Link"), *listed], below=True)
    if statements:
        click.echo("\nStatements: all invoices of one customer in one currency")
        counted = [(row.customer, row.currency, str(len(row.invoices)), row.shown) for row in statements]
        print_table([("Customer", "Currency", "Invoices", "Link"), *counted], below=True)


for _command in (pay_only, send, rotate, revoke, expire, ignore):
    links.add_command(_command)
