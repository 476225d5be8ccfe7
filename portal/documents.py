"""Invoices with their facts as they were read at one moment, and where each stands, worked out once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from portal.receivables.balance import balance_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


class FactsLedger(Protocol):
    """The ledger, as far as documents are read from it; see ``portal.ports.Ledger``."""

    def last_entry(self) -> int:
        """The place of the newest entry; 0 before the first."""

    def entries_by_invoice(self) -> Mapping[str, tuple[Entry, ...]]:
        """The facts of all invoices that have any."""


class Documents:
    """The documents of a portal on one day.

    Args:
        invoices: in any order, each key once.
        entries: the facts of those that have any, by key, in ledger order.
        as_of: the day.
    """

    def __init__(self, invoices: Iterable[Invoice], entries: Mapping[str, tuple[Entry, ...]], as_of: date) -> None:
        self.invoices = {invoice.key: invoice for invoice in invoices}
        self.entries = entries
        self.as_of = as_of
        self._balances: dict[str, InvoiceBalance] = {}

    @property
    def seq(self) -> int:
        """The ledger's last entry among the facts; 0 where there are none."""
        return max((facts[-1].seq for facts in self.entries.values()), default=0)

    def entries_of(self, key: str) -> tuple[Entry, ...]:
        """The facts of an invoice, in ledger order."""
        return self.entries.get(key, ())

    def balance(self, key: str) -> InvoiceBalance:
        """Where an invoice stands on the day."""
        found = self._balances.get(key)
        if found is None:
            found = self._balances[key] = balance_of(self.invoices[key], self.entries_of(key), self.as_of)
        return found

    def with_more(self, invoices: Iterable[Invoice]) -> Documents:
        """These documents and further invoices, whose facts are among those at hand."""
        more = Documents((*self.invoices.values(), *invoices), self.entries, self.as_of)
        more._balances = self._balances
        return more

    def brought_up_to_date(self, ledger: FactsLedger) -> Documents:
        """The same documents with the facts as they are by now; what nothing was written about stands as it stood."""
        if ledger.last_entry() == self.seq:
            return self
        newer = Documents(self.invoices.values(), ledger.entries_by_invoice(), self.as_of)
        newer._balances = {
            key: balance for key, balance in self._balances.items() if self.entries_of(key) == newer.entries_of(key)
        }
        return newer
