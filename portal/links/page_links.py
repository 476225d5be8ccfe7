"""The links of a portal: which there are, where their pages lie, and whose they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from portal.adapters.links import is_token, token_of
from portal.links.addresses import page_url
from portal.ports import Link, LinkEnd, LinkKind
from portal.receivables.balance import balance_of
from portal.receivables.customers import statement_key
from portal.receivables.link_expiry import last_day_of_links
from portal.receivables.statement import newest_customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from portal.adapters.ledger.sql_ledger import SqlLedger
    from portal.config import Settings
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice

STATEMENT_FROM = 2
"""Documents of one customer that make a statement."""
_ASKED_BY_NAME = 500
"""The links of so many are looked up by themselves, in one question; of more, all links are read."""


class PageLinks(ABC):
    """What a portal knows of its links."""

    __slots__ = ()

    settings: Settings
    ledger: SqlLedger
    link_key: bytes

    @abstractmethod
    def today(self) -> date:
        """The day everything is worked out for."""

    # ---- which there are

    def links_of(self, kind: LinkKind, subjects: Iterable[str]) -> list[Link]:
        """The newest link of each subject, in their order; the first version where none was issued yet."""
        wanted = list(subjects)
        newest = self.ledger.newest_links(kind, wanted if len(wanted) <= _ASKED_BY_NAME else None)
        return [self._derived(newest.get(subject) or Link("", subject, kind)) for subject in wanted]

    def links(self, invoices: Iterable[Invoice]) -> list[Link]:
        """The links that a build of these invoices has, in their order."""
        return [link.again() for link in self.links_of(LinkKind.INVOICE, (invoice.key for invoice in invoices))]

    def pay_only_links(self, invoices: Iterable[Invoice]) -> list[Link]:
        """The pay-only links of these invoices: of all where the owner wants that, else of those that have one."""
        keys = [invoice.key for invoice in invoices]
        if not self.settings.links.all_pay_only:
            issued = self.ledger.newest_links(LinkKind.PAY_ONLY)
            keys = [key for key in keys if key in issued]
        return [link.again() for link in self.links_of(LinkKind.PAY_ONLY, keys)]

    def statement_links(self, invoices: Iterable[Invoice]) -> list[Link]:
        """The statements of these invoices: of each customer with two of them, or who has a statement's link already.

        A link that was sent to a customer holds while one of the invoices is left.
        """
        newest = self.ledger.newest_links(LinkKind.STATEMENT)
        issued = {subject for subject, link in newest.items() if link.ended is not LinkEnd.GONE}
        counts = Counter(filter(None, map(statement_key, invoices)))
        due = sorted(key for key, count in counts.items() if count >= STATEMENT_FROM or key in issued)
        return [link.again() for link in self.links_of(LinkKind.STATEMENT, due)]

    def statement_link(self, invoice: Invoice) -> Link | None:
        """The statement on which an invoice stands, where its link was issued and holds."""
        key = statement_key(invoice)
        link = self.ledger.newest_links(LinkKind.STATEMENT, [key]).get(key) if key else None
        return link if link and link.holds_on(self.today()) else None

    def _derived(self, link: Link) -> Link:
        """A link under the token that the portal's key gives it; the ledger's own was another key's."""
        token = token_of(self.link_key, link.kind, link.subject, link.version)
        return link if link.token == token else replace(link, token=token)

    # ---- what they open

    def link_behind(self, token: str) -> Link | None:
        """The link behind a token that is written as we write it, was issued, and still opens something."""
        link = self.ledger.link(token) if is_token(token) else None
        if link is None or not link.holds_on(self.today()):
            return None
        return None if self._paid_long_ago(link) else link

    def opens_invoice(self, key: str) -> bool:
        """Whether an invoice that was built has a page of its own."""
        return self.holding_url(LinkKind.INVOICE, key) is not None

    def holding_url(self, kind: LinkKind, subject: str) -> str | None:
        """The address of the page that the newest link of a kind opens; None where it opens nothing."""
        link = self.links_of(kind, [subject])[0]
        return self.url_of_link(link) if self.link_behind(link.token) else None

    def invoices_behind(self, subjects: Iterable[str]) -> list[str]:
        """Keys of the invoices with which the pages of links are made; of a statement, the first that is on it."""
        found = []
        for subject in subjects:
            documents = self.ledger.statement(subject).documents
            found.append(documents[0][0].key if documents else subject)
        return found

    def outlived(self, documents: Iterable[tuple[Invoice, Sequence[Entry]]]) -> bool:
        """Whether all of these were paid in full so long ago that their links open nothing any more."""
        days, zone = self.settings.links.expire_days_after_paid, ZoneInfo(self.settings.portal.timezone)
        if days is None:
            return False
        today = self.today()
        last = (
            last_day_of_links(invoice, entries, balance_of(invoice, entries, today), days, zone)
            for invoice, entries in documents
        )
        return all(day is not None and day < today for day in last)

    def _paid_long_ago(self, link: Link) -> bool:
        if self.settings.links.expire_days_after_paid is None:
            return False
        if link.kind is LinkKind.STATEMENT:
            return self.outlived(self.ledger.statement(link.subject).documents)
        invoice = self.ledger.invoice(link.subject)
        return invoice is not None and self.outlived([(invoice, self.ledger.entries_of(link.subject))])

    def page_over(self, invoices: Sequence[Invoice]) -> str | None:
        """The address of the one page that shows all these invoices; None where there is none."""
        if len(invoices) == 1:
            return self.url_of(invoices[0].key)
        links = {self.statement_link(invoice) for invoice in invoices}
        link = links.pop() if len(links) == 1 else None
        return self.url_of_link(link) if link else None

    def customer_behind(self, link: Link) -> Customer | None:
        """Whose page a link opens."""
        if link.kind is LinkKind.STATEMENT:
            documents = self.ledger.statement(link.subject).documents
            return newest_customer(invoice for invoice, _entries in documents) if documents else None
        invoice = self.ledger.invoice(link.subject)
        return invoice.customer if invoice else None

    def invoices_as_built(self, keys: Iterable[str]) -> list[Invoice]:
        """Some invoices as the last build read them; keys that it did not know are left out."""
        return list(self.ledger.invoices(keys))

    # ---- where their pages are

    def url_of_link(self, link: Link) -> str:
        """The address of the page that a link opens."""
        return page_url(self.settings, link.kind, link.token)

    def token_of(self, invoice_key: str) -> str:
        """The token of an invoice's newest link."""
        return self.links_of(LinkKind.INVOICE, [invoice_key])[0].token

    def path_of(self, invoice_key: str) -> str:
        """Where an invoice's page is below the portal's address: ``/i/<token>/``."""
        return self.url_of(invoice_key).removeprefix(self.settings.portal.base_url)

    def urls_of(self, invoice_keys: Iterable[str]) -> dict[str, str]:
        """The addresses of many, by key."""
        return {link.subject: self.url_of_link(link) for link in self.links_of(LinkKind.INVOICE, invoice_keys)}

    def url_of(self, invoice_key: str) -> str:
        """The address a customer is sent."""
        return page_url(self.settings, LinkKind.INVOICE, self.token_of(invoice_key))
