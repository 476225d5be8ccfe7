"""Akaunting's export: a workbook whose invoices, their items and their payments are sheets of their own."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import TYPE_CHECKING

from portal.sources.csv_text import Row
from portal.sources.grids import Grid
from portal.sources.headings import heading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NUMBER = heading("invoice_number")
_INVOICES = frozenset(map(heading, ("invoice_number", "invoiced_at", "due_at", "contact_name", "amount")))
_ITEMS = frozenset(map(heading, ("invoice_number", "item_name", "quantity", "total")))
_PAYMENTS = frozenset(map(heading, ("invoice_number", "paid_at", "amount")))
_ITEM_HEADINGS = ("item_name", "item_description", "quantity", "total")
_ADDED = ("item_name", "item_description", "quantity", "line_amount", "amount_paid")


def as_one_grid(grids: Sequence[Grid]) -> Sequence[Grid]:
    """One grid where the workbook is Akaunting's, each invoice with its items and what was paid; else as they are."""
    invoices = _with(grids, _INVOICES)
    if invoices is None:
        return grids
    columns = {heading(cell): place for place, cell in enumerate(invoices.rows[0].cells)}
    items = _by_number(_with(grids, _ITEMS), _ITEM_HEADINGS)
    payments = _by_number(_with(grids, _PAYMENTS), ("amount",))
    width = len(invoices.rows[0].cells)
    rows = [Row(invoices.rows[0].line, (*invoices.rows[0].cells, *_ADDED))]
    for row in invoices.rows[1:]:
        number = _cell(row, columns[_NUMBER])
        cells = (*row.cells, *[""] * (width - len(row.cells)))
        paid = _sum([cell for (cell,) in payments.get(number, [])])
        for item, paid_cell in zip_longest(items.get(number) or [("",) * len(_ITEM_HEADINGS)], [paid], fillvalue=""):
            rows.append(Row(row.line, (*cells, *item, str(paid_cell))))
    return [Grid(rows, {"sheet": f"{invoices.sheet}, with items and payments of others"}, invoices.sheet)]


def _with(grids: Sequence[Grid], headings: frozenset[str]) -> Grid | None:
    return next((grid for grid in grids if grid.rows and headings <= set(map(heading, grid.rows[0].cells))), None)


def _by_number(grid: Grid | None, wanted: tuple[str, ...]) -> Mapping[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    if grid is not None:
        columns = {heading(cell): place for place, cell in enumerate(grid.rows[0].cells)}
        for row in grid.rows[1:]:
            cells = tuple(_cell(row, columns.get(heading(title))) for title in wanted)
            found[_cell(row, columns[_NUMBER])].append(cells)
    return found


def _cell(row: Row, place: int | None) -> str:
    return row.cells[place] if place is not None and place < len(row.cells) else ""


def _sum(texts: Sequence[str]) -> str:
    """The sum of amounts as the export writes them, or the first that is none, for the row's own problem."""
    try:
        return str(sum((Decimal(text) for text in texts), Decimal(0))) if texts else "0"
    except InvalidOperation:
        return next(text for text in texts if not text.replace(".", "", 1).isdigit())
