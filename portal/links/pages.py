"""Which pages there are, by what the owner did to their links: one per link that holds, and a word where one did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.ports.links import LinkEnd, LinkKind, StatementRecord, newest_of
from portal.receivables.customers import statement_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.links.page_links import PageLinks
    from portal.ports import Link
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice

    Document = tuple[Invoice, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class LinkedPages:
    """What each link opens at one moment, by token.

    Attributes:
        invoices: whole invoices; ``pay_only`` what paying one takes; ``statements`` all of a customer's.
        replaced: links whose place a newer one took, with whose they were: their pages say that and nothing else.
        elsewhere: links that hold, by token, of invoices that are not at hand: their pages stay as they are.
        closed: links that open nothing.
        pay_tokens: the token of each invoice's pay-only link that holds, by key.
        newest: the token of the newest whole link of each invoice, by key.
    """

    invoices: dict[str, Document] = field(default_factory=dict)
    pay_only: dict[str, Document] = field(default_factory=dict)
    statements: dict[str, StatementRecord] = field(default_factory=dict)
    replaced: dict[str, tuple[Link, Customer | None]] = field(default_factory=dict)
    elsewhere: dict[str, Link] = field(default_factory=dict)
    closed: list[Link] = field(default_factory=list)
    pay_tokens: dict[str, str] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)

    def opens(self, key: str) -> bool:
        """Whether the newest whole link of an invoice holds."""
        token = self.newest.get(key)
        return token in self.invoices or token in self.elsewhere


def linked_pages(
    links: PageLinks,
    issued: Sequence[Link],
    documents: Mapping[str, Document],
    statements: Mapping[str, StatementRecord],
) -> LinkedPages:
    """What links open.

    Args:
        links: the portal that they are of.
        issued: every link of these invoices and statements, from the ledger.
        documents: invoices with their facts, by key.
        statements: by their key.
    """
    newest, today = newest_of(issued), links.today()
    found = LinkedPages()
    for link in newest[LinkKind.INVOICE].values():
        found.newest[_key(link, documents)] = link.token
    for link in [link for some in newest.values() for link in some.values()]:
        if not (link.holds_on(today) and _opens(links, link, documents, statements)):
            del newest[link.kind][link.subject]
    for link in issued:
        opened = newest[link.kind].get(link.subject)
        if opened is link:
            _place(found, link, documents, statements)
        elif opened is not None and link.ended is LinkEnd.REPLACED:
            found.replaced[link.token] = (link, _customer(link, documents, statements))
        else:
            found.closed.append(link)
    return found


def of_statements(documents: Iterable[Document], seq: int) -> dict[str, StatementRecord]:
    """Invoices with their facts, as the statements they stand on; ``seq`` is the ledger's last entry."""
    by_key: dict[str, list[Document]] = {}
    for document in documents:
        if key := statement_key(document[0]):
            by_key.setdefault(key, []).append(document)
    return {key: StatementRecord(tuple(some), seq) for key, some in by_key.items()}


def _opens(
    links: PageLinks, link: Link, documents: Mapping[str, Document], statements: Mapping[str, StatementRecord]
) -> bool:
    """Whether there is something to open, or may be: of an invoice that is not at hand, its page stays as it is."""
    if link.kind is LinkKind.STATEMENT:
        return link.subject not in statements or not links.outlived(statements[link.subject].documents)
    return link.subject not in documents or not links.outlived([documents[link.subject]])


def _place(
    found: LinkedPages, link: Link, documents: Mapping[str, Document], statements: Mapping[str, StatementRecord]
) -> None:
    if link.kind is LinkKind.STATEMENT:
        if link.subject in statements:
            found.statements[link.token] = statements[link.subject]
    elif link.subject not in documents:
        found.elsewhere[link.token] = link
    else:
        if link.kind is LinkKind.PAY_ONLY:
            found.pay_tokens[_key(link, documents)] = link.token
        of_kind = found.invoices if link.kind is LinkKind.INVOICE else found.pay_only
        of_kind[link.token] = documents[link.subject]


def _key(link: Link, documents: Mapping[str, Document]) -> str:
    """The key of a link's invoice, as the invoice itself has it: then the link's own text need not be kept."""
    found = documents.get(link.subject)
    return found[0].key if found else link.subject


def _customer(
    link: Link, documents: Mapping[str, Document], statements: Mapping[str, StatementRecord]
) -> Customer | None:
    if link.kind is LinkKind.STATEMENT:
        record = statements.get(link.subject)
        return record.documents[0][0].customer if record else None
    return documents[link.subject][0].customer if link.subject in documents else None
