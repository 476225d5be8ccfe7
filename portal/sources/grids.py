"""The grids of cells in a file: one in a text, one for each sheet of a workbook."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.amounts import DecimalMark
from portal.sources.columns import Header, header_of
from portal.sources.csv_text import Row, decode, delimiters_of, lines_of, rows_of
from portal.sources.customer_list import is_customer_list
from portal.sources.findings import Findings
from portal.sources.texts import line_of_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from portal.sources.sealed import Cell, RawSheet
    from portal.sources.table_settings import TableSettings

_SEARCHED_LINES = 400
"""Lines of the file in which the header is looked for; a row can be of several lines."""
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SURE_DIGITS = 15
"""Significant digits of a number in a workbook; what is beyond them comes from its binary form."""
_LIKE_A_GROUP = 3


class Grid(NamedTuple):
    """Cells in rows, and how they were found.

    Attributes:
        rows: the cells.
        facts: what is worth knowing of their form: encoding and delimiter, or the sheet.
        sheet: the name of the sheet; None in a text.
        is_hidden: whether the sheet is hidden.
    """

    rows: Sequence[Row]
    facts: Mapping[str, str]
    sheet: str | None = None
    is_hidden: bool = False


def grid_of_text(raw: bytes, settings: TableSettings, findings: Findings) -> Grid | None:
    """The grid of a CSV file, by the delimiter that finds the most columns; None is a problem."""
    decoded = decode(raw, settings.encoding, findings)
    if decoded is None:
        return None
    beginning = "".join(islice(lines_of(decoded.text), _SEARCHED_LINES))
    best, most = ",", 0
    for delimiter in delimiters_of(beginning):
        rows = rows_of(beginning, delimiter, Findings(""))
        header = header_of(rows, settings.columns)
        known = len(header.places) if header else is_customer_list(rows)
        if known > most:
            best, most = delimiter, known
    facts = {"encoding": decoded.encoding, "delimiter": _DELIMITERS.get(best, repr(best))}
    return Grid(rows_of(decoded.text, best, findings), facts)


def grids_of_workbook(sheets: Iterable[RawSheet], mark: DecimalMark | None) -> list[Grid]:
    """The grids of a workbook, one for each sheet; numbers become exact texts.

    Args:
        sheets: as they were read.
        mark: the decimal mark that the owner has named; without one, numbers are written with a point.
    """
    return [_grid_of_sheet(sheet, mark) for sheet in sheets]


def _grid_of_sheet(sheet: RawSheet, mark: DecimalMark | None) -> Grid:
    name = line_of_text(sheet.name) or "?"
    rows = [Row(line, tuple(_text(cell, mark) for cell in cells)) for line, cells in enumerate(sheet.rows, start=1)]
    return Grid(rows, {"sheet": f"{name} (hidden)" if sheet.hidden else name}, name, sheet.hidden)


def _text(cell: Cell, mark: DecimalMark | None) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, dict):
        return cell["day"]
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "" if cell is None else _number(cell, mark or DecimalMark.POINT)


def _number(number: float, mark: DecimalMark) -> str:
    """A number as a text that has one reading: 1041.0 is ``1041``, and 1.234 is ``1.2340``, for it has no thousands."""
    exact = Decimal(f"{number:.{_SURE_DIGITS}g}")
    text = f"{exact:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    whole, point, part = text.partition(".")
    return f"{whole}{mark if point else ''}{part}{'0' if len(part) == _LIKE_A_GROUP else ''}"


class FoundTable(NamedTuple):
    """The table of invoices in a file: its grid, and its header."""

    grid: Grid
    header: Header


def table_among(grids: Sequence[Grid], settings: TableSettings) -> tuple[FoundTable | None, list[str]]:
    """The grid whose header has the most known headings, visible ones first; and other sheets that look like it."""
    wanted = [grid for grid in grids if settings.sheet is None or grid.sheet == settings.sheet]
    found = [FoundTable(grid, header) for grid in wanted if (header := header_of(grid.rows, settings.columns))]
    if not found:
        return None, []
    best = max(found, key=lambda table: (not table.grid.is_hidden, len(table.header.places)))
    if settings.sheet is not None:
        return best, []
    same = {"number", "customer", *best.header.places} & best.header.places.keys()
    others = [
        str(table.grid.sheet)
        for table in found
        if table is not best and not table.grid.is_hidden and same <= table.header.places.keys()
    ]
    return best, others
