"""A reminder that is to be written: to whom, about which invoices, at which step, and what it announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from portal.ports.mail import Cause
    from portal.receivables.invoice import Customer, Invoice
    from portal.receivables.invoice_balance import InvoiceBalance
    from portal.receivables.ladder import Step
    from portal.receivables.money import Money


@dataclass(frozen=True, slots=True)
class ReminderPart:
    """One invoice of a reminder.

    Attributes:
        due_on: the day the ladder counts from.
        asked: what is due by now, where that is not all that is left.
    """

    invoice: Invoice
    balance: InvoiceBalance
    due_on: date
    asked: Money


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """One mail to one customer, about one invoice or several.

    Attributes:
        customer: as the newest of the invoices has them.
        step: whose words it has.
        as_of: the day it is written on; the words say by it whether a due date has passed.
        announced_on: the day on which what it announces comes; None where it announces nothing.
    """

    cause: Cause
    customer: Customer
    parts: tuple[ReminderPart, ...]
    step: Step
    as_of: date
    announced_on: date | None = None
