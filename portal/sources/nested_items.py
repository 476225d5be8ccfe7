"""Exports that keep the lines of an invoice as a table within one cell: each line is given a row of its own."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

from portal.sources.csv_text import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portal.sources.columns import Header

_FIELDS = ("description", "quantity", "unit_price")
_HEADINGS = ("description", "qty", "unit_price")
_DISCOUNTS = ("discount_amount", "discount_percentage")
_MOST_ITEMS = 500


def with_items_apart(header: Header, rows: Sequence[Row]) -> tuple[Header, Sequence[Row]]:
    """A table with a row for each line, where its program nests lines in a cell; any other as it is.

    Args:
        header: of the table.
        rows: those below the header.
    """
    nested = header.profile.items_in
    place = header.place_of(nested) if nested else None
    if place is None:
        return header, rows
    width = max(len(header.row.cells), max((len(row.cells) for row in rows), default=0))
    places = {**header.places, **{field: width + number for number, field in enumerate(_FIELDS)}}
    longer = _longer(header.row, width, tuple(f"{nested}: {title}" for title in _HEADINGS))
    apart = [
        _longer(row, width, item)
        for row in rows
        for item in (list(_items(row.cells[place] if place < len(row.cells) else "")) or [("", "", "")])
    ]
    return replace(header, row=longer, places=places), apart


def _longer(row: Row, width: int, cells: tuple[str, ...]) -> Row:
    return Row(row.line, (*row.cells, *[""] * (width - len(row.cells)), *cells))


def _items(text: str) -> Iterator[tuple[str, ...]]:
    """Description, quantity and price of each line: rows end with ``;``, and cells may be quoted.

    A line with a discount has no price here, so that nothing wrong is worked out from it.
    """
    pieces = text.split('"')
    pieces[::2] = [piece.replace(";", "\n") for piece in pieces[::2]]
    reader = csv.DictReader(io.StringIO('"'.join(pieces), newline=""))
    try:
        for number, item in enumerate(reader):
            if number == _MOST_ITEMS:
                return
            values = tuple((item.get(title) or "").strip() for title in _HEADINGS)
            is_reduced = any((item.get(name) or "0").strip("0.") for name in _DISCOUNTS)
            yield (*values[:2], "") if is_reduced else values
    except csv.Error:
        return
