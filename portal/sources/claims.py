"""Rows of a table put together to claims: several rows with one number are the lines of one invoice."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.column_names import CLAIM_FIELDS, ITEM_FIELDS
from portal.sources.profiles import Adding
from portal.sources.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.sources.columns import Header
    from portal.sources.csv_text import Row
    from portal.sources.runs import Run
    from portal.sources.table_words import RowKind


_NEAR = 20
"""So many claims under one number are held against a row: a column that is no number must not take hours."""


class Claim(NamedTuple):
    """The rows of one invoice or credit note."""

    rows: list[Row]
    kind: RowKind


def claims_of(header: Header, runs: Iterable[Run]) -> list[Claim]:
    """The claims of a table, in the order of their first rows.

    Rows belong together where the table has columns for lines, the number is the same, and no field that belongs to
    the whole invoice says something else.
    """
    if header.adding is Adding.SIGNS:
        return _by_number(header, runs)
    if not any(field in header.places for field in ITEM_FIELDS):
        return [Claim(run.rows, run.kind) for run in runs]
    claims: list[Claim] = []
    likeness = _Likeness(header)
    by_number: dict[str, list[Claim]] = {}
    for rows, kind in runs:
        number = folded(header.cell(rows[0], "number"))
        same = by_number.setdefault(number, []) if number else []
        for claim in same[-_NEAR:]:
            if kind is claim.kind and likeness.fits(claim, rows[0]):
                claim.rows.extend(rows)
                break
        else:
            claims.append(Claim([*rows], kind))
            same.append(claims[-1])
    return claims


def _by_number(header: Header, runs: Iterable[Run]) -> list[Claim]:
    """All postings under one number are one claim; what was asked for goes before what was paid."""
    claims: dict[str, Claim] = {}
    for rows, kind in runs:
        claims.setdefault(folded(header.cell(rows[0], "number")), Claim([], kind)).rows.extend(rows)
    for claim in claims.values():
        claim.rows.sort(key=lambda row: header.cell(row, "total").startswith(("-", "(")))
    return list(claims.values())


def cell_of(header: Header, claim: Claim, field: str) -> tuple[Row, str]:
    """The first row of a claim that says something of a field, and what; the first row of all where none does."""
    first = claim.rows[0]
    if (place := header.places.get(field)) is None:
        return first, ""
    for row in claim.rows:
        if place < len(row.cells) and (text := row.cells[place]):
            return row, text
    return first, ""


class _Likeness:
    """Says whether a row belongs to a claim, by what is the same on every row of one invoice."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._fields = [field for field in CLAIM_FIELDS if field in header.places]
        places = [header.places[field] for field in self._fields]
        self._width = max(places, default=0) + 1
        self._same = itemgetter(*places) if places else len

    def fits(self, claim: Claim, row: Row) -> bool:
        """Whether nothing in the row contradicts the claim; most rows just repeat what its first one says."""
        begun, cells = claim.rows[0].cells, row.cells
        if len(begun) == len(cells) >= self._width and self._same(begun) == self._same(cells):
            return True
        return all(
            not text or not known or folded(text) == folded(known)
            for field in self._fields
            for text, known in [(self._header.cell(row, field), cell_of(self._header, claim, field)[1])]
        )
