"""Customer numbers that may stand for several customers: their invoices would meet on one statement."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.sources.keys import source_of
from portal.sources.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.receivables.invoice import Invoice


def doubtful_numbers(invoices: Iterable[Invoice]) -> list[Problem]:
    """A warning for each customer number whose invoices have different names and different e-mail addresses.

    A name that is spelt in two ways is common, and so is a second address; both at once may be a slip of the pen.
    """
    by_number: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        if invoice.customer.reference:
            by_number[invoice.customer.reference].append(invoice)
    return [_doubt(number, group) for number, group in sorted(by_number.items()) if _is_doubtful(group)]


def _is_doubtful(group: list[Invoice]) -> bool:
    names = {folded(invoice.customer.name).casefold() for invoice in group}
    addresses = {invoice.customer.email.casefold() if invoice.customer.email else None for invoice in group}
    return len(names) > 1 and len(addresses) > 1


def _doubt(number: str, group: list[Invoice]) -> Problem:
    file, row = source_of(group[-1])
    names = ", ".join(sorted({invoice.customer.name for invoice in group})[:3])
    return Problem(
        f"Customer number {number} stands for several names and addresses ({names}), which share a statement.",
        "If they are different customers, give each its own number; each would see the other's invoices.",
        file=file,
        line=row,
        field="customer number",
    )
