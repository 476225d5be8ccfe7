"""Exports of programs that are known: by which headings, and where the usual words would mislead."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.sources.headings import heading

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Adding(StrEnum):
    """How the rows of one invoice make its amounts."""

    NOTHING = "each row states the whole invoice"
    LINES = "lines are added up"
    SIGNS = "rows above zero are asked for, rows below zero were paid"


@dataclass(frozen=True, slots=True)
class Profile:
    """One program's export.

    Attributes:
        name: the program and the report.
        signs: headings that are all there, as ``heading`` writes them.
        columns: headings of fields where the usual words would take another one; an empty heading is no column.
        only: a heading, and what its cell says in rows that count.
        adding: how rows make amounts, where that is not seen by the columns.
        items_in: the heading of a column that holds the lines of the invoice as a table of its own.
        in_own_currency: headings whose amounts are in the owner's currency, whatever the invoice's is.
        lacks: what the export does not hold, and what to do.
    """

    name: str
    signs: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, str] | None = None
    adding: Adding = Adding.NOTHING
    items_in: str = ""
    in_own_currency: frozenset[str] = frozenset()
    lacks: str = ""


def _signs(text: str) -> frozenset[str]:
    return frozenset(heading(word) for word in text.split("|"))


_NO_EMAIL = "e-mail addresses (put the list of customers beside it)"
_NO_CURRENCY = "currency (say it in the .toml file beside it)"

PROFILES = (
    Profile(
        "QuickBooks Online, A/R Aging Detail",
        _signs("transaction type | num | customer full name | open balance"),
        lacks=f"{_NO_EMAIL}, {_NO_CURRENCY}",
    ),
    Profile(
        "QuickBooks Online, Open Invoices",
        _signs("transaction type | num | due date | open balance"),
        lacks=f"{_NO_EMAIL}, {_NO_CURRENCY}, what the invoice came to (what is open is taken for it)",
    ),
    Profile(
        "Xero, sales invoices",
        _signs("contact name | invoice number | invoice amount due | invoice amount paid"),
    ),
    Profile(
        "FreshBooks, invoices",
        _signs("client name | invoice # | date issued | line total"),
        lacks=f"{_NO_EMAIL}, due date, part payments",
    ),
    Profile(
        "Zoho, invoices",
        _signs("invoice number | customer name | balance | payment terms label"),
        columns={"due_days": "payment terms"},
        lacks=_NO_EMAIL,
    ),
    Profile(
        "Wave, accounting transactions",
        _signs("transaction id | transaction date | amount (one column) | account type | invoice number"),
        columns={"total": "amount (one column)", "status": "", "subject": "", "description": "", "type": ""},
        only=("account type", "system receivable invoice"),
        adding=Adding.SIGNS,
        lacks=f"{_NO_EMAIL}, due date, {_NO_CURRENCY}",
    ),
    Profile(
        "Invoice2Go, invoices",
        _signs("document number | document status | email recipient | balance due amount | terms old"),
        columns={"status": "document status", "customer_number": "", "due_days": "terms old"},
        items_in="Items",
    ),
    Profile(
        "invoicely, invoices",
        _signs("date | due | details | client | status | total"),
        columns={"number": "details", "description": ""},
        lacks=f"{_NO_EMAIL}, {_NO_CURRENCY}, part payments",
    ),
    Profile(
        "Invoice Ninja 5, invoice report",
        _signs("invoice invoice number | invoice amount | invoice balance"),
    ),
    Profile(
        "Invoice Ninja 4, invoices",
        _signs("client | invoice number | amount | paid | partial/deposit"),
        lacks=_NO_CURRENCY,
    ),
    Profile(
        "Odoo, invoices",
        _signs("number | invoice partner display name"),
        in_own_currency=_signs("total signed | amount due signed"),
        lacks=_NO_EMAIL,
    ),
    Profile(
        "Akaunting, invoices",
        _signs("invoice_number | invoiced_at | due_at | contact_name | currency_code"),
    ),
)
"""In their order: of two that fit, the first is taken."""
GENERIC = Profile("generic", frozenset())
"""Any other table, by its usual headings."""


def profile_of(headings: Collection[str]) -> Profile:
    """The program that writes such a header, or the generic profile.

    Args:
        headings: of one row, as ``heading`` writes them.
    """
    present = frozenset(headings)
    return next((profile for profile in PROFILES if profile.signs <= present), GENERIC)
