"""Reports that name the customer in a line above its invoices: each row is given the name that stands above it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.sources.csv_text import Row
from portal.sources.texts import folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.sources.columns import Header

_TOTAL_FOR = ("total for ", "total ")
_LATENESS = re.compile(r"past due|overdue|^current$|^[0-9]+ ?(-|to|or) ", re.IGNORECASE)
_TITLE = "(the line above)"
_BETWEEN_PARENT_AND_CHILD = ":"


def with_customers_above(header: Header, rows: Sequence[Row]) -> tuple[Header, Sequence[Row]]:
    """A table without a column for the customer, with one made from the lines above the rows; any other as it is.

    Lines that name how late something is are no customers: then whose the rows are is not known, and each is a problem.

    Args:
        header: of the table.
        rows: those below the header.
    """
    if "customer" in header.places or header.row.cells[0]:
        return header, rows
    titles = [row.cells[0] for row in rows if _is_title(row)]
    if not titles or any(map(_LATENESS.search, titles)):
        return header, rows
    place = max(len(header.row.cells), max((len(row.cells) for row in rows), default=0))
    named = list(_named(rows, place))
    above = replace(header, row=_longer(header.row, place, _TITLE), places={**header.places, "customer": place})
    return above, named


def _named(rows: Sequence[Row], place: int) -> Iterator[Row]:
    """The rows with their customer: lines that a ``Total for`` closes hold others, and names are joined by colons."""
    closed = {name for row in rows if (name := _total_of(row))}
    names: list[str] = []
    for row in rows:
        if name := _total_of(row):
            while names and names.pop() != name:
                pass
        elif _is_title(row):
            title = folded(row.cells[0])
            if names and names[-1] not in closed:
                names.pop()
            names.append(title)
        elif row.filled > 1 and names:
            yield _longer(row, place, _BETWEEN_PARENT_AND_CHILD.join(names))
            continue
        yield row


def _is_title(row: Row) -> bool:
    return row.filled == 1 and bool(row.cells[0])


def _total_of(row: Row) -> str | None:
    """What a row is the total of, as its title says it."""
    text = folded(row.cells[0]) if row.cells else ""
    for begin in _TOTAL_FOR:
        if text.casefold().startswith(begin):
            return text[len(begin) :].removesuffix(" with sub-customers")
    return None


def _longer(row: Row, place: int, cell: str) -> Row:
    return Row(row.line, (*row.cells, *[""] * (place - len(row.cells)), cell))
