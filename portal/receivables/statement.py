"""All documents of one customer in one currency on one day: what is left, what is overdue, what is in their favour."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from portal.receivables.balance import balance_of
from portal.receivables.entries import EntryKind, in_force
from portal.receivables.invoice import DocumentKind
from portal.receivables.money import Money, zero
from portal.receivables.plans import PlanState, plan_standing
from portal.receivables.prices import price_list
from portal.receivables.statuses import InvoiceStatus, NothingToPay

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portal.receivables.entries import Entry
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.plans import PaymentPlan, PlanStanding

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a credit note with its facts, and the payment plan that it is on.

    ``refused_on`` is the day of the plan's last charge, where the bank refused that; ``balance`` is where it stands on
    the statement's day, if that was worked out before.
    """

    invoice: Invoice
    entries: Sequence[Entry]
    plan: PaymentPlan | None = None
    refused_on: date | None = None
    balance: InvoiceBalance | None = None


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One document of a statement.

    Attributes:
        agreed: the plan that it is on, also one that asks for nothing more.
        stands: where that plan stands.
        refused_on: the day of the plan's last charge, where the bank refused that.
        payable: what paying everything pays of it: all that is left; on a plan, what the plan asks for by that day.
        credit: what is in the customer's favour: what is left of a credit note, or what was paid beyond what was due.
        until: the last day on which what is left settles it; None where that stays so.
    """

    invoice: Invoice
    balance: InvoiceBalance
    agreed: PaymentPlan | None
    stands: PlanStanding | None
    payable: Money
    credit: Money
    until: date | None
    refused_on: date | None = None

    @property
    def plan(self) -> PlanStanding | None:
        """Where the plan that it is on stands; None without one, and once the plan asks for nothing more."""
        asks = self.stands is not None and self.stands.state is not PlanState.COMPLETE and bool(self.left)
        return self.stands if asks else None

    @property
    def left(self) -> Money:
        """What settles it, beyond what is on its way."""
        return self.balance.amount_offerable

    @property
    def due_on(self) -> date | None:
        """When it is due; of an invoice that is due in parts, when the first part with something left is."""
        unpaid = (part.due_on for part in self.balance.parts if part.rest)
        return next(unpaid, self.invoice.due_on)

    @property
    def is_open(self) -> bool:
        """Whether something is left to pay, be it on its way."""
        return bool(self.balance.amount_remaining)

    @property
    def is_overdue(self) -> bool:
        """Whether it ought to be paid by now; a plan that is kept to is no delay."""
        kept_to = self.plan is not None and self.plan.state is PlanState.GOOD
        return self.balance.status is InvoiceStatus.OVERDUE and bool(self.left) and not kept_to


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's documents in one currency, the one due first in front, those without a due date last."""

    rows: tuple[StatementRow, ...]
    currency: str

    @property
    def customer(self) -> Customer:
        """Whose statement it is."""
        return newest_customer(row.invoice for row in self.rows)

    @property
    def open(self) -> tuple[StatementRow, ...]:
        """The invoices with something left to pay."""
        return tuple(row for row in self.rows if row.is_open)

    @property
    def overdue(self) -> tuple[StatementRow, ...]:
        """Those that ought to be paid by now."""
        return tuple(row for row in self.rows if row.is_overdue)

    @property
    def in_favour(self) -> tuple[StatementRow, ...]:
        """The documents with something in the customer's favour."""
        return tuple(row for row in self.rows if row.credit)

    @property
    def balance_due(self) -> Money:
        """What is left on all invoices, beyond what is on its way; credits are not taken off."""
        return self.sum_of(row.left for row in self.rows)

    @property
    def amount_overdue(self) -> Money:
        """What of it ought to be paid by now."""
        return self.sum_of(row.left for row in self.overdue)

    @property
    def amount_on_its_way(self) -> Money:
        """Bank payments started and not yet arrived."""
        return self.sum_of(row.balance.amount_on_its_way for row in self.rows)

    @property
    def until(self) -> date | None:
        """The last day on which all that is left settles it all; None where that stays so."""
        return min((row.until for row in self.rows if row.until is not None), default=None)

    @property
    def credit(self) -> Money:
        """What is in the customer's favour; it is set off only where the owner says so."""
        return self.sum_of(row.credit for row in self.rows)

    def sum_of(self, amounts: Iterable[Money]) -> Money:
        """A sum in the statement's currency; nothing where there are no amounts."""
        return sum(amounts, zero(self.currency))


def statement_of(documents: Iterable[Document], as_of: date) -> Statement:
    """The statement of these documents, which are one customer's in one currency, on the day ``as_of``.

    Raises:
        ValueError: there is none.
        MoneyError: they are in several currencies.
    """
    rows = tuple(sorted((_row(document, as_of) for document in documents), key=_place))
    if not rows:
        raise ValueError("a statement has one document at least")
    return Statement(rows, rows[0].invoice.currency)


def newest_customer(invoices: Iterable[Invoice]) -> Customer:
    """The customer as the newest of their documents has them, since spellings may differ; there is one at least."""
    return max(invoices, key=lambda invoice: (invoice.issued_on or date.min, invoice.key)).customer


def credit_of(invoice: Invoice, entries: Iterable[Entry], balance: InvoiceBalance) -> Money:
    """What a document has left in the customer's favour: of a credit note, a negative invoice, or an overpayment.

    What was set off of an overpayment is no longer in the balance; of a credit note, it is taken off here.
    """
    used = (entry.amount for entry in in_force(entries) if entry.kind is EntryKind.CREDIT_USED)
    stated = _stated_credit(invoice, balance) - sum(used, zero(invoice.currency))
    return max(stated, zero(invoice.currency)) + balance.amount_overpaid


def _stated_credit(invoice: Invoice, balance: InvoiceBalance) -> Money:
    """What the document itself gives. Credit notes are written with a minus in some sources, without in others."""
    match balance.reason:
        case NothingToPay.CREDIT_NOTE if invoice.kind is DocumentKind.CREDIT_NOTE:
            return invoice.stated_due if invoice.total.minor >= 0 else -invoice.stated_due
        case NothingToPay.NEGATIVE:
            return -invoice.stated_due
        case _:
            return zero(invoice.currency)


def _row(document: Document, as_of: date) -> StatementRow:
    invoice, entries = document.invoice, document.entries
    balance = document.balance or balance_of(invoice, entries, as_of)
    stands = plan_standing(document.plan, invoice, balance, entries, as_of) if document.plan else None
    row = StatementRow(
        invoice=invoice,
        balance=balance,
        agreed=document.plan,
        stands=stands,
        payable=balance.amount_offerable,
        credit=credit_of(invoice, entries, balance),
        until=price_list(invoice, entries, as_of, balance=balance, most=1).fresh_until,
        refused_on=document.refused_on,
    )
    return row if row.plan is None else replace(row, payable=min(row.plan.due, row.left))


def _place(row: StatementRow) -> tuple[object, ...]:
    """By due date, then by number as people count: 99 before 100."""
    invoice = row.invoice
    parts = [(len(part), part) if part.isdigit() else (0, part) for part in _DIGITS.split(invoice.number)]
    return row.due_on or date.max, parts, invoice.key
