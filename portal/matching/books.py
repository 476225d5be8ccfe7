"""What a sum of money would do to the open invoices, worked out as if it were recorded."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from portal.matching.words import name_words, same_name
from portal.receivables.allocation import Allocation
from portal.receivables.balance import balance_of
from portal.receivables.customers import statement_key
from portal.receivables.entries import Entry, EntryKind
from portal.receivables.money import zero
from portal.receivables.plans import schedule_in_force, standing_of_schedule
from portal.receivables.prices import price_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from portal.receivables.allocation import Allocations
    from portal.receivables.bookings import Booking
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.money import Money


class Fit(StrEnum):
    """What a sum is for an invoice."""

    SETTLES = "settles it"
    DUE = "a part that is due"
    PART = "less than is left"
    MORE = "more than is left"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a sum would do, in kind and in words."""

    fit: Fit
    words: str

    @property
    def is_exact(self) -> bool:
        """Whether it is just what was asked for."""
        return self.fit in {Fit.SETTLES, Fit.DUE}


class Books:
    """All invoices with their entries, and what is supposed to be recorded besides.

    Args:
        invoices: by key.
        entries: by key.
        as_of: today.
    """

    def __init__(self, invoices: Mapping[str, Invoice], entries: Mapping[str, Sequence[Entry]], as_of: date) -> None:
        self.invoices = invoices
        self.as_of = as_of
        self._entries = {key: tuple(entries.get(key, ())) for key in invoices}
        self._balances: dict[str, InvoiceBalance] = {}
        self._names: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_statement: dict[str, list[str]] = defaultdict(list)
        for key, invoice in invoices.items():
            if self.left(key):
                self._by_name[invoice.customer.name].append(key)
                for word in name_words(invoice.customer.name):
                    self._names[word].add(invoice.customer.name)
                if statement := statement_key(invoice):
                    self._by_statement[statement].append(key)

    def entries(self, key: str) -> tuple[Entry, ...]:
        """The facts of an invoice, and what is supposed."""
        return self._entries[key]

    def newest(self, key: str) -> str:
        """The invoice that has taken the place of one, in the end; the one itself where none has."""
        seen: set[str] = set()
        while key not in seen:
            seen.add(key)
            successor = self.invoices[key].replaced_by
            if successor is not None and successor.key is not None and successor.key in self.invoices:
                key = successor.key
        return key

    def balance(self, key: str) -> InvoiceBalance:
        """Where an invoice stands today."""
        if key not in self._balances:
            self._balances[key] = balance_of(self.invoices[key], self._entries[key], self.as_of)
        return self._balances[key]

    def left(self, key: str) -> Money:
        """What is left to pay on an invoice and not on its way; a discount not taken off."""
        return self.balance(key).amount_without_discount

    def is_open(self, key: str, currency: str) -> bool:
        """Whether money in this currency can be for an invoice."""
        return self.invoices[key].currency == currency and bool(self.left(key))

    def oldest_first(self, keys: Iterable[str]) -> list[str]:
        """Invoices, the one due first in front."""
        return sorted(keys, key=lambda key: (str(self.invoices[key].due_on or "9999"), key))

    def of_same_customer(self, key: str) -> list[str]:
        """The open invoices of the statement on which an invoice stands, the oldest first; itself alone without one."""
        statement = statement_key(self.invoices[key])
        found = self._by_statement.get(statement, [key]) if statement else [key]
        return self.oldest_first(one for one in found if self.left(one))

    def of_name(self, name: str, currency: str) -> list[str]:
        """The open invoices in a currency whose customer can be of this name, the oldest first."""
        near = {other for word in name_words(name) for other in self._names.get(word, ())}
        same = (key for other in near if same_name(name, other) for key in self._by_name[other])
        return self.oldest_first(key for key in same if self.is_open(key, currency))

    def suppose(self, booking: Booking, allocations: Iterable[Allocation]) -> None:
        """Take a proposal as recorded, for those that come after it."""
        for part in allocations:
            facts = self._entries[part.invoice_key]
            self._entries[part.invoice_key] = (*facts, _trial(part.invoice_key, part.amount, booking.value_on, facts))
            self._balances.pop(part.invoice_key, None)

    def without(self, undone: Sequence[Entry]) -> Books:
        """The same books as if these payments were undone."""
        facts = dict(self._entries)
        for entry in undone:
            facts[entry.invoice_key] = (*facts[entry.invoice_key], _reversal(entry, facts[entry.invoice_key]))
        touched = {entry.invoice_key for entry in undone}
        return Books({key: self.invoices[key] for key in touched}, facts, self.as_of)

    def issued_later(self, allocations: Allocations, day: date) -> str | None:
        """An invoice among these that was issued only after a day: the day may have been read wrong."""
        dates = {part.invoice_key: self.invoices[part.invoice_key].issued_on for part in allocations}
        return next((key for key, issued_on in dates.items() if issued_on is not None and issued_on > day), None)

    def effect(self, key: str, amount: Money, value_on: date) -> Effect:
        """What so much money of that day would do to an invoice."""
        invoice, facts, before = self.invoices[key], self._entries[key], self.balance(key)
        after = balance_of(invoice, (*facts, _trial(key, amount, value_on, facts)), self.as_of)
        beyond = after.amount_overpaid - before.amount_overpaid
        beyond += max(after.amount_on_its_way - after.amount_remaining, zero(amount.currency))
        if beyond:
            return Effect(Fit.MORE, f"{beyond} more than is left")
        if after.amount_remaining == after.amount_on_its_way:
            saved = after.amount_discounted - before.amount_discounted
            return Effect(Fit.SETTLES, "settles it" + (f" with its discount of {saved}" if saved else ""))
        if amount in self._parts_due(key, value_on):
            return Effect(Fit.DUE, "is the part that is due")
        short = after.amount_remaining - after.amount_on_its_way
        return Effect(Fit.PART, f"{short} less than is left{self._earlier_price(key, amount)}")

    def sums(self, keys: Sequence[str], amount: Money, value_on: date) -> Allocations | None:
        """How a sum settles all these invoices to the cent; None where it does not."""
        grace = max((self.invoices[key].terms.value_days for key in keys), default=0)
        for day in {value_on: None, value_on - timedelta(days=grace): None, None: None}:
            parts = tuple(Allocation(key, self._price(key, day)) for key in keys)
            total = sum((part.amount for part in parts), zero(amount.currency))
            if total != amount or any(part.amount.minor <= 0 for part in parts):
                continue
            if all(self.effect(one.invoice_key, one.amount, value_on).fit is Fit.SETTLES for one in parts):
                return parts
        return None

    def fill(self, keys: Sequence[str], amount: Money) -> Allocations:
        """A sum spread over invoices, the first filled first; what is beyond all of them is left aside."""
        parts = []
        for key in keys:
            part = min(amount, self.left(key))
            if part.minor > 0:
                parts.append(Allocation(key, part))
                amount -= part
        return tuple(parts)

    def _price(self, key: str, day: date | None) -> Money:
        """What settles an invoice on a day; None is without any discount."""
        if day is None:
            return self.left(key)
        return balance_of(self.invoices[key], self._entries[key], day).amount_offerable

    def _parts_due(self, key: str, value_on: date) -> frozenset[Money]:
        """Sums that were asked for by a day: parts of the invoice from the first on, and payments of its plan."""
        invoice, facts = self.invoices[key], self._entries[key]
        found = set()
        for day in (value_on, self.as_of):
            balance = balance_of(invoice, facts, day)
            found.add(balance.catch_up)
            asked = zero(invoice.currency)
            for part in balance.parts:
                asked += part.rest
                found |= {part.rest, asked} if part.rest == asked else {asked}
            schedule = schedule_in_force(facts)
            if schedule is not None:
                left = balance.amount_without_discount
                stands = standing_of_schedule(schedule, facts, day, left=left, zone=invoice.terms.zone)
                found |= {stands.due, stands.next_request}
        return frozenset(one for one in found if one)

    def _earlier_price(self, key: str, amount: Money) -> str:
        """Words about a price that held before: a discount taken too late, or a late fee left out."""
        invoice = self.invoices[key]
        begun = invoice.issued_on or invoice.due_on
        if begun is None:
            return ""
        stages = price_list(invoice, (), begun).stages
        ended = next((one.until for one in stages if one.amount == amount and one.until is not None), None)
        return f"; it is what settled it until {ended}" if ended else ""


def _reversal(undone: Entry, facts: Sequence[Entry]) -> Entry:
    last = max((entry.seq for entry in facts), default=0)
    name, kind = f"supposed {last + 1}", EntryKind.REVERSAL
    return Entry(kind, undone.invoice_key, undone.amount, undone.occurred_at, name, seq=last + 1, reverses=undone.seq)


def _trial(key: str, amount: Money, value_on: date, facts: Sequence[Entry]) -> Entry:
    """A payment as it would be recorded."""
    last = max((entry.seq for entry in facts), default=0)
    moment = datetime.combine(value_on, time(12), tzinfo=UTC)
    return Entry(EntryKind.PAYMENT, key, amount, moment, f"supposed {last + 1}", seq=last + 1, value_on=value_on)
