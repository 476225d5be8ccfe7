"""Rows of a table put together to claims: several rows with one number are the lines of one invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from portal.sources.column_names import CLAIM_FIELDS, ITEM_FIELDS
from portal.sources.profiles import Adding
from portal.sources.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.table_words import RowKind


_NEAR = 20
"""So many claims under one number are held against a row: a column that is no number must not take hours."""


class Claim(NamedTuple):
    """The rows of one invoice or credit note."""

    rows: list[Row]
    kind: RowKind


def claims_of(header: Header, rows: Iterable[tuple[Row, RowKind]]) -> list[Claim]:
    """The claims of a table, in the order of their first rows.

    Rows belong together where the table has columns for lines, the number is the same, and no field that belongs to
    the whole invoice says something else.
    """
    claims: list[Claim] = []
    if header.adding is Adding.SIGNS:
        return _by_number(header, rows)
    by_number: dict[str, list[Claim]] = {}
    has_lines = any(field in header.places for field in ITEM_FIELDS)
    for row, kind in rows:
        number = folded(header.cell(row, "number"))
        same = by_number.setdefault(number, []) if number and has_lines else []
        near = same[-_NEAR:]
        claim = next((known for known in near if kind is known.kind and _fits(header, known, row)), None)
        if claim:
            claim.rows.append(row)
        else:
            claims.append(Claim([row], kind))
            same.append(claims[-1])
    return claims


def _by_number(header: Header, rows: Iterable[tuple[Row, RowKind]]) -> list[Claim]:
    """All postings under one number are one claim; what was asked for goes before what was paid."""
    claims: dict[str, Claim] = {}
    for row, kind in rows:
        claims.setdefault(folded(header.cell(row, "number")), Claim([], kind)).rows.append(row)
    for claim in claims.values():
        claim.rows.sort(key=lambda row: header.cell(row, "total").startswith(("-", "(")))
    return list(claims.values())


def cell_of(header: Header, claim: Claim, field: str) -> tuple[Row, str]:
    """The first row of a claim that says something of a field, and what; the first row of all where none does."""
    first = claim.rows[0]
    if field not in header.places or len(claim.rows) == 1:
        return first, header.cell(first, field)
    cells = ((row, header.cell(row, field)) for row in claim.rows)
    return next(((row, text) for row, text in cells if text), (first, ""))


def _fits(header: Header, claim: Claim, row: Row) -> bool:
    begun = claim.rows[0].cells
    places = [header.places[field] for field in CLAIM_FIELDS if field in header.places]
    if len(begun) == len(row.cells) > max(places) and all(begun[place] == row.cells[place] for place in places):
        return True
    return all(
        not text or not known or folded(text) == folded(known)
        for field in CLAIM_FIELDS
        for text, known in [(header.cell(row, field), cell_of(header, claim, field)[1])]
    )
