"""Bytes of a table to rows of cells: encoding, delimiter, quotation, each row with the line it begins on."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.reading import Findings, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = ",;\t|"
_COUNTED_LINES = 40
_MOST_BROKEN_ROWS = 100
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Row(NamedTuple):
    """One row: the 1-based line of the file that it begins on, and its cells."""

    line: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(map(bool, map(str.strip, self.cells)))


def decode(raw: bytes, findings: Findings) -> str | None:
    """The text of a table: by its byte order mark, else UTF-8, else cp1252 with a warning; None is a problem."""
    try:
        return raw.decode("utf-16") if raw.startswith(_UTF16_MARKS) else raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or raw.startswith(_UTF16_MARKS):
        findings.problem("The encoding of this table is not known.", "Export it as CSV in UTF-8.")
        return None
    findings.warn(
        "The table is not UTF-8 and was read as Windows text (cp1252).",
        "Check names with accents, or export it as CSV in UTF-8.",
    )
    return text


def delimiters_of(text: str) -> list[str]:
    """The delimiters that can be this table's, the likeliest first: counted outside quotation marks."""
    lines = text.splitlines()
    if lines and lines[0].lower().startswith("sep=") and lines[0][4:5]:
        return [lines[0][4:5]]
    counted = "".join("\n".join(lines[:_COUNTED_LINES]).split('"')[::2])
    return sorted(DELIMITERS, key=counted.count, reverse=True)


def rows_of(text: str, delimiter: str, findings: Findings) -> list[Row]:
    """The rows of a table; a row whose quotation marks do not match is a problem and spoils no other."""
    lines = list(io.StringIO(text, newline=""))
    rows: list[Row] = []
    start = broken = 0
    while start < len(lines):
        read, failed_at = _read_on(lines, start, delimiter)
        rows += read
        if failed_at is None:
            break
        broken += 1
        if broken > _MOST_BROKEN_ROWS:
            findings.problem("Too many rows are broken.", "Export the table again as CSV.", Place(failed_at + 1))
            break
        findings.problem(
            "The quotation marks in this row do not match.",
            'Close each cell that begins with ", and double a " inside it.',
            Place(failed_at + 1),
        )
        start = failed_at + 1
    return rows


def _read_on(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[Row], int | None]:
    """Rows from a line on, and the index of the line on which the first broken row begins."""
    reader = csv.reader(iter(lines[start:]), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    begins = start
    try:
        for cells in reader:
            rows.append(Row(begins + 1, tuple(cells)))
            begins = start + reader.line_num
    except csv.Error:
        return rows, begins
    return rows, None
