"""The links of a portal: which there are, where their pages lie, and whose they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from portal.adapters.links import links_for, token_of
from portal.ports import Link, LinkKind
from portal.receivables.customers import statement_key
from portal.receivables.statement import newest_customer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.adapters.sql_ledger import SqlLedger
    from portal.config import Settings
    from portal.receivables.invoice import Customer, Invoice

STATEMENT_FROM = 2
"""Documents of one customer that make a statement."""
_FOLDER_OF = {LinkKind.INVOICE: "i", LinkKind.STATEMENT: "s"}
"""The folder of the pages that links of a kind open."""


class PageLinks:
    """What a portal knows of its links."""

    __slots__ = ()

    settings: Settings
    ledger: SqlLedger
    link_key: bytes

    def links(self, invoices: Iterable[Invoice]) -> list[Link]:
        """The links of these invoices, in their order."""
        return links_for(self.link_key, invoices)

    def statement_links(self, invoices: Iterable[Invoice]) -> list[Link]:
        """The statements of these invoices: of each customer with two of them, or who has a statement's link already.

        A link that was sent to a customer holds while one of the invoices is left.
        """
        issued = {link.subject for link in self.ledger.links_in_force(LinkKind.STATEMENT)}
        counts = Counter(filter(None, map(statement_key, invoices)))
        due = sorted(key for key, count in counts.items() if count >= STATEMENT_FROM or key in issued)
        return [Link(token_of(self.link_key, LinkKind.STATEMENT, key, 1), key, LinkKind.STATEMENT) for key in due]

    def statement_link(self, invoice: Invoice) -> Link | None:
        """The statement on which an invoice stands, where its link was issued."""
        key = statement_key(invoice)
        link = self.ledger.link(token_of(self.link_key, LinkKind.STATEMENT, key, 1)) if key else None
        return link if link and link.revoked_at is None else None

    def customer_behind(self, link: Link) -> Customer | None:
        """Whose page a link opens."""
        if link.kind is LinkKind.INVOICE:
            invoice = self.ledger.invoice(link.subject)
            return invoice.customer if invoice else None
        documents = self.ledger.statement(link.subject).documents
        return newest_customer(invoice for invoice, _entries in documents) if documents else None

    def url_of_link(self, link: Link) -> str:
        """The address of the page that a link opens."""
        return f"{self.settings.portal.base_url}/{_FOLDER_OF[link.kind]}/{link.token}/"

    def invoices_as_built(self, keys: Iterable[str]) -> list[Invoice]:
        """Some invoices as the last build read them; keys that it did not know are left out."""
        return [invoice for invoice in map(self.ledger.invoice, keys) if invoice is not None]

    def token_of(self, invoice_key: str) -> str:
        """The token of an invoice's link."""
        return token_of(self.link_key, LinkKind.INVOICE, invoice_key, 1)

    def path_of(self, invoice_key: str) -> str:
        """Where an invoice's page is below the portal's address: ``/i/<token>/``."""
        return f"/i/{self.token_of(invoice_key)}/"

    def url_of(self, invoice_key: str) -> str:
        """The address a customer is sent."""
        return self.settings.portal.base_url + self.path_of(invoice_key)
