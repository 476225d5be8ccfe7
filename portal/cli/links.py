"""``portal links``: the addresses to send to customers."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from portal import sources
from portal.cli.common import as_json_option, opened, portal_command, print_json, print_table, tell_problems
from portal.payees import payee_of, reference_of
from portal.ports import LinkKind
from portal.receivables.customers import statement_key
from portal.receivables.statement import newest_customer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from portal.ports import Link
    from portal.receivables.invoice import Invoice
    from portal.wiring import Folders, Portal


@click.command()
@portal_command
@as_json_option
def links(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """List the private link of every invoice, and of every customer's statement."""
    portal = opened(folders, as_of)
    loaded = sources.load(folders.content)
    rows = [
        {
            "number": invoice.number,
            "key": invoice.key,
            "kind": LinkKind.INVOICE.value,
            "url": portal.url_of(invoice.key),
            "path": portal.path_of(invoice.key),
            "reference": reference_of(invoice, payee_of(invoice, portal.settings), portal.settings).text,
        }
        for invoice in loaded.invoices
    ]
    statements = _statements(portal, loaded.invoices)
    if as_json:
        print_json([*rows, *statements])
        return
    print_table([("Number", "Kind", "Link"), *((row["key"], row["kind"], row["url"]) for row in rows)])
    if statements:
        click.echo("\nStatements: all invoices of one customer in one currency")
        shown = ("customer", "currency", "invoices", "url")
        listed = [tuple(str(row[name]) for name in shown) for row in statements]
        print_table([("Customer", "Currency", "Invoices", "Link"), *listed])
    tell_problems(loaded.problems, "Some files could not be read")


def _statements(portal: Portal, invoices: Iterable[Invoice]) -> list[dict[str, str | int]]:
    """The statements that a build of these invoices has, by customer."""
    by_key: dict[str | None, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        by_key[statement_key(invoice)].append(invoice)
    links = portal.statement_links(invoices)
    rows = [_statement_row(portal, link, by_key[link.subject]) for link in links]
    return sorted(rows, key=lambda row: (row["customer"], row["currency"]))


def _statement_row(portal: Portal, link: Link, invoices: list[Invoice]) -> dict[str, str | int]:
    url = portal.url_of_link(link)
    return {
        "customer": newest_customer(invoices).name,
        "currency": invoices[0].currency,
        "kind": link.kind.value,
        "invoices": len(invoices),
        "url": url,
        "path": url.removeprefix(portal.settings.portal.base_url),
    }
