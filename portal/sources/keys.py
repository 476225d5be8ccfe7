"""Which key each invoice gets where several documents share one number."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from portal.errors import Problem
from portal.sources.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from portal.receivables.invoice import Invoice


def with_keys(invoices: Iterable[Invoice]) -> Reading:
    """The invoices with keys of their own; a claim that is there twice is taken once, with a warning.

    Of several claims under one number, the earliest keeps the number as its key; the others add their file's name.
    """
    by_number: dict[str, list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        by_number[invoice.number].append(invoice)
    taken = set(by_number)
    kept: list[Invoice] = []
    warnings: list[Problem] = []
    for group in by_number.values():
        claims = group if len(group) == 1 else _different(group, warnings)
        kept.append(claims[0])
        for claim in claims[1:]:
            key = next(key for key in _candidates(claim) if key not in taken)
            taken.add(key)
            kept.append(replace(claim, key=key))
            warnings.append(_shared_number(claim, key, claims[0]))
    return Reading(tuple(kept), warnings=tuple(warnings))


def source_of(invoice: Invoice) -> tuple[str, int | None]:
    """The file of an invoice, and its row where the file is a table."""
    file, colon, row = invoice.source.rpartition(":")
    return (file, int(row)) if colon and row.isdigit() else (invoice.source, None)


def _different(group: Sequence[Invoice], warnings: list[Problem]) -> list[Invoice]:
    """The different claims, earliest first; each repetition is noted."""
    claims: dict[tuple[object, ...], Invoice] = {}
    for invoice in sorted(group, key=_by_source):
        first = claims.setdefault(claim_of(invoice), invoice)
        if first is not invoice:
            if first.original is None and invoice.original is not None:
                claims[claim_of(invoice)] = replace(first, original=invoice.original)
            file, row = source_of(invoice)
            warnings.append(
                Problem(
                    f"Invoice {invoice.number} is already in {first.source}, just the same: it is counted once.",
                    "Remove one of the two.",
                    file=file,
                    line=row,
                    field="number",
                )
            )
    return sorted(claims.values(), key=lambda invoice: (invoice.issued_on or date.max, _by_source(invoice)))


def claim_of(invoice: Invoice) -> tuple[object, ...]:
    """What two documents under one number have in common where they are the same claim."""
    return (
        invoice.kind,
        invoice.customer.name,
        invoice.issued_on,
        invoice.total,
        invoice.stated_due,
    )


def _by_source(invoice: Invoice) -> tuple[str, int]:
    file, row = source_of(invoice)
    return file, row or 0


def _candidates(invoice: Invoice) -> Iterator[str]:
    file, row = source_of(invoice)
    name = PurePosixPath(file).name
    places = [name, invoice.source] if row is None else [name, f"{name}:{row}", invoice.source]
    yield from (f"{invoice.number} ({place})" for place in places)
    yield from (f"{invoice.number} ({invoice.source}, {again})" for again in count(2))


def _shared_number(invoice: Invoice, key: str, first: Invoice) -> Problem:
    file, row = source_of(invoice)
    return Problem(
        f"Invoice {invoice.number} is also in {first.source}, with other contents; here it is known as {key}.",
        "If one replaces the other, remove the old one; else give each its own number.",
        file=file,
        line=row,
        field="number",
    )
