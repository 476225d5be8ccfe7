"""``links.csv``: the link of every open invoice beside whom it is for, as word processors take it for mail merge."""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import chain
from typing import TYPE_CHECKING

from portal.adapters.private_files import replace_private_file
from portal.link_ports import LinkKind
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from portal.receivables.balance import InvoiceBalance
    from portal.receivables.invoice import Invoice
    from portal.wiring import Portal

LINKS_FILE = "links.csv"
"""Below the state folder: who has it can open every page."""
COLUMNS = ("number", "customer", "email", "amount_left", "currency", "due_on", "state", "link", "statement_link")
_FORMULA = tuple("=+-@\t\r\0")
_BREAKS = re.compile(r"[\r\n\0]+")


def write_links_file(portal: Portal, standings: Iterable[tuple[Invoice, InvoiceBalance]]) -> Path:
    """Write the table anew, whole or not at all; where it is.

    A row for each invoice with something left, in UTF-8 with a byte order mark, by which spreadsheets know it.
    """
    rows = links_rows(portal, (one for one in standings if one[1].amount_remaining))
    path = portal.folders.state / LINKS_FILE
    replace_private_file(path, _in_utf_8(chain([COLUMNS], rows)))
    return path


def _in_utf_8(rows: Iterable[tuple[str, ...]]) -> Iterator[bytes]:
    """The table line by line: of very many invoices it is not held as a whole."""
    yield codecs.BOM_UTF8
    line = io.StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_ALL)
    for row in rows:
        writer.writerow(map(harmless, row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def links_rows(portal: Portal, standings: Iterable[tuple[Invoice, InvoiceBalance]]) -> Iterator[tuple[str, ...]]:
    """A row for each of these invoices, in the order of ``COLUMNS``."""
    own, shared = (portal.ledger.links_in_force(kind) for kind in (LinkKind.INVOICE, LinkKind.STATEMENT))
    links, statements = (
        {link.subject: portal.url_of_link(link) for link in some if link.holds_on(portal.today())}
        for some in (own, shared)
    )
    return (_row(invoice, balance, links, statements) for invoice, balance in standings)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, on one line; amounts and links never begin like one."""
    line = _BREAKS.sub(" ", cell)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def _row(
    invoice: Invoice, balance: InvoiceBalance, links: Mapping[str, str], statements: Mapping[str, str]
) -> tuple[str, ...]:
    left = balance.amount_offerable
    return (
        invoice.number,
        invoice.customer.name,
        invoice.customer.email or "",
        left.decimal_text,
        left.currency,
        invoice.due_on.isoformat() if invoice.due_on else "",
        balance.status.value.replace("_", " "),
        links.get(invoice.key, ""),
        statements.get(statement_key(invoice) or "", "") if statements else "",
    )
