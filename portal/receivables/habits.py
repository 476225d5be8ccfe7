"""How customers have paid: the days they took, and the promises they kept. Facts about the past, no forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portal.receivables.accrual import arrivals_of
from portal.receivables.answers import Promise, PromiseState, promises_of
from portal.receivables.balance import balance_of
from portal.receivables.customers import customer_key
from portal.receivables.entries import EntryKind
from portal.receivables.hindsight import entries_by, happened_on, invoice_on
from portal.receivables.statuses import InvoiceStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, tzinfo

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Invoice
    from portal.receivables.invoice_balance import InvoiceBalance


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """An invoice that is paid, and the day on which its last money came; None where nothing says when."""

    invoice: Invoice
    paid_on: date | None

    @property
    def days_to_pay(self) -> int | None:
        """From the invoice's date to the day it was paid; None where either is not known."""
        return (self.paid_on - self.invoice.issued_on).days if self.paid_on and self.invoice.issued_on else None

    @property
    def days_late(self) -> int | None:
        """From the due date on; negative where it was paid before."""
        return (self.paid_on - self.invoice.due_on).days if self.paid_on and self.invoice.due_on else None


@dataclass(frozen=True, slots=True)
class Habit:
    """How one customer has paid.

    Attributes:
        name: of the customer, as the newest of the invoices has it.
        invoices: how many were paid.
        days_to_pay: on average, rounded half up to whole days; None where no dates are known.
        days_late: on average after the due date, rounded likewise; negative where they pay before.
        kept: promises kept; ``broken`` those that were not. Open ones are in neither.
    """

    name: str
    invoices: int
    days_to_pay: int | None
    days_late: int | None
    kept: int = 0
    broken: int = 0


def paid_invoice(
    invoice: Invoice, entries: Sequence[Entry], balance: InvoiceBalance, zone: tzinfo
) -> PaidInvoice | None:
    """When an invoice was paid, or None where it is not; one that was credited or written off was not paid."""
    if balance.status is not InvoiceStatus.PAID:
        return None
    arrivals = arrivals_of(entries, zone, invoice.currency)
    needed = balance.amount_due - invoice.amount_prepaid
    days = sorted(day for day, _amount in arrivals.received)
    # Money that came twice does not make the customer slower.
    enough = [day for day in days if arrivals.received_by(day) >= needed]
    stated = [paid.paid_on for paid in invoice.payments if paid.paid_on]
    last = (enough or days[-1:])[:1] if needed else []
    return PaidInvoice(invoice, max([*last, *stated], default=None))


def promises_made(invoice: Invoice, entries: Sequence[Entry], as_of: date, zone: tzinfo) -> tuple[Promise, ...]:
    """Every promise made by a day, with what came of it by the end of its own day: late money keeps no promise.

    One that was taken back, or that the owner put aside, before its day came is left out, and so is one that was
    replaced by another.
    """
    found: list[Promise] = []
    if not any(entry.kind is EntryKind.PROMISED for entry in entries):
        return ()
    for entry in entries_by(entries, as_of, zone):
        if entry.kind is EntryKind.PROMISED and entry.value_on is not None:
            found += _judged(invoice, entry, entries, min(entry.value_on, as_of), zone)
    return tuple(
        replace(one, state=PromiseState.BROKEN) if one.state is PromiseState.OPEN and one.day < as_of else one
        for one in found
    )


def _judged(invoice: Invoice, entry: Entry, entries: Sequence[Entry], day: date, zone: tzinfo) -> list[Promise]:
    """What had come of one promise at the end of a day, not later than its own."""
    known, then = entries_by(entries, day, zone), invoice_on(invoice, day)
    if then is None or happened_on(entry, zone) > day:
        return []
    left = balance_of(then, known, day).amount_remaining
    return [one for one in promises_of(known, day, zone, left=left) if one.entry == entry]


def habits_of(
    paid: Iterable[PaidInvoice], promised: Iterable[tuple[Invoice, Sequence[Promise]]], named: Iterable[Invoice]
) -> tuple[Habit, ...]:
    """How each customer has paid, the slowest first.

    Customers without a number or address of their own are told apart by their names.

    Args:
        paid: what they paid.
        promised: the invoices on which they promised something.
        named: all invoices; the last one of a customer has their name.
    """
    invoices: dict[str, list[PaidInvoice]] = {}
    names: dict[str, str] = {}
    for one in paid:
        key = _whose(one.invoice)
        names[key] = one.invoice.customer.name
        invoices.setdefault(key, []).append(one)
    states: dict[str, list[PromiseState]] = {}
    for invoice, promises in promised:
        key = _whose(invoice)
        names[key] = invoice.customer.name
        states.setdefault(key, []).extend(promise.state for promise in promises)
    for invoice in named if names else ():
        if (key := _whose(invoice)) in names:
            names[key] = invoice.customer.name
    habits = [_habit(name, invoices.get(key, []), states.get(key, [])) for key, name in names.items()]
    told = [one for one in habits if one.invoices or one.kept or one.broken]
    return tuple(sorted(told, key=lambda one: (-(one.days_late or 0), -one.broken, one.name.casefold())))


def _whose(invoice: Invoice) -> str:
    return customer_key(invoice.customer) or invoice.customer.name.casefold()


def _habit(name: str, paid: Sequence[PaidInvoice], states: Sequence[PromiseState]) -> Habit:
    return Habit(
        name=name,
        invoices=len(paid),
        days_to_pay=_average([one.days_to_pay for one in paid if one.days_to_pay is not None]),
        days_late=_average([one.days_late for one in paid if one.days_late is not None]),
        kept=states.count(PromiseState.KEPT),
        broken=states.count(PromiseState.BROKEN),
    )


def _average(days: Sequence[int]) -> int | None:
    """Rounded half up to whole days."""
    return (2 * sum(days) + len(days)) // (2 * len(days)) if days else None
