"""A program of its own that opens PDFs and workbooks, so that a hostile file can take nothing but this process.

It is started by ``sealed`` and knows nothing of the portal. It reads one request a line from standard input and writes
one answer a line, both JSON: ``{"kind": "pdf", "path": ...}`` gives ``{"attachments": [[name, base64], ...]}``,
``{"kind": "workbook", "path": ...}`` gives ``{"sheets": [{"name": ..., "hidden": ..., "rows": [[...], ...]}, ...]}``,
and what cannot be read gives ``{"error": ...}``. A cell is a text, a number, a truth value, or null; a day is
``{"day": "2026-10-31"}``.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_MEMORY = 1 << 30
"""Bytes that this process may take; a file that needs more is refused."""
MOST_ATTACHMENTS = 20
LARGEST_ATTACHMENT = 10 << 20
MOST_CELLS = 5_000_000
MOST_SHEETS = 50
_ENDING = ".xml"

Answer = dict[str, Any]


def main() -> None:
    """Answer requests until there are no more."""
    _limit_memory()
    for line in sys.stdin:
        request = json.loads(line)
        opener = _attachments if request["kind"] == "pdf" else _sheets
        try:
            answer = opener(request["path"])
        except MemoryError:
            answer = {"error": "it needs more memory than is allowed"}
        except Exception as error:  # noqa: BLE001  whatever a broken file makes a library raise
            answer = {"error": (str(error) or type(error).__name__)[:200].rstrip(".")}
        print(json.dumps(answer), flush=True)  # noqa: T201  the answer goes to standard output


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # not every system can
        import resource  # noqa: PLC0415  absent on some systems

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def _attachments(path: str) -> Answer:
    """The XML files that a PDF carries. Its pages are never looked at."""
    from pypdf import PdfReader  # noqa: PLC0415  slow to load, and not needed for workbooks

    found: list[tuple[str, str]] = []
    for name, contents in PdfReader(path).attachments.items():
        if not name.lower().endswith(_ENDING):
            continue
        for content in contents:
            if len(found) == MOST_ATTACHMENTS or len(content) > LARGEST_ATTACHMENT:
                return {"error": "it carries too many files, or too large ones"}
            found.append((name, base64.b64encode(content).decode("ascii")))
    return {"attachments": found}


def _sheets(path: str) -> Answer:
    """The cells of a workbook, sheet by sheet, each from its first row and column on."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415  as above

    sheets: list[Answer] = []
    cells = 0
    # Its kind is seen by its bytes, not by its name.
    with Path(path).open("rb") as stream, CalamineWorkbook.from_filelike(stream) as workbook:
        for sheet in workbook.sheets_metadata[:MOST_SHEETS]:
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            grid = workbook.get_sheet_by_name(sheet.name)
            cells += grid.total_height * grid.total_width
            if cells > MOST_CELLS:
                return {"error": f"it has more than {MOST_CELLS:,} cells"}
            hidden = sheet.visible is not SheetVisibleEnum.Visible
            sheets.append({"name": sheet.name, "hidden": hidden, "rows": list(_rows(grid))})
    return {"sheets": sheets}


def _rows(grid: Any) -> Iterator[list[object]]:  # noqa: ANN401  the library has no name for it that can be imported lazily
    for row in grid.to_python(skip_empty_area=False):
        yield [_plain(cell) for cell in row]


def _plain(cell: object) -> object:
    if isinstance(cell, dt.date):  # a moment is one too
        return {"day": cell.isoformat()[: len("2026-10-31")]}
    if cell is None or isinstance(cell, (str, bool, int, float)):
        return cell
    return str(cell)


if __name__ == "__main__":
    main()
