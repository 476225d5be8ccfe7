"""A list of customers beside the invoices: the e-mail addresses that exports of invoices do not hold."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.column_names import NAMES
from portal.sources.columns import HEADER_WITHIN, ranked
from portal.sources.findings import Findings, Place
from portal.sources.headings import heading
from portal.sources.texts import customer_reference, email_of, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from portal.receivables.invoice import Customer, Invoice
    from portal.sources.csv_text import Row

_NAMED = ranked(f"display name | organization | organisation | {NAMES['customer']} | company")
_EMAILS = ranked(NAMES["email"])
_NUMBERS = ranked(NAMES["customer_number"])
_FIRST_NAMES = ranked("first name | contact first name | vorname | nome proprio | prenom")
_LAST_NAMES = ranked("last name | contact last name | nachname | cognome | apelido | nom de famille | apellido")
_BETWEEN_PARENT_AND_CHILD = ":"
"""QuickBooks writes a customer below another one as ``Parent:Child``."""


class KnownCustomer(NamedTuple):
    """One row of a list of customers that holds an address."""

    name: str
    email: str
    reference: str | None


class CustomerList(NamedTuple):
    """A list of customers, by the file it is in."""

    file: str
    customers: tuple[KnownCustomer, ...]

    def knows(self, names: AbstractSet[str], references: AbstractSet[str | None]) -> bool:
        """Whether any of them has one of these names (in small letters, or as a parent) or numbers."""
        parents = {name.partition(_BETWEEN_PARENT_AND_CHILD)[0] for name in names}
        return any(
            known.name.casefold() in names or known.name.casefold() in parents or known.reference in references
            for known in self.customers
        )


class _Columns(NamedTuple):
    name: int | None
    first_name: int | None
    last_name: int | None
    email: int
    number: int | None


def is_customer_list(rows: Sequence[Row]) -> int:
    """How many columns of a list of customers these rows have: none where they are no such list."""
    found = _header(rows)
    return sum(place is not None for place in found[1]) if found else 0


def customers_of(rows: Sequence[Row], file: str) -> tuple[CustomerList, Findings] | None:
    """The customers with an address that a list holds, and what is wrong with others; None where it is no such list."""
    found = _header(rows)
    if found is None:
        return None
    header, columns = found
    findings = Findings(file)
    known = []
    for row in rows:
        if row.line <= header.line:
            continue
        name = _name(row, columns)
        email = email_of(_cell(row, columns.email), findings, Place(row.line, header.cells[columns.email]))
        if name and email:
            known.append(KnownCustomer(name, email, customer_reference(_cell(row, columns.number))))
    return CustomerList(file, tuple(known)), findings


def _header(rows: Sequence[Row]) -> tuple[Row, _Columns] | None:
    for row in rows[:HEADER_WITHIN]:
        headings = [heading(cell) for cell in row.cells]
        email = _place(headings, _EMAILS)
        name, first, last = (_place(headings, names) for names in (_NAMED, _FIRST_NAMES, _LAST_NAMES))
        if email is not None and (name is not None or last is not None):
            return row, _Columns(name, first, last, email, _place(headings, _NUMBERS))
    return None


def _place(headings: Sequence[str], ranks: Mapping[str, int]) -> int | None:
    found = [(ranks[text], place) for place, text in enumerate(headings) if text in ranks]
    return min(found)[1] if found else None


def _cell(row: Row, place: int | None) -> str:
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _name(row: Row, columns: _Columns) -> str:
    own = folded(_cell(row, columns.name))
    return own or folded(f"{_cell(row, columns.first_name)} {_cell(row, columns.last_name)}")


class Addresses:
    """The addresses of all customers that are known, by number and by name.

    A name that two customers with different addresses share says nothing: nobody else's invoice must be sent.
    """

    def __init__(self, lists: Iterable[CustomerList]) -> None:
        self._by_reference: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._by_folded_name: dict[str, set[str]] = defaultdict(set)
        for customer in (customer for listed in lists for customer in listed.customers):
            if customer.reference:
                self._by_reference[customer.reference].add(customer.email)
            self._by_name[customer.name].add(customer.email)
            self._by_folded_name[customer.name.casefold()].add(customer.email)

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def of(self, customer: Customer) -> str | None:
        """A customer's address: by number, else by the name as it is written, else however it is written.

        Who stands below another customer, and has no address, takes that one's.
        """
        if customer.reference and (email := _only(self._by_reference.get(customer.reference))):
            return email
        name = customer.name
        while name:
            for known, wanted in ((self._by_name, name), (self._by_folded_name, name.casefold())):
                if wanted in known:
                    return _only(known[wanted])
            name = folded(name.rpartition(_BETWEEN_PARENT_AND_CHILD)[0])
        return None


def _only(emails: set[str] | None) -> str | None:
    return next(iter(emails)) if emails and len(emails) == 1 else None


def with_addresses(invoices: Sequence[Invoice], addresses: Addresses, findings: Findings) -> tuple[Invoice, ...]:
    """The invoices, those without an address with that of their customer; who stays without one is named."""
    joined = []
    without: dict[str, None] = {}
    for invoice in invoices:
        email = invoice.customer.email or addresses.of(invoice.customer)
        if email is None:
            without[invoice.customer.name] = None
        joined.append(replace(invoice, customer=replace(invoice.customer, email=email)))
    if without:
        names = ", ".join(list(without)[:3])
        more = f" and {len(without) - 3} more" if len(without) > 3 else ""  # noqa: PLR2004  as many as are named
        findings.warn(
            f"The list of customers has no e-mail address, or several, for {names}{more}.",
            "Write one there, with the name spelt as on the invoice; without it they get no mail.",
        )
    return tuple(joined)
