"""Invoices that take the place of earlier ones: the earlier ones learn of it, and ask for nothing any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.receivables.customers import customer_key
from portal.receivables.invoice import DocumentKind, Successor
from portal.sources.keys import source_of
from portal.sources.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.receivables.invoice import Invoice


def with_successors(invoices: Iterable[Invoice]) -> Reading:
    """The invoices, those that were replaced with the one in their place; what cannot be so is a warning.

    Where several take the place of one, the last issued is named.
    """
    by_key = {invoice.key: invoice for invoice in invoices}
    newer: dict[str, Invoice] = {}
    warnings: list[Problem] = []
    for invoice in sorted(by_key.values(), key=lambda one: (one.issued_on or date.min, one.key)):
        for key in invoice.replaces:
            if doubt := _doubt(invoice, key, by_key, newer):
                warnings.append(doubt)
            else:
                newer[key] = invoice
    linked = tuple(
        replace(one, replaced_by=_successor(one, newer[one.key])) if one.key in newer else one
        for one in by_key.values()
    )
    return Reading(linked, warnings=tuple(warnings))


def _successor(older: Invoice, newer: Invoice) -> Successor:
    """A number that was mistyped must not lead one customer to another's page."""
    customer = customer_key(older.customer)
    is_same = customer is not None and customer == customer_key(newer.customer)
    return Successor(newer.number, newer.issued_on, newer.key if is_same else None)


def _doubt(invoice: Invoice, key: str, by_key: dict[str, Invoice], newer: dict[str, Invoice]) -> Problem | None:
    """Why an invoice cannot take the place of another, or None where it can."""
    file, row = source_of(invoice)

    def warning(problem: str, remedy: str) -> Problem:
        return Problem(problem, remedy, file=file, line=row, field="replaces")

    older = by_key.get(key)
    if older is None:
        return warning(
            f"Invoice {invoice.number} replaces {key}, which is not here.",
            "Correct the number; or keep the old invoice too, so that its page leads to the new one.",
        )
    if DocumentKind.CREDIT_NOTE in {invoice.kind, older.kind}:
        return warning(
            f"Invoice {invoice.number} replaces {key}, and one of the two is a credit note: both stay as they are.",
            "Only an invoice takes the place of an invoice.",
        )
    if _comes_back(invoice.key, key, newer):
        return warning(
            f"Invoice {invoice.number} replaces {key}, and {key} replaces it: this one stays as it is.",
            "Remove one of the two.",
        )
    return None


def _comes_back(key: str, older: str, newer: dict[str, Invoice]) -> bool:
    """Whether following what replaced ``key`` leads back to ``older``, or it would replace itself."""
    seen = key
    while seen != older and seen in newer:
        seen = newer[seen].key
    return seen == older
