"""What the site is made from: everything that a page may ask for, however it was gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portal.receivables.balance import balance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from portal.config import Settings
    from portal.ports.links import Link, StatementRecord
    from portal.ports.payment_links import PaymentLink
    from portal.ports.plans import PlanRecord
    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


@dataclass(frozen=True)
class SiteContents:
    """What the pages are made from.

    Attributes:
        settings: the owner's.
        as_of: the day the pages speak of.
        find: the invoice and its facts behind a link's token, or None where there is no such link.
        terms: ``content/pages/terms.md``, Markdown; None without it.
        terms_in: the same in other languages, ``content/pages/terms.de.md`` by ``de``.
        privacy: ``content/pages/privacy.md``, what the owner adds to the privacy page; ``privacy_in`` as above.
        find_statement: the invoices and their facts behind a statement's token, or None where there is no such link.
        find_pay_only: the invoice and its facts behind a pay-only link's token.
        pay_token_of: the token of an invoice's pay-only link, by its key, where it has one.
        replaced: a link that was replaced, by its token, with the customer whose it was where that is known.
        token_of: the token of an invoice's own link, by its key; ``is_open`` says whether it opens a page.
        plan_of: the payment plan that an invoice is on.
        content: the owner's folder, in which the invoices' own documents lie.
        payment_link_of: where an invoice is paid, if the pages have no pay buttons.
        digests: of the invoices' records, by key, those that are at hand.
        balance_of: where an invoice with its facts stands on the day, if that was worked out before.
    """

    settings: Settings
    as_of: date
    find: Callable[[str], tuple[Invoice, tuple[Entry, ...]] | None]
    terms: str | None
    terms_in: Mapping[str, str] = field(default_factory=dict)
    privacy: str | None = None
    privacy_in: Mapping[str, str] = field(default_factory=dict)
    find_statement: Callable[[str], StatementRecord | None] = lambda _token: None
    find_pay_only: Callable[[str], tuple[Invoice, tuple[Entry, ...]] | None] = lambda _token: None
    pay_token_of: Callable[[str], str | None] = lambda _key: None
    replaced: Callable[[str], tuple[Link, Customer | None] | None] = lambda _token: None
    token_of: Callable[[str], str] = lambda key: key
    is_open: Callable[[str], bool] = lambda _key: True
    plan_of: Callable[[str], PlanRecord | None] = lambda _key: None
    content: Path | None = None
    payment_link_of: Callable[[str], PaymentLink | None] = lambda _key: None
    digests: Mapping[str, bytes] = field(default_factory=dict)
    balance_of: Callable[[Invoice, tuple[Entry, ...]], InvoiceBalance] | None = None

    def balance(self, invoice: Invoice, entries: tuple[Entry, ...]) -> InvoiceBalance:
        """Where an invoice stands on the day."""
        return self.balance_of(invoice, entries) if self.balance_of else balance_of(invoice, entries, self.as_of)
