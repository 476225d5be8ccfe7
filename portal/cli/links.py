"""``portal links``: the addresses to send to customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from portal import sources
from portal.cli.common import as_json_option, opened, portal_command, print_json, print_table, tell_problems
from portal.payees import payee_of, reference_of
from portal.ports import LinkKind

if TYPE_CHECKING:
    from datetime import date

    from portal.wiring import Folders


@click.command()
@portal_command
@as_json_option
def links(folders: Folders, as_of: date | None, *, as_json: bool) -> None:
    """List the private link of every invoice."""
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
    if as_json:
        print_json(rows)
        return
    print_table([("Number", "Kind", "Link"), *((row["key"], row["kind"], row["url"]) for row in rows)])
    tell_problems(loaded.problems, "Some files could not be read")
