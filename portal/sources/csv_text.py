"""Bytes of a table to rows of cells: encoding, delimiter, quotation, each row with the line it begins on."""

from __future__ import annotations

import csv
import io
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from portal.sources.findings import Findings, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = ",;\t|"
_COUNTED_LINES = 40
_MOST_BROKEN_ROWS = 100
_PIECE = 1 << 16
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Row(NamedTuple):
    """One row: the 1-based line of the file that it begins on, and its cells without white space at their ends."""

    line: int
    cells: tuple[str, ...]

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(map(bool, self.cells))


class Decoded(NamedTuple):
    """The text of a table, and the encoding it was in."""

    text: str
    encoding: str


def decode(raw: bytes, stated: str | None, findings: Findings) -> Decoded | None:
    """The text of a table: as the owner says, else by its byte order mark, else UTF-8, else cp1252 with a warning.

    Args:
        raw: the file as it is.
        stated: the encoding the owner has named.
        findings: where a warning goes, or the problem that None means.
    """
    tried = stated or ("utf-16" if raw.startswith(_UTF16_MARKS) else "utf-8-sig")
    try:
        return Decoded(raw.decode(tried).removeprefix("\ufeff"), "utf-8" if tried == "utf-8-sig" else tried)
    except UnicodeError:
        pass
    if stated:
        findings.problem(f"The table is not in the encoding {stated}.", "Correct encoding, or leave it out.")
        return None
    text = raw.decode("cp1252", errors="replace")
    if "\0" in text or "\ufffd" in text or raw.startswith(_UTF16_MARKS):
        remedy = f'Export it as CSV in UTF-8, or name it in {findings.settings_beside}: encoding = "iso-8859-2".'
        findings.problem("The encoding of this table is not known.", remedy)
        return None
    findings.warn(
        "The table is not UTF-8 and was read as Windows text (cp1252).",
        f"Check names with accents, export it as CSV in UTF-8, or name the encoding in {findings.settings_beside}.",
    )
    return Decoded(text, "cp1252")


def delimiters_of(text: str) -> list[str]:
    """The delimiters that can be this table's, the likeliest first: counted outside quotation marks."""
    lines = text.splitlines()
    if lines and lines[0].lower().startswith("sep=") and lines[0][4:5]:
        return [lines[0][4:5]]
    counted = "".join("\n".join(lines[:_COUNTED_LINES]).split('"')[::2])
    return sorted(DELIMITERS, key=counted.count, reverse=True)


def rows_of(text: str, delimiter: str, findings: Findings) -> list[Row]:
    """The rows of a table; a row whose quotation marks do not match is a problem and spoils no other."""
    rows: list[Row] = []
    start = broken = 0
    while (failed_at := _read_on(text, start, delimiter, rows)) is not None:
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


def _read_on(text: str, start: int, delimiter: str, rows: list[Row]) -> int | None:
    """Add the rows from a line on; the index of the line on which the first broken row begins, if one is."""
    reader = csv.reader(islice(lines_of(text), start, None), delimiter=delimiter, strict=True)
    begins = start
    cells: tuple[str, ...] = ()
    try:
        for read in reader:
            cells = _sharing(read, cells)
            rows.append(Row(begins + 1, cells))
            begins = start + reader.line_num
    except csv.Error:
        return begins
    return None


def _sharing(cells: list[str], above: tuple[str, ...]) -> tuple[str, ...]:
    """Cells without white space at their ends; what is the same in the row above is kept once.

    The further lines of an invoice repeat most of its first, and a long table would not fit into memory otherwise.
    """
    if len(cells) != len(above):
        return tuple(map(str.strip, cells))
    return tuple([old if new == old else new for new, old in zip(map(str.strip, cells), above, strict=True)])


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text one after the other, with what ends them; never all of them at once."""
    return chain.from_iterable(io.StringIO(piece, newline="") for piece in _pieces(text))


def _pieces(text: str) -> Iterator[str]:
    """A text cut between lines: a StringIO keeps four bytes a character, too much for a long table at once."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield text[start:end]
        start = end
