"""``links.csv``: the link of every open invoice beside whom it is for, as word processors take it for mail merge."""

from __future__ import annotations

import codecs
import csv
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from portal.adapters.private_files import replace_private_file
from portal.links.addresses import page_url
from portal.ports.links import LinkKind
from portal.receivables.customers import statement_key
from portal.spreadsheet_cells import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.wiring.portal import Portal

LINKS_FILE = "links.csv"
"""Below the state folder: who has it can open every page."""
COLUMNS = ("number", "customer", "email", "amount_left", "currency", "due_on", "state", "link", "statement_link")


def write_links_file(portal: Portal, standings: Iterable[tuple[Invoice, InvoiceBalance]]) -> Path:
    """Write the table anew, whole or not at all; where it is.

    A row for each invoice with something left, in UTF-8 with a byte order mark, by which spreadsheets know it.
    """
    rows = _links_rows(portal, (one for one in standings if one[1].amount_remaining))
    path = portal.folders.state / LINKS_FILE
    replace_private_file(path, _in_utf_8(chain([COLUMNS], rows)))
    return path


def _in_utf_8(rows: Iterable[tuple[str, ...]]) -> Iterator[bytes]:
    """The table line by line: of very many invoices it is not held as a whole."""
    yield codecs.BOM_UTF8
    yield from map(csv.writer(_Lines(), quoting=csv.QUOTE_ALL).writerow, rows)


class _Lines:
    """What the writer of a table takes for a file; what it answers for a line is what the writer answers for a row."""

    @staticmethod
    def write(line: str) -> bytes:
        """The line as it is kept."""
        return line.encode()


def _links_rows(portal: Portal, standings: Iterable[tuple[Invoice, InvoiceBalance]]) -> Iterator[tuple[str, ...]]:
    """A row for each of these invoices, in the order of ``COLUMNS``."""
    day = portal.today()
    tokens, shared = (portal.ledger.tokens_in_force(kind, day) for kind in (LinkKind.INVOICE, LinkKind.STATEMENT))
    url_of = partial(page_url, portal.settings)
    for invoice, balance in standings:
        token = tokens.get(invoice.key)
        statement = shared.get(statement_key(invoice) or "") if shared else None
        yield (
            *_cells(invoice, balance),
            url_of(LinkKind.INVOICE, token) if token else "",
            url_of(LinkKind.STATEMENT, statement) if statement else "",
        )


def _cells(invoice: Invoice, balance: InvoiceBalance) -> tuple[str, ...]:
    """All but the links; what the owner or a customer wrote is made harmless."""
    left = balance.amount_offerable
    return (
        harmless(invoice.number),
        harmless(invoice.customer.name),
        harmless(invoice.customer.email or ""),
        left.decimal_text,
        left.currency,
        invoice.due_on.isoformat() if invoice.due_on else "",
        balance.status.value.replace("_", " "),
    )
