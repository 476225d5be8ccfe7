"""Links as rows for tables, JSON and mail merges: whose each is, where it leads, and whether it still does."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from portal.payees import payee_of, reference_of
from portal.ports import LinkKind
from portal.receivables.customers import statement_key
from portal.receivables.statement import newest_customer
from portal.spreadsheet_cells import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from portal.ports import Link
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.wiring.portal import Portal

    Facts = Mapping[str, Sequence[Entry]]

KINDS = {"full": LinkKind.INVOICE, "pay-only": LinkKind.PAY_ONLY, "statement": LinkKind.STATEMENT}
"""What the owner calls them."""
NAMES = {kind: name for name, kind in KINDS.items()}
kind_option = click.option("--kind", type=click.Choice(list(KINDS)), help="Only links of this kind.")
_CSV = (
    "number", "customer", "email", "kind", "url", "state", "expires_on", "version", "reference", "currency", "invoices",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One link.

    Attributes:
        invoices: what it opens: one, or all of a statement.
        state: ``holds``, ``expired``, ``revoked``, ``replaced`` or ``gone``.
    """

    link: Link
    invoices: tuple[Invoice, ...]
    url: str
    path: str
    reference: str | None
    state: str

    @property
    def is_statement(self) -> bool:
        """Whether it opens a statement."""
        return self.link.kind is LinkKind.STATEMENT

    @property
    def kind(self) -> str:
        """As the owner calls it."""
        return NAMES[self.link.kind]

    @property
    def subject(self) -> str:
        """The invoice's key, or the customer whose statement it is."""
        return self.customer if self.is_statement else self.invoices[0].key

    @property
    def customer(self) -> str:
        """Whose it is."""
        return newest_customer(self.invoices).name

    @property
    def currency(self) -> str:
        """Of what it opens."""
        return self.invoices[0].currency

    @property
    def shown(self) -> str:
        """The address, or why there is none to send."""
        link = self.link
        if self.state == "holds":
            return f"{self.url}  (until {link.expires_on})" if link.expires_on else self.url
        ended = link.revoked_at.date() if link.revoked_at else link.expires_on
        return f"{self.state} on {ended}" if ended else f"{self.state}, since it was paid"

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON."""
        link = self.link
        state = {
            "version": link.version,
            "state": self.state,
            "expires_on": link.expires_on.isoformat() if link.expires_on else None,
        }
        where = {"kind": self.kind, "url": self.url, "path": self.path}
        if self.is_statement:
            return (
                {"customer": self.customer, "currency": self.currency, "invoices": len(self.invoices)} | where | state
            )
        invoice = self.invoices[0]
        return {"number": invoice.number, "key": invoice.key, **where, "reference": self.reference, **state}


def all_rows(portal: Portal, invoices: Sequence[Invoice], *, with_earlier: bool, every: bool) -> list[LinkRow]:
    """The links of these invoices, then those of the statements they stand on, by customer.

    Args:
        portal: whose links they are.
        invoices: as the owner's files have them now.
        with_earlier: also versions that were replaced, and links that have gone.
        every: whether these are all invoices; otherwise statements are those whose link was issued.
    """
    facts = portal.ledger.entries_by_invoice()
    by_statement: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices if every else portal.invoices_as_built(portal.ledger.invoice_sources()):
        by_statement[statement_key(invoice) or ""].append(invoice)
    wanted = {key for invoice in invoices if (key := statement_key(invoice))}
    statements = portal.statement_links([one for key in wanted for one in by_statement[key]])
    by_key = {invoice.key: (invoice,) for invoice in invoices}
    current = [*portal.links(invoices), *portal.pay_only_links(invoices), *statements]
    tokens = {link.token for link in current}
    subjects = {link.subject for link in current}
    earlier = [link for link in portal.ledger.links_issued() if link.token not in tokens and link.subject in subjects]
    listed = [*current, *(earlier if with_earlier else ())]
    opened = {subject: by_key.get(subject) or tuple(by_statement[subject]) for subject in subjects}
    rows = [_row(portal, link, opened[link.subject], facts) for link in listed]
    order = {key: place for place, key in enumerate(by_key)}
    return sorted(rows, key=lambda row: _place(row, order))


def _place(row: LinkRow, order: dict[str, int]) -> tuple[Any, ...]:
    if row.is_statement:
        return (True, row.customer, row.currency, -row.link.version)
    return (False, order[row.link.subject], row.kind, -row.link.version)


def _row(portal: Portal, link: Link, invoices: tuple[Invoice, ...], facts: Facts) -> LinkRow:
    url = portal.url_of_link(link)
    reference = None
    if link.kind is not LinkKind.STATEMENT:
        reference = reference_of(invoices[0], payee_of(invoices[0], portal.settings), portal.settings).text
    path = url.removeprefix(portal.settings.portal.base_url)
    return LinkRow(link, invoices, url, path, reference, state_of(portal, link, _documents(invoices, facts)))


def _documents(invoices: Iterable[Invoice], facts: Facts) -> Iterator[tuple[Invoice, Sequence[Entry]]]:
    return ((invoice, facts.get(invoice.key, ())) for invoice in invoices)


def state_of(portal: Portal, link: Link, documents: Iterable[tuple[Invoice, Sequence[Entry]]]) -> str:
    """Whether a link still opens what it did, in a word."""
    if link.revoked_at is not None:
        return link.ended.value if link.ended else "gone"
    return "holds" if link.holds_on(portal.today()) and not portal.outlived(documents) else "expired"


def as_csv(rows: Iterable[LinkRow]) -> str:
    """One line per link with what a mail merge needs.

    What a spreadsheet would run as a formula gets an apostrophe in front.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV, quoting=csv.QUOTE_ALL, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        customer = newest_customer(row.invoices)
        own = {"customer": customer.name, "email": customer.email, "currency": row.currency}
        cells = {**row.plain, **own, "invoices": len(row.invoices)}
        stated = {name: cells.get(name) for name in _CSV}
        writer.writerow({name: "" if cell is None else harmless(str(cell)) for name, cell in stated.items()})
    return text.getvalue()
